# ruff: noqa: ARG002 - the signatures are the protocol's
"""A provider whose rules are written in the property names, for tests of the plugin and of the step generator.

`replace…` properties replace, `swap…` properties delete before they replace, `auto` is autonamed, `computed` is an
output that follows `seed`, every other property updates in place. Its functions answer with what they were asked.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping

from phaseup.engine.plugin import main
from phaseup.graph.values import UNKNOWN, Value, has_unknown, unwrap
from phaseup.simulate.provider import Checked, CheckFailure, Diff, DiffKind, Made, PropertyDiff, UnansweredCall


class FakeProvider:
    """One package; every answer follows from its arguments."""

    def __init__(self, package: str, config: Mapping[str, Value]) -> None:
        self.package = package
        self.config = dict(config)

    def check_config(self, urn: str, olds: Mapping[str, Value], news: Mapping[str, Value]) -> Checked:
        return Checked(dict(news))

    def diff_config(self, urn: str, olds: Mapping[str, Value], news: Mapping[str, Value]) -> Diff:
        return _diff(olds, news)

    def configure(self, config: Mapping[str, Value]) -> None:
        self.config = dict(config)

    def check(self, urn: str, olds: Mapping[str, Value], news: Mapping[str, Value], seed: bytes) -> Checked:
        inputs = dict(news)
        if inputs.get("refuse"):
            return Checked(inputs, (CheckFailure("refuse", "must be false"),))
        if inputs.get("auto") == "":
            suffix = hashlib.sha256(urn.encode()).hexdigest()[:7]  # the seed differs from run to run
            inputs["auto"] = olds.get("auto") or f"{urn.rsplit('::', 1)[-1]}-{suffix}"
            inputs["__defaults"] = ["auto"]
        return Checked(inputs)

    def diff(
        self,
        urn: str,
        id: str,
        old_inputs: Mapping[str, Value],
        old_outputs: Mapping[str, Value],
        news: Mapping[str, Value],
        ignore_changes: tuple[str, ...] = (),
    ) -> Diff:
        return _diff(old_inputs, news)

    def create(self, urn: str, news: Mapping[str, Value], *, preview: bool) -> Made:
        _log(preview, "create", urn)
        identity = "" if preview else f"{urn.rsplit('::', 1)[-1]}-id"
        return Made(identity, _outputs(news, preview))

    def update(
        self,
        urn: str,
        id: str,
        old_inputs: Mapping[str, Value],
        old_outputs: Mapping[str, Value],
        news: Mapping[str, Value],
        *,
        preview: bool,
    ) -> Made:
        _log(preview, "update", urn)
        return Made(id, _outputs(news, preview))

    def read(self, urn: str, id: str, inputs: Mapping[str, Value], outputs: Mapping[str, Value]) -> Made | None:
        if id == "gone":
            return None
        return Made(id, dict(outputs) or {"value": f"read-{id}"}, dict(inputs) or {"value": f"read-{id}"})

    def delete(self, urn: str, id: str, outputs: Mapping[str, Value]) -> str | None:
        _log(False, "delete", urn)
        return "the cloud keeps it" if outputs.get("guarded") else None

    def invoke(self, token: str, args: Mapping[str, Value]) -> dict[str, Value]:
        if token.endswith("unanswered"):
            raise UnansweredCall(token, args)
        if token.endswith("broken"):
            raise ValueError("no such thing")
        return {"asked": dict(args), "token": token}


def _log(preview: bool, call: str, urn: str) -> None:
    """What really reached the cloud goes to the file that FAKE_LOG names."""
    path = os.environ.get("FAKE_LOG")
    if path and not preview:
        with open(path, "a") as stream:
            stream.write(json.dumps({"call": call, "name": urn.rsplit("::", 1)[-1], "stack": urn.split(":")[2]}) + "\n")


def _outputs(news: Mapping[str, Value], preview: bool) -> dict[str, Value]:
    outputs = {key: value for key, value in news.items() if key != "__defaults"}
    if "seed" in news:
        outputs["computed"] = UNKNOWN if preview and has_unknown(news["seed"]) else f"{unwrap(news['seed'])}!"
    return outputs


def _diff(olds: Mapping[str, Value], news: Mapping[str, Value]) -> Diff:
    hidden = {"__defaults", "version", "pluginDownloadURL"}
    changes = tuple(
        PropertyDiff(path, f"{kind}-replace", "replace", "fake")
        if _replaces(path)
        else PropertyDiff(path, kind, "update", "fake")
        for path, kind in _changes(
            {key: unwrap(value) for key, value in olds.items() if key not in hidden},
            {key: unwrap(value) for key, value in news.items() if key not in hidden},
            "",
        )
    )
    return Diff(
        changes=bool(changes),
        properties=changes,
        replaces=tuple(
            dict.fromkeys(re.split(r"[.\[]", change.path)[0] for change in changes if _replaces(change.path))
        ),
        delete_before_replace=any(change.path.startswith("swap") for change in changes),
    )


def _replaces(path: str) -> bool:
    return path.startswith(("replace", "swap"))


def _changes(old: Value, new: Value, path: str) -> Iterator[tuple[str, DiffKind]]:
    """Every changed leaf with what happened to it; an unknown is a change."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            inner = f"{path}.{key}" if path else key
            if key not in old:
                yield inner, "add"
            elif key not in new:
                yield inner, "delete"
            else:
                yield from _changes(old[key], new[key], inner)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            inner = f"{path}[{index}]"
            if index >= len(old):
                yield inner, "add"
            elif index >= len(new):
                yield inner, "delete"
            else:
                yield from _changes(old[index], new[index], inner)
    elif new is UNKNOWN or old != new or isinstance(old, bool) != isinstance(new, bool):
        yield path, "update"


class FakeProviders:
    """Every package is a fake one."""

    def get(self, package: str, config: Mapping[str, Value]) -> FakeProvider:
        return FakeProvider(package, config)


def provider_maker(package: str) -> Callable[[Mapping[str, Value]], FakeProvider]:
    """For the plugin's `make`."""
    return lambda config: FakeProvider(package, config)


if __name__ == "__main__":
    main(make=provider_maker)
