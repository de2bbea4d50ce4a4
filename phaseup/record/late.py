"""Resource outputs that are made when somebody looks at them (a patch of the SDK, pulumi 3.272.0).

An instance declares forty properties, of which a program reads one or two. The SDK makes four futures, a coroutine and
a task for each, then decodes, translates and wraps each value: more than half of the time of a registration. Here each
property is an `Output` whose future is made at the first look, before or after the registration has been answered.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pulumi import _types
from pulumi.output import Output, _OutputData
from pulumi.runtime import settings

from phaseup.graph.values import Value, fill_struct


class LateOutput(Output):
    """An output of one property, whose state belongs to its resource's `Settlement`."""

    def __init__(self, settlement: Settlement, name: str) -> None:
        self.__dict__["_settlement"] = settlement
        self.__dict__["_property"] = name

    @property
    def _data(self) -> Any:  # ty: ignore[incompatible-property-override]
        attributes = self.__dict__
        future = attributes.get("_made")
        if future is None:
            settlement: Settlement = attributes["_settlement"]
            future = attributes["_made"] = settlement.future(attributes["_property"])
        return future

    def _untrack(self) -> None:
        """Never tracked: it settles with its registration, whose failure is reported by itself."""


class Settlement:
    """All outputs of one resource. It is also the table of resolvers that the SDK hands around."""

    __slots__ = ("_failure", "_names", "_resource", "_value_of", "_waiting")

    def __init__(self, resource: Any, names: list[str]) -> None:
        self._resource = resource
        self._names = names
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._value_of: Callable[[str], _OutputData[Any]] | None = None
        self._failure: Exception | None = None

    def future(self, name: str) -> asyncio.Future[Any]:
        """The future of one property, settled where the registration has been answered."""
        future: asyncio.Future[Any] = asyncio.get_event_loop().create_future()
        if self._failure is not None:
            future.set_exception(self._failure)
        elif self._value_of is not None:
            self._fill(future, name)
        else:
            self._waiting[name] = future
        return future

    def settle(self, value_of: Callable[[str], _OutputData[Any]]) -> None:
        """The registration has been answered; `value_of` makes the state of a property."""
        self._value_of = value_of
        for name, future in self._waiting.items():
            self._fill(future, name)
        self._waiting = {}

    def items(self) -> Iterator[tuple[str, Callable[..., None]]]:
        """What `resolve_outputs_due_to_exception` walks over."""
        for name in self._names:
            yield name, lambda *state, name=name: self._resolve(name, *state)

    def _fill(self, future: asyncio.Future[Any], name: str) -> None:
        assert self._value_of is not None
        try:
            future.set_result(self._value_of(name))
        except Exception as error:
            future.set_exception(error)

    def _resolve(self, name: str, value: Any, known: bool, secret: bool, deps: Any, failed: Exception | None) -> None:
        if failed is not None:
            self._failure = failed
        future = self._waiting.pop(name, None)
        if future is None:
            return
        if failed is not None:
            future.set_exception(failed)
        else:
            future.set_result(_OutputData({*(deps or ()), self._resource}, value, known, secret))


class WireOutputs(dict[str, Value]):
    """Outputs as our own values, in place of the Struct of a response: encoded one by one, when looked at."""


class Response:
    """RegisterResourceResponse, without a message around its outputs."""

    __slots__ = ("id", "object", "propertyDependencies", "result", "unknown", "urn")

    def __init__(self, urn: str, id: str, outputs: dict[str, Value], unknown: bool) -> None:
        self.urn = urn
        self.id = id
        self.object = WireOutputs(outputs)
        self.propertyDependencies: dict[str, Any] = {}
        self.result = 0
        self.unknown = unknown


_types_of = functools.cache(_types.resource_types)
_to_wire = functools.cache(_types.resource_py_to_pulumi_names)
_to_python = functools.cache(_types.resource_pulumi_to_py_names)

_patched = False


def patched() -> bool:
    """Whether responses may be `Response`."""
    return _patched


def patch(rpc: Any) -> None:
    """Replace `transfer_properties` and `resolve_outputs` of `pulumi.runtime.rpc`, both or none."""
    global _patched
    needed = (
        "transfer_properties",
        "resolve_outputs",
        "deserialize_properties",
        "translate_output_properties",
        "_Path",
    )
    if not all(hasattr(rpc, name) for name in needed) or not hasattr(Output, "_untrack"):
        return
    original = rpc.resolve_outputs

    def transfer_properties(res: Any, props: Any, custom: bool) -> Any:
        names = [name for name in props if name != "urn" and not (name == "id" and custom)]
        settlement = Settlement(res, names)
        attributes = res.__dict__
        for name in names:
            attributes[name] = LateOutput(settlement, name)
        return settlement

    def resolve_outputs(
        res: Any,
        serialized_props: Any,
        outputs: Any,
        deps: Mapping[str, Any],
        resolvers: Any,
        custom: bool,
        transform_using_type_metadata: bool = False,
        keep_unknowns: bool = False,
        resolve_missing_as_unknown: bool = False,
    ) -> None:
        if not isinstance(resolvers, Settlement):
            original(
                res,
                serialized_props,
                outputs,
                deps,
                resolvers,
                custom,
                transform_using_type_metadata,
                keep_unknowns,
                resolve_missing_as_unknown,
            )
            return
        decoder = _Decoder(rpc, res, serialized_props, outputs, deps, transform_using_type_metadata)
        decoder.keep_unknowns = keep_unknowns
        decoder.missing_is_unknown = resolve_missing_as_unknown
        resolvers.settle(decoder.state)

    rpc.transfer_properties = transfer_properties
    rpc.resolve_outputs = resolve_outputs
    _patched = True


class _Decoder:
    """`resolve_outputs` and `resolve_properties` of the SDK for one property at a time."""

    def __init__(
        self, rpc: Any, res: Any, inputs: Any, outputs: Any, deps: Mapping[str, Any], by_metadata: bool
    ) -> None:
        self.keep_unknowns = False
        self.missing_is_unknown = False
        self._rpc = rpc
        self._resource = res
        self._inputs = inputs
        self._outputs = outputs
        self._deps = deps
        self._by_metadata = by_metadata
        self._dry = settings.is_dry_run()
        self._legacy = settings.is_legacy_apply_enabled()

    def state(self, name: str) -> _OutputData[Any]:
        """The state of the property with this Python name."""
        value = self._output(name)
        if value is None and (not self._dry or self._legacy):
            value = self._input(name)
            missing = value is None and self._wire_name(name, self._inputs) is None
        else:
            missing = value is None
        deps = next((urns for key, urns in self._deps.items() if self._python_name(key) == name), ())
        resources = {*deps, self._resource}
        if missing:
            return _OutputData(resources, None, not self._dry and not self.missing_is_unknown, False)
        secret = self._rpc.is_rpc_secret(value)
        value = self._rpc.unwrap_rpc_secret(value)
        return _OutputData(resources, value, not self._dry or value is not None, secret)

    def _output(self, name: str) -> Any:
        key = self._wire_name(name, self._outputs)
        if key is None:
            return None
        struct = self._outputs
        if isinstance(struct, WireOutputs):
            from google.protobuf import struct_pb2

            struct = fill_struct(struct_pb2.Struct(), {key: struct[key]})
        value = self._rpc.deserialize_property(struct[key], self.keep_unknowns)
        return None if value is None else self._translated(key, name, value)

    def _input(self, name: str) -> Any:
        key = self._wire_name(name, self._inputs)
        if key is None:
            return None
        return self._translated(key, name, self._rpc.deserialize_property(self._inputs[key]), lenient=True)

    def _translated(self, key: str, name: str, value: Any, *, lenient: bool = False) -> Any:
        translate = (lambda prop: prop) if self._by_metadata else self._resource.translate_output_property
        return self._rpc.translate_output_properties(
            value,
            translate,
            _types_of(type(self._resource)).get(key),
            self._by_metadata,
            path=self._rpc._Path(name, resource=f"{self._resource._name}"),
            return_none_on_dict_type_mismatch=lenient,
        )

    def _wire_name(self, name: str, among: Any) -> str | None:
        if self._by_metadata:
            key = _to_wire(type(self._resource)).get(name, name)
            return key if key in among else None
        return next((key for key in among if self._python_name(key) == name), None)

    def _python_name(self, key: str) -> str:
        if self._by_metadata:
            return _to_python(type(self._resource)).get(key) or key
        return self._resource.translate_output_property(key)
