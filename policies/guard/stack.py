"""All resources of a stack, for rules on what belongs together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from .resource import Resource


class Stack:
    """Finds resources by type, URN and by what refers to them."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources = tuple(resources)

    def of(self, *types: str) -> Iterator[Resource]:
        """The resources of these types, in the order of registration."""
        for type_ in types:
            yield from self._by_type.get(type_, ())

    def get(self, urn: str) -> Resource | None:
        """The resource of a URN."""
        return self._by_urn.get(urn)

    def referring(self, resource: Resource, key: str, *types: str) -> list[Resource]:
        """Resources of these types whose property `key` comes from `resource`: a link that a preview knows too, where
        ids are still unknown."""
        return [
            each
            for each in self._referring.get(resource.urn, ())
            if each.type in types and resource.urn in each.depends_on.get(key, ())
        ]

    def users(self, resource: Resource, *keys: str) -> list[Resource]:
        """Resources of whatever type with one of these properties coming from `resource`."""
        return [
            each
            for each in self._referring.get(resource.urn, ())
            if any(resource.urn in each.depends_on.get(key, ()) for key in keys)
        ]

    def inside(self, urn: str) -> Iterator[Resource]:
        """Everything below a component, at any depth."""
        for child in self._by_parent.get(urn, ()):
            yield child
            yield from self.inside(child.urn)

    @cached_property
    def _by_urn(self) -> Mapping[str, Resource]:
        return {each.urn: each for each in self.resources}

    @cached_property
    def _by_type(self) -> Mapping[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for each in self.resources:
            found.setdefault(each.type, []).append(each)
        return found

    @cached_property
    def _by_parent(self) -> Mapping[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for each in self.resources:
            found.setdefault(each.parent, []).append(each)
        return found

    @cached_property
    def _referring(self) -> Mapping[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for each in self.resources:
            for urn in {urn for urns in each.depends_on.values() for urn in urns}:
                found.setdefault(urn, []).append(each)
        return found
