"""Rules on what holds data: encryption, copies, protection, reach."""

from __future__ import annotations

from . import (
    authenticated,
    backups,
    cache_snapshots,
    database_tls,
    deletion_protection,
    encrypted_at_rest,
    encrypted_in_transit,
    final_copy,
    force_destroy,
    key_rotation,
    minor_upgrades,
    not_public,
    point_in_time,
    protected,
    public_access_block,
    standby,
    storage_grows,
    tls_only,
    versioned_buckets,
)

RULES = (
    encrypted_at_rest.RULE,
    encrypted_in_transit.RULE,
    database_tls.RULE,
    tls_only.RULE,
    authenticated.RULE,
    key_rotation.RULE,
    not_public.RULE,
    public_access_block.RULE,
    versioned_buckets.RULE,
    backups.RULE,
    cache_snapshots.RULE,
    point_in_time.RULE,
    final_copy.RULE,
    force_destroy.RULE,
    deletion_protection.RULE,
    protected.RULE,
    standby.RULE,
    minor_upgrades.RULE,
    storage_grows.RULE,
)
