"""Aliases and provider references: how the engine finds a resource under a former name.

Rules from pkg/resource/deploy/step_generator.go (collapseAliasToUrn, inheritedChildAlias, generateAliases) and
sdk/go/common/{resource/alias.go,providers/reference.go} (Pulumi 3.260, 2026-08).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from phaseup.graph.resource import PROVIDER_PREFIX, STACK_TYPE, AliasSpec, urn_name, urn_qualified_type, urn_type
from phaseup.graph.values import UNKNOWN_STRING

DENIED_ID: Final = "denydefaultprovider"


class ProviderRef(NamedTuple):
    """A provider reference `<urn>::<id>`; an id that is not known yet is the engine's unknown string."""

    urn: str
    id: str

    def __str__(self) -> str:
        return f"{self.urn}::{self.id}"


def provider_ref(urn: str, id: str) -> ProviderRef:
    """A reference; an empty id is one that is not known yet."""
    return ProviderRef(urn, id or UNKNOWN_STRING)


@lru_cache(maxsize=4096)
def parse_ref(text: str) -> ProviderRef:
    """Raises ValueError with the engine's words where `text` is no provider reference."""
    urn, separator, id = text.rpartition("::")
    if not separator:
        raise ValueError(f"expected '::' in provider reference '{text}'")
    if not urn.startswith("urn:pulumi:") or urn.count("::") < 3:
        raise ValueError(f"{urn} is not a valid URN")
    token = urn_type(urn)
    module, _, name = token.rpartition(":")
    if module != PROVIDER_PREFIX[:-1]:
        raise ValueError(f"invalid module in type: expected 'pulumi:providers', got '{module}'")
    if not name:
        raise ValueError("provider URNs must specify a type name")
    return ProviderRef(urn, id or UNKNOWN_STRING)


_VERSION: Final = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?")


def default_provider_name(version: str, plugin_download_url: str) -> str:
    """`default_7_51_1` for 7.51.1, `default` without a version; raises ValueError for what is no semantic version."""
    name = "default"
    if version:
        match = _VERSION.fullmatch(version)
        if match is None:
            raise ValueError(f"invalid version {version!r}: a semantic version such as 7.51.1 is expected")
        major, minor, patch, pre, build = match.groups()
        parts = [major, minor, patch, *(pre.split(".") if pre else ()), *(build.split(".") if build else ())]
        name += "".join(f"_{part}" for part in parts)
    if plugin_download_url:
        name += "_" + _qname(plugin_download_url)
    return name


def _qname(text: str) -> str:
    segments = []
    for segment in text.split("/"):
        if segment:
            segments.append(re.sub(r"[^A-Za-z0-9_.-]", "_", segment))
    return "/".join(segments) or "_"


def create_urn(name: str, type_: str, parent: str, project: str, stack: str) -> str:
    """An alias's URN; a parent brings its own stack and project."""
    prefix = parent.rpartition("::")[0] + "$" if parent else f"urn:pulumi:{stack}::{project}::"
    return f"{prefix}{type_}::{name}"


class Aliases:
    """Which former URN each resource of this run was found under, and every candidate of the next one."""

    def __init__(self, stack: str, project: str) -> None:
        self._stack = stack
        self._project = project
        self.new_of: dict[str, str] = {}
        """former URN → the new one."""
        self.old_of: dict[str, str] = {}
        """new URN → the former one."""

    def matched(self, urn: str, former: str) -> None:
        """`urn` was found in the old state as `former`."""
        self.new_of[former] = urn
        self.old_of[urn] = former

    def candidates(self, name: str, type_: str, parent: str, specs: list[AliasSpec]) -> list[str]:
        """Every former URN to look under, in the engine's order: own aliases, then those inherited from the parent."""
        own = [self._collapse(name, type_, parent, spec) for spec in specs]
        found = dict.fromkeys(own)
        former_parent = self.old_of.get(parent) if parent else None
        if former_parent is not None:
            parent_name = urn_name(parent)
            found[self._inherited(type_, name, parent_name, former_parent)] = None
            for alias in own:
                found[self._inherited(urn_type(alias), urn_name(alias), parent_name, former_parent)] = None
        return list(found)

    def _collapse(self, name: str, type_: str, parent: str, spec: AliasSpec) -> str:
        if spec.urn:
            return spec.urn
        if spec.parent_urn:
            parent = self.old_of.get(spec.parent_urn, spec.parent_urn)
        if spec.no_parent or (parent and urn_qualified_type(parent) == STACK_TYPE):
            parent = ""
        return create_urn(
            spec.name or name, spec.type or type_, parent, spec.project or self._project, spec.stack or self._stack
        )

    def _inherited(self, type_: str, name: str, parent_name: str, former_parent: str) -> str:
        # A child named after its parent (`app-role`) follows the parent's renaming.
        if name.startswith(parent_name):
            name = urn_name(former_parent) + name.removeprefix(parent_name)
        parent_type = urn_qualified_type(former_parent)
        prefix = "" if parent_type == STACK_TYPE else f"{parent_type}$"
        return f"urn:pulumi:{self._stack}::{self._project}::{prefix}{type_}::{name}"


def rename(urn: str, renamed: Mapping[str, str]) -> str:
    """`urn`, or what it is called now."""
    return renamed.get(urn, urn)
