"""Judges stacks: each is recorded as configured, and the pack is asked about what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from phaseup.climb.clock import Clock, cores
from phaseup.climb.phases import program_of
from phaseup.climb.rehearse import Wanted, run_here, share
from phaseup.policy.config import pack_config
from phaseup.policy.judge import PackConfig, judge
from phaseup.policy.report import CheckReport, StackVerdict
from phaseup.policy.standing import standing

if TYPE_CHECKING:
    from stacks.models import Blueprint, StackConfig


@dataclass(frozen=True, slots=True)
class _Asked:
    config: StackConfig
    told: PackConfig


def check(configs: Sequence[StackConfig], *, clock: Clock | None = None) -> CheckReport:
    """The pack's verdict on each stack as configured. Raises `BadInput` and `RecordError`."""
    from stacks.models.load_blueprint import load_blueprint

    clock = clock or Clock()
    blueprints: dict[str, Blueprint] = {config.system: load_blueprint(config.system) for config in configs}
    asked = [_Asked(config, pack_config(config, blueprints[config.system])) for config in configs]
    verdicts = share(_judged, asked)
    clock.registrations += sum(each.registrations for each in verdicts)
    return CheckReport(tuple(verdicts), clock.seconds, clock.import_seconds, clock.registrations, cores())


def _judged(asked: _Asked) -> StackVerdict:
    run = run_here(Wanted(program_of(asked.config)))
    states = run.outcome.snapshot
    config = asked.config
    return StackVerdict(
        stack=config.name,
        file=config.file,
        system=config.system,
        phase=config.phase,
        environment=config.environment,
        resources=len(states.resources),
        judgement=judge(states, asked.told),
        exceptions=standing(states, asked.told),
        registrations=run.registrations,
        declared={state.urn: state.source_position for state in states},
    )
