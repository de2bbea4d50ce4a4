"""Secrets are in a secret store; configuration, environment and user data, which many may read, only say where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from ..patience import each, over
from ..reading import at, document, table, text
from ..resource import Resource
from ..rule import Framework, Rule
from .secret_shapes import decoded, looks, within

Read = Callable[[Mapping[str, Any]], Iterator[str]]

POD: Final = ("spec",)
TEMPLATE: Final = ("spec", "template", "spec")
PODS: Final[Mapping[str, tuple[str, ...]]] = {
    "kubernetes:core/v1:Pod": POD,
    "kubernetes:apps/v1:Deployment": TEMPLATE,
    "kubernetes:apps/v1:StatefulSet": TEMPLATE,
    "kubernetes:apps/v1:DaemonSet": TEMPLATE,
    "kubernetes:apps/v1:ReplicaSet": TEMPLATE,
    "kubernetes:batch/v1:Job": TEMPLATE,
    "kubernetes:batch/v1:CronJob": ("spec", "jobTemplate", *TEMPLATE),
}
"""By type, where the pod's spec is."""


def check(resource: Resource) -> Iterator[str]:
    """By a setting's name (`…PASSWORD`, not `…PASSWORD_ARN`) and by what is in its value, which is never told."""
    if resource.type in PODS:
        yield from _pod(".".join(PODS[resource.type]), at(resource.props, *PODS[resource.type]))
    else:
        yield from READERS[resource.type](resource.props)


def _setting(path: str, name: str, value: Any) -> Iterator[str]:
    if what := looks(name, value):
        yield f"{path}: found {what}, in plain text; allowed: where it is in a secret store"


def _content(path: str, content: Any) -> Iterator[str]:
    for name, what in within(content):
        of = f" ({name})" if name else ""
        yield f"{path}: found {what}{of}, in plain text; allowed: where it is in a secret store"


def _settings(*path: str) -> Read:
    """A mapping of names to values."""
    where = ".".join(path)
    return lambda props: over(at(props, *path), lambda name, value: _setting(f"{where}.{name}", name, value))


def _listed(*path: str, plain: tuple[str, str, str] | None = None) -> Read:
    """A list of `{name, value}`; with `plain`, those whose property has one of these values, or none."""
    where = ".".join(path)

    def one(index: int, entry: Mapping[str, Any]) -> Iterator[str]:
        if plain is None or entry.get(plain[0]) in (None, *plain[1:]):
            value = entry.get("value") if "value" in entry else entry.get("text")
            yield from _setting(f"{where}[{index}].{text(entry.get('name'))}", text(entry.get("name")), value)

    return lambda props: over(at(props, *path), one)


def _pod(path: str, spec: Any) -> Iterator[str]:
    for kind in ("initContainers", "containers"):
        yield from over(table(spec).get(kind), partial(_container, f"{path}.{kind}"))


def _container(path: str, index: int, container: Mapping[str, Any]) -> Iterator[str]:
    yield from over(
        container.get("env"),
        lambda _, entry: _setting(
            f"{path}[{index}].env.{entry.get('name')}", text(entry.get("name")), entry.get("value")
        ),
    )


def _config_map(props: Mapping[str, Any]) -> Iterator[str]:
    def one(name: str, value: Any) -> Iterator[str]:
        said = list(_setting(f"data.{name}", name, value))
        yield from said or _content(f"data.{name}", value)

    yield from over(props.get("data"), one)


def _parameter(props: Mapping[str, Any]) -> Iterator[str]:
    """`SecureString` is a secret store."""
    if props.get("type") == "SecureString":
        return
    name = text(props.get("name")).rsplit("/", 1)[-1]
    for key in ("value", "insecureValue"):
        said = list(_setting(key, name, props.get(key)))
        yield from said or _content(key, props.get(key))


def _user_data(props: Mapping[str, Any]) -> Iterator[str]:
    yield from each(*(partial(_one_user_data, props, key) for key in ("userData", "userDataBase64")))


def _one_user_data(props: Mapping[str, Any], key: str) -> Iterator[str]:
    yield from _content(key, decoded(props.get(key)))


def _task(props: Mapping[str, Any]) -> Iterator[str]:
    definitions = document(f'{{"all": {text(props.get("containerDefinitions")) or "[]"}}}')
    for index, container in enumerate(definitions.get("all", ())):
        read = _listed("environment")
        yield from (f"containerDefinitions[{index}].{said}" for said in read(table(container)))


READERS: Final[Mapping[str, Read]] = {
    "aws:lambda/function:Function": _settings("environment", "variables"),
    "aws:synthetics/canary:Canary": _settings("runConfig", "environmentVariables"),
    "aws:apigateway/stage:Stage": _settings("variables"),
    "aws:apigatewayv2/stage:Stage": _settings("stageVariables"),
    "aws:codebuild/project:Project": _listed(
        "environment", "environmentVariables", plain=("type", "PLAINTEXT", "PLAINTEXT")
    ),
    "aws:ecs/taskDefinition:TaskDefinition": _task,
    "aws:ssm/parameter:Parameter": _parameter,
    "aws:ec2/launchTemplate:LaunchTemplate": _user_data,
    "aws:ec2/launchConfiguration:LaunchConfiguration": _user_data,
    "aws:ec2/instance:Instance": _user_data,
    "cloudflare:index/workersScript:WorkersScript": _listed("bindings", plain=("type", "plain_text", "json")),
    "kubernetes:core/v1:ConfigMap": _config_map,
}

RULE = Rule(
    name="identity-no-plain-secrets",
    severity="critical",
    description="No secret in the environment of functions, containers and workers, in a ConfigMap, in a parameter of "
    "type String or in user data: by the setting's name, and by the shape of its value.",
    remedy="Put it into Secrets Manager, a SecureString or a secret binding, and let who needs it read it there.",
    types=(*PODS, *READERS),
    check=check,
    frameworks=(Framework("AWS FSBP", "", "ECS.8"), Framework("AWS FSBP", "", "CodeBuild.2")),
)
