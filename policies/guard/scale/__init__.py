"""Rules on scale and cost: hardware, versions, numbers, disks, tags, and what is kept."""

from __future__ import annotations

from . import (
    autoscaled,
    budget,
    current_generation,
    environment_tag,
    images_expire,
    launched_tagged,
    log_retention,
    no_extended_support,
    not_spot_alone,
    supported_version,
    tagged,
    unfinished_uploads,
    volumes,
)

RULES = (
    current_generation.RULE,
    supported_version.RULE,
    no_extended_support.RULE,
    autoscaled.RULE,
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
