"""What a rule is: one fact that must hold, why, how to mend it, and the pure function that looks for its breach."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from .resource import Resource
from .stack import Stack


class NotApplicableError(Exception):
    """Raised by a check that lacks what it needs to judge by; the reason is told, and nothing is found."""


Severity = Literal["low", "medium", "high", "critical"]

ANY: Final = "*"
"""In `types`: every resource that a provider manages."""


@dataclass(frozen=True)
class Framework:
    """Where a compliance framework asks for the same, e.g. `("AWS FSBP", "", "RDS.3")`."""

    name: str
    version: str
    reference: str

    def __str__(self) -> str:
        return " ".join(part for part in (self.name, self.version, self.reference) if part)


@dataclass(frozen=True)
class Rule:
    """One rule of the pack; a module defines one and calls it `RULE`.

    `check` is asked about each resource of `types` and yields one message for each breach it finds, nothing where all
    is well. It sees a resource's inputs alone, unless `needs_stack`: then it sees states, and the whole stack beside.
    It reads what is always known before what a preview may not know yet: reading an unknown ends it, and the resource
    counts as not judged.
    """

    name: str
    severity: Severity
    description: str
    """What must hold, in one sentence."""
    remedy: str
    """How to mend a breach."""
    types: tuple[str, ...]
    check: Callable[..., Iterator[str]]
    frameworks: tuple[Framework, ...] = ()
    config: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """JSON schema of each property that the pack's config may give it."""
    url: str = ""
    needs_stack: bool = False

    def applies(self, type_: str) -> bool:
        """Whether it is asked about resources of a type."""
        return type_ in self.types or (ANY in self.types and managed(type_))

    def breaches(self, resource: Resource, stack: Stack | None = None) -> Iterator[str]:
        """Messages for what is wrong with a resource."""
        if self.needs_stack:
            return self.check(resource, stack)
        return self.check(resource)


def managed(type_: str) -> bool:
    """Whether a provider makes resources of this type: no component, no Stack, no provider."""
    package = type_.split(":", 1)[0]
    return package not in COMPONENT_PACKAGES and package != "pulumi"


COMPONENT_PACKAGES: Final = ("phaseup",)
"""Packages whose resources are components: what is in them is judged, not they."""
