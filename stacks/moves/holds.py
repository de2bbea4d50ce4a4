"""Which kinds hold what must not be lost, and which figures of theirs cannot go down."""

from __future__ import annotations

from typing import Final

from stacks.models import Block

DATA: Final = frozenset(
    {
        "postgres", "aurora", "cache", "search", "broker", "bucket", "table", "events", "registry", "zone",
        "backup",
    }
)  # fmt: skip
"""Kinds with a resource that `stateful.yaml` lists as the block's own purpose."""

ANCHORS: Final = frozenset({"balancer", "gateway", "server", "kubernetes", "zone", "cdn"})
"""Serving anchors: their loss is an outage."""

QUEUES: Final = frozenset({"function", "schedule", "telemetry"})
"""Kinds with queues that are drained before they go, or with what checks left behind, though the block is there for its
work and not for them."""

OWN_DATA: Final = {"server": ("data",), "worker": ("kv", "queues")}
"""Kind → fields under which a block that is there for its work keeps data of its own."""

# field → (why it does not go down, the field that may not be below it either)
NEVER_SHRINKS: Final = {
    ("postgres", "storage"): (
        "RDS cannot shrink allocated storage (Amazon RDS User Guide, Increasing DB instance storage capacity, 2026-10)",
        "max_storage",
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
    return block.kind in ANCHORS | QUEUES or holds_data(block)
