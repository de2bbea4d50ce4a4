"""A stack of one cache and the networks it stands in, taken up and down its whole ladder by planning each step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from components.cache import CacheSpec
from phaseup.climb.announce import announced
from phaseup.climb.judge import Breach, breaches
from phaseup.graph.resource import Snapshot, urn_name
from phaseup.plan.steps import Outcome, is_counted, net_ops
from phaseup.plan.verdict import Judgement, judge
from phaseup.record.program import Program
from phaseup.record.run import run
from stacks.models import Blueprint, StackConfig
from stacks.moves import Effective, MoveStep, effective, steps

TODAY = date(2026, 11, 22)
AWAY = "eu-central-1"
BLUEPRINT = """\
system: meal
title: Meal Automation
phases:
  mvp:
    blocks:
      net: {kind: network}
      cache: {kind: cache, use: cache, instance: cache.t4g.small}
      queue: {kind: cache, use: queue, instance: cache.t4g.micro}
  growth:
    blocks:
      cache: {instance: cache.t4g.medium, nodes: 3}
      queue: {nodes: 2}
  scale:
    blocks:
      cache: {instance: cache.m7g.large, nodes: 2, cluster: enabled, shards: 3}
  enterprise:
    blocks:
      net: {regions: {eu-central-1: {}}}
      cache: {instance: cache.r7g.large, global_datastore: true, regions: {eu-central-1: {}}}
"""
PROGRAM = """\
import json
import pulumi
from components.cache import Cache, CacheArgs, CacheSpec
from components.site import Site

given = json.loads(pulumi.Config("ladder").require("caches"))
for block, at in given.items():
    spec = CacheSpec.model_validate(at["spec"])
    for region in ["eu-west-1", *spec.regions]:
        home = region == "eu-west-1"
        site = Site("meal-prod", region, {"block": block}, True, True, retiring=region in at["armed"])
        name = block if home else f"{block}-{region}"
        made = Cache(name, CacheArgs(spec, site, "111111111111", "arn:key", "vpc-1", ["subnet-1"],
                                     leader=None if home else first.leader))
        first = made if home else first
"""


@dataclass(frozen=True)
class Planned:
    """One step of a move, planned from the state that the step before it leaves."""

    move: MoveStep
    ops: dict[str, str]
    """By logical name, without what stays the same."""
    judged: Judgement
    breaches: list[Breach]
    spec: CacheSpec
    """The cache's, after the step."""

    @property
    def stage(self) -> str:
        """The step's kind, and a rung's name or what is armed."""
        return " ".join(filter(None, (self.move.kind, self.move.stage or self.move.block)))


def walk(folder: Path, config: StackConfig, bp: Blueprint, to: str) -> Iterator[Planned]:
    """Every step to the neighbouring phase, each planned with the real planner."""
    before = effective(config, bp, today=TODAY)
    state = _run(folder, before, None).snapshot
    for move in steps(config, bp, to, today=TODAY):
        if move.refused is not None:
            continue
        after = effective(move.config, bp, today=TODAY)
        outcome = _run(folder, after, state)
        there = _run(folder, after, None).snapshot
        retired = {*config.retire, *move.config.retire}
        retired |= {f"cache-{region}" for region in retired}
        ops = {urn_name(urn): op for urn, op in net_ops(outcome.steps).items() if is_counted(urn) and op != "same"}
        yield Planned(
            move=move,
            ops=ops,
            judged=judge(outcome.steps, retired=retired, diagnostics=outcome.diagnostics),
            breaches=breaches(_kind(move), outcome.steps, state, there, announced(move, before, after)),
            spec=_cache(after),
        )
        config, before, state = move.config, after, there


def plan_from(folder: Path, old: Effective, new: Effective) -> dict[str, str]:
    """What differs between two settled stacks, by logical name."""
    outcome = _run(folder, new, _run(folder, old, None).snapshot)
    return {urn_name(urn): op for urn, op in net_ops(outcome.steps).items() if is_counted(urn) and op != "same"}


def _run(folder: Path, at: Effective, old: Snapshot | None) -> Outcome:
    caches = {
        name: {
            "spec": block.spec.model_dump(),
            "armed": sorted({*block.retiring_regions, *(["eu-west-1"] if block.retiring else [])}),
        }
        for name, block in at.blocks.items()
        if block.kind == "cache"
    }
    (folder / "Pulumi.yaml").write_text("name: ladder\nruntime: python\n")
    (folder / "__main__.py").write_text(PROGRAM)
    program = Program(folder, "ladder", "prod", {"ladder:caches": json.dumps(caches)}, main=folder)
    return run(program, old=old, preview=old is not None).outcome


def _cache(at: Effective) -> CacheSpec:
    spec = at.blocks["cache"].spec
    assert isinstance(spec, CacheSpec)
    return spec


def _kind(move: MoveStep) -> str:
    return "rearm" if move.kind == "apply" else move.kind
