"""From what a person names on the command line (a stack, a file, a folder, `KEY=VALUE`) to programs that can be run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phaseup.record.errors import RecordError

if TYPE_CHECKING:
    from phaseup.record.answers import Answers
    from phaseup.record.program import Program
    from stacks.models import StackConfig


@dataclass(frozen=True, slots=True)
class Target:
    """A program to run; `config` is set where it is one of this project's stacks, which have phases."""

    program: Program
    config: StackConfig | None = None

    def with_config(self, config: StackConfig) -> Target:
        """The same stack with another config."""
        from phaseup.climb.phases import program_of

        return Target(program_of(config), config)


def resolve(name: str, stack: str = "") -> Target:
    """`meal-prod`, a path of a stack file of this project, or a folder with a Pulumi program of anybody's."""
    from phaseup.climb.phases import program_of
    from phaseup.record.program import load_program
    from stacks.models import load_stack
    from stacks.models.paths import ROOT

    path = Path(name)
    if path.is_dir() and path.resolve() != ROOT:
        return Target(load_program(path, stack))
    if path.is_dir():
        if not stack:
            raise RecordError(
                f"{name}: this project has several stacks; name one with --stack, or in place of the folder"
            )
        name = stack
    elif stack:
        raise RecordError(f"--stack {stack}: belongs to a folder; {name} is none")
    elif "/" in name and not name.endswith((".yaml", ".yml")):
        raise RecordError(f"{name}: no such folder")
    no_system(name)
    config = load_stack(name)
    return Target(program_of(config), config)


def named(stack_or_system: str, phase: str, environment: str) -> StackConfig:
    """The config of a stack, which takes no phase, or of a system, which needs one, as born in it. Raises `BadInput`,
    and `RecordError` for a stack with a phase and a system without."""
    from phaseup.climb.phases import config_of
    from stacks.models import load_stack
    from stacks.models.load_blueprint import systems
    from stacks.models.paths import stack_file

    if not phase:
        no_system(stack_or_system, "a phase after it")
    elif stack_or_system not in systems() and stack_file(stack_or_system).is_file():
        config = load_stack(stack_or_system)
        raise RecordError(
            f"{stack_or_system}: found a stack with a phase, {phase}; allowed: the stack alone, whose file says its "
            f"phase ({config.phase}), or its system: {config.system} {phase} --environment {config.environment}"
        )
    return config_of(stack_or_system, phase, environment)


def no_system(name: str, wanted: str = "") -> None:
    """Raises `RecordError` for a system's name where no stack has it; `wanted` is what would do after it."""
    from stacks.models.load_blueprint import load_blueprint, systems
    from stacks.models.paths import STACKS, stack_file, stack_name

    if name not in systems() or stack_file(name).exists():
        return
    own = [stack_name(path) for path in sorted(STACKS.glob("Pulumi.*.yaml"))]
    stacks = f"one of its stacks: {', '.join(each for each in own if each.startswith(f'{name}-'))}"
    phases = f"{wanted}: {', '.join(load_blueprint(name).names)}; or " if wanted else ""
    raise RecordError(f"{name}: found a system{' alone' if wanted else ''}; allowed: {phases}{stacks}")


def settings(pairs: Iterable[str]) -> dict[str, Any]:
    """`KEY=VALUE` pairs; the value is YAML, so `true`, `3` and `{a: 1}` mean what they mean in a stack file."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    found: dict[str, Any] = {}
    for pair in pairs:
        key, separator, text = pair.partition("=")
        if not separator or not key:
            raise RecordError(f"--set {pair}: expected KEY=VALUE, e.g. phaseup:phase=growth")
        try:
            found[key] = YAML(typ="safe", pure=True).load(text)
        except YAMLError as error:
            reason = " ".join(str(getattr(error, "problem", None) or error).split())
            raise RecordError(f"--set {key}: {text!r} is no YAML value: {reason}") from None
    return found


def with_settings(target: Target, pairs: Mapping[str, Any]) -> Target:
    """The target with some config keys changed: a key without a namespace is the project's, as `pulumi config set` has
    it; dots go into a mapping (`phaseup:moving.traffic`), null removes."""
    if target.config is not None:
        from stacks.models import REMOVE, changed

        section: dict[str, Any] = {}
        for key, value in pairs.items():
            top, _, rest = key.partition(".")
            top = top if ":" in top else f"{target.program.project}:{top}"
            before = section.get(top, target.config.values.get(top))
            section[top] = _set_in(before, rest.split("."), value, key) if rest else value
        changes = {key: REMOVE if value is None else value for key, value in section.items()}
        return target.with_config(changed(target.config, changes))
    from phaseup.record.configvalue import encode

    program = target.program
    config = dict(program.config)
    secrets = set(program.secret_keys)
    for key, value in pairs.items():
        full = key if ":" in key else f"{program.project}:{key}"
        config.pop(full, None)
        secrets.discard(full)
        if value is not None:
            encoded = encode(full, value)
            config[full] = encoded.text
            if encoded.secret:
                secrets.add(full)
    return Target(replace(program, config=config, secret_keys=frozenset(secrets)))


def _set_in(before: Any, path: list[str], value: Any, key: str) -> Any:
    if not isinstance(before, dict):
        if before is not None:
            raise RecordError(f"--set {key}: {key.partition('.')[0]} is no mapping, so nothing in it can be set")
        before = {}
    first, rest = path[0], path[1:]
    inner = _set_in(before.get(first), rest, value, key) if rest else value
    after = {k: v for k, v in before.items() if k != first}
    return after if inner is None else {**after, first: inner}


def with_file(target: Target, file: str) -> Target:
    """The same stack with the config of another stack file."""
    from phaseup.record.configvalue import encode
    from phaseup.record.yamlfile import read_mapping

    path = Path(file)
    document = read_mapping(path)
    section = document.get("config") or {}
    if not isinstance(section, dict):
        raise RecordError(f"{file}: config: expected a mapping")
    if target.config is not None:
        from stacks.models import load_stack

        other = load_stack(path)
        return target.with_config(other.model_copy(update={"name": target.config.name}))
    project = target.program.project
    values = {key if ":" in key else f"{project}:{key}": value for key, value in section.items()}
    encoded = {key: encode(key, value) for key, value in values.items()}
    program = replace(
        target.program,
        config={key: value.text for key, value in encoded.items()},
        secret_keys=frozenset(key for key, value in encoded.items() if value.secret),
    )
    return Target(program)


def load_answers_file(file: str) -> Answers | None:
    """What `--answers` names; None where it is not given."""
    from phaseup.record.answers import load_answers

    return load_answers(file) if file else None
