"""One resource as a rule sees it, whichever door it came through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Environment = Literal["dev", "staging", "prod"]

ENVIRONMENTS: Final = ("dev", "staging", "prod")


@dataclass(frozen=True)
class Resource:
    """`props` are the wire's names (camelCase); reading one that a preview does not know raises `UnknownValueError`.

    Mappings and sequences in it are proxies: they compare equal to nothing but themselves, and are no `dict` or `list`.
    """

    urn: str
    type: str
    name: str
    props: Mapping[str, Any]
    protect: bool = False
    ignore_changes: tuple[str, ...] = ()
    parent: str = ""
    """Its parent's URN."""
    provider: str = ""
    """URN of the provider that makes it: two clusters of one stack are told apart by it."""
    depends_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By property, the URNs of resources that its value comes from; a rule that needs the stack sees them alone."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """What the pack's config gives the rule that is asking."""

    @property
    def stack(self) -> str:
        """The stack's name, of its URN."""
        return self.urn.removeprefix("urn:pulumi:").split("::", 1)[0]

    @property
    def environment(self) -> Environment:
        """How the stack's name ends, e.g. `meal-dev`: a pack under `policy analyze` has no config to ask. A name that
        says none is taken for prod, which is the strictest."""
        last = self.stack.rsplit("-", 1)[-1]
        return last if last in ENVIRONMENTS else "prod"  # type: ignore[return-value]

    @property
    def guarded(self) -> bool:
        """Whether somebody would miss it: staging and prod."""
        return self.environment != "dev"
