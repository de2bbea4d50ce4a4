"""From a stack file, or from what the engine passes, to a `StackConfig`; and back to what the engine passes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from stacks.models.bad_input import BadInput, plain
from stacks.models.paths import BLUEPRINTS, STACKS, shown, stack_file, stack_name
from stacks.models.spec_errors import first_mistake
from stacks.models.stack import (
    ENGINE_KEYS,
    GUARDED,
    PHASEUP,
    PHASEUP_KEYS,
    PROVIDER_PREFIXES,
    PROVIDER_SECRETS,
    READ_KEYS,
    StackConfig,
)
from stacks.models.stack import written as written_keys
from stacks.models.yaml_file import Document, KeyPath, read

_STRUCTURED: Final = (
    "phaseup:moving",
    "phaseup:restore",
    "phaseup:retire",
    "phaseup:overrides",
    "phaseup:versions",
    "phaseup:images",
    "phaseup:alerts",
    "phaseup:policies",
)


class Remove:
    """Says in a change that a key goes."""


REMOVE: Final = Remove()


def load_stack(stack: str | Path, directory: Path = STACKS) -> StackConfig:
    """Reads one stack by name (`meal-prod`) or by path; raises `BadInput`.

    Also refuses a domain, or a system's environment, that another stack file beside it already has.
    """
    path = stack_file(stack, directory)
    document = read(path, strict=True)
    for key in document.data:
        if key != "config" and key not in ENGINE_KEYS:
            raise document.bad((key,), f"unknown key {key}", ["config", *ENGINE_KEYS])
    section = document.data.get("config")
    if not isinstance(section, dict):
        raise document.bad(("config",), plain(section), "a mapping of namespaced keys, e.g. phaseup:system")
    config = stack_from_section(stack_name(path), section, document)
    beside = path.parent / BLUEPRINTS.name
    known = [each.stem for each in sorted((beside if beside.is_dir() else BLUEPRINTS).glob("*.yaml"))]
    if config.system not in known:
        raise config.bad("phaseup:system", config.system, known)
    check_owner(config, path)
    return config


def stack_from_values(stack: str, values: Mapping[str, str]) -> StackConfig:
    """The same from the engine's own config: every value is text, structured ones are JSON; secrets are plain."""
    file = shown(stack_file(stack))
    section: dict[str, Any] = {}
    for key, text in values.items():
        section[key] = _decoded(file, key, text)
    return stack_from_section(stack, section, Document(file, {"config": section}), from_engine=True)


def values_for_engine(config: StackConfig) -> dict[str, str]:
    """The config as the engine passes it to a program: text, and JSON where the file has a mapping or a list."""
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.values.items()}


def stack_from_section(
    name: str, section: Mapping[str, Any], document: Document, *, from_engine: bool = False
) -> StackConfig:
    """Validates a `config:` mapping; `document` says where it stands."""
    _known_keys(section, document)
    _engine_reads_it(section, document)
    values = written_keys(section)
    if not from_engine:
        _no_plain_secret(section, document)
    try:
        about = {"name": name, "file": document.file, "values": dict(section), "document": document}
        config = StackConfig.model_validate({**values, **about})
    except ValidationError as error:
        mistake = first_mistake(error, StackConfig, lambda path: document.texts.get(("config", *path)))
        path: KeyPath = ("config", *mistake.path)
        raise document.bad(path, mistake.found, mistake.allowed, key=".".join(mistake.path)) from None
    if config.environment in GUARDED and not config.allowed_account_ids:
        raise document.bad(
            ("config",), "nothing", f'the ids of its accounts, e.g. ["111111111111"], in {" and ".join(GUARDED)}',
            key="aws:allowedAccountIds",
        )  # fmt: skip
    if config.moving and config.moving.from_ == config.phase and config.moving.restore is None:
        raise document.bad(
            ("config", "phaseup:moving", "from"), config.phase, "another phase than phaseup:phase",
            key="phaseup:moving.from",
        )  # fmt: skip
    _no_null(config.overrides, document)
    return config


def changed(config: StackConfig, changes: Mapping[str, Any]) -> StackConfig:
    """A copy with some `config:` keys set, or gone where the value is `REMOVE`."""
    section = {k: v for k, v in config.values.items() if changes.get(k) is not REMOVE}
    section |= {k: v for k, v in changes.items() if v is not REMOVE}
    return stack_from_section(config.name, section, Document(config.file, {"config": section}), from_engine=True)


def check_owner(config: StackConfig, path: Path) -> None:
    """Refuses a second stack for one domain, or for one system's environment, among the files of one folder."""
    for other in sorted(path.parent.glob("Pulumi.*.yaml")):
        if other.resolve() == path.resolve():
            continue
        try:
            section = read(other).data.get("config")
        except BadInput:
            continue  # its own load will say so
        if not isinstance(section, dict):
            continue
        owner = other.name
        if section.get("phaseup:domain") == config.domain:
            raise config.bad("phaseup:domain", config.domain, f"a domain of its own: {owner} owns this zone")
        same = section.get("phaseup:system"), section.get("phaseup:environment")
        if same == (config.system, config.environment):
            allowed = f"one stack for an environment of {config.system}: {owner} is it"
            raise config.bad("phaseup:environment", config.environment, allowed)


def _known_keys(section: Mapping[str, Any], document: Document) -> None:
    for key, value in section.items():
        if key in READ_KEYS and value is None:
            raise document.bad(("config", key), "nothing", "a value, or the key left out", key=key)
        if key in READ_KEYS or key.startswith(PROVIDER_PREFIXES):
            continue
        allowed: str | list[str] = list(PHASEUP_KEYS)
        if not key.startswith(PHASEUP):
            allowed = [*PHASEUP_KEYS, *(f"{prefix}*" for prefix in PROVIDER_PREFIXES)]
        raise document.bad(("config", key), f"unknown key {key}", allowed, key=key)


def _engine_reads_it(section: Mapping[str, Any], document: Document) -> None:
    if "phaseup:system" not in section:
        raise document.bad(
            ("config",), "nothing", "the system's name",
            key="phaseup:system",
            why="the engine skips the file where stackConfigDir in Pulumi.yaml is no relative path",
        )  # fmt: skip


def _no_plain_secret(section: Mapping[str, Any], document: Document) -> None:
    for key in PROVIDER_SECRETS:
        if isinstance(section.get(key), str):
            allowed = f"{{secure: …}}, as `pulumi config set --secret {key}` writes it, or the environment alone"
            raise document.bad(("config", key), "plain text", allowed, key=key)
    alerts = section.get("phaseup:alerts")
    if isinstance(alerts, dict) and isinstance(alerts.get("pagerduty"), str):
        raise document.bad(
            ("config", "phaseup:alerts", "pagerduty"), "plain text",
            "{secure: …}, as `pulumi config set --secret --path 'phaseup:alerts.pagerduty'` writes it",
            key="phaseup:alerts.pagerduty",
        )  # fmt: skip


def _no_null(value: Any, document: Document, path: KeyPath = ("phaseup:overrides",)) -> None:
    if value is None:
        raise document.bad(
            ("config", *path), "null", "a value: null removes a key in a phase's delta only", key=".".join(path)
        )
    if isinstance(value, dict):
        for key, below in value.items():
            _no_null(below, document, (*path, str(key)))


def _decoded(file: str, key: str, text: object) -> Any:
    """JSON where the models want a mapping or a list; the engine passes everything as text."""
    if not isinstance(text, str):
        return text
    if key in _STRUCTURED or key == "aws:allowedAccountIds":
        try:
            return json.loads(text)
        except ValueError:
            raise BadInput(file, key, plain(text), "a mapping" if key in _STRUCTURED else "a list") from None
    return text
