"""What a step announces: the difference of its two sides' effective blocks, as the review of the config sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from phaseup.climb.judge import Announced

if TYPE_CHECKING:
    from stacks.moves import Effective


def announced(before: Effective, after: Effective, block: str | None = None) -> Announced:
    """Blocks that go, keys and fields that change in those that stay, and work that switches sides."""
    keys: dict[str, set[str]] = {}
    fields: dict[str, set[str]] = {}
    for name in before.blocks.keys() & after.blocks.keys():
        old = before.blocks[name].spec.model_dump(mode="json")
        new = after.blocks[name].spec.model_dump(mode="json")
        for path, is_key in _narrowed(old, new):
            (keys if is_key else fields).setdefault(name, set()).add(path.rpartition(".")[2] if is_key else path)
    return Announced(
        leaving=frozenset(before.blocks.keys() - after.blocks.keys()),
        keys={name: frozenset(found) for name, found in keys.items()},
        fields={name: frozenset(found) for name, found in fields.items()},
        block=block or "",
        switching=frozenset(_switching(before, after)),
    )


def _narrowed(old: Mapping[str, Any], new: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, bool]]:
    """(path, whether it is a key of a map that goes) of each difference; keys that come announce no loss."""
    for key, before in old.items():
        path = f"{at}.{key}" if at else str(key)
        if key not in new:
            yield path, True
        elif isinstance(before, Mapping) and isinstance(new[key], Mapping):
            yield from _narrowed(before, new[key], path)
        elif before != new[key]:
            yield path, False


def _switching(before: Effective, after: Effective) -> Iterator[str]:
    """Services whose queue or schedule work starts or stops on a host, and those hosts."""
    for name, work in after.work.items():
        was = before.work.get(name)
        if work.takes == "requests" or was is None:
            continue
        hosts = [host for host, runs in work.runs.items() if was.runs.get(host, runs) != runs]
        if hosts:
            yield name
            yield from hosts
