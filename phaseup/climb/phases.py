"""The configs a ladder stands on: a system's stack in an environment, the same stack settled in any phase, and the
program with such a config in place of the stack file's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phaseup.record.program import Program
    from stacks.models import StackConfig


def check_system(system: str) -> None:
    """Raises `BadInput` for a system without a blueprint."""
    from stacks.models import BadInput
    from stacks.models.load_blueprint import systems

    known = systems()
    if system not in known:
        raise BadInput("stacks/blueprints", "system", system, known)


def check_phase(system: str, phase: str) -> None:
    """Raises `BadInput` for a system without a blueprint, or a phase that it has not."""
    from stacks.models import BadInput
    from stacks.models.load_blueprint import load_blueprint

    check_system(system)
    blueprint = load_blueprint(system)
    if phase not in blueprint.names:
        raise BadInput(f"stacks/blueprints/{system}.yaml", "phase", phase, blueprint.names)


def stack_of(system: str, environment: str) -> StackConfig:
    """The stack file of a system in an environment; raises `BadInput` naming those there are."""
    from stacks.models import BadInput, load_stack
    from stacks.models.paths import STACKS

    check_system(system)
    stacks = [load_stack(path) for path in sorted(STACKS.glob("Pulumi.*.yaml"))]
    own = [config for config in stacks if config.system == system]
    for config in own:
        if config.environment == environment:
            return config
    there = ", ".join(f"{config.environment} ({config.name})" for config in own)
    raise BadInput(
        "stacks", "environment", environment, f"an environment that {system} has a stack for: {there or 'none'}"
    )


def born(config: StackConfig, phase: str) -> StackConfig:
    """The same stack settled in `phase`, as if it had started there; its overrides stay."""
    from stacks.models import REMOVE, changed

    return changed(config, {"phaseup:phase": phase, "phaseup:moving": REMOVE, "phaseup:retire": REMOVE})


def config_of(stack_or_system: str, phase: str, environment: str) -> StackConfig:
    """A stack's config by its name or file; with a phase, that of a system as born there. Raises `BadInput`."""
    from stacks.models import load_stack

    if not phase:
        return load_stack(stack_or_system)
    check_phase(stack_or_system, phase)
    return born(stack_of(stack_or_system, environment), phase)


def program_of(config: StackConfig) -> Program:
    """This project's program with the given config."""
    from phaseup.record.configvalue import encode
    from phaseup.record.program import load_program
    from stacks.models.paths import ROOT, STACKS, stack_file, stack_name

    files = sorted(STACKS.glob("Pulumi.*.yaml"))
    known = stack_file(config.name)
    base = load_program(ROOT, stack_name(known if known in files else files[0]))
    values = {key: encode(key, value) for key, value in config.values.items()}
    return replace(
        base,
        stack=config.name,
        config={key: value.text for key, value in values.items()},
        secret_keys=frozenset(key for key, value in values.items() if value.secret),
    )
