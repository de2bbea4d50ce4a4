"""Why each step happens, in a form that can be shown: secrets redacted, unknowns said, chains followed to the root."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from phaseup.graph.resource import State, urn_name
from phaseup.graph.values import UNKNOWN, Secret, Value, has_unknown, to_json
from phaseup.plan.change import INIT_ERROR, Change
from phaseup.plan.steps import Reason
from phaseup.plan.urns import parse_ref
from phaseup.plan.values import at_path, contains, deep_equals, parse_path

TEXT_LIMIT: Final = 160
"""Characters of a value that are shown; user data and policies run to pages."""

ENGINE: Final = "engine"
_OPTIONS: Final = (
    ("protect", "<protect>"),
    ("retain_on_delete", "<retainOnDelete>"),
    ("deleted_with", "<deletedWith>"),
    ("provider", "<provider>"),
)


def shown(value: Value) -> Value:
    """A value as a plan shows it: `[secret]`, `[unknown]`, and no more than `TEXT_LIMIT` characters."""
    if isinstance(value, Secret):
        return "[secret]"
    if value is UNKNOWN:
        return "[unknown]"
    if isinstance(value, str):
        return _cut(value)
    if isinstance(value, (dict, list)):
        plain = to_json(_with_unknowns_said(value))
        text = json.dumps(plain, separators=(",", ":"), default=str)
        return plain if len(text) <= TEXT_LIMIT else _cut(text)
    return value


def declared_at(source_position: str) -> str:
    """`components/postgres/component.py:41` of `project:///components/postgres/component.py#41,5`."""
    if not source_position:
        return ""
    path, _, position = source_position.partition("#")
    for scheme in ("project:///", "file://"):
        path = path.removeprefix(scheme)
    line = position.partition(",")[0]
    return f"{path}:{line}" if line else path


class Explainer:
    """Knows of every changed resource of the run which resource is the root cause of its change."""

    def __init__(self) -> None:
        self._chains: dict[str, tuple[str, ...]] = {}
        self._weight: dict[str, int] = {}
        self._replacements: dict[str, tuple[Reason, ...]] = {}

    def created(self, new: State) -> tuple[Reason, ...]:
        """A new resource: its outputs are unknown to others because of itself."""
        self._note(new.urn, (), 1)
        return ()

    def imported(self, original: State | None, new: State) -> tuple[Reason, ...]:
        """Adopted by id."""
        self._note(new.urn, (), 1)
        source = "imported over the resource that the state holds" if original else "imported by id"
        return (Reason("<import>", original.id if original else None, new.import_id, "import", source),)

    def relinquished(self, old: State, new: State) -> tuple[Reason, ...]:
        """Managed until now, from now on only read under another id."""
        source = "was managed, is now only read: what the state holds is deleted"
        reasons = (Reason("<id>", old.id, new.id, "replace", source),)
        self._note(new.urn, (), 3)
        self._replacements[old.urn] = self._replacements[new.urn] = reasons
        return reasons

    def taken_over(self, old: State, new: State) -> tuple[Reason, ...]:
        """Only read until now, from now on managed."""
        reasons = (Reason("<external>", True, False, "create", "was only read, is now managed: a new one is created"),)
        self._note(new.urn, (), 3)
        self._replacements[old.urn] = self._replacements[new.urn] = reasons
        return reasons

    def updated(self, old: State, new: State, change: Change) -> tuple[Reason, ...]:
        """An update in place."""
        reasons = self._of_change(old, new, change)
        self._note(new.urn, reasons, 2)
        return reasons

    def replaced(self, old: State, new: State, change: Change) -> tuple[Reason, ...]:
        """A replacement."""
        reasons = self._of_change(old, new, change)
        deciding = [reason for reason in reasons if reason.effect == "replace"] or list(reasons)
        self._note(new.urn, deciding, 3)
        self._replacements[old.urn] = self._replacements[new.urn] = reasons
        return reasons

    def kept(self, old: State, new: State) -> tuple[Reason, ...]:
        """`same` to the engine, though options or the name changed."""
        if old.urn == new.urn and all(getattr(old, field) == getattr(new, field) for field, _ in _OPTIONS):
            return ()
        reasons = []
        if old.urn != new.urn:
            reasons.append(Reason("<urn>", old.urn, new.urn, "option", "found under an alias"))
        for field, path in _OPTIONS:
            before, after = getattr(old, field), getattr(new, field)
            if before != after:
                reasons.append(Reason(path, before or None, after or None, "option", "only the state changes"))
        return tuple(reasons)

    def dependent_deleted(self, dependent: State, root: str, keys: Iterable[str]) -> tuple[Reason, ...]:
        """Deleted first because `root`, on which it depends, is deleted before it is replaced."""
        chain = self._chains.get(root, (root,))
        source = f"depends on {urn_name(root)}, which is deleted before its replacement is created"
        reasons = tuple(
            Reason(key, shown(at_path(dependent.inputs, (key,))), "[unknown]", "replace", source, chain) for key in keys
        ) or (Reason("<dependsOn>", None, None, "replace", source, chain),)
        self._note(dependent.urn, reasons, 3)
        self._replacements[dependent.urn] = reasons
        return reasons

    def recreated(self, old: State) -> tuple[Reason, ...]:
        """Why a resource that was deleted earlier in the run is made again."""
        return self._replacements.get(old.urn, ())

    def deleted(self, old: State, *, replacing: bool) -> tuple[Reason, ...]:
        """Gone from the program, or the old half of a replacement."""
        if replacing:
            return self._replacements.get(old.urn) or (
                Reason("", None, None, "delete", "left over: replaced in an earlier run, its delete was still to come"),
            )
        source = "no longer in the program"
        if old.external:
            source += "; it was only read, so nothing is deleted"
        elif old.retain_on_delete:
            source += "; retained: it leaves the state and stays in the cloud, and billed"
        elif old.deleted_with:
            source += f"; goes with {urn_name(old.deleted_with)} if that is deleted"
        return (Reason("", None, None, "delete", source),)

    def _note(self, urn: str, reasons: Iterable[Reason], weight: int) -> None:
        reasons = list(reasons)
        chained = [reason.chain for reason in reasons]
        cause = chained[0] if chained and all(chained) else ()
        self._chains[urn] = (urn, *(link for link in cause if link != urn))
        self._weight[urn] = weight

    def _of_change(self, old: State, new: State, change: Change) -> tuple[Reason, ...]:
        match change.blame:
            case "taint":
                return (Reason("<taint>", True, False, "replace", "tainted in the state: to be replaced"),)
            case "trigger":
                return (self._of_trigger(old, new),)
            case "replaceWith":
                chain = self._chains.get(change.cause, (change.cause,))
                source = f"replaced with {urn_name(change.cause)}"
                return (Reason("<replaceWith>", None, change.cause, "replace", source, chain),)
            case "deletedWith":
                chain = self._chains.get(change.cause, (change.cause,))
                source = f"{urn_name(change.cause)}, which takes it along when deleted, is replaced"
                return (Reason("<deletedWith>", None, change.cause, "replace", source, chain),)
            case "provider":
                return (self._of_provider(old, new),)
            case "recreated":
                return self.recreated(old)
            case "unavailable":
                chain = self._chain_of([parse_ref(new.provider).urn])
                source = "its provider's configuration is not known yet; the engine assumes an update"
                return (Reason("<provider>", None, None, "unknown", source, chain),)
        reasons = tuple(self._of_property(old, new, change, index) for index in range(len(change.properties)))
        if not reasons and change.changes:
            reasons = self._of_inputs(old, new, change)
        if INIT_ERROR in change.replace_keys:
            reasons += (Reason(INIT_ERROR, old.init_errors, None, "replace", "replace_on_changes covers #initerror"),)
        elif old.init_errors:
            reasons += (Reason(INIT_ERROR, old.init_errors, None, "update", "the last run left it half initialised"),)
        if old.pending_replacement:
            source = "deleted in an earlier run that did not come to create its replacement"
            reasons += (Reason("<pendingReplacement>", True, False, "replace", source),)
        return reasons

    def _of_property(self, old: State, new: State, change: Change, index: int) -> Reason:
        item = change.properties[index]
        path = parse_path(item.path) or (item.path,)
        after = at_path(new.inputs, path)
        before = at_path(old.inputs, path)
        if deep_equals(before, after) or (before is None and not item.input_diff):
            before = at_path(old.outputs, path)
        top = str(path[0])
        hidden = top in new.additional_secret_outputs or isinstance(old.outputs.get(top), Secret)
        if hidden or isinstance(before, Secret) or isinstance(after, Secret):
            before = Secret(before) if before is not None else None
            after = Secret(after) if after is not None and after is not UNKNOWN else after
        chain = self._chain_of(_sources(new, top)) if has_unknown(after) else ()
        source = f"{item.source}; replace_on_changes" if item.path in change.forced else item.source
        if any(contains(parse_path(hide) or (hide,), path) for hide in new.hide_diffs):
            before, after = "[hidden]", "[hidden]"
        return Reason(item.path, shown(before), shown(after), item.effect, source, chain)

    def _of_inputs(self, old: State, new: State, change: Change) -> tuple[Reason, ...]:
        """The provider gave no detail, or there is none to ask (components)."""
        effect = "replace" if change.replaces else "update"
        source = "input of a component" if not new.custom else "the provider gives no detail"
        reasons = []
        for key in dict.fromkeys((*change.replace_keys, *old.inputs, *new.inputs)):
            before, after = old.inputs.get(key), new.inputs.get(key)
            if key.startswith("__") or (key not in change.replace_keys and deep_equals(before, after)):
                continue
            chain = self._chain_of(_sources(new, key)) if has_unknown(after) else ()
            reasons.append(Reason(key, shown(before), shown(after), effect, source, chain))
        return tuple(reasons)

    def _of_trigger(self, old: State, new: State) -> Reason:
        chain = self._chain_of(new.dependencies) if has_unknown(new.replacement_trigger) else ()
        return Reason(
            "<replacementTrigger>",
            shown(old.replacement_trigger),
            shown(new.replacement_trigger),
            "replace",
            "the replacement trigger changed",
            chain,
        )

    def _of_provider(self, old: State, new: State) -> Reason:
        if not old.provider or not new.provider:
            kinds = ("component", "custom resource")
            before, after = (kinds[bool(state.provider)] for state in (old, new))
            return Reason("<provider>", before, after, "replace", f"a {before} became a {after}")
        chain = self._chain_of([parse_ref(new.provider).urn])
        before, after = (urn_name(parse_ref(state.provider).urn) for state in (old, new))
        return Reason("<provider>", before, after, "replace", "its provider's DiffConfig asks for replacement", chain)

    def _chain_of(self, urns: Iterable[str]) -> tuple[str, ...]:
        known = [urn for urn in urns if urn in self._chains]
        if not known:
            return ()
        return self._chains[max(known, key=lambda urn: self._weight[urn])]


def _sources(state: State, key: str) -> list[str]:
    return state.property_dependencies.get(key) or state.dependencies


def _with_unknowns_said(value: Value) -> Value:
    if isinstance(value, dict):
        return {key: _with_unknowns_said(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_unknowns_said(item) for item in value]
    return "[unknown]" if value is UNKNOWN else value


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_LIMIT else f"{text[: TEXT_LIMIT - 1]}…"
