"""Which kinds hold what must not be lost, and which figures of theirs cannot go down."""

from __future__ import annotations

from typing import Final

from stacks.models import Block

DATA: Final = frozenset(
    {
        "postgres", "aurora", "cache", "hosted", "search", "broker", "bucket", "table", "registry", "zone",
        "backup",
    }
)  # fmt: skip
"""Kinds with a resource that `stateful.yaml` lists as the block's own purpose."""

ANCHORS: Final = frozenset({"balancer", "gateway", "server", "kubernetes", "zone", "cdn"})
"""Serving anchors: their loss is an outage."""

QUEUES: Final = frozenset({"function", "schedule", "telemetry", "events"})
"""Kinds with queues that are drained before they go, or with what checks left behind, though the block is there for its
work and not for them."""

OWN_DATA: Final = {"worker": ("kv", "queues", "databases", "answers_customers"), "gateway": ("customers", "users")}
"""Kind → fields under which a block that is there for its work keeps data of its own, or what customers were given."""

SECRETS: Final = {"service": ("secrets",)}
"""Kind → fields under which it has what only people, or a birth, could give again: protected, though no block is kept
for it."""

LAST_LOOK: Final = {
    "broker": "nothing is left in it: messages ready and unacknowledged are 0, or visible and in flight, or the lag of "
    "every group; and its dead letters were looked through",
}
"""How to see that a kind has nothing left before it goes, where that is not its traffic."""

# field → (why it does not go down, the field that may not be below it either)
NEVER_SHRINKS: Final = {
    ("postgres", "storage"): (
        "RDS cannot shrink allocated storage (Amazon RDS User Guide, Increasing DB instance storage capacity, 2026-10)",
        "max_storage",
    ),
    ("hosted", "size"): (
        "EBS cannot shrink a volume (Amazon EBS User Guide, Limitations of volume modifications, 2026-11)",
        "",
    ),
    ("broker", "storage"): (
        "MSK cannot shrink a broker's storage (MSK developer guide, Expand broker storage, 2026-11)",
        "max_storage",
    ),
    ("broker", "brokers"): (
        "a broker goes once its partitions were moved to others: reassign them by hand, then take the override away",
        "",
    ),
    ("aurora", "storage"): (
        "the provider has no word for standard storage once it was optimised (terraform-provider-aws, rds cluster.go): "
        "aws rds modify-db-cluster --storage-type aurora, then take the override away",
        "",
    ),
    # Rules beyond a plan must be gone before it falls, so never in the same apply (docs/moving.md, "Coming down").
    ("zone", "plan"): (
        "a plan falls after its rules have gone: once the move is over, take the override away and apply, and cancel a "
        "subscription that ends at Cloudflare, which the provider cannot",
        "",
    ),
}


def holds_data(block: Block) -> bool:
    """Whether losing the block loses data: by its kind, or by what it keeps beside its work."""
    return block.kind in DATA or any(getattr(block.spec, field, None) for field in OWN_DATA.get(block.kind, ()))


def guarded(block: Block) -> bool:
    """Whether the block must be armed before it can be deleted."""
    secrets = any(getattr(block.spec, field, None) for field in SECRETS.get(block.kind, ()))
    return block.kind in ANCHORS | QUEUES or holds_data(block) or secrets
