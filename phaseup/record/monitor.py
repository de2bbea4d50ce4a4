"""The resource monitor: what the SDK talks to in place of the engine.

It does what the engine's own monitor does between the wire and the step generator (pkg/resource/deploy/source_eval.go,
Pulumi 3.260): inheritance from parents, transforms, providers of components, dependencies. The goals go to a
`Deployment`, whose answers go back on the wire. Every method is called on the program's event loop.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, resource_pb2

from phaseup.graph.resource import PROVIDER_PREFIX, STACK_TYPE, Goal, State
from phaseup.graph.values import Value, fill_struct, from_struct
from phaseup.record import late, sdk
from phaseup.record.answers import Answers, unanswered
from phaseup.record.assets import hashed
from phaseup.record.errors import RecordError
from phaseup.record.family import Family
from phaseup.record.features import FEATURES
from phaseup.record.goals import (
    apply_options,
    from_read,
    from_register,
    inherit,
    package_of,
    source_position,
)
from phaseup.record.opaque import Opaque
from phaseup.record.transforms import (
    Callbacks,
    rebuilt_dependencies,
    transform_invoke,
    transform_resource,
)
from phaseup.simulate.provider import UnansweredCall


class Target(Protocol):
    """What the monitor needs of a `Deployment`."""

    def register(self, goal: Goal) -> Any: ...

    def read(self, goal: Goal) -> Any: ...

    def register_outputs(self, urn: str, outputs: dict[str, Value]) -> None: ...

    def invoke(
        self,
        token: str,
        args: dict[str, Value],
        provider_ref: str = "",
        *,
        parent: str = "",
        version: str = "",
        plugin_download_url: str = "",
    ) -> dict[str, Value]: ...

    def finish(self) -> Any: ...


class InvokeError(grpc.RpcError):
    """A failed invoke as it comes over the wire: the SDK raises it in the program, which may catch it."""

    def __init__(self, error: RecordError) -> None:
        super().__init__(str(error))

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return str(self)


class Monitor:
    """`old` are the states before the run, by URN; `root` is the project's folder."""

    def __init__(
        self,
        target: Target,
        *,
        root: Path,
        preview: bool,
        answers: Answers,
        old: Mapping[str, State],
        info: resource_pb2.DeploymentInfo,
    ) -> None:
        self.family = Family()
        self.registrations = 0
        self.opaque = Opaque(preview, answers.components)
        self.failure: RecordError | None = None
        """What went wrong first; later failures may only follow from it."""
        self.callbacks = Callbacks(self)
        self._target = target
        self._root = root
        self._root_uri = root.as_uri()
        self.preview = preview
        self.stack_outputs: dict[str, Value] = {}
        self._answers = answers
        self._old = old
        self._info = info
        self._stack_transforms: list[str] = []
        self._invoke_transforms: list[str] = []
        self._packages: dict[str, resource_pb2.RegisterPackageRequest] = {}

    # --- Registrations

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        """The answer, or a coroutine of it where transforms have to run."""
        names = sdk.OUTPUT_NAMES.get()
        goal = self._inherited(request)
        tokens = [callback.token for callback in request.transforms]
        every = tokens + self.family.transforms_above(request.parent) + self._stack_transforms
        if every:
            return self._transformed(request, goal, tokens, every, names)
        return self._registered(request, goal, tokens, names)

    async def _transformed(
        self, request: Any, goal: Goal, own: list[str], every: list[str], names: tuple[str, ...]
    ) -> Any:
        for field, value in (("deletedWith", goal.deleted_with), ("provider", goal.provider)):
            setattr(request, field, value)
        for field, flag in (("protect", goal.protect), ("retainOnDelete", goal.retain_on_delete)):
            if flag is not None:
                setattr(request, field, flag)
        result = await transform_resource(self.callbacks, every, request, goal.provider, goal.property_dependencies)
        goal.inputs = from_struct(result.properties)
        apply_options(goal, result.options)
        if own:
            goal.dependencies, goal.property_dependencies = rebuilt_dependencies(result)
        else:
            for key in goal.inputs:
                goal.property_dependencies.setdefault(key, [])
        return self._registered(request, goal, own, names)

    def _inherited(self, request: Any) -> Goal:
        goal = from_register(request)
        goal.dependencies = self.opaque.seen(goal.dependencies)
        goal.property_dependencies = {key: self.opaque.seen(urns) for key, urns in goal.property_dependencies.items()}
        parent = self.family.goals.get(goal.parent)
        if parent is not None:
            inherit(goal, parent)
        if goal.custom or goal.remote:
            goal.provider = self.family.provider_for(goal.provider, goal.providers, goal.parent, package_of(goal.type))
        return goal

    def _registered(self, request: Any, goal: Goal, own_transforms: list[str], names: tuple[str, ...]) -> Any:
        self.registrations += 1
        if not goal.custom:
            goal.providers = {**self.family.component_providers(goal.parent), **goal.providers}
        self._of_package(goal, request.packageRef)
        goal.inputs = hashed(goal.inputs, self._root)
        goal.output_names = names
        goal.source_position = source_position(request.sourcePosition, self._root_uri)
        answer = self._ask(goal, "register")
        urn, outputs = answer.urn, answer.outputs
        if goal.remote:
            outputs = self._opaque_outputs(goal, urn)
        self.family.add(goal, urn, own_transforms, known=bool(answer.id))
        outputs = outputs if goal.custom or goal.remote else {}
        if late.patched():
            return late.Response(urn, answer.id, outputs, answer.unknown)
        response = resource_pb2.RegisterResourceResponse(urn=urn, id=answer.id, unknown=answer.unknown)
        fill_struct(response.object, outputs)
        return response

    def _opaque_outputs(self, goal: Goal, urn: str) -> dict[str, Value]:
        former = self._old.get(urn)
        same = former is not None and former.inputs == goal.inputs
        outputs = self.opaque.outputs_of(goal, urn, former.outputs if former is not None and same else None)
        self._target.register_outputs(urn, outputs)
        return outputs

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        self.registrations += 1
        goal = from_read(request)
        self._of_package(goal, request.packageRef)
        goal.output_names = sdk.OUTPUT_NAMES.get()
        goal.source_position = source_position(request.sourcePosition, self._root_uri)
        answer = self._ask(goal, "read")
        self.family.add(goal, answer.urn, [], known=True)
        # Engine 3.260 answers a read without its id: to this SDK the id is then unknown in a preview.
        response = resource_pb2.ReadResourceResponse(urn=answer.urn)
        fill_struct(response.properties, answer.outputs)
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        outputs = hashed(from_struct(request.outputs), self._root)
        goal = self.family.goals.get(request.urn)
        if goal is not None and goal.type == STACK_TYPE:
            self.stack_outputs = outputs
        self._target.register_outputs(request.urn, outputs)
        return empty_pb2.Empty()

    def ExistsResource(self, request: Any) -> Any:  # noqa: N802
        args = {"type": request.type, "id": request.id}
        answer = self._answers.call("exists", args)
        if answer is None:
            raise unanswered("exists", args, self._answers.source)
        return resource_pb2.ExistsResourceResponse(exists=bool(answer.get("exists")))

    # --- Invokes and calls

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        provider = self.family.provider_for(request.provider, {}, request.parent, package_of(request.tok))
        if not self._invoke_transforms or request.tok == "pulumi:pulumi:getResource":
            return self._invoked(request, from_struct(request.args), provider)
        return self._invoke_transformed(request, provider)

    async def _invoke_transformed(self, request: Any, provider: str) -> Any:
        options = resource_pb2.TransformInvokeOptions(
            provider=provider, version=request.version, plugin_download_url=request.pluginDownloadURL
        )
        result = await transform_invoke(self.callbacks, self._invoke_transforms, request.tok, request.args, options)
        return self._invoked(request, from_struct(result.args), result.options.provider)

    def _invoked(self, request: Any, args: dict[str, Value], provider: str) -> Any:
        if self.family.unresolved(request.dependsOn):
            return resource_pb2.ResourceInvokeResponse(unknown=True)
        try:
            result = self._answer(request, args, provider)
        except RecordError as error:
            raise InvokeError(error) from error
        response = resource_pb2.ResourceInvokeResponse()
        fill_struct(getattr(response, "return"), result)
        return response

    def Call(self, request: Any) -> Any:  # noqa: N802
        args = from_struct(request.args)
        provider = request.provider
        subject = args.get("__self__")
        if not provider and isinstance(subject, dict) and subject.get("urn") in self.family.goals:
            provider = self.family.goals[subject["urn"]].provider
        try:
            result = self._answer(request, args, provider)
        except RecordError as error:
            self.failure = self.failure or error
            raise
        response = provider_pb2.CallResponse()
        fill_struct(getattr(response, "return"), result)
        return response

    def _answer(self, request: Any, args: dict[str, Value], provider: str) -> Mapping[str, Value]:
        given = self._answers.call(request.tok, args)
        if given is None and request.tok == "pulumi:pulumi:getResource":
            given = self.opaque.state_of(args.get("urn", ""))
        if given is not None:
            return given
        try:
            return self._target.invoke(
                request.tok,
                args,
                provider,
                version=self._version(request),
                plugin_download_url=request.pluginDownloadURL,
            )
        except UnansweredCall as error:
            hidden = isinstance(request, resource_pb2.ResourceInvokeRequest) and sdk.SECRET_ARGUMENTS.get()
            raise unanswered(error.token, error.args_given, self._answers.source, hidden=hidden) from None
        except Exception as error:
            raise RecordError(f"{request.tok}: {error}", trace=traceback.format_exc()) from error

    # --- Set-up

    def RegisterStackTransform(self, request: Any) -> Any:  # noqa: N802
        self._stack_transforms.append(request.token)
        return empty_pb2.Empty()

    def RegisterStackInvokeTransform(self, request: Any) -> Any:  # noqa: N802
        self._invoke_transforms.append(request.token)
        return empty_pb2.Empty()

    def RegisterPackage(self, request: Any) -> Any:  # noqa: N802
        """A parameterised package; its reference names it, so that it is the same in every run."""
        inner = request.parameterization if request.HasField("parameterization") else request
        if "extension" in request.DESCRIPTOR.fields_by_name and request.HasField("extension"):
            inner = request.extension
        reference = f"{request.name}@{request.version}/{inner.name}@{inner.version}"
        self._packages[reference] = request
        return resource_pb2.RegisterPackageResponse(ref=reference)

    def RegisterResourceHook(self, request: Any) -> Any:  # noqa: N802, ARG002
        """Hooks act when resources are made, which never happens here."""
        return empty_pb2.Empty()

    def RegisterErrorHook(self, request: Any) -> Any:  # noqa: N802, ARG002
        return empty_pb2.Empty()

    def SupportsFeature(self, request: Any) -> Any:  # noqa: N802
        """Older SDKs ask by name; 3.272 reads `GetDeploymentInfo`."""
        legacy = {"".join(part.title() for part in name.split("_")) for name in FEATURES}
        supported = request.id[:1].upper() + request.id[1:] in legacy
        return resource_pb2.SupportsFeatureResponse(hasSupport=supported)

    def GetDeploymentInfo(self, request: Any) -> Any:  # noqa: N802, ARG002
        return self._info

    def SignalAndWaitForShutdown(self, request: Any) -> Any:  # noqa: N802, ARG002
        return empty_pb2.Empty()

    # --- Helpers

    def _ask(self, goal: Goal, method: str) -> Any:
        try:
            return getattr(self._target, method)(goal)
        except UnansweredCall as error:
            problem, trace = str(unanswered(error.token, error.args_given, self._answers.source)), ""
        except Exception as error:
            problem, trace = str(error) or repr(error), traceback.format_exc()
        position = goal.source_position.removeprefix("project:///").replace("#", ":")
        failure = RecordError(f"{goal.type} {goal.name}: {problem}", trace=trace, where=position)
        self.failure = self.failure or failure
        raise failure

    def _of_package(self, goal: Goal, reference: str) -> None:
        package = self._packages.get(reference)
        if package is None:
            return
        goal.plugin_download_url = package.download_url
        goal.version = package.version
        if goal.type.startswith(PROVIDER_PREFIX) and package.HasField("parameterization"):
            goal.version = package.parameterization.version
            goal.inputs["__internal"] = {"name": package.name, "version": package.version}

    def _version(self, request: Any) -> str:
        package = self._packages.get(request.packageRef)
        return package.version if package is not None else request.version
