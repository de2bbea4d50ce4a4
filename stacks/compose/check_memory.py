"""Where data lies on a host, it has the memory that all its containers may take: checked before anything is
registered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from components.server import ServerSpec
from stacks.compose.context import Context
from stacks.compose.edge import connector_of
from stacks.compose.hosted import run_by
from stacks.compose.hosts import text_units
from stacks.models.classes import memory_gib

KERNEL_SHARE: Final = 0.075
"""Of an instance's memory, what firmware, hypervisor and kernel keep (Karpenter, "Settings": the default of
VM_MEMORY_OVERHEAD_PERCENT, for all instance types)."""
SYSTEM: Final = 256
"""MiB for the system, Docker, and the agents of Systems Manager and CloudWatch. Ours: nobody publishes a figure."""


def room(instance: str) -> int | None:
    """MiB that an instance has for containers; None where its memory is not known."""
    gib = memory_gib(instance)
    return None if gib is None else int(gib * 1024 * (1 - KERNEL_SHARE)) - SYSTEM


def _containers_fit(context: Context) -> None:
    """A kernel that is out of memory kills what is largest, which is the database. Where nothing keeps data, a limit is
    a limit, and what is killed starts again. What runs in both phases of a move counts, as one host has all of it."""
    for block, spec in context.of_kind("server", ServerSpec):
        has = room(spec.instance)
        if has is None or not any(run_by(context, block.name)):
            continue
        units = [*text_units(context, block.name), *([connector_of(context, block.name)] if spec.tunnel else [])]
        asked = {unit.name: unit.memory * unit.count for unit in units if unit.memory}
        total = sum(asked.values())
        if total > has:
            listed = ", ".join(f"{name} {memory}" for name, memory in sorted(asked.items()) if memory)
            found = f"{spec.instance}, of whose memory containers may take {total} MiB ({listed})"
            allowed = f"{has} MiB at most, as a database lies there: a larger instance, or less memory for some of them"
            raise context.bad(block.name, "instance", found, allowed)


RULES: tuple[Callable[[Context], None], ...] = (_containers_fit,)
