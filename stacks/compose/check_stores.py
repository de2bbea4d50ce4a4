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
    """The stack's own region is checked when the config is resolved."""
    for block, region, key, service, name in _followers(context):
        if is_offered(service, name, region) is False:
            found = f"{name}, which AWS does not offer in {region}"
            raise context.bad(
                block, key, found, f"{', '.join(offered_like(service, name, region))} ({source(service)})"
            )


def _followers(context: Context) -> Iterator[tuple[str, str, str, str, str]]:
    for block, spec in context.of_kind("cache", CacheSpec):
        for region in spec.regions:
            yield block.name, region, "instance", "elasticache", spec.instance
    for block, spec in context.of_kind("search", SearchSpec):
        for region, own in spec.regions.items():
            key = f"regions.{region}.instance" if own.instance else "instance"
            there = spec.there(region)
            yield block.name, region, key, "opensearch", there.instance
            if there.masters:
                yield block.name, region, "masters.instance", "opensearch", there.masters.instance


RULES: tuple[Callable[[Context], None], ...] = (_ids_fit, _classes_elsewhere)
