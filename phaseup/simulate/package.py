"""The simulated provider of one package: the protocol of `provider.py` over facts, schemas and the package's rules."""

from __future__ import annotations

from collections.abc import Mapping

from phaseup.facts.types import TypeFacts, facts_for
from phaseup.graph.resource import urn_name, urn_type
from phaseup.graph.values import UNKNOWN, Secret, Value, has_unknown, unwrap
from phaseup.simulate.autoname import DEFAULTS, NameTooLongError, autoname, autoname_rule, deletes_first
from phaseup.simulate.context import Context
from phaseup.simulate.differ import differences, ignored
from phaseup.simulate.filling import (
    beside,
    came_about,
    counted,
    fill_defaults,
    fill_inputs,
    fills,
    forces,
    given,
    keeps,
    merged,
    pending,
    settable,
    top,
)
from phaseup.simulate.invent import invented
from phaseup.simulate.provider import Checked, CheckFailure, Diff, Made, PropertyDiff, UnansweredCall
from phaseup.simulate.rules import AutoName, Rules
from phaseup.simulate.schema import Schema, schema_for
from phaseup.simulate.seed import canonical, digest


class SimulatedProvider:
    """Implements `Provider`. Keeps no state but its configuration."""

    def __init__(self, rules: Rules, config: Mapping[str, Value]) -> None:
        self.package = rules.package
        self._rules = rules
        self._around = rules.surroundings(unwrap(dict(config)))

    def check_config(self, urn: str, olds: Mapping[str, Value], news: Mapping[str, Value]) -> Checked:  # noqa: ARG002
        return Checked(dict(news))

    def diff_config(self, urn: str, olds: Mapping[str, Value], news: Mapping[str, Value]) -> Diff:  # noqa: ARG002
        before, after = unwrap(dict(olds)), unwrap(dict(news))
        found: list[PropertyDiff] = []
        for name in sorted({*before, *after}):
            if name.startswith("__") or name == "version" or before.get(name) == after.get(name):
                continue
            # A state written before the setting was recorded must not be replaced for it (pulumi-aws issue 3826).
            replaces = name in self._rules.config_replaces and name in before
            kind = "add" if name not in before else "delete" if name not in after else "update"
            found.append(
                PropertyDiff(
                    name,
                    f"{kind}-replace" if replaces else kind,  # ty: ignore[invalid-argument-type]
                    "replace" if replaces else "update",
                    "pulumi-terraform-bridge pkg/tfbridge/provider.go DiffConfig (2026-08)",
                    input_diff=True,
                )
            )
        replaced = tuple(diff.path for diff in found if diff.effect == "replace")
        return Diff(bool(found), tuple(found), replaced)

    def configure(self, config: Mapping[str, Value]) -> None:
        self._around = self._rules.surroundings(unwrap(dict(config)))

    def check(self, urn: str, olds: Mapping[str, Value], news: Mapping[str, Value], seed: bytes) -> Checked:
        type_ = urn_type(urn)
        schema, rule = self._known(type_)
        inputs = {key: value for key, value in news.items() if key != DEFAULTS}
        failures: list[CheckFailure] = []
        filled: list[str] = []
        if rule is not None:
            try:
                name = autoname(rule, urn, olds, inputs, seed)
            except NameTooLongError as error:
                failures.append(CheckFailure(rule.property, str(error)))
            else:
                if name is not None:
                    inputs[rule.property] = name
                    filled.append(rule.property)
        if self._rules.fill is not None:
            self._rules.fill(urn, olds, inputs, seed)
        if schema is not None:
            failures.extend(
                CheckFailure(name, f"Missing required argument: {name!r} of {type_} has no value")
                for name in schema.required
                if inputs.get(name) is None
            )
        check = self._rules.checks.get(type_)
        if check is not None:
            failures.extend(check(unwrap(inputs)))
        if self._rules.fills_defaults:
            filled.extend(fill_inputs(inputs, olds, facts_for(type_)))
        if self._rules.records_defaults:
            inputs[DEFAULTS] = sorted(filled)
        return Checked(inputs, tuple(failures))

    def diff(
        self,
        urn: str,
        id: str,  # noqa: ARG002
        old_inputs: Mapping[str, Value],
        old_outputs: Mapping[str, Value],
        news: Mapping[str, Value],
        ignore_changes: tuple[str, ...] = (),
    ) -> Diff:
        type_ = urn_type(urn)
        schema, rule = self._known(type_)
        facts = facts_for(type_)
        found = differences(
            facts,
            old_inputs,
            old_outputs,
            news,
            from_state=self._rules.bridged,
            settable=schema.inputs if schema is not None else frozenset(),
        )
        found = [difference for difference in found if not ignored(difference.path, ignore_changes)]
        replaces = tuple(dict.fromkeys(top(item.path) for item in found if item.effect == "replace"))
        first = bool(replaces) and self._deletes_first(type_, rule, facts, old_inputs, news)
        return Diff(bool(found), tuple(found), replaces, delete_before_replace=first)

    def create(self, urn: str, news: Mapping[str, Value], *, preview: bool) -> Made:
        type_ = urn_type(urn)
        schema, _ = self._known(type_)
        facts = facts_for(type_)
        outputs = given(news)
        fill_defaults(outputs, facts)
        outputs = {**self._derived(urn, outputs, schema), **outputs}
        if preview or has_unknown(unwrap(dict(news))):
            return Made("", self._secret(type_, {**pending(schema, facts, outputs), **outputs}))
        context = self._context(urn, unwrap(outputs), facts, given(news))
        context.id = self._id(context)
        computed = self._computed(context, schema, facts, outputs)
        return Made(context.id, self._secret(type_, beside(computed, outputs)))

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
        type_ = urn_type(urn)
        facts = facts_for(type_)
        schema, _ = self._known(type_)
        stated = given(news)
        outputs: dict[str, Value] = dict(old_outputs)
        for name in old_inputs:
            if name not in stated and name in outputs and not keeps(facts, name):
                del outputs[name]
        for name, value in stated.items():
            outputs[name] = merged(old_outputs.get(name), old_inputs.get(name), value)
        fill_defaults(outputs, facts)
        outputs.update(self._derived(urn, stated, schema, known=outputs))
        again = self._recomputed(facts, schema, old_inputs, old_outputs, news)
        if preview:
            outputs.update(dict.fromkeys(again, UNKNOWN))
        elif again:
            context = self._context(urn, unwrap(outputs), facts, stated)
            context.id = id
            context.seed = digest(context.seed, canonical(unwrap(stated)))
            fresh = self._computed(context, schema, facts, {key: outputs[key] for key in outputs if key not in again})
            for name in again & fresh.keys():
                outputs[name] = counted(name, old_outputs.get(name), fresh[name])
        return Made(id, self._secret(type_, outputs))

    def read(self, urn: str, id: str, inputs: Mapping[str, Value], outputs: Mapping[str, Value]) -> Made | None:
        if outputs:
            return Made(id, dict(outputs), dict(inputs))
        type_ = urn_type(urn)
        schema, rule = self._known(type_)
        facts = facts_for(type_)
        stated = given(inputs)
        if rule is not None and rule.property not in stated:
            stated[rule.property] = id
        context = self._context(urn, unwrap(stated), facts, stated)
        context.seed = digest(type_, id)
        context.id = id
        computed = self._computed(context, schema, facts, stated)
        return Made(id, self._secret(type_, beside(computed, stated)), dict(inputs) or settable(stated))

    def delete(self, urn: str, id: str, outputs: Mapping[str, Value]) -> str | None:  # noqa: ARG002
        refusal = self._rules.refusals.get(urn_type(urn))
        return refusal(unwrap(dict(outputs))) if refusal is not None else None

    def invoke(self, token: str, args: Mapping[str, Value]) -> dict[str, Value]:
        call = self._rules.calls.get(token)
        if call is None:
            raise UnansweredCall(token, args)
        return call(unwrap(dict(args)), self._around)

    def _deletes_first(
        self,
        type_: str,
        rule: AutoName | None,
        facts: TypeFacts | None,
        old_inputs: Mapping[str, Value],
        news: Mapping[str, Value],
    ) -> bool:
        olds, plain = unwrap(dict(old_inputs)), unwrap(dict(news))
        if type_ in self._rules.deletes_first:
            return True
        if self._rules.keeps_name is not None:
            return self._rules.keeps_name(olds, plain)
        return deletes_first(rule, facts.identity if facts is not None else (), olds, plain)

    def _known(self, type_: str) -> tuple[Schema | None, AutoName | None]:
        return _known(self._rules, type_)

    def _context(
        self, urn: str, inputs: Mapping[str, Value], facts: TypeFacts | None, stated: Mapping[str, Value]
    ) -> Context:
        """The seed hangs on what forces a replacement, so that a replaced resource gets another id."""
        kept = {name: value for name, value in stated.items() if facts is None or forces(facts, name)}
        seed = digest(urn, canonical(kept), self._around.account, self._around.region)
        return Context(urn, inputs, seed, self._around)

    def _id(self, context: Context) -> str:
        rule = self._rules.ids.get(context.type) or self._rules.default_id
        made = rule(context) if rule is not None else ""
        return made or f"{urn_name(context.urn)}-{context.hex(7, 'id')}"

    def _computed(
        self, context: Context, schema: Schema | None, facts: TypeFacts | None, outputs: Mapping[str, Value]
    ) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for rule in (self._rules.default_outputs, self._rules.outputs.get(context.type)):
            if rule is not None:
                found.update(rule(context))
        if schema is not None:
            found = {
                name: value
                for name, value in found.items()
                if name in schema.outputs and (name not in schema.inputs or not schema.outputs[name].optional)
            }
        for name, shape in schema.outputs.items() if schema is not None else ():
            if schema is None or name in outputs or name in found or not fills(schema, facts, name, shape.optional):
                continue
            found[name] = invented(name, shape, context)
        return found

    def _derived(
        self, urn: str, inputs: Mapping[str, Value], schema: Schema | None, known: Mapping[str, Value] | None = None
    ) -> dict[str, Value]:
        """Outputs that follow from the inputs; an old state's only where it already had them."""
        rule = self._rules.derived
        if rule is None or schema is None:
            return {}
        found = rule(Context(urn, unwrap(dict(inputs)), "", self._around))
        return {
            name: value
            for name, value in found.items()
            if name in schema.outputs and (known is None or (name in known and name not in schema.inputs))
        }

    def _recomputed(
        self,
        facts: TypeFacts | None,
        schema: Schema | None,
        old_inputs: Mapping[str, Value],
        old_outputs: Mapping[str, Value],
        news: Mapping[str, Value],
    ) -> set[str]:
        if facts is None or not facts.recomputes:
            return set()
        known = schema.inputs if schema is not None else frozenset()
        changed = {top(item.path) for item in differences(facts, old_inputs, old_outputs, news, settable=known)}
        return {
            output
            for output, causes in facts.recomputes.items()
            if news.get(output) is None and any(came_about(cause, changed, news) for cause in causes)
        }

    def _secret(self, type_: str, outputs: dict[str, Value]) -> dict[str, Value]:
        for name in self._rules.secrets.get(type_, ()):
            value = outputs.get(name)
            if value is not None and not isinstance(value, Secret):
                outputs[name] = Secret(value)
        return outputs


_RULES: dict[tuple[int, str], tuple[Schema | None, AutoName | None]] = {}


def _known(rules: Rules, type_: str) -> tuple[Schema | None, AutoName | None]:
    key = (id(rules), type_)
    known = _RULES.get(key)
    if known is None:
        schema = schema_for(type_)
        known = _RULES[key] = (schema, autoname_rule(rules, type_, schema))
    return known
