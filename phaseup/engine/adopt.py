"""Puts a recorded state into the engine's stack, so that it previews from there without having made it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ruamel.yaml import YAML

from phaseup.engine.project import EngineError
from phaseup.engine.run import Engine
from phaseup.graph.resource import Snapshot
from phaseup.record.checkpoint import dump


def adopt(engine: Engine, snapshot: Snapshot) -> None:
    """`pulumi stack import` of the state; its secrets go in as text, and the engine encrypts them as its own."""
    engine.import_stack(dump(replace(snapshot, secrets_provider=_secrets_provider(engine)), reveal=True))


def _secrets_provider(engine: Engine) -> dict[str, Any]:
    """As the engine writes it into a state; a new stack has named it in its config file alone."""
    path = engine.project.stack_file(engine.stack)
    salt = (YAML(typ="safe").load(path.read_text()) or {}).get("encryptionsalt") if path.exists() else None
    if salt is None:
        raise EngineError(f"{path}: encryptionsalt: not there; the stack is initialized first")
    return {"type": "passphrase", "state": {"salt": salt}}
