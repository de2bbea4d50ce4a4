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
from phaseup.graph.values import Value, fill_struct, from_struct, to_json
from phaseup.record import late, sdk
from phaseup.record.answers import Answers
from phaseup.record.assets import hashed
from phaseup.record.errors import RecordError
from phaseup.record.goals import (
    apply_options,
    from_read,
    from_register,
    inherit,
    package_of,
    source_position,
)
from phaseup.record.opaque import outputs_of
from phaseup.record.transforms import (
    Callbacks,
    rebuilt_dependencies,
    transform_invoke,
    transform_resource,
)
from phaseup.simulate.provider import UnansweredCall

FEATURES = (
    "SECRETS",
    "RESOURCE_REFERENCES",
    "OUTPUT_VALUES",
    "ALIAS_SPECS",
    "REPLACEMENT_TRIGGER",
    "DELETED_WITH",
    "REPLACE_WITH",
    "TRANSFORMS",
    "INVOKE_TRANSFORMS",
    "PARAMETERIZATION",
    "RESOURCE_HOOKS",
    "ERROR_HOOKS",
    "SENDS_OPTIONS_TO_HOOKS",
    "INVOKE_DEPENDS_ON",
    "INVOKE_PARENT",
)
"""What engine 3.260 says that it supports, but byte strings (no simulator has any use for them)."""


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
        self.goals: dict[str, Goal] = {}
        """Every goal that was registered, by URN."""
        self.registrations = 0
        self.opaque: list[str] = []
        """URNs of remote components."""
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
        self._own_transforms: dict[str, list[str]] = {}
        self._parents: dict[str, str] = {}
        self._children: dict[str, list[str]] = {}
        self._pending: set[str] = set()
        """Custom resources whose id is not known yet."""
        self._component_providers: dict[str, dict[str, str]] = {}
        self._packages: dict[str, resource_pb2.RegisterPackageRequest] = {}

    # --- Registrations

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        """The answer, or a coroutine of it where transforms have to run."""
        names = sdk.OUTPUT_NAMES.get()
        goal = self._inherited(request)
        tokens = [callback.token for callback in request.transforms]
        every = tokens + self._inherited_transforms(request.parent)
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
        parent = self.goals.get(goal.parent)
        if parent is not None:
            inherit(goal, parent)
        if goal.custom or goal.remote:
            goal.provider = self._resolve_provider(goal.provider, goal.providers, goal.parent, package_of(goal.type))
        return goal

    def _registered(self, request: Any, goal: Goal, own_transforms: list[str], names: tuple[str, ...]) -> Any:
        self.registrations += 1
        if not goal.custom:
            goal.providers = {**self._component_providers.get(goal.parent, {}), **goal.providers}
        self._of_package(goal, request.packageRef)
        goal.inputs = hashed(goal.inputs, self._root)
        goal.output_names = names
        goal.source_position = source_position(request.sourcePosition, self._root_uri)
        answer = self._ask(goal, "register")
        urn, outputs = answer.urn, answer.outputs
        if goal.remote:
            outputs = self._opaque_outputs(goal, urn)
        self._remember(goal, urn, own_transforms, answer.id)
        outputs = outputs if goal.custom or goal.remote else {}
        if late.patched():
            return late.Response(urn, answer.id, outputs, answer.unknown)
        response = resource_pb2.RegisterResourceResponse(urn=urn, id=answer.id, unknown=answer.unknown)
        fill_struct(response.object, outputs)
        return response

    def _opaque_outputs(self, goal: Goal, urn: str) -> dict[str, Value]:
        self.opaque.append(urn)
        former = self._old.get(urn)
        same = former is not None and former.inputs == goal.inputs
        outputs = outputs_of(goal, urn, former.outputs if former is not None and same else None, preview=self.preview)
        self._target.register_outputs(urn, outputs)
        return outputs

    def _remember(self, goal: Goal, urn: str, own_transforms: list[str], id: str) -> None:
        self.goals[urn] = goal
        self._parents[urn] = goal.parent
        self._children.setdefault(goal.parent, []).append(urn)
        if own_transforms:
            self._own_transforms[urn] = own_transforms
        if not goal.custom:
            self._component_providers[urn] = goal.providers
        elif not id:
            self._pending.add(urn)

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        self.registrations += 1
        goal = from_read(request)
        self._of_package(goal, request.packageRef)
        goal.output_names = sdk.OUTPUT_NAMES.get()
        goal.source_position = source_position(request.sourcePosition, self._root_uri)
        answer = self._ask(goal, "read")
        self._remember(goal, answer.urn, [], answer.id or "read")
        response = resource_pb2.ReadResourceResponse(urn=answer.urn)
        if "id" in resource_pb2.ReadResourceResponse.DESCRIPTOR.fields_by_name:
            response.id = answer.id
        fill_struct(response.properties, answer.outputs)
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        outputs = hashed(from_struct(request.outputs), self._root)
        goal = self.goals.get(request.urn)
        if goal is not None and goal.type == STACK_TYPE:
            self.stack_outputs = outputs
        self._target.register_outputs(request.urn, outputs)
        return empty_pb2.Empty()

    def ExistsResource(self, request: Any) -> Any:  # noqa: N802
        args = {"type": request.type, "id": request.id}
        answer = self._answers.call("exists", args)
        if answer is None:
            raise self._unanswered("exists", args, "result: {exists: true}")
        return resource_pb2.ExistsResourceResponse(exists=bool(answer.get("exists")))

    # --- Invokes and calls

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        provider = self._resolve_provider(request.provider, {}, request.parent, package_of(request.tok))
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
        if self._unresolved(request.dependsOn):
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
        if not provider and isinstance(subject, dict) and subject.get("urn") in self.goals:
            provider = self.goals[subject["urn"]].provider
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
            raise self._unanswered(error.token, error.args_given, "result: {…}") from None
        except Exception as error:
            raise RecordError(f"{request.tok}: {error}", trace=traceback.format_exc()) from error

    def _unanswered(self, token: str, args: Mapping[str, Value], result: str) -> RecordError:
        """Says which call it was and how to answer it."""
        if token in ("pulumi:pulumi:StackReference", "pulumi:pulumi:readStackOutputs"):
            name = args.get("name")
            return RecordError(
                f"the outputs of stack {name} are not known here; give them in an answers file: "
                f"stacks: {{{name}: {{output: value}}}} (read: {self._answers.source})"
            )
        shown = {key: value for key, value in to_json(dict(args)).items() if key != "__self__"}
        return RecordError(
            f"nothing here answers {token} with {shown}; add to an answers file, under calls: "
            f"{{token: {token}, args: {{…}}, {result}}} (read: {self._answers.source})"
        )

    def _unresolved(self, urns: Any) -> bool:
        """Whether a custom resource among these, or below a component among these, has no id yet."""
        frontier, seen = list(urns), set()
        while frontier:
            urn = frontier.pop()
            if urn in self._pending:
                return True
            goal = self.goals.get(urn)
            if goal is not None and not goal.custom and urn not in seen:
                seen.add(urn)
                frontier.extend(self._children.get(urn, ()))
        return False

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
            problem, trace = str(self._unanswered(error.token, error.args_given, "result: {…}")), ""
        except Exception as error:
            problem, trace = str(error) or repr(error), traceback.format_exc()
        position = goal.source_position.removeprefix("project:///").replace("#", ":")
        failure = RecordError(f"{goal.type} {goal.name}: {problem}", trace=trace, where=position)
        self.failure = self.failure or failure
        raise failure

    def _resolve_provider(self, provider: str, providers: Mapping[str, str], parent: str, package: str) -> str:
        if provider:
            return provider
        if package in providers:
            return providers[package]
        return self._component_providers.get(parent, {}).get(package, "")

    def _inherited_transforms(self, parent: str) -> list[str]:
        if not self._own_transforms:
            return self._stack_transforms
        found: list[str] = []
        while parent:
            found += self._own_transforms.get(parent, ())
            parent = self._parents.get(parent, "")
        return found + self._stack_transforms

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


def deployment_info(**fields: Any) -> resource_pb2.DeploymentInfo:
    """What the engine tells the SDK of the run; features that this SDK does not know are left out."""
    known = resource_pb2.ResourceMonitorFeature
    supported = [
        known.Value(f"RESOURCE_MONITOR_FEATURE_{name}")
        for name in FEATURES
        if f"RESOURCE_MONITOR_FEATURE_{name}" in known.keys()  # noqa: SIM118 (an enum wrapper is no mapping)
    ]
    return resource_pb2.DeploymentInfo(supportedFeatures=supported, **fields)
