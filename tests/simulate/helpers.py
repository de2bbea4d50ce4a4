"""One resource through a simulated provider, as the engine would take it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from phaseup.graph.values import Value
from phaseup.simulate import Simulators
from phaseup.simulate.provider import Diff, Made, Provider

CONFIG = {
    "aws": {"region": "eu-west-1", "allowedAccountIds": '["222222222222"]'},
    "cloudflare": {},
    "random": {},
    "kubernetes": {},
}


def provider(package: str = "aws", **config: Value) -> Provider:
    return Simulators().get(package, {**CONFIG.get(package, {}), **config})


def urn(type_: str, name: str = "thing") -> str:
    return f"urn:pulumi:dev::project::{type_}::{name}"


@dataclass
class Resource:
    """A created resource: its checked inputs and its state."""

    provider: Provider
    urn: str
    inputs: dict[str, Value]
    id: str
    outputs: dict[str, Value]

    def checked(self, inputs: Mapping[str, Value]) -> dict[str, Value]:
        checked = self.provider.check(self.urn, self.inputs, inputs, b"seed")
        assert checked.failures == (), checked.failures
        return checked.inputs

    def diff(self, inputs: Mapping[str, Value], ignore: tuple[str, ...] = ()) -> Diff:
        return self.provider.diff(self.urn, self.id, self.inputs, self.outputs, self.checked(inputs), ignore)

    def update(self, inputs: Mapping[str, Value], *, preview: bool = False) -> Made:
        news = self.checked(inputs)
        return self.provider.update(self.urn, self.id, self.inputs, self.outputs, news, preview=preview)


def create(type_: str, inputs: Mapping[str, Value], name: str = "thing", seed: bytes = b"seed") -> Resource:
    """Check and create; fails on check failures."""
    made_by = provider(type_.split(":", 1)[0])
    checked = made_by.check(urn(type_, name), {}, inputs, seed)
    assert checked.failures == (), checked.failures
    made = made_by.create(urn(type_, name), checked.inputs, preview=False)
    return Resource(made_by, urn(type_, name), checked.inputs, made.id, made.outputs)


def effects(diff: Diff) -> dict[str, tuple[str, str]]:
    """path → (kind, effect)."""
    return {item.path: (item.kind, item.effect) for item in diff.properties}
