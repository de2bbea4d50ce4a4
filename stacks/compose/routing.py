"""Which service a balancer sends a request to: by name and path, and between two sides of a move by weight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from components.balancer.routes import Route
from components.service import ServiceSpec
from stacks.compose.context import Context
from stacks.compose.places import Place
from stacks.moves import EffectiveBlock, regions_of

Asked = tuple[str, str]
"""A label under the stack's domain, and a path that a service answers there; an empty one is every other path."""


def routes_of(context: Context, place: Place) -> dict[str, Route]:
    """What a region's balancer serves: every service there that takes requests, with its weights at this point of a
    move."""
    return {
        block.name: Route(
            hostnames=tuple(sorted(map(context.hostname, spec.hosts))),
            port=spec.port,
            health=spec.health,
            weights=weights,
            by_address=frozenset(host for host in weights if context.effective.blocks[host].kind == "kubernetes"),
            paths=spec.paths,
            beside=_beside(context, block, place),
            sticky_seconds=spec.sticky_seconds,
            slow_start=spec.slow_start,
        )
        for block, spec in context.of_kind("service", ServiceSpec)
        if spec.hosts
        and spec.port is not None
        and spec.health is not None
        and (weights := _weights(context, block.name, spec, place))
    }


def _weights(context: Context, service: str, spec: ServiceSpec, place: Place) -> Mapping[str, int]:
    """By the service's hosts in one region. Beside home they are all that its balancer has, so they share what the zone
    sends there, however far the move at home is."""
    given = context.effective.work[service].weights
    if place.home:
        block = context.effective.blocks[service]
        # What nothing on the other side answers is this service's until contract.
        if block.side == "leaving" and counterpart(context, block) is None:
            return _spread(given, 100)
        return given
    if place.region not in spec.regions:
        return {}
    here = [host for host in given if place.region in regions_of(context.effective.blocks[host].spec)]
    some = {host: given[host] for host in here if given[host]}
    return {host: given[host] if some else 100 for host in here}


def _beside(context: Context, block: EffectiveBlock, place: Place) -> dict[tuple[str, str], int]:
    """The share that the other side's service still has, or has already, of what this one is asked; by service and
    host."""
    other = counterpart(context, block)
    if other is None or not place.home:
        return {}
    traffic = context.effective.traffic or 0
    share = 100 - traffic if block.side == "arriving" else traffic
    return {(other, host): weight for host, weight in _spread(context.effective.work[other].weights, share).items()}


def _spread(weights: Mapping[str, int], share: int) -> dict[str, int]:
    """Whole per cents that add up to a share, among hosts in the proportion of their weights."""
    total = sum(weights.values())
    out = {host: weight * share // total if total else share // len(weights) for host, weight in weights.items()}
    for host in sorted(out)[:1]:
        out[host] += share - sum(out.values())
    return out


def counterpart(context: Context, block: EffectiveBlock) -> str | None:
    """The service that answers on the other side of a move what a service is asked that is on one side alone; None
    where there is none. Raises `BadInput` where there is more than one: a rule has one set of weights."""
    if block.side == "both" or not isinstance(block.spec, ServiceSpec):
        return None
    found = dict.fromkeys(
        answerer(context, each, "old" if block.side == "arriving" else "new") for each in asked(block.spec)
    )
    if len(found) > 1:
        names = ", ".join(sorted(name or "nothing" for name in found))
        allowed = "names and paths that one service answers on the other side of the move"
        raise context.bad(block.name, "hosts", f"what {names} answer there", allowed)
    return next(iter(found), None)


def answerer(context: Context, what: Asked, side: str) -> str | None:
    """The service that answers a name and path in the old or in the new phase: by path first, as the balancer does."""
    label, path = what
    taking: dict[str, str] = {}
    for block, _ in context.of_kind("service", ServiceSpec):
        spec = getattr(block, side)
        if isinstance(spec, ServiceSpec) and label in spec.hosts:
            taking |= {own: block.name for own in spec.paths or ("",) if below(path, own)}
    return taking[max(taking, key=len)] if taking else None


def asked(spec: ServiceSpec) -> Iterator[Asked]:
    """What a service answers."""
    for label in spec.hosts:
        for path in spec.paths or ("",):
            yield label, path


def below(path: str, of: str) -> bool:
    """Whether a path is another one or lies below it; everything lies below the empty one."""
    return not of or path == of or path.startswith(f"{of}/")
