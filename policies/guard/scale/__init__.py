"""Rules on scale and cost: hardware, versions, numbers, disks, tags, and what is kept."""

from __future__ import annotations

from . import (
    budget,
    current_generation,
    environment_tag,
    group_number,
    images_expire,
    launched_tagged,
    log_retention,
    no_extended_support,
    not_spot_alone,
    supported_version,
    tagged,
    target_number,
    unfinished_uploads,
    volumes,
)

RULES = (
    current_generation.RULE,
    supported_version.RULE,
    no_extended_support.RULE,
    group_number.RULE,
    target_number.RULE,
    volumes.RULE,
    tagged.RULE,
    launched_tagged.RULE,
    environment_tag.RULE,
    log_retention.RULE,
    unfinished_uploads.RULE,
    images_expire.RULE,
    budget.RULE,
    not_spot_alone.RULE,
)
