"""The configs a ladder stands on: a system's stack in an environment, and the same stack settled in any phase."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
