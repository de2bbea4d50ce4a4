"""Resources whose names say what a change of a property does, and a register for a group's cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi


class Thing(pulumi.CustomResource):
    """`replace…` properties replace, `swap…` delete first, others update; `computed` follows `seed`."""

    computed: pulumi.Output[str]
    value: pulumi.Output[Any]

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, *, token: str = "Thing", **props: Any
    ) -> None:
        properties = {"computed": None, "value": None, **props}
        super().__init__(f"fake:index:{token}", resource_name, properties, opts)


class Group(pulumi.ComponentResource):
    """A component without any logic."""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, *, token: str = "Group") -> None:
        super().__init__(f"corner:index:{token}", resource_name, {}, opts)
        self.register_outputs({})


class Maker(pulumi.ProviderResource):
    """An explicit provider of the package `fake`."""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **props: Any) -> None:
        super().__init__("fake", resource_name, props, opts)


Case = Callable[[int], None]


class Register(dict[str, Case]):
    """`@register.case` adds a function under its name, with dashes."""

    def case(self, body: Case) -> Case:
        self[body.__name__.replace("_", "-")] = body
        return body
