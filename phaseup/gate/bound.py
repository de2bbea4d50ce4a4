"""Whether a preview belongs to a plan: by the hashes of its config and code, where it starts, and what it does to whom.

Config is the preview's own. The code's hash is among the Stack's new outputs, which only the events tell; with a digest
the code that lies here is asked. Where the plan starts is the config of the last apply, by the Stack's outputs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from phaseup.diff.binding import OUTPUT, Binding, code_hash, config_hash, ops_hash, short
from phaseup.gate.consent import last_apply
from phaseup.gate.difference import between, words
from phaseup.gate.document import Preview
from phaseup.plan.steps import Step
from phaseup.record.errors import RecordError
from stacks.models.paths import ROOT

_FIELDS = ("plan", "config", "code", "ops", "base")


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan that was written down: its binding, and the word of each URN where it says so."""

    binding: Binding
    words: dict[str, str]


def read_plan(file: str, stack: str) -> Plan:
    """The plan in what `plan --json` wrote, or that of a stack in what `diff --json` did. Raises `RecordError`."""
    try:
        document = json.loads(Path(file).read_bytes())
    except FileNotFoundError:
        raise RecordError(f"{file}: no such file") from None
    except OSError as error:
        raise RecordError(f"{file}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise RecordError(
            f"{file}: no JSON; expected what `phaseup plan --json` or `phaseup diff --json` wrote"
        ) from None
    document = _of_stack(document, stack, file)
    found = document.get("binding")
    if not isinstance(found, dict) or not all(isinstance(found.get(key), str) for key in _FIELDS):
        raise RecordError(
            f"{file}: binding: not there; expected what `phaseup plan --json` or `phaseup diff --json` wrote"
        )
    steps = document.get("steps")
    told = {
        step["urn"]: step["op"]
        for step in (steps if isinstance(steps, list) else ())
        if isinstance(step, dict) and isinstance(step.get("urn"), str) and isinstance(step.get("op"), str)
    }
    return Plan(Binding(**{key: found[key] for key in _FIELDS}), told)


def _of_stack(document: Any, stack: str, file: str) -> Mapping[str, Any]:
    if not isinstance(document, dict):
        raise RecordError(f"{file}: expected the JSON object of `phaseup plan --json` or `phaseup diff --json`")
    stacks = document.get("stacks")
    if not isinstance(stacks, list):
        return document
    found = [each for each in stacks if isinstance(each, dict) and each.get("stack") == stack]
    if not found:
        names = ", ".join(str(each.get("stack")) for each in stacks if isinstance(each, dict)) or "none"
        raise RecordError(f"{file}: stacks: found {names}; the preview is of {stack}")
    return found[0]


def foreign(preview: Preview, steps: Sequence[Step], plan: Plan) -> tuple[str, ...]:
    """Why the preview belongs to another plan; empty where it belongs to this one."""
    return tuple(_foreign(preview, steps, plan))


def _foreign(preview: Preview, steps: Sequence[Step], plan: Plan) -> Iterator[str]:
    bound = plan.binding
    config = config_hash(preview.config)
    if config != bound.config:
        yield f"its config is {short(config)}, the plan's {short(bound.config)}"
    deployed = last_apply(preview).get("config")
    if bound.base and isinstance(deployed, str) and deployed != bound.base:
        yield f"the plan starts from config {short(bound.base)}, and {short(deployed)} is deployed"
    if bound.code:
        told = (preview.outputs or {}).get(OUTPUT)
        code = told.get("code") if isinstance(told, dict) else None
        where = "its code is" if isinstance(code, str) else "the code here is"
        code = code if isinstance(code, str) else code_hash(ROOT)
        if code != bound.code:
            yield f"{where} {short(code)}, the plan's {short(bound.code)}"
    told_ops = words(steps)
    if ops_hash(told_ops) != bound.ops:
        differing = list(between(told_ops, plan.words, whole=False)) if plan.words else []
        first = (
            f", e.g. {differing[0].engine} {differing[0].urn}, planned {differing[0].rehearsal}" if differing else ""
        )
        yield f"it does other things than the plan{first}"
