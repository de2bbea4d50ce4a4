"""Which kinds hold what must not be lost, and which figures of theirs cannot go down."""

from __future__ import annotations

from typing import Final

from stacks.models import Block

DATA: Final = frozenset(
    {
        "postgres", "aurora", "cache", "search", "broker", "bucket", "table", "events", "registry", "zone",
        "kubernetes", "gateway", "backup",
    }
)  # fmt: skip
"""Kinds with a resource that `stateful.yaml` lists as the block's own purpose."""

ANCHORS: Final = frozenset({"balancer", "server", "kubernetes", "zone"})
"""Serving anchors: their loss is an outage."""

# field → (why it cannot go down, the field that may not be below it either)
NEVER_SHRINKS: Final = {
    ("postgres", "storage"): (
        "RDS cannot shrink allocated storage (Amazon RDS User Guide, Increasing DB instance storage capacity, 2026-10)",
        "max_storage",
    ),
}


def holds_data(block: Block) -> bool:
    """Whether losing the block loses data: by its kind, or a server with a data volume."""
    return block.kind in DATA or bool(getattr(block.spec, "data", None))


def guarded(block: Block) -> bool:
    """Whether the block must be armed before it can be deleted."""
    return block.kind in ANCHORS or holds_data(block)
