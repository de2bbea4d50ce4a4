# ruff: noqa: ARG002 - the signatures are the protocol's
"""One package's simulated provider as a genuine plugin: `ResourceProvider` over gRPC, thin over `phaseup.simulate`.

The engine starts `pulumi-resource-<package>` with its own address and reads the port from the first line of stdout
(sdk/go/common/resource/plugin/plugin.go, 3.260). Every answer is the simulator's, translated and nothing else, so
that the engine and the rehearsal judge by the same rules.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from phaseup.graph.values import Value, fill_struct, from_struct
from phaseup.simulate.provider import Checked, Diff, Provider, UnansweredCall

_Reply = TypeVar("_Reply")

_KINDS: Mapping[str, int] = {
    "add": provider_pb2.PropertyDiff.ADD,
    "add-replace": provider_pb2.PropertyDiff.ADD_REPLACE,
    "delete": provider_pb2.PropertyDiff.DELETE,
    "delete-replace": provider_pb2.PropertyDiff.DELETE_REPLACE,
    "update": provider_pb2.PropertyDiff.UPDATE,
    "update-replace": provider_pb2.PropertyDiff.UPDATE_REPLACE,
}

MESSAGE_LIMIT = 400 * 1024 * 1024
"""Bytes; the engine's own limit (sdk/go/common/util/rpcutil, 3.260)."""


PARENT_CHECK_SECONDS = 2.0

_ONE_AT_A_TIME = threading.RLock()
"""Simulators import SDK modules when a type is first seen, and the SDKs' lazy modules can be seen half loaded from a
second thread. Pure computation gains nothing from threads, so one call goes at a time."""


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Serves one simulated provider. Calls may come from many threads; the provider is called from one at a time."""

    def __init__(self, package: str, make: Callable[[Mapping[str, Value]], Provider], version: str = "") -> None:
        self._package = package
        self._make = make
        self._version = version
        self._provider: Provider | None = None
        self.cancelled = threading.Event()

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True,
            accept_resources=True,
            accept_outputs=True,
            supports_autonaming_configuration=False,
            accepts_byte_string=False,
        )

    def Attach(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return plugin_pb2.PluginInfo(version=self._version)

    def GetSchema(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        # The engine asks for a schema only to generate code, which a simulated provider has none of.
        schema = {"name": self._package, "version": self._version or "0.0.0"}
        return provider_pb2.GetSchemaResponse(schema=json.dumps(schema))

    def GetMapping(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return provider_pb2.GetMappingResponse()

    def GetMappings(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return provider_pb2.GetMappingsResponse()

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        self.cancelled.set()
        return empty_pb2.Empty()

    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return self._answer(
            context,
            lambda provider: _checked(
                provider.check_config(request.urn, from_struct(request.olds), from_struct(request.news))
            ),
        )

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return self._answer(
            context,
            lambda provider: _diffed(
                provider.diff_config(request.urn, from_struct(request.old_inputs), from_struct(request.news))
            ),
        )

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        config = from_struct(request.args)

        def configure() -> Any:
            self._provider = self._make(config)
            self._provider.configure(config)
            return provider_pb2.ConfigureResponse(
                acceptSecrets=True, supportsPreview=True, acceptResources=True, acceptOutputs=True
            )

        return _guarded(context, configure)

    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return self._answer(
            context,
            lambda provider: _checked(
                provider.check(
                    request.urn, from_struct(request.olds), from_struct(request.news), bytes(request.randomSeed)
                )
            ),
        )

    def Diff(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return self._answer(
            context,
            lambda provider: _diffed(
                provider.diff(
                    request.urn,
                    request.id,
                    from_struct(request.old_inputs),
                    from_struct(request.olds),
                    from_struct(request.news),
                    tuple(request.ignoreChanges),
                )
            ),
        )

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        def create(provider: Provider) -> Any:
            made = provider.create(request.urn, from_struct(request.properties), preview=request.preview)
            reply = provider_pb2.CreateResponse(id=made.id)
            fill_struct(reply.properties, made.outputs)
            return reply

        return self._answer(context, create)

    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        def update(provider: Provider) -> Any:
            made = provider.update(
                request.urn,
                request.id,
                from_struct(request.old_inputs),
                from_struct(request.olds),
                from_struct(request.news),
                preview=request.preview,
            )
            reply = provider_pb2.UpdateResponse()
            fill_struct(reply.properties, made.outputs)
            return reply

        return self._answer(context, update)

    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        def read(provider: Provider) -> Any:
            made = provider.read(request.urn, request.id, from_struct(request.inputs), from_struct(request.properties))
            if made is None:  # an empty id tells the engine that the resource is gone
                return provider_pb2.ReadResponse()
            reply = provider_pb2.ReadResponse(id=made.id)
            fill_struct(reply.properties, made.outputs)
            if made.inputs is not None:
                reply.inputs.SetInParent()
                fill_struct(reply.inputs, made.inputs)
            return reply

        return self._answer(context, read)

    def Delete(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        def delete(provider: Provider) -> Any:
            refusal = provider.delete(request.urn, request.id, from_struct(request.properties))
            if refusal is not None:
                context.abort(grpc.StatusCode.FAILED_PRECONDITION, refusal)
            return empty_pb2.Empty()

        return self._answer(context, delete)

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        def invoke(provider: Provider) -> Any:
            reply = provider_pb2.InvokeResponse()
            try:
                answer = provider.invoke(request.tok, from_struct(request.args))
            except UnansweredCall as call:
                context.abort(
                    grpc.StatusCode.NOT_FOUND,
                    f"{call.token} has no simulated answer (arguments: {', '.join(sorted(call.args_given)) or 'none'})",
                )
            fill_struct(getattr(reply, "return"), answer)
            return reply

        return self._answer(context, invoke)

    def Construct(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        context.abort(
            grpc.StatusCode.UNIMPLEMENTED,
            f"{request.type} is a component of another language: its children are not known without its own plugin",
        )

    def Call(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{request.tok} is a component's method, which nobody simulates")

    def Parameterize(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        # A parameterised package is as good as its parameter's name to a simulator: rules are found by type token.
        given = request.WhichOneof("parameters")
        if given == "value":
            return provider_pb2.ParameterizeResponse(name=request.value.name, version=request.value.version)
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "only an already generated SDK's parameter is understood")

    def _answer(self, context: grpc.ServicerContext, call: Callable[[Provider], _Reply]) -> _Reply | None:
        return _guarded(context, lambda: call(self._current()))

    def _current(self) -> Provider:
        """The configured provider; an unconfigured one before Configure, which CheckConfig precedes."""
        if self._provider is None:
            self._provider = self._make({})
        return self._provider


def _guarded(context: grpc.ServicerContext, call: Callable[[], _Reply]) -> _Reply | None:
    """A simulator's mistake reaches the user as one line, and as a traceback on the plugin's log (stderr)."""
    try:
        with _ONE_AT_A_TIME:
            return call()
    except Exception as error:
        if context.code() is None:  # else `abort` raised, and has said what there is to say
            traceback.print_exc(file=sys.stderr)
            context.abort(grpc.StatusCode.INTERNAL, f"simulator: {type(error).__name__}: {error}")
        raise


def _checked(checked: Checked) -> Any:
    reply = provider_pb2.CheckResponse()
    reply.inputs.SetInParent()
    fill_struct(reply.inputs, checked.inputs)
    for failure in checked.failures:
        reply.failures.add(property=failure.property, reason=failure.reason)
    return reply


def _diffed(diff: Diff) -> Any:
    """Top-level names in `diffs`, full paths in `detailedDiff`: provider.proto asks that each covers the other."""
    reply = provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if diff.changes else provider_pb2.DiffResponse.DIFF_NONE,
        replaces=list(diff.replaces),
        stables=list(diff.stables),
        deleteBeforeReplace=diff.delete_before_replace,
        diffs=list(dict.fromkeys(_top(change.path) for change in diff.properties)),
        hasDetailedDiff=True,
    )
    for change in diff.properties:
        entry = reply.detailedDiff[change.path]
        entry.kind = _KINDS[change.kind]  # ty: ignore[invalid-assignment]
        entry.inputDiff = change.input_diff
    return reply


def _top(path: str) -> str:
    """`listeners` of `listeners[0].port`; a bracketed first key (`["a.b"].c`) stays whole."""
    if path.startswith('["'):
        return path[2 : path.index('"]')]
    for index, character in enumerate(path):
        if character in ".[":
            return path[:index]
    return path


def simulated(package: str) -> Callable[[Mapping[str, Value]], Provider]:
    """What makes the package's provider from a provider resource's config. Imports no SDK."""
    from phaseup.simulate import Simulators

    simulators = Simulators()
    return lambda config: simulators.get(package, config)


def package_version(package: str) -> str:
    """The installed SDK's version of a package; empty where no such SDK is installed."""
    try:
        return importlib.metadata.version(f"pulumi-{package}")
    except importlib.metadata.PackageNotFoundError:
        return ""


def serve(servicer: Servicer, *, threads: int = 16) -> tuple[grpc.Server, int]:
    """Start serving on a free loopback port; returns the server and the port."""
    server = grpc.server(
        ThreadPoolExecutor(max_workers=threads, thread_name_prefix="rpc"),
        options=[
            ("grpc.max_receive_message_length", MESSAGE_LIMIT),
            ("grpc.max_send_message_length", MESSAGE_LIMIT),
        ],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def main(
    argv: list[str] | None = None,
    make: Callable[[str], Callable[[Mapping[str, Value]], Provider]] = simulated,
) -> None:
    """`pulumi-resource-<package> [--package P] ENGINE-ADDRESS`: print the port, serve until the engine ends us."""
    parser = argparse.ArgumentParser(prog="pulumi-resource", add_help=False)
    parser.add_argument("--package", default=os.path.basename(sys.argv[0]).removeprefix("pulumi-resource-"))
    options, _ = parser.parse_known_args(argv)
    server, port = serve(Servicer(options.package, make(options.package), package_version(options.package)))
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    engine = os.getppid()
    print(port, flush=True)
    # The engine kills its plugins; one that dies itself must not leave us behind.
    while not stopped.wait(timeout=PARENT_CHECK_SECONDS) and os.getppid() == engine:
        pass
    server.stop(grace=None)


if __name__ == "__main__":
    main()
