"""Resource and invoke transforms, which a mock monitor leaves out: run here as the engine runs them.

Order for a resource: its own, its parent's, the grandparent's and so on, then the stack's. The SDK wraps each in a
callback from bytes to a message and would serve it over gRPC to the engine; here it is called directly.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from typing import Any

from pulumi.runtime._callbacks import _CallbackServicer
from pulumi.runtime.proto import resource_pb2

from phaseup.graph.values import OUTPUT_SIGNATURE, SECRET_SIGNATURE, SIGNATURE, UNKNOWN_WIRE
from phaseup.record.errors import RecordError
from phaseup.record.goals import distinct, outgoing_dependencies


class Callbacks(_CallbackServicer):
    """The SDK's table of callbacks without its server: nothing listens on a port while a program is recorded."""

    def __init__(self, monitor: Any) -> None:
        self._callbacks: dict[str, Any] = {}
        self._transforms: dict[Any, str] = {}
        self._state_migrations: dict[Any, str] = {}
        self._monitor = monitor
        self._target = "in-process"

    async def call(self, token: str, request: Any, what: str) -> bytes:
        """The serialised answer of the callback `token`; `what` names the call in errors."""
        callback = self._callbacks.get(token)
        if callback is None:
            raise RecordError(f"{what}: the SDK registered no callback for it")
        try:
            message = await callback(request.SerializeToString())
        except RecordError:
            raise
        except Exception as error:
            raise RecordError(
                f"{_last_line(error)}: {what} failed: {type(error).__name__}: {error}", trace=traceback.format_exc()
            ) from error
        return message.SerializeToString()


def _last_line(error: BaseException) -> str:
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "/pulumi/" not in frame.filename and frame.filename != __file__
    ]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "the program"


class Transformed:
    """What is left of a registration after its transforms: the properties' Struct and the options."""

    def __init__(self, properties: Any, options: Any) -> None:
        self.properties = properties
        self.options = options


async def transform_resource(
    callbacks: Callbacks, tokens: Sequence[str], request: Any, provider: str, dependencies: Mapping[str, Sequence[str]]
) -> Transformed:
    """Run the transforms `tokens` over a RegisterResource request, one after the other.

    Where the resource has transforms of its own its properties are made outputs that know their dependencies first,
    and only then: the engine's own rule.
    """
    properties = type(request.object)()
    for key, value in request.object.fields.items():
        _upgrade(value, properties.fields[key])
    if request.transforms:
        properties = _with_dependencies(properties, dependencies)
    options = _options(request, provider)
    for token in tokens:
        question = resource_pb2.TransformRequest(
            name=request.name,
            type=request.type,
            parent=request.parent,
            custom=request.custom,
            properties=properties,
            options=options,
        )
        answer = await callbacks.call(token, question, f"a transform of {request.type} {request.name}")
        response = resource_pb2.TransformResponse.FromString(answer)
        if response.HasField("options"):
            options = response.options
        if response.HasField("properties"):
            properties = response.properties
    return Transformed(properties, options)


async def transform_invoke(callbacks: Callbacks, tokens: Sequence[str], token: str, args: Any, options: Any) -> Any:
    """The arguments and options (`TransformInvokeRequest`) of an invoke after the stack's invoke transforms."""
    question = resource_pb2.TransformInvokeRequest(token=token, args=args, options=options)
    for transform in tokens:
        answer = await callbacks.call(transform, question, f"an invoke transform of {token}")
        response = resource_pb2.TransformInvokeResponse.FromString(answer)
        if response.HasField("options"):
            question.options.CopyFrom(response.options)
        if response.HasField("args"):
            question.args.CopyFrom(response.args)
    return question


def rebuilt_dependencies(transformed: Transformed) -> tuple[list[str], dict[str, list[str]]]:
    """Dependencies read back from what the transforms returned, for a resource with transforms of its own."""
    by_property = {key: distinct(outgoing_dependencies(value)) for key, value in transformed.properties.fields.items()}
    every = set(transformed.options.depends_on).union(*by_property.values())
    return distinct(every), by_property


def _upgrade(value: Any, target: Any) -> None:
    """Copy a protobuf `Value`, secrets and unknowns made output values, as transforms expect them."""
    kind = value.WhichOneof("kind")
    if kind == "string_value" and value.string_value in UNKNOWN_WIRE:
        target.struct_value.fields[SIGNATURE].string_value = OUTPUT_SIGNATURE
    elif kind == "list_value":
        target.list_value.SetInParent()
        for item in value.list_value.values:
            _upgrade(item, target.list_value.values.add())
    elif kind == "struct_value":
        fields = value.struct_value.fields
        signature = fields[SIGNATURE].string_value if SIGNATURE in fields else ""
        if signature == SECRET_SIGNATURE:
            output = target.struct_value.fields
            output[SIGNATURE].string_value = OUTPUT_SIGNATURE
            output["secret"].bool_value = True
            inner = fields["value"]
            if not (inner.WhichOneof("kind") == "string_value" and inner.string_value in UNKNOWN_WIRE):
                _upgrade(inner, output["value"])
        elif signature:
            target.CopyFrom(value)
        else:
            target.struct_value.SetInParent()
            for key, item in fields.items():
                _upgrade(item, target.struct_value.fields[key])
    else:
        target.CopyFrom(value)


def _with_dependencies(properties: Any, dependencies: Mapping[str, Sequence[str]]) -> Any:
    upgraded = type(properties)()
    for key, value in properties.fields.items():
        wanted = set(dependencies.get(key, ()))
        if wanted <= outgoing_dependencies(value):
            upgraded.fields[key].CopyFrom(value)
            continue
        output = upgraded.fields[key].struct_value
        output.fields[SIGNATURE].string_value = OUTPUT_SIGNATURE
        inner = value.struct_value.fields
        if SIGNATURE in inner and inner[SIGNATURE].string_value == OUTPUT_SIGNATURE:
            output.CopyFrom(value.struct_value)
            if "dependencies" in inner:
                wanted |= {item.string_value for item in inner["dependencies"].list_value.values}
                del output.fields["dependencies"]
        else:
            output.fields["value"].CopyFrom(value)
        for urn in sorted(wanted):
            output.fields["dependencies"].list_value.values.add().string_value = urn
    return upgraded


def _options(request: Any, provider: str) -> Any:
    options = resource_pb2.TransformResourceOptions(
        depends_on=request.dependencies,
        ignore_changes=request.ignoreChanges,
        replace_on_changes=request.replaceOnChanges,
        version=request.version,
        aliases=request.aliases,
        provider=provider,
        providers=request.providers,
        plugin_download_url=request.pluginDownloadURL,
        deleted_with=request.deletedWith,
        additional_secret_outputs=request.additionalSecretOutputs,
        replace_with=request.replace_with,
        hide_diff=request.hideDiffs,
        protect=request.protect if request.HasField("protect") else None,
        retain_on_delete=request.retainOnDelete if request.HasField("retainOnDelete") else None,
        delete_before_replace=(
            request.deleteBeforeReplace if request.deleteBeforeReplaceDefined or request.deleteBeforeReplace else None
        ),
        custom_timeouts=request.customTimeouts if request.HasField("customTimeouts") else None,
        hooks=request.hooks if request.HasField("hooks") else None,
        replacement_trigger=request.replacement_trigger if request.HasField("replacement_trigger") else None,
    )
    setattr(options, "import", request.importId)
    return options
