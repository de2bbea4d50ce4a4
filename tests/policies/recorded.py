"""Recorded phases, each once a process."""

from __future__ import annotations

from functools import cache

from phaseup.climb.phases import born, program_of, stack_of
from phaseup.climb.rehearse import Wanted, run_here
from phaseup.graph.resource import Snapshot
from phaseup.policy.config import pack_config
from phaseup.policy.judge import PackConfig
from stacks.models import StackConfig, load_blueprint


def config_of(phase: str) -> StackConfig:
    """The stack of `system/phase/environment`, settled there."""
    system, name, environment = phase.split("/")
    return born(stack_of(system, environment), name)


@cache
def snapshot_of(phase: str) -> Snapshot:
    """The state of `system/phase/environment`; nobody may change it."""
    return run_here(Wanted(program_of(config_of(phase)))).outcome.snapshot


def told_of(phase: str) -> PackConfig:
    """What the pack is told of `system/phase/environment`."""
    config = config_of(phase)
    return pack_config(config, load_blueprint(config.system))
