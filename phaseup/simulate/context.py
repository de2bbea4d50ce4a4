"""What a rule knows of the resource it invents outputs for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from phaseup.graph.resource import urn_name, urn_type
from phaseup.graph.values import Value, unwrap
from phaseup.simulate import seed


@dataclass(slots=True)
class Surroundings:
    """The provider's own configuration, as far as outputs depend on it."""

    region: str = ""
    account: str = ""
    config: Mapping[str, Value] = field(default_factory=dict)


@dataclass(slots=True)
class Context:
    """One resource about to be created: `seed` tells it from every other, also from the one that it replaces."""

    urn: str
    inputs: Mapping[str, Value]
    """Without secrets."""
    seed: str
    around: Surroundings
    id: str = ""

    @property
    def type(self) -> str:
        return urn_type(self.urn)

    @property
    def name(self) -> str:
        """The logical name."""
        return urn_name(self.urn)

    @property
    def region(self) -> str:
        """The resource's own `region` input, else the provider's."""
        own = self.inputs.get("region")
        return own if isinstance(own, str) and own else self.around.region

    @property
    def account(self) -> str:
        return self.around.account

    def hex(self, count: int, salt: str = "") -> str:
        """`count` hex digits, at most 64."""
        return seed.digest(self.seed, salt)[:count]

    def letters(self, count: int, salt: str = "", alphabet: str = "abcdefghijklmnopqrstuvwxyz0123456789") -> str:
        return seed.letters(count, self.seed, salt, alphabet=alphabet)

    def uuid(self, salt: str = "") -> str:
        return seed.uuid(self.seed, salt)

    def text(self, key: str, default: str = "") -> str:
        """An input as text; `default` where it is absent or no text."""
        value = unwrap(self.inputs.get(key))
        return value if isinstance(value, str) and value else default
