"""What the world outside a program answers: other stacks' outputs, data sources, secret config.

An answers file is YAML or JSON:

    stacks:                                   # StackReference: outputs by stack name, as the program names it
      acme/network/prod: {vpcId: vpc-0a1, token: {secure: "s3cret"}}
    calls:                                    # invokes and method calls; the first that fits answers
      - token: aws:ec2/getAmi:getAmi
        args: {mostRecent: true}              # optional: these arguments must be so; others may be anything
        result: {id: ami-0a1}
    components:                               # outputs of remote components, by logical name
      main-vpc: {vpcId: vpc-0a1, isolatedSubnetIds: [subnet-1, subnet-2]}
    config: {"app:dbPassword": "s3cret"}      # instead of the placeholder of a secure value
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from phaseup.graph.values import Secret, Value, to_json, unwrap
from phaseup.record.errors import RecordError
from phaseup.record.yamlfile import kind_of, read_mapping

_SECTIONS = ("stacks", "calls", "components", "config")


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """The result of one data source or method; `args` is what must be among the call's arguments."""

    token: str
    result: Mapping[str, Value]
    args: Mapping[str, Value] = field(default_factory=dict)

    def fits(self, token: str, args: Mapping[str, Value]) -> bool:
        """Whether this answers the call."""
        return token == self.token and all(
            key in args and unwrap(args[key]) == unwrap(value) for key, value in self.args.items()
        )


@dataclass(frozen=True, slots=True)
class Answers:
    """`stacks`: outputs by stack name; `components`: outputs of remote components by logical name; secret values are
    `Secret`. `config`: values for secure keys."""

    stacks: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    calls: tuple[CallAnswer, ...] = ()
    components: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    config: Mapping[str, str] = field(default_factory=dict)
    source: str = "no answers file"

    def call(self, token: str, args: Mapping[str, Value]) -> Mapping[str, Value] | None:
        """The result of the first call that fits, or None."""
        for answer in self.calls:
            if answer.fits(token, args):
                return answer.result
        return None

    def stack(self, name: str) -> Mapping[str, Value] | None:
        """The outputs of another stack: by its name as given, else by its last parts."""
        if name in self.stacks:
            return self.stacks[name]
        matching = [known for known in self.stacks if _same_stack(known, name)]
        return self.stacks[matching[0]] if len(matching) == 1 else None


def load_answers(path: Path | str) -> Answers:
    """Read an answers file; raises `RecordError` naming file and key."""
    file = Path(path)
    document = read_mapping(file)
    for key in document:
        if key not in _SECTIONS:
            raise RecordError(f"{file}: {key}: unknown key; allowed: {', '.join(_SECTIONS)}")
    stacks, components = (
        {
            name: {key: _value(value) for key, value in _mapping(file, f"{section}: {name}", outputs).items()}
            for name, outputs in _mapping(file, section, document.get(section)).items()
        }
        for section in ("stacks", "components")
    )
    config = _mapping(file, "config", document.get("config"))
    for key, value in config.items():
        if not isinstance(value, str):
            raise RecordError(f"{file}: config: {key}: expected a string, found {kind_of(value)}")
    return Answers(stacks, _calls(file, document.get("calls")), components, config, str(file))


def _calls(file: Path, value: Any) -> tuple[CallAnswer, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise RecordError(f"{file}: calls: expected a list, found {kind_of(value)}")
    found = []
    for index, item in enumerate(value):
        where = f"calls[{index}]"
        entry = _mapping(file, where, item)
        unknown = sorted(set(entry) - {"token", "args", "result"})
        if unknown:
            raise RecordError(f"{file}: {where}: {unknown[0]}: unknown key; allowed: token, args, result")
        token = entry.get("token")
        if not isinstance(token, str) or not token:
            raise RecordError(f"{file}: {where}: token: expected a non-empty string, found {kind_of(token)}")
        if "result" not in entry:
            raise RecordError(f"{file}: {where}: result: not there; it is what {token} answers")
        args = _mapping(file, f"{where}: args", entry.get("args"))
        result = _mapping(file, f"{where}: result", entry["result"])
        found.append(
            CallAnswer(token, {k: _value(v) for k, v in result.items()}, {k: _value(v) for k, v in args.items()})
        )
    return tuple(found)


def _mapping(file: Path, where: str, value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RecordError(f"{file}: {where}: expected a mapping, found {kind_of(value)}")
    return value


def _value(value: Any) -> Value:
    if isinstance(value, dict):
        if list(value) == ["secure"]:
            return Secret(_value(value["secure"]))
        return {key: _value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_value(item) for item in value]
    return value


def _same_stack(known: str, name: str) -> bool:
    """`prod` may stand for `acme/network/prod`, and the other way round."""
    one, other = known.split("/"), name.split("/")
    shared = min(len(one), len(other))
    return one[-shared:] == other[-shared:]


def unanswered(token: str, args: Mapping[str, Value], source: str, *, hidden: bool = False) -> RecordError:
    """Says which call nobody answers and how to answer it; with `hidden` no argument is shown."""
    if token in ("pulumi:pulumi:StackReference", "pulumi:pulumi:readStackOutputs"):
        name = unwrap(args.get("name"))
        return RecordError(
            f"the outputs of stack {name} are not known here; give them in an answers file: "
            f"stacks: {{{name}: {{output: value}}}} (read: {source})"
        )
    shown = {key: "[secret]" if hidden else value for key, value in to_json(dict(args)).items() if key != "__self__"}
    return RecordError(
        f"nothing here answers {token} with {json.dumps(shown, sort_keys=True)}; add to an answers file, under calls: "
        f"{{token: {token}, args: {{…}}, result: {{…}}}} (read: {source})"
    )
