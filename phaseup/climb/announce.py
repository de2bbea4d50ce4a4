"""What a step announces: the blocks that the move names, and in those that stay the fields that differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from phaseup.climb.judge import Announced

if TYPE_CHECKING:
    from stacks.moves import Effective, EffectiveBlock, MoveStep

TOLD_TO_USERS: Final = frozenset({"bucket", "function", "table", "events"})
"""Kinds whose role has a parameter only while somebody uses it (`stacks.compose.roles`)."""
CARRIES: Final = frozenset({"balancer", "zone"})
"""Kinds that a shift may change in their weights alone."""


def announced(move: MoveStep, before: Effective, after: Effective) -> Announced:
    """Blocks that go, keys and fields that change in those that stay, work that switches, guards that come back."""
    keys: dict[str, set[str]] = {}
    fields: dict[str, set[str]] = {}
    for name in move.allows.narrows & before.blocks.keys() & after.blocks.keys():
        old = before.blocks[name].spec.model_dump(mode="json")
        new = after.blocks[name].spec.model_dump(mode="json")
        for path, is_key in _narrowed(old, new):
            (keys if is_key else fields).setdefault(name, set()).add(path.rpartition(".")[2] if is_key else path)
    for role, filled_by in before.roles.items():
        # Where a role is goes with what fills it there.
        if filled_by != role and filled_by in keys:
            keys.setdefault(role, set()).update(keys[filled_by])
    for role, user in _users(before) - _users(after):
        # Who may come in, and the rights to do so, belong to what was used.
        for name in {role, before.roles.get(role, role)} & before.blocks.keys() & after.blocks.keys():
            keys.setdefault(name, set()).add(user)
    used = {role for role, _ in _users(after)}
    for role in {role for role, _ in _users(before)} - used:
        # Where such a block is need be told to nobody any more; other roles have their names in any case.
        if role in before.blocks and _kind(after, role) in TOLD_TO_USERS:
            keys.setdefault(role, set()).add("parameter")
    for block, what in _in_regions(before) - _in_regions(after):
        # A service that leaves a region which others stay in.
        if block in before.blocks:
            keys.setdefault(block, set()).add(what)
    for service, host in _placed(before) - _placed(after):
        # Where its secrets are is written down for servers; pods are given them.
        if service in after.blocks and not any(_kind(after, each) == "server" for each in _hosts(after, service)):
            keys.setdefault(service, set()).add("secrets")
        # A host that stays gives up what it was given for the service.
        if host in after.blocks:
            keys.setdefault(host, set()).add(service)
        # A balancer that stays has a target group for each host.
        for name, block in after.blocks.items():
            if block.kind == "balancer" and name in before.blocks:
                keys.setdefault(name, set()).add(host)
    for name, block in before.blocks.items():
        if block.side == "arriving" and block.takes_over and name in after.blocks:
            # What brought it its data has done its work.
            keys.setdefault(name, set()).add("load")
    for name, block in after.blocks.items():
        # An alarm on each member goes with the member.
        watching = getattr(block.spec, "alarms", {}) if block.kind == "alarms" and name in before.blocks else {}
        for alarm, of in watching.items():
            keys.setdefault(name, set()).update(f"{alarm}-{member}" for member in keys.get(of.block or "", ()))
    rearmed = frozenset(
        name
        for name, block in after.blocks.items()
        if name in before.blocks and _armed(before.blocks[name]) - _armed(block)
    )
    only: frozenset[str] = move.allows.only or frozenset()
    return Announced(
        leaving=move.allows.deletes,
        keys={name: frozenset(found) for name, found in keys.items()},
        fields={name: frozenset(found) for name, found in fields.items()},
        block=move.block or "",
        roles=_filled(move, after),
        beside=only - {move.block or ""} if move.kind == "rung" else frozenset(),
        switching=frozenset(name for name in only - rearmed if _kind(after, name) not in CARRIES),
        rearmed=rearmed,
        regions=frozenset(before.cidrs.keys() - after.cidrs.keys()),
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


def _users(effective: Effective) -> set[tuple[str, str]]:
    """(role, who uses it): a service does so from its hosts, a function by itself, a server for what it hosts."""
    from stacks.moves import role_of

    used = {
        (role, user)
        for name, block in effective.blocks.items()
        for role in getattr(block.spec, "uses", None) or ()
        for user in getattr(block.spec, "on", None) or (name,)
    }
    for name, block in effective.blocks.items():
        if block.kind == "hosted":
            host, dumps = getattr(block.spec, "on", ""), getattr(block.spec, "dumps", None)
            used |= {(dumps, host)} if dumps else set()
            used |= {
                (other, host)
                for other, each in effective.blocks.items()
                if each.side == "arriving" and each.takes_over == role_of(block) and other != name
            }
    return used


def _in_regions(effective: Effective) -> set[tuple[str, str]]:
    """(block, what it has for a service in one region beside home, as its name has it): a role's name, its values for
    the pods of a namespace, and an alarm on what stands there or on what it logs; where none is left, all that alarms
    have in the region."""
    blocks = effective.blocks
    stands = {name: sorted(getattr(block.spec, "regions", None) or ()) for name, block in blocks.items()}
    services = {name: block.spec for name, block in blocks.items() if block.kind == "service"}
    mounted = {
        (role, f"{region}-on-{host}-in-{placed.namespace}")
        for name, spec in services.items()
        for region in stands[name]
        for host, placed in getattr(spec, "on", {}).items()
        for role in getattr(spec, "uses", {})
    }
    # Where a role is told in a region for those who use it there; a copy of its own in that region is the block's.
    told = {
        (role, region)
        for name, spec in services.items()
        for region in stands[name]
        for role in getattr(spec, "uses", {})
        if region not in stands.get(role, ())
    }
    watched = {
        (name, each)
        for name, block in blocks.items()
        if block.kind == "alarms"
        for alarm, of in getattr(block.spec, "alarms", {}).items()
        for region in _watched_in(stands, block, of)
        for each in (f"{alarm}-{region}", f"{alarm}-escalated-{region}", region)
    }
    return mounted | told | watched


def _watched_in(stands: Mapping[str, list[Any]], block: EffectiveBlock, of: Any) -> set[str]:
    """The regions beside home in which an alarm has something to watch."""
    if of.block is not None:
        return set(stands.get(of.block, ()))
    services = getattr(block.spec, "metrics", {})[of.metric].blocks if of.check is None else ()
    return {region for service in services for region in stands.get(service, ())}


def _placed(effective: Effective) -> set[tuple[str, str]]:
    """(service, host block that it is placed on)."""
    from stacks.moves.sides import is_idle

    services = {
        (name, host)
        for name, block in effective.blocks.items()
        if block.kind == "service"
        for host in getattr(block.spec, "on", None) or ()
    }
    return services | {
        (name, getattr(block.spec, "on", ""))
        for name, block in effective.blocks.items()
        if block.kind == "hosted" and not is_idle(block, effective.blocks, effective.roles)
    }


def _hosts(effective: Effective, service: str) -> list[str]:
    return [host for name, host in _placed(effective) if name == service]


def _armed(block: EffectiveBlock) -> frozenset[str]:
    """Where a block's protection is off: in a region, or everywhere."""
    return block.retiring_regions | ({"everywhere"} if block.retiring else set())


def _filled(move: MoveStep, after: Effective) -> frozenset[str]:
    """The role that the block of a rung takes over; those that a block fills which a shift may change; and those whose
    own block leaves, filled by another."""
    changed = {"rung": {move.block}, "shift": move.allows.only or ()}.get(move.kind, ())
    taken = {block.takes_over for name, block in after.blocks.items() if name in changed}
    gone = {role for role in move.allows.deletes if after.roles.get(role, role) != role}
    return frozenset({role for role in taken if role is not None} | gone)


def _kind(effective: Effective, name: str) -> str:
    return effective.blocks[name].kind if name in effective.blocks else ""
