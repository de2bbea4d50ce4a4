"""RegisterResource and ReadResource requests as goals, by the rules of the engine's resource monitor.

Source: pkg/resource/deploy/source_eval.go, Pulumi 3.260.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from phaseup.graph.resource import PROVIDER_PREFIX, AliasSpec, Goal, Timeouts
from phaseup.graph.values import OUTPUT_SIGNATURE, SIGNATURE, UNKNOWN, UNKNOWN_WIRE, Value, from_struct, from_wire


def from_register(request: Any) -> Goal:
    """A goal with the request's own options; transforms, inheritance and providers come after."""
    properties = from_struct(request.object)
    dependencies = sorted(request.dependencies)
    return Goal(
        type=request.type,
        name=request.name,
        custom=request.custom,
        remote=request.remote,
        inputs=properties,
        parent=request.parent,
        provider=request.provider,
        providers=dict(request.providers),
        dependencies=dependencies,
        property_dependencies=_property_dependencies(request, properties, dependencies),
        protect=request.protect if request.HasField("protect") else None,
        aliases=[_alias(alias) for alias in request.aliases] + [AliasSpec(urn=urn) for urn in request.aliasURNs],
        ignore_changes=list(request.ignoreChanges),
        replace_on_changes=list(request.replaceOnChanges),
        delete_before_replace=(
            request.deleteBeforeReplace if request.deleteBeforeReplaceDefined or request.deleteBeforeReplace else None
        ),
        retain_on_delete=request.retainOnDelete if request.HasField("retainOnDelete") else None,
        deleted_with=request.deletedWith,
        replace_with=list(request.replace_with),
        replacement_trigger=(
            from_wire(request.replacement_trigger) if request.HasField("replacement_trigger") else None
        ),
        additional_secret_outputs=list(request.additionalSecretOutputs),
        import_id=request.importId,
        timeouts=_timeouts(request.customTimeouts) if request.HasField("customTimeouts") else Timeouts(),
        version=request.version,
        plugin_download_url=request.pluginDownloadURL,
        hide_diffs=list(request.hideDiffs),
    )


def from_read(request: Any) -> Goal:
    """A goal whose `read_id` is set."""
    return Goal(
        type=request.type,
        name=request.name,
        custom=True,
        inputs=from_struct(request.properties),
        parent=request.parent,
        provider=request.provider,
        dependencies=sorted(request.dependencies),
        additional_secret_outputs=list(request.additionalSecretOutputs),
        read_id=UNKNOWN if request.id in UNKNOWN_WIRE else request.id,
        version=request.version,
        plugin_download_url=request.pluginDownloadURL,
    )


def apply_options(goal: Goal, options: Any) -> None:
    """Overwrite the goal's options with those that transforms gave back (`TransformResourceOptions`)."""
    goal.protect = options.protect if options.HasField("protect") else None
    goal.ignore_changes = list(options.ignore_changes)
    goal.replace_on_changes = list(options.replace_on_changes)
    goal.version = options.version
    goal.aliases = [_alias(alias) for alias in options.aliases]
    goal.provider = options.provider
    goal.providers = dict(options.providers)
    goal.timeouts = _timeouts(options.custom_timeouts) if options.HasField("custom_timeouts") else Timeouts()
    goal.plugin_download_url = options.plugin_download_url
    goal.retain_on_delete = options.retain_on_delete if options.HasField("retain_on_delete") else None
    goal.deleted_with = options.deleted_with
    goal.delete_before_replace = options.delete_before_replace if options.HasField("delete_before_replace") else None
    goal.additional_secret_outputs = list(options.additional_secret_outputs)
    goal.import_id = getattr(options, "import")
    goal.hide_diffs = list(options.hide_diff)
    goal.replace_with = list(options.replace_with)
    goal.replacement_trigger = (
        from_wire(options.replacement_trigger) if options.HasField("replacement_trigger") else None
    )


def inherit(goal: Goal, parent: Goal) -> None:
    """`inheritFromParent`: what a child takes over from its parent's goal."""
    if not goal.deleted_with:
        goal.deleted_with = parent.deleted_with
    if goal.protect is None:
        goal.protect = parent.protect
    if goal.retain_on_delete is None:
        goal.retain_on_delete = parent.retain_on_delete
    if not goal.provider:
        plain_component = not goal.remote and not goal.custom
        if plain_component or provider_package(parent.provider) == package_of(goal.type):
            goal.provider = parent.provider


def package_of(type_: str) -> str:
    """`aws` of `aws:s3/bucket:Bucket`."""
    return type_.split(":", 1)[0]


def provider_package(reference: str) -> str:
    """`aws` of a provider reference `<urn>::<id>`; empty for no reference."""
    parts = reference.split("::")
    return parts[2].rsplit("$", 1)[-1].removeprefix(PROVIDER_PREFIX) if len(parts) > 3 else ""


def source_position(position: Any, root_uri: str) -> str:
    """`project:///path/file.py#line`, as the engine writes it; files outside the project as `/../…`."""
    uri = position.uri
    if not uri.startswith("file://") or position.line < 0:
        return ""
    path = uri.removeprefix(root_uri)
    if path is uri or not path.startswith("/"):
        path = _outside(uri, root_uri)
    column = f",{position.column}" if position.column else ""
    return f"project://{path}#{position.line}{column}"


def _outside(uri: str, root_uri: str) -> str:
    ours, theirs = root_uri.split("/"), uri.split("/")
    shared = 0
    while shared < min(len(ours), len(theirs)) and ours[shared] == theirs[shared]:
        shared += 1
    return "/" + "/".join([".."] * (len(ours) - shared) + theirs[shared:])


def outgoing_dependencies(value: Any) -> set[str]:
    """URNs carried by the output values inside a protobuf `Value` (`addOutputDependencies`)."""
    kind = value.WhichOneof("kind")
    if kind == "list_value":
        return set().union(*(outgoing_dependencies(item) for item in value.list_value.values))
    if kind != "struct_value":
        return set()
    fields = value.struct_value.fields
    found = set().union(*(outgoing_dependencies(item) for item in fields.values()))
    if SIGNATURE in fields and fields[SIGNATURE].string_value == OUTPUT_SIGNATURE and "dependencies" in fields:
        found |= {item.string_value for item in fields["dependencies"].list_value.values}
    return found


def _property_dependencies(
    request: Any, properties: Mapping[str, Value], dependencies: list[str]
) -> dict[str, list[str]]:
    given = request.propertyDependencies
    if not given and not request.remote:
        return {key: list(dependencies) for key in properties}
    found = {key: sorted(item.urns) for key, item in given.items()}
    if request.remote:
        for key, value in request.object.fields.items():
            found[key] = sorted(outgoing_dependencies(value).union(found.get(key, ())))
    else:
        for key in properties:
            found.setdefault(key, [])
    return found


def _alias(alias: Any) -> AliasSpec:
    if alias.WhichOneof("alias") == "urn":
        return AliasSpec(urn=alias.urn)
    spec = alias.spec
    return AliasSpec(
        name=spec.name,
        type=spec.type,
        stack=spec.stack,
        project=spec.project,
        parent_urn=spec.parentUrn,
        no_parent=spec.noParent,
    )


def _timeouts(given: Any) -> Timeouts:
    return Timeouts(create=given.create, update=given.update, delete=given.delete, read=given.read)


def distinct(urns: Iterable[str]) -> list[str]:
    """Sorted and without doubles: the SDK sends sets, whose order changes from run to run."""
    return sorted(set(urns))
