"""What a zone is told about each of its public names: where its requests go, and how to see that it is well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True)
class Origin:
    """One place that answers a name."""

    name: str
    """What stands there, e.g. `lb` or `lb-eu-central-1`; part of the pool's name."""
    region: str
    address: pulumi.Input[str]
    """A host name: a tunnel's `<id>.cfargotunnel.com`, a balancer's, or a gateway's."""
    weight: int = 100
    """Per cent of the name's requests."""


@dataclass(frozen=True)
class Host:
    """One public name's origins."""

    origins: Sequence[Origin]
    """The first is what the name's record points at, and what is left when no origin is well."""
    health: str = "/"
    """A path that every origin answers with 200 while it is well."""
    cdn: pulumi.Input[str] | None = None
    """Where the whole name goes instead, past the zone's proxy: its record points there, and nothing balances it."""
    weighed: bool = False
    """A move shares it out anew: weights count, whichever way the zone would steer."""
