"""What caches and search domains need in every region in which they stand; checked before anything is registered."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from components.cache import CacheSpec
from components.cache.component import ID_LIMIT
from components.search import SearchSpec
from stacks.compose.context import Context
from stacks.models.classes import is_offered, offered_like, source


def _ids_fit(context: Context) -> None:
    for block, _, place in context.placed("cache", CacheSpec):
        name = f"{context.site.prefix}-{place.called(block.name)}"
        if len(name) > ID_LIMIT:
            raise context.bad(block.name, "kind", f"{name}, {len(name)} characters", f"a block name within {ID_LIMIT}")


def _classes_elsewhere(context: Context) -> None:
    """Every class of what follows, stated for its region or once for all. Those at home are checked with the phase."""
    for block, region, key, service, name in _following(context):
        if is_offered(service, name, region) is False:
            found = f"{name}, which AWS does not offer in {region}"
            allowed = f"{', '.join(offered_like(service, name, region))} ({source(service)})"
            raise context.bad(block, key, found, allowed)


def _following(context: Context) -> Iterator[tuple[str, str, str, str, str]]:
    for block, spec in context.of_kind("cache", CacheSpec):
        for region in spec.regions:
            yield block.name, region, "instance", "elasticache", spec.instance
    for block, spec in context.of_kind("search", SearchSpec):
        for region, own in spec.regions.items():
            key = f"regions.{region}.instance" if own.instance else "instance"
            yield block.name, region, key, "opensearch", spec.there(region).instance
            if spec.masters:
                yield block.name, region, "masters.instance", "opensearch", spec.masters.instance


RULES: tuple[Callable[[Context], None], ...] = (_ids_fit, _classes_elsewhere)
