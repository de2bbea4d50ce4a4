"""The steps from a stack's config as it is to a settled phase, each an apply of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from stacks.models import REMOVE, Block, Blueprint, StackConfig, changed, resolve
from stacks.models.bad_input import plain
from stacks.models.restores import still_standing, without_restore
from stacks.moves.allowed import (
    armed_blocks,
    for_arm,
    for_expand,
    for_rung,
    for_settling,
    for_shift,
    for_withdrawal,
    standing,
)
from stacks.moves.check import check_phases
from stacks.moves.effective import check_restored, roles_of
from stacks.moves.fence import lifted
from stacks.moves.holds import LAST_LOOK, guarded, holds_data
from stacks.moves.kept import Keeping, keep, with_kept
from stacks.moves.ladders import final_rung, ladder_of, needed_rungs
from stacks.moves.nodes import node_counts
from stacks.moves.regions import lost_regions
from stacks.moves.shares import carriers_of
from stacks.moves.sides import filled, is_reversible, sides_of, with_returning
from stacks.moves.step import Allows, Change, Kind, MoveStep, Refusal

WEIGHTS = (10, 50, 100)
"""Shares of traffic of the new side, one an apply, where a carrier can weigh."""
CONSENT_DAYS = 30
"""How long a generated `retire` holds."""


def steps(config: StackConfig, blueprint: Blueprint, to: str, *, today: date | None = None) -> list[MoveStep]:
    """Every step from here to settled in `to`, in order; none where the stack already is.

    Settled: `to` is a neighbour. Moving: `to` is where the move goes, or where it comes from, which aborts it. Raises
    `BadInput` for any other phase. Refused steps are in the list, with their config unchanged.
    """
    check_phases(config, blueprint)
    if to not in blueprint.phases and not (config.moving and config.moving.restore):
        raise config.bad("--to", to, blueprint.names)
    if config.moving is None:
        if to == config.phase:
            return []
        neighbours = blueprint.neighbours(config.phase)
        if to not in neighbours:
            raise config.bad(
                "--to", to, neighbours, why=f"a move joins two neighbours, and the stack is in {config.phase}"
            )
        return _Walk(config, blueprint, config.phase, to, today).forward()
    ends = [config.phase, config.moving.from_]
    coming = config.moving.restore
    if coming is not None:
        check_restored(config, sides_of(blueprint, config)[0])
        # Within one phase the two ends are told apart by what fills the role: the phase itself means forward.
        ends = [config.phase, coming, config.restore[coming].of]
    if to not in ends:
        raise config.bad("--to", to, ends, why="a second move waits for the first")
    walk = _Walk(config, blueprint, config.moving.from_, config.phase, today)
    return walk.forward() if to in (config.phase, coming) else walk.back()


def next_step(
    config: StackConfig, blueprint: Blueprint, to: str | None = None, *, today: date | None = None
) -> MoveStep | None:
    """The next step of the move under way, or the first one to `to`; None where there is nothing to do."""
    todo = steps(config, blueprint, to or config.phase, today=today)
    return next((step for step in todo if step.refused is None), None)


class _Walk:
    """One move between two neighbours, followed step by step from where the config stands."""

    def __init__(self, config: StackConfig, blueprint: Blueprint, old: str, new: str, today: date | None) -> None:
        self.config = config
        self.blueprint = blueprint
        self.old, self.new = old, new
        self.until = (today or date.today()) + timedelta(days=CONSENT_DAYS)
        self.steps: list[MoveStep] = []

    def forward(self) -> list[MoveStep]:
        """Expand, rungs, shifts, arms, contract: those that are still to come."""
        if self.config.moving is None:
            self._expand()
        old, new = self._sides()
        gained = lost_regions(new, old)
        self._withdraw([name for name in self.config.retire if name in gained or name in new.keys() - old.keys()])
        self._rungs(old, new)
        for share in WEIGHTS if carriers_of(old, new, self.config.region) else (100,):
            if share > self._traffic():
                self._shift(share)
        leaving = {name: block for name, block in old.items() if name not in new}
        roles = roles_of(old, new, self.config.moving.data if self.config.moving else {})
        for name, block in leaving.items():
            kept = holds_data(block) and filled(name, block, roles)
            if guarded(block) and name not in self.config.retire and not kept:
                self._arm(name, f"{self.new} does without it, and its traffic has moved", holder=block)
        for region, blocks in lost_regions(old, new).items():
            if region not in self.config.retire:
                self._arm(region, f"{self.new} does without it, and its traffic has moved", blocks=blocks)
        keeping = keep(standing(self.config, self.blueprint), self._sides()[1], consented=self.config.retire)
        self._settle("contract", self.new, keeping)
        return self.steps

    def back(self) -> list[MoveStep]:
        """Traffic back to 0, arms for what never was live, abort; or the reason why there is no way back."""
        old, new = self._sides()
        final = self._final_rungs(old, new)
        if final:
            return [self._refused_abort(*final)]
        was_live = self._traffic() > 0
        arriving = {name: block for name, block in new.items() if name not in old}
        # A role that was taken over has its data there, whoever takes the requests; what arrived to take one and does
        # not fill it yet holds nothing.
        roles = roles_of(old, new, self._data())
        live = {n for n, block in arriving.items() if filled(n, block, roles) and (was_live or block.takes_over)}
        consented = {*self.config.retire, *(arriving.keys() - live)}
        keeping = keep(standing(self.config, self.blueprint), old, consented=consented, written=self.config.kept_whole)
        if was_live:
            # The blocks to keep are written down with the fall of traffic: later the config would not show any more
            # that they were live, but for those that have rungs.
            whole = {name: keys for name, keys in keeping.overrides.items() if name not in {*old, *self._data()}}
            lost = lost_regions(old, new)
            self._withdraw([name for name in self.config.retire if name in lost or name in old.keys() - new.keys()])
            self._shift(0, Keeping(whole, (), ()))
        self._lift_fences(arriving)
        self._hand_back(arriving)
        for name, block in arriving.items():
            if guarded(block) and name not in self.config.retire and name not in keeping.overrides:
                self._arm(name, f"the move to {self.new} is taken back, and it never was live", holder=block)
        for region, blocks in lost_regions(new, old).items():
            if region not in self.config.retire:
                self._arm(region, f"the move to {self.new} is taken back, and it never was live", blocks=blocks)
        self._settle("abort", self.old, keeping)
        return self.steps

    # The steps -------------------------------------------------------------------------------------------------------

    def _expand(self) -> None:
        changes: dict[str, Any] = {"phaseup:phase": self.new, "phaseup:moving": {"from": self.old, "traffic": 0}}
        old, new = (resolve(self.blueprint, phase, self.config) for phase in (self.old, self.new))
        keeping = keep(old, new)
        if keeping.overrides:
            changes["phaseup:overrides"] = with_kept(self.config.values.get("phaseup:overrides", {}), keeping)
        for block, rung, refusal in keeping.refused:
            self._add("rung", {}, Allows("nothing: refused"), block=block, stage=rung, refused=refusal)
        self._add("expand", changes, for_expand(), kept=keeping.kept)

    def _rungs(self, old: Mapping[str, Block], new: Mapping[str, Block]) -> None:
        assert self.config.moving is not None
        for name, block in new.items():
            ladder, rungs = ladder_of(block), needed_rungs(old.get(name), block)
            if ladder is None:
                continue
            now = self.config.moving.data.get(name)
            for rung in rungs[rungs.index(now) + 1 :] if now in rungs else rungs:
                about = ladder.rung(rung)
                self._add(
                    "rung",
                    {"phaseup:moving": self._moving(data={**self.config.moving.data, name: rung})},
                    for_rung(name, old, new),
                    block=name,
                    stage=rung,
                    precondition=about.precondition + ("; there is no way back" if about.irrevocable else ""),
                    check=about.check,
                )

    def _lift_fences(self, arriving: Mapping[str, Block]) -> None:
        """Who stands still works again where the role is, before all that a way back takes."""
        for name, block in arriving.items():
            before = lifted(block, needed_rungs(None, block), self._data().get(name))
            if before is not None:
                self._add(
                    "rung",
                    {"phaseup:moving": self._moving(data={**self._data(), name: before})},
                    for_rung(name, *self._sides()),
                    block=name,
                    stage=before,
                    precondition=f"the move is taken back: {block.takes_over} still has everything, and is used again",
                    check=f"who uses {block.takes_over} is up within some minutes and works",
                )

    def _hand_back(self, arriving: Mapping[str, Block]) -> None:
        """Roles that were taken over go back to who had them, where the ladder can be gone both ways."""
        for name, block in arriving.items():
            ladder, now = ladder_of(block), self.config.moving.data.get(name) if self.config.moving else None
            if ladder is None or now is None or not (is_reversible(block) and ladder.reached(now, ladder.fills_at)):
                continue
            first, last = ladder.names.index(ladder.fills_at), ladder.names.index(now)
            old, new = self._sides()
            for rung in reversed(ladder.names[first - 1 : last]):
                self._add(
                    "rung",
                    {"phaseup:moving": self._moving(data={**self._data(), name: rung})},
                    for_rung(name, old, new),
                    block=name,
                    stage=rung,
                    precondition=f"on the way back: {ladder.rung(rung).precondition}",
                    check=ladder.rung(rung).check,
                )

    def _shift(self, share: int, keeping: Keeping | None = None) -> None:
        old, new = self._sides()
        changes: dict[str, Any] = {"phaseup:moving": self._moving(traffic=share)}
        if keeping and keeping.overrides:
            changes["phaseup:overrides"] = with_kept(self.config.values.get("phaseup:overrides", {}), keeping)
        self._add(
            "shift",
            changes,
            for_shift(self.config, share, old, new),
            precondition="the side that gains traffic answers its health checks",
            check="its targets or tunnel connections are healthy, and no alarm has fired since the last step",
        )

    def _arm(self, block: str, reason: str, *, blocks: Sequence[str] = (), holder: Block | None = None) -> None:
        """Arms a block, `holder`, or a region that `blocks` leave."""
        retire = dict(self.config.values.get("phaseup:retire", {}))
        retire[block] = {"reason": reason, "until": self.until.isoformat()}
        self._add(
            "arm",
            {"phaseup:retire": retire},
            for_arm(block, blocks),
            block=block,
            precondition="what takes its place has served for as long as a mistake takes to show",
            check=LAST_LOOK.get(
                holder.kind if holder else "", "its request count or connections have been 0 for a day"
            ),
        )

    def _withdraw(self, blocks: list[str]) -> None:
        """What was armed for the other way stays after all."""
        if blocks:
            left = {k: v for k, v in self.config.values.get("phaseup:retire", {}).items() if k not in blocks}
            old, new = self._sides()
            self._add("apply", {"phaseup:retire": left or REMOVE}, for_withdrawal(armed_blocks(blocks, old, new)))

    def _settle(self, kind: Kind, phase: str, keeping: Keeping) -> None:
        old, new = self._sides()
        stays = new if kind == "contract" else old
        changes: dict[str, Any] = {"phaseup:phase": phase, "phaseup:moving": REMOVE}
        if "phaseup:retire" in self.config.values:
            changes["phaseup:retire"] = REMOVE
        overrides = dict(self.config.values.get("phaseup:overrides", {}))
        if keeping.overrides:
            overrides = with_kept(overrides, keeping)
        there = changed(self.config, {**changes, "phaseup:overrides": overrides or REMOVE})
        left = still_standing(without_restore(self.config) if kind == "abort" else there, self.blueprint)
        # What a block said before another stands in for it, that says too.
        said = {*stays, *(given.of for given in left.values())}
        overrides = {name: keys for name, keys in overrides.items() if name in said or "kind" in keys}
        if left.keys() != self.config.restore.keys():
            given = {name: of for name, of in self.config.values["phaseup:restore"].items() if name in left}
            changes["phaseup:restore"] = given or REMOVE
        versions = self.config.values.get("phaseup:versions", {})
        if versions.keys() - said - overrides.keys():
            held = {name: version for name, version in versions.items() if name in said or name in overrides}
            changes["phaseup:versions"] = held or REMOVE
        if overrides != self.config.values.get("phaseup:overrides", {}):
            changes["phaseup:overrides"] = overrides or REMOVE
        after = changed(self.config, changes)
        self._add(kind, changes, for_settling(self.config, after, self.blueprint), kept=keeping.kept)

    def _refused_abort(self, block: str, rung: str, manual: str) -> MoveStep:
        reason = f"{block} has taken the rung {rung}, which cannot be gone back over"
        return self._step(
            "abort", Allows("nothing: refused"), (), block=block, stage=rung, refused=Refusal(reason, manual)
        )

    # Helpers ---------------------------------------------------------------------------------------------------------

    def _sides(self) -> tuple[dict[str, Block], dict[str, Block]]:
        if self._restored() is not None:
            return sides_of(self.blueprint, self.config)
        old, new = (resolve(self.blueprint, phase, self.config) for phase in (self.old, self.new))
        return old, with_returning(old, new)

    def _restored(self) -> str | None:
        return self.config.moving.restore if self.config.moving else None

    def _data(self) -> dict[str, str]:
        return self.config.moving.data if self.config.moving else {}

    def _traffic(self) -> int:
        return self.config.moving.traffic if self.config.moving else 0

    def _moving(self, **now: Any) -> dict[str, Any]:
        return {**self.config.values["phaseup:moving"], **now}

    def _final_rungs(self, old: Mapping[str, Block], new: Mapping[str, Block]) -> tuple[str, str, str] | None:
        """A block that has taken a rung without a way back in this move, with that rung and the manual way."""
        for name, rung in (self.config.moving.data if self.config.moving else {}).items():
            taken = final_rung(old.get(name), new[name], rung) if name in new else None
            if taken:
                return name, taken.name, taken.manual
        return None

    def _add(self, kind: Kind, changes: Mapping[str, Any], allows: Allows, **more: Any) -> None:
        before = self.config
        self.config = changed(before, changes) if changes else before
        told = tuple(
            Change(key, before.values.get(key), None if value is REMOVE else value)
            for key, value in changes.items()
            if before.values.get(key) != (None if value is REMOVE else value)
        )
        if not more.get("precondition") and not more.get("refused"):
            precondition, check = node_counts(standing(before, self.blueprint), standing(self.config, self.blueprint))
            more |= {"precondition": precondition, "check": check}
        self.steps.append(self._step(kind, allows, told, **more))

    def _step(self, kind: Kind, allows: Allows, told: tuple[Change, ...], **more: Any) -> MoveStep:
        return MoveStep(
            kind=kind,
            config=self.config,
            from_=self.old,
            to=self.new,
            direction="down" if self.blueprint.is_up(self.new, self.old) else "up",
            allows=allows,
            traffic=self.config.moving.traffic if self.config.moving else None,
            changes=told,
            **more,
        )


def told(change: Change) -> str:
    """A change as a line of the stack file: `phaseup:phase: growth`."""
    return f"{change.key}: {plain(change.new)}" if change.new is not None else f"{change.key} (removed)"
