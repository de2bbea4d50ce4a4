"""What a resource type takes and gives, read from the installed Pulumi SDK's own classes by type token.

The generated SDKs carry it all: the `…Args` class of a resource lists its inputs (keyword-only parameters without a
default are required), the resource class lists its outputs, and an output that is typed `Output[T]` rather than
`Output[Optional[T]]` is one that the provider always fills in.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import re
import sys
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pulumi.runtime.rpc import get_resource_module

Kind = Literal["string", "integer", "number", "boolean", "list", "map", "object", "any"]

_SCALARS: dict[Any, Kind] = {str: "string", int: "integer", float: "number", bool: "boolean"}


@dataclass(frozen=True, slots=True)
class Shape:
    """The type of one property. `item` is the shape of a list's or map's elements; `cls` the class of an object."""

    kind: Kind
    optional: bool = False
    item: Shape | None = None
    cls: Any = None

    def fields(self) -> Mapping[str, Shape]:
        """The properties of an object; empty where its class is not known."""
        return _output_shapes(self.cls) if self.cls is not None else {}


@dataclass(frozen=True, slots=True)
class Schema:
    """One resource type. Names are the wire's."""

    type: str
    inputs: frozenset[str]
    required: tuple[str, ...]
    outputs: Mapping[str, Shape] = field(default_factory=dict)

    @property
    def computed_only(self) -> frozenset[str]:
        """Outputs that cannot be set."""
        return frozenset(self.outputs) - self.inputs


@functools.cache
def schema_for(type_: str) -> Schema | None:
    """The schema of a type token, or None where no SDK class of that token is installed."""
    cls = resource_class(type_)
    if cls is None:
        return None
    args = args_class(cls)
    inputs: dict[str, str] = {}
    required: tuple[str, ...] = ()
    if args is not None:
        inputs = {python: wire for python, wire, _ in wire_properties(args)}
        parameters = inspect.signature(args.__init__).parameters.values()
        required = tuple(
            inputs[parameter.name]
            for parameter in parameters
            if parameter.kind is parameter.KEYWORD_ONLY
            and parameter.default is parameter.empty
            and parameter.name in inputs
        )
    return Schema(type_, frozenset(inputs.values()), required, _output_shapes(cls))


def resource_class(type_: str) -> type | None:
    """The SDK class of `aws:rds/instance:Instance`; None where the package or the class is not there.

    Modules are reached through their parents' attributes, never imported by name: the SDKs' modules load lazily, and
    the import of `pulumi_aws.iam.role` before `pulumi_aws.iam` has loaded leaves the latter empty for good.
    """
    parts = type_.split(":")
    if len(parts) != 3:
        return None
    package, module, name = parts
    root = _import(f"pulumi_{package.replace('-', '_')}")
    if root is None:
        return None
    registered = getattr(get_resource_module(package, module, ""), "mod_info", None)
    if isinstance(registered, Mapping):
        path = str(registered["fqn"]).split(".")[1:]
        name = registered["classes"].get(type_, name)
    else:
        path = [] if module == "index" else [_snake(part) for part in module.split("/")]
    for candidate in (path, path[:-1]):
        cls = getattr(_reach(root, candidate), name, None)
        if inspect.isclass(cls):
            return cls
    return None


def args_class(resource: type) -> type | None:
    """The class of a resource's inputs: `InstanceArgs`, or `DeploymentInitArgs` where the first name is taken."""
    module = sys.modules[resource.__module__]
    for suffix in ("InitArgs", "Args"):
        cls = getattr(module, f"{resource.__name__}{suffix}", None)
        if inspect.isclass(cls):
            return cls
    return None


def wire_properties(cls: type) -> list[tuple[str, str, Any]]:
    """(Python name, wire name, annotation of the getter) of every SDK property of a class, bases first."""
    found: dict[str, tuple[str, str, Any]] = {}
    for base in reversed(cls.__mro__):
        for python, prop in vars(base).items():
            if isinstance(prop, property) and prop.fget is not None:
                wire = getattr(prop.fget, "_pulumi_name", None)
                if wire is not None:
                    found[python] = (python, wire, getattr(prop.fget, "__annotations__", {}).get("return"))
    return list(found.values())


def _reach(root: Any, path: Sequence[str]) -> Any:
    """The module at `path` below a package, or None; `lambda` is `lambda_`."""
    module = root
    for part in path:
        module = getattr(module, part, None) or getattr(module, f"{part}_", None)
    return module


def _snake(name: str) -> str:
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).replace(".", "_").replace("-", "_").lower()


def _import(name: str) -> Any:
    if name in sys.modules:
        return sys.modules[name]
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        return None


@functools.cache
def _output_shapes(cls: type) -> Mapping[str, Shape]:
    module = sys.modules.get(cls.__module__)
    scope = vars(module) if module is not None else {}
    shapes: dict[str, Shape] = {}
    for _, wire, annotation in wire_properties(cls):
        if wire not in ("urn", "id"):
            shapes[wire] = _shape(annotation, scope)
    return shapes


def _shape(annotation: Any, scope: Mapping[str, Any], optional: bool = False) -> Shape:
    if isinstance(annotation, typing.ForwardRef):
        annotation = annotation.__forward_arg__
    if isinstance(annotation, str):
        return Shape("object", optional, cls=_lookup(annotation, scope))
    if annotation in _SCALARS:
        return Shape(_SCALARS[annotation], optional)
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin is typing.Union:
        rest = [argument for argument in arguments if argument is not type(None)]
        return _shape(rest[0], scope, optional or len(rest) < len(arguments)) if rest else Shape("any", True)
    if inspect.isclass(origin) and issubclass(origin, Sequence):
        return Shape("list", optional, item=_shape(arguments[0], scope) if arguments else None)
    if inspect.isclass(origin) and issubclass(origin, Mapping):
        return Shape("map", optional, item=_shape(arguments[1], scope) if len(arguments) > 1 else None)
    if origin is not None and arguments:  # Output[T]
        return _shape(arguments[0], scope, optional)
    if inspect.isclass(annotation) and wire_properties(annotation):
        return Shape("object", optional, cls=annotation)
    return Shape("any", optional)


def _lookup(name: str, scope: Mapping[str, Any]) -> Any:
    """The class that a forward reference such as `outputs.InstanceMasterUserSecret` names, or None."""
    found: Any = None
    for index, part in enumerate(name.split(".")):
        found = scope.get(part) if index == 0 else getattr(found, part, None)
        if found is None:
            return None
    return found if inspect.isclass(found) else None
