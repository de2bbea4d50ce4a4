"""Every patch of the SDK's internals, each with its reason (pulumi 3.272.0).

A patch goes in only where the name it replaces is there, so that another version of the SDK runs slower, or without
the names of outputs, but runs. `pulumi` must be imported before.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import itertools
import sys
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from types import FrameType
from typing import Any

from phaseup.record import cycles, late, settling

OUTPUT_NAMES: ContextVar[tuple[str, ...]] = ContextVar("phaseup_output_names", default=())
"""Wire names of the outputs of the resource whose registration is under way in this task; empty where the SDK cannot
be patched for it."""

SECRET_ARGUMENTS: ContextVar[bool] = ContextVar("phaseup_secret_arguments", default=True)
"""Whether the invoke under way in this task has secrets among its arguments; the SDK sends them as plain values."""

DECLARED: ContextVar[tuple[str, int]] = ContextVar("phaseup_declared", default=("", 0))
"""File and line that declare the resource whose registration is under way in this task."""

_NUMBER = "__phaseup_number"

_done = False
_numbers = itertools.count()


def patch() -> None:
    """Put all patches in place, once a process, and number resources anew: before every run."""
    global _done, _numbers
    _numbers = itertools.count()
    if _done:
        return
    _done = True
    resource = importlib.import_module("pulumi.runtime.resource")
    _replace(resource, "_get_stack_trace", _caller_only)
    _replace(resource, "prepare_resource", lambda original: _remembering(original))
    _replace(resource, "create_urn", _quick_urn)
    _replace(importlib.import_module("pulumi.log"), "debug", lambda _original: _no_debug)
    rpc = importlib.import_module("pulumi.runtime.rpc")
    late.patch(rpc)
    cycles.patch(importlib.import_module("pulumi.runtime.resource_cycle_breaker"), rpc, _replace)
    _replace(rpc, "contains_unknowns", _scalars_are_known)
    _replace(rpc, "_unwrap_rpc_secret_struct_properties", _telling_secrets)
    _replace(rpc, "serialize_property", _scalars_first)
    _replace(importlib.import_module("pulumi.resource").Resource, "__hash__", lambda _original: _numbered)
    output = importlib.import_module("pulumi.output")
    _replace(output.Output, "apply", _placed_apply)
    settings = importlib.import_module("pulumi.runtime.settings")
    stack = importlib.import_module("pulumi.runtime.stack")
    settling.patch(stack, output, lambda: settings.SETTINGS, _replace)
    _replace(importlib.import_module("pulumi._utils").ContextProperty, "__get__", _single_lookup)


def _replace(module: Any, name: str, make: Callable[[Any], Any]) -> None:
    original = getattr(module, name, None)
    if callable(original):
        setattr(module, name, functools.wraps(original)(make(original)))


def _numbered(self: Any) -> int:
    """The hash of a resource: a number in place of its address. The SDK awaits what a resource depends on in the order
    of a set, so that by addresses it is chance which of two resources registers first."""
    try:
        return self.__dict__[_NUMBER]
    except KeyError:
        number = self.__dict__[_NUMBER] = next(_numbers)
        return number


def _remembering(original: Any) -> Any:
    """Lets the monitor know all outputs of a resource: its class and its properties know them, the request does not."""

    async def prepare_resource(
        res: Any, ty: str, custom: bool, remote: bool, props: Any, opts: Any, typ: Any = None
    ) -> Any:
        names = output_names(type(res))
        if typ is None and custom:
            known = wire_names(type(res))
            plain = [known.get(name) or res.translate_input_property(name) for name in props if name[:2] != "__"]
            names = tuple(dict.fromkeys((*names, *(name for name in plain if name not in ("urn", "id")))))
        OUTPUT_NAMES.set(names)
        try:
            return await original(res, ty, custom, remote, props, opts, typ)
        except Exception as error:
            error.add_note(f"{NOTE}{DECLARED.get()[0]}:{DECLARED.get()[1]}:{ty} {getattr(res, '_name', '')}")
            raise

    return prepare_resource


NOTE = "phaseup declared at "
"""Begins the note on an exception that came out of an output or a resource's inputs: where in the program that is."""


def _placed_apply(original: Any) -> Any:
    """Lets a failure inside an output name the line that made it: `bucket.tags["owner"]` fails long after its line has
    run, in frames that are all the SDK's."""
    inside = str(Path(importlib.import_module("pulumi").__file__ or "").parent)

    def apply(self: Any, func: Any, run_with_unknowns: bool = False) -> Any:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename.startswith((inside, __file__)):
            frame = frame.f_back
        if frame is None:
            return original(self, func, run_with_unknowns)
        place = (frame.f_code.co_filename, frame.f_lineno)

        def placed(value: Any) -> Any:
            try:
                return func(value)
            except Exception as error:
                error.add_note(f"{NOTE}{place[0]}:{place[1]}:an output")
                raise

        return original(self, placed, run_with_unknowns)

    return apply


def _telling_secrets(original: Any) -> Any:
    """Lets the monitor know that the arguments of an invoke must not be shown in an error."""

    def _unwrap_rpc_secret_struct_properties(value: Any) -> Any:
        result = original(value)
        SECRET_ARGUMENTS.set(result[1])
        return result

    return _unwrap_rpc_secret_struct_properties


def _caller_only(_original: Any) -> Any:
    """Only the frame that declares the resource, found without reading source lines.

    `traceback.extract_stack` reads and caches every file on the stack, which costs more than the rest of a
    registration; nothing but the first frame is ever used here.
    """
    from pulumi.runtime.proto import source_pb2

    def _get_stack_trace() -> Any:
        frame = _declaring_frame(sys._getframe(1))
        uri = _file_uri(frame.f_code.co_filename) if frame is not None else ""
        if frame is None or not uri:
            return source_pb2.StackTrace()
        DECLARED.set((frame.f_code.co_filename, frame.f_lineno))
        position = source_pb2.SourcePosition(uri=uri, line=frame.f_lineno)
        return source_pb2.StackTrace(frames=[source_pb2.StackFrame(pc=position)])

    return _get_stack_trace


def _declaring_frame(frame: FrameType | None) -> FrameType | None:
    """The caller of the third `__init__` up the stack (Resource, Custom- or ComponentResource, the class itself), as
    the SDK finds it."""
    seen = 0
    while frame is not None:
        if frame.f_code.co_name == "__init__":
            seen += 1
            if seen == 3:
                return frame.f_back
        frame = frame.f_back
    return None


@functools.cache
def _file_uri(filename: str) -> str:
    try:
        return Path(filename).as_uri()
    except ValueError:
        return ""


def _quick_urn(original: Any) -> Any:
    """`do_register` computes a URN for the case that there is no monitor: four outputs a registration for nothing."""
    from pulumi.output import Output, _OutputData

    def create_urn(name: Any, type_: Any, parent: Any = None, project: Any = None, stack: Any = None) -> Any:
        if not (isinstance(name, str) and isinstance(type_, str) and isinstance(parent, str) and parent):
            return original(name, type_, parent, project, stack)
        future: asyncio.Future[Any] = asyncio.Future()
        urn = f"{parent[: parent.rfind('::')]}${type_}::{name}"
        future.set_result(_OutputData(resources=set(), value=urn, is_known=True, is_secret=False))
        return Output._from_data(future)

    return create_urn


_SCALARS = frozenset((type(None), bool, int, float, str))


def _scalars_first(original: Any) -> Any:
    """Most values are plain scalars, which the SDK returns as they are after a dozen tests."""

    async def serialize_property(
        value: Any,
        deps: Any,
        property_key: Any,
        resource_obj: Any = None,
        input_transformer: Any = None,
        typ: Any = None,
        keep_output_values: bool = False,
        exclude_resource_refs_from_deps: bool = False,
        return_protobuf_value: bool = False,
    ) -> Any:
        if type(value) in _SCALARS and not return_protobuf_value:
            return value
        return await original(
            value,
            deps,
            property_key,
            resource_obj,
            input_transformer,
            typ,
            keep_output_values,
            exclude_resource_refs_from_deps,
            return_protobuf_value,
        )

    return serialize_property


def _scalars_are_known(original: Any) -> Any:
    """Asked two times an output, nearly always of a string."""

    def contains_unknowns(val: Any) -> bool:
        return type(val) not in _SCALARS and original(val)

    return contains_unknowns


def _single_lookup(_original: Any) -> Any:
    """Every setting is read through this descriptor, 350 times a registration, and twice each time."""

    def __get__(self: Any, obj: Any, _owner: Any = None) -> Any:  # noqa: N807
        if obj is None:
            return self
        value = self.fget()
        return self if isinstance(value, dict) else value

    return __get__


def _no_debug(*_args: Any, **_kwargs: Any) -> None:
    """Debug messages (five a registration, each a formatted protobuf message) have no reader here."""


@functools.cache
def wire_names(cls: type) -> dict[str, str]:
    """Wire names by Python name of all properties that a resource class declares; empty for one that declares none."""
    from pulumi import _types

    try:
        return _types.resource_py_to_pulumi_names(cls)
    except Exception:  # a hand-written class may carry annotations that cannot be resolved
        return {}


@functools.cache
def output_names(cls: type) -> tuple[str, ...]:
    """The wire names of a class's outputs, without `urn` and `id`."""
    return tuple(name for name in dict.fromkeys(wire_names(cls).values()) if name not in ("urn", "id"))
