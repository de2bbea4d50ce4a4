"""A system whose database goes from an instance to Aurora, then over regions: its blueprint, and the way applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from building import stack
from rehearsing import MAIN

from phaseup.climb.phases import program_of
from phaseup.climb.verdict import Judged, judge_apply
from phaseup.graph.resource import Snapshot, urn_name
from phaseup.plan.steps import Step, is_counted, net_ops
from phaseup.record.program import Program
from phaseup.record.run import Run, run
from stacks.models import StackConfig, load_blueprint
from stacks.moves import MoveStep, steps

AWAY = "eu-central-1"
IMAGES = {"phaseup:images": {"api": "ghcr.io/meal/api@sha256:" + "0" * 64}}
BLUEPRINT = """\
system: meal
title: Meal Automation
phases:
  growth:
    blocks:
      net: {kind: network, regions: {eu-central-1: {}}}
      app: {kind: server, instance: m7g.large, count: {min: 2, max: 5}}
      api: {kind: service, on: app, uses: [db], takes: queue}
      db: {kind: postgres, instance: db.m7g.large, storage: 100, multi_az: true, replicas: {a: {}},
        regions: {eu-central-1: {}}}
      watch: {kind: alarms, alarms: {db-cpu: {block: db, metric: cpu, above: 80, minutes: 5}}}
  scale:
    blocks:
      core: {kind: aurora, takes_over: db, instance: db.r7g.large, pooler: {}, through: pooler}
      db: null
      watch: {alarms: {db-cpu: null, core-cpu: {block: core, metric: cpu, above: 80, minutes: 5}}}
  enterprise:
    blocks:
      core: {global_database: true, regions: {eu-central-1: {write_forwarding: true}}}
      watch: {alarms: {core-behind: {block: core, metric: global_lag, above: 1000, minutes: 5}}}
"""
AT_ONCE = """\
system: meal
title: Meal Automation
phases:
  growth:
    blocks:
      net: {kind: network, regions: {eu-central-1: {}}}
      app: {kind: server, instance: m7g.large, count: {min: 2, max: 5}}
      api: {kind: service, on: app, uses: [db], takes: queue}
      db: {kind: postgres, instance: db.m7g.large, storage: 100, shards: {one: {}, two: {}}, holds: {lidl: two}}
  enterprise:
    blocks:
      core: {kind: aurora, takes_over: db, instance: db.r7g.large, shards: {one: {}, two: {}}, holds: {lidl: two},
        global_database: true, regions: {eu-central-1: {}}}
      db: null
"""
"""Two shards taken over one by one, a global database and its region in the same move."""


@dataclass(frozen=True)
class Applied:
    """One step, planned and then applied to the state that the one before it left."""

    move: MoveStep
    run: Run
    judged: Judged

    @property
    def stage(self) -> str:
        """`rung promote`, `arm db`, `shift 100`."""
        what = self.move.stage or self.move.block or (str(self.move.traffic) if self.move.kind == "shift" else "")
        return f"{self.move.kind} {what}".strip()

    def ops(self, op: str) -> set[str]:
        """Names of the resources that the step treats so."""
        found = net_ops(self.run.outcome.steps)
        return {urn_name(urn) for urn, each in found.items() if each == op and is_counted(urn)}

    def reasons(self) -> dict[str, set[str]]:
        """What is updated, by name, and in which properties."""
        updated = self.ops("update")
        return {
            urn_name(step.urn): {reason.path for reason in step.reasons}
            for step in self.run.outcome.steps
            if urn_name(step.urn) in updated and step.reasons
        }

    def step(self, name: str) -> Step:
        """The step of one resource."""
        return next(step for step in self.run.outcome.steps if urn_name(step.urn) == name)


class Way:
    """A stack on its way: each step is planned and judged, then applied, so that the next one starts from what the
    steps before have left, and not from a state made anew."""

    def __init__(self, folder: Path, text: str = BLUEPRINT, phase: str = "growth") -> None:
        folder.mkdir(exist_ok=True)
        (folder / "meal.yaml").write_text(text)
        (folder / "__main__.py").write_text(MAIN)
        self.folder, self.blueprint = folder, load_blueprint("meal", folder)
        self.config = born(phase)
        self.state = self.recorded(self.config)

    def go(self, to: str) -> list[Applied]:
        """Every step to a neighbouring phase, or back to where a move came from."""
        return list(self._steps(to, None))

    def until(self, to: str, stage: str) -> list[Applied]:
        """The steps up to a rung, and no further."""
        return list(self._steps(to, stage))

    def _steps(self, to: str, stage: str | None) -> Iterator[Applied]:
        for move in steps(self.config, self.blueprint, to):
            if move.refused is not None:
                continue
            planned = run(self._program(move.config), old=self.state, preview=True)
            judged = judge_apply(
                planned, self.state, configs=(self.config, move.config), move=move, blueprint=self.blueprint
            )
            self.state = run(self._program(move.config), old=self.state).outcome.snapshot
            self.config = move.config
            yield Applied(move, planned, judged)
            if stage is not None and move.stage == stage:
                return

    def plan(self, config: StackConfig) -> dict[str, str]:
        """What an apply of another config would do to the state as it stands, but for what stays the same."""
        planned = run(self._program(config), old=self.state, preview=True)
        return {
            urn_name(urn): op
            for urn, op in net_ops(planned.outcome.steps).items()
            if is_counted(urn) and op not in ("same", "read")
        }

    def recorded(self, config: StackConfig) -> Snapshot:
        """The state of a stack that was born so."""
        return run(self._program(config)).outcome.snapshot

    def _program(self, config: StackConfig) -> Program:
        return replace(program_of(config), main=self.folder / "__main__.py")


def born(phase: str, changes: Mapping[str, Any] | None = None) -> StackConfig:
    """A stack settled in a phase."""
    return stack({**IMAGES, "phaseup:phase": phase, **(changes or {})})
