"""What every component promises, as checks that return what is wrong; each check is a pure function of a recording."""

from __future__ import annotations

import ast
import importlib
import inspect
import itertools
import pkgutil
import re
import textwrap
from collections.abc import Iterator
from typing import Any

import pulumi
from recording import Recording, Registered

import components
from components.site import Site
from components.spec import Spec
from phaseup.facts import anchor, stateful
from phaseup.simulate.schema import Shape, schema_for

TOKEN = re.compile(r"phaseup:index:[A-Z][A-Za-z]+")
OTHER_REGIONS = {
    "us-east-1": "Route 53 publishes its health checks' metrics there only",
    "eu-central-1": "copies, and networks beside home, under test",
}
NAMED = (
    "name", "namePrefix", "identifier", "bucket", "replicationGroupId", "userId", "userGroupId", "alarmName",
    "dashboardName", "finalSnapshotIdentifier", "groupName", "family",
)  # fmt: skip
FREE_NAMES = {
    "aws:autoscaling/lifecycleHook:LifecycleHook": "unique within its group",
    "aws:route53/record:Record": "a host name in a zone of our own",
    "aws:route53/zone:Zone": "the private zone's domain",
    "cloudflare:index/dnsRecord:DnsRecord": "a host name in a zone of our own",
    "cloudflare:index/zone:Zone": "the stack's own domain",
    "cloudflare:index/loadBalancer:LoadBalancer": "a host name in a zone of our own",
    "aws:apigatewayv2/stage:Stage": "unique within its API",
    "aws:elasticache/parameterGroup:ParameterGroup": "an engine's family",
    "aws:rds/parameterGroup:ParameterGroup": "an engine's family",
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": "an engine's family",
    "aws:cloudwatch/eventTarget:EventTarget": "unique within its rule",
    "aws:lambda/alias:Alias": "unique within its function",
    "kubernetes:helm.sh/v3:Release": "unique within its cluster",
}


def component_classes() -> dict[str, type[pulumi.ComponentResource]]:
    """Every component class that a module of `components` defines, by name."""
    found = {}
    for module in _modules():
        for name, value in vars(module).items():
            own = inspect.isclass(value) and value.__module__ == module.__name__
            if own and issubclass(value, pulumi.ComponentResource):
                found[name] = value
    return found


def spec_classes() -> dict[str, type[Spec]]:
    """Every spec class that a module of `components` defines, by module and name."""
    return {
        f"{module.__name__}.{name}": value
        for module in _modules()
        for name, value in vars(module).items()
        if inspect.isclass(value)
        and issubclass(value, Spec)
        and value is not Spec
        and value.__module__ == module.__name__
    }


def _modules() -> Iterator[Any]:
    for module in pkgutil.walk_packages(components.__path__, "components."):
        yield importlib.import_module(module.name)


def children(recording: Recording, cls: str) -> list[Registered]:
    """The custom resources below the components of one class."""
    return [each for each in recording.resources if each.custom and f"phaseup:index:{cls}$" in each.urn]


def tokens(recording: Recording, cls: str) -> list[str]:
    """The class registers under its own, well-formed token."""
    given = {each.type for each in recording.resources if not each.custom}
    wrong = [token for token in given if not TOKEN.fullmatch(token)]
    if f"phaseup:index:{cls}" not in given:
        wrong.append(f"no phaseup:index:{cls} among {sorted(given)}")
    return wrong


def parents(recording: Recording) -> list[str]:
    """Every resource has a component as its parent, and carries its parent's name."""
    by_urn = {each.urn: each for each in recording.resources}
    wrong = []
    for each in recording.resources:
        if not each.custom:
            continue
        parent = by_urn.get(each.parent)
        if parent is None or parent.custom:
            wrong.append(f"{each.name}: parent is {each.parent or 'nothing'}")
        elif not each.name.startswith(f"{parent.name}-"):
            wrong.append(f"{each.name}: not named after {parent.name}")
    return wrong


def tags(recording: Recording, cls: str, site: Site) -> list[str]:
    """Every child that AWS can tag carries the site's tags."""
    wrong = []
    for each in children(recording, cls):
        schema = schema_for(each.type)
        if not each.type.startswith("aws:") or schema is None or "tags" not in schema.inputs:
            continue
        given = each.inputs.get("tags", {})
        if isinstance(given, list):
            given = {tag["key"]: tag["value"] for tag in given if tag["propagateAtLaunch"]}
        if not site.tags.items() <= given.items():
            wrong.append(f"{each.name}: {given}")
    return wrong


def regions(recording: Recording, cls: str, site: Site) -> list[str]:
    """Every regional resource states its region."""
    wrong = []
    for each in children(recording, cls):
        schema = schema_for(each.type)
        if not each.type.startswith("aws:") or schema is None or "region" not in schema.inputs:
            continue
        if each.inputs.get("region") not in {site.region, *OTHER_REGIONS}:
            wrong.append(f"{each.name}: region {each.inputs.get('region')}")
    return wrong


def physical_names(recording: Recording, cls: str, site: Site) -> list[str]:
    """An explicit physical name starts with the site's prefix, whatever AWS wants before it."""
    wrong = []
    for each in children(recording, cls):
        for key in NAMED if each.type not in FREE_NAMES else ():
            value = each.inputs.get(key)
            if not isinstance(value, str) or _refers(value):
                continue
            # CloudWatch, KMS and API Gateway put what a name is for before it, AWS's own log groups the service.
            bare = re.sub(r"^(alias/|/aws/[a-z]+/((instance|proxy|cluster)/)?|amazon-apigateway-|/)", "", value)
            if not bare.startswith(site.prefix):
                wrong.append(f"{each.name}: {key} is {value}")
    return wrong


def _refers(value: str) -> bool:
    # What another resource answered ends in the recorder's eight hex digits.
    return re.search(r"-[0-9a-f]{8}$", value) is not None


def protection(recording: Recording, cls: str, *, guarded: bool) -> list[str]:
    """Data and anchors are protected exactly where the site says so; nothing else is ever protected where not."""
    wrong = []
    for each in children(recording, cls):
        precious = stateful(each.type, each.inputs) is not None or anchor(each.type)
        if guarded and precious and not each.protect:
            wrong.append(f"{each.name} ({each.type}) is not protected")
        if not guarded and each.protect:
            wrong.append(f"{each.name} ({each.type}) is protected")
        for key in ("deletionProtection", "enableDeletionProtection") if precious else ():
            # Cognito says it in a word.
            said = {"ACTIVE": True, "INACTIVE": False}.get(str(each.inputs.get(key)), each.inputs.get(key))
            if said not in (None, guarded) and not each.inputs.get("replicateSourceDb"):
                wrong.append(f"{each.name}: {key} is {each.inputs[key]}")
    return wrong


def ignored_paths(recording: Recording, cls: str) -> list[str]:
    """Every path in `ignore_changes` exists under its wire name: a mistyped one is silently inert."""
    return [
        f"{each.name}: {path}"
        for each in children(recording, cls)
        for path in each.ignore_changes
        if not _exists(each.type, path)
    ]


def _exists(type_: str, path: str) -> bool:
    schema = schema_for(type_)
    if schema is None:
        return False
    parts = re.sub(r"\[[^\]]*\]", "", path).split(".")
    if parts[0] not in schema.inputs:
        return False
    shape: Shape | None = schema.outputs.get(parts[0])
    for part in parts[1:]:
        while shape is not None and shape.kind == "list":
            shape = shape.item
        if shape is not None and shape.kind == "map":
            return True
        shape = shape.fields().get(part) if shape is not None else None
        if shape is None:
            return False
    return True


def undeclared_joins(spec: type[Spec]) -> list[str]:
    """Fields whose join is only assumed."""
    return [
        name
        for name, field in spec.model_fields.items()
        if not (isinstance(field.json_schema_extra, dict) and "join" in field.json_schema_extra)
    ]


def outputs_last(cls: type[pulumi.ComponentResource]) -> list[str]:
    """Every way through the constructor ends in `register_outputs`, and none calls it twice."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(cls.__init__))).body
    assert isinstance(body, ast.FunctionDef)
    wrong = [] if _ends_registered(body.body) else ["a way through the constructor does not end in register_outputs"]
    for block in _blocks(body):
        if sum(_registers(statement) for statement in block) > 1:
            wrong.append("register_outputs is called twice in a row")
        for here, then in itertools.pairwise(block):
            if _registers(here) and not isinstance(then, ast.Return):
                wrong.append("something follows register_outputs")
    return wrong


def _ends_registered(block: list[ast.stmt]) -> bool:
    last = block[-1]
    ends = _registers(last) or (isinstance(last, ast.Return) and len(block) > 1 and _registers(block[-2]))
    if isinstance(last, ast.If):
        ends = bool(last.orelse) and _ends_registered(last.body) and _ends_registered(last.orelse)
    # A branch that returns early has registered before.
    early = [
        inner
        for statement in block
        if isinstance(statement, ast.If)
        for inner in (statement.body, statement.orelse)
        if inner and isinstance(inner[-1], ast.Return)
    ]
    return ends and all(_ends_registered(inner) for inner in early)


def _registers(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and isinstance(statement.value.func, ast.Attribute)
        and statement.value.func.attr == "register_outputs"
    )


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for child in ast.walk(node):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(child, name, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield block
