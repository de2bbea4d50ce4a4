"""Which step leads from one config to another; a change that is no single step is bad input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from components.spec import Join
from stacks.models import Block, Blueprint, StackConfig, resolve
from stacks.models.bad_input import dotted, plain
from stacks.models.merge import has
from stacks.models.restores import still_standing, without_restore
from stacks.models.spec_walk import KeyPath, refused_differences
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
from stacks.moves.effective import check_restored
from stacks.moves.fence import lifted
from stacks.moves.holds import guarded
from stacks.moves.ladders import final_rung, ladder_of, needed_rungs
from stacks.moves.nodes import node_counts
from stacks.moves.raising import raising
from stacks.moves.regions import lost_regions
from stacks.moves.sides import is_reversible, sides_of
from stacks.moves.step import Allows, Change, Kind, MoveStep


def transition(before: StackConfig, after: StackConfig, blueprint: Blueprint) -> MoveStep:
    """The step that a person's change of the stack file is; `BadInput` says what comes first where it is none.

    Only here can skipping, going back, and a forgotten `moving` be seen: the program knows one config alone.
    """
    check_phases(before, blueprint)
    check_phases(after, blueprint)
    if before.versions != after.versions and not _gone_with_their_blocks(before, after, blueprint):
        return raising(before, after, blueprint)
    if before.moving is None:
        move = _between_settled if after.moving is None else _expand
    else:
        move = _settle if after.moving is None else _on_the_way
    step = move(before, after, blueprint)
    _as_they_were_born(before, after, blueprint)
    return step


def _between_settled(before: StackConfig, after: StackConfig, blueprint: Blueprint) -> MoveStep:
    _same_restores(before, after)
    if before.phase == after.phase:
        return _step("apply", before, after, blueprint, Allows("creates and plain in-place updates", create=True))
    neighbours = blueprint.neighbours(before.phase)
    if after.phase not in neighbours:
        raise after.bad("phaseup:phase", after.phase, [before.phase, *neighbours], why="a move joins two neighbours")
    old, new = resolve(blueprint, before.phase, before), resolve(blueprint, after.phase, after)
    leaving = [*(name for name in old if name not in new), *lost_regions(old, new)]
    rungs = [name for name in new if needed_rungs(old.get(name), new[name])]
    if leaving or rungs:
        what = f"{', '.join(leaving)} would leave" if leaving else f"{', '.join(rungs)} would change mode"
        raise after.bad(
            "phaseup:moving", "nothing", f"{{from: {before.phase}, traffic: 0}}", why=f"{what} in the same apply"
        )
    return _step("apply", before, after, blueprint, Allows("creates and plain in-place updates", create=True))


def _expand(before: StackConfig, after: StackConfig, blueprint: Blueprint) -> MoveStep:
    assert after.moving is not None
    if after.moving.from_ != before.phase:
        raise after.bad("phaseup:moving.from", after.moving.from_, f"{before.phase}, where the stack is")
    if after.moving.traffic != 0:
        raise after.bad("phaseup:moving.traffic", str(after.moving.traffic), "0: a move begins with expand")
    if after.moving.data:
        name = next(iter(after.moving.data))
        raise after.bad(
            f"phaseup:moving.data.{name}", after.moving.data[name], "no rung yet: a move begins with expand"
        )
    if after.retire:
        raise after.bad("phaseup:retire", ", ".join(after.retire), "nothing yet: a move begins with expand")
    _same_restores(before, without_restore(after), beside=after.moving.restore)
    check_restored(after, sides_of(blueprint, after)[0])
    return _step("expand", before, after, blueprint, for_expand())


def _on_the_way(before: StackConfig, after: StackConfig, blueprint: Blueprint) -> MoveStep:
    assert before.moving is not None
    assert after.moving is not None
    if (before.phase, before.moving.from_) != (after.phase, after.moving.from_):
        raise after.bad(
            "phaseup:phase", f"{after.moving.from_} to {after.phase}", f"{before.moving.from_} to {before.phase}",
            why="a second move waits for the first",
        )  # fmt: skip
    _same_restores(before, after)
    if before.moving.restore != after.moving.restore:
        raise after.bad("phaseup:moving.restore", after.moving.restore or "nothing", before.moving.restore or "nothing")
    old, new = sides_of(blueprint, after)
    rungs = [n for n in {**before.moving.data, **after.moving.data} if _rung(before, n) != _rung(after, n)]
    shifted = before.moving.traffic != after.moving.traffic
    armed = [name for name in after.retire if name not in before.retire]
    withdrawn = [name for name in before.retire if name not in after.retire]
    if sum([len(rungs), shifted, len(armed), bool(withdrawn)]) > 1:
        found = ", ".join([*rungs, *(["traffic"] if shifted else []), *armed, *withdrawn])
        raise after.bad("phaseup:moving", f"changes of {found} in one apply", "one step an apply")
    if rungs:
        _next_rung(before, after, rungs[0], blueprint)
        return _step("rung", before, after, blueprint, for_rung(rungs[0], old, new), rungs[0], _rung(after, rungs[0]))
    if shifted:
        _may_fall(before, after, blueprint)
        _may_rise(before, after, old, new)
        allows = for_shift(before, after.moving.traffic, old, new)
        return _step("shift", before, after, blueprint, allows)
    if armed:
        return _step("arm", before, after, blueprint, for_arm(armed[0], armed_blocks(armed, old, new)), armed[0])
    if withdrawn:
        return _step("apply", before, after, blueprint, for_withdrawal(armed_blocks(withdrawn, old, new)))
    return _step("apply", before, after, blueprint, Allows("creates and plain in-place updates", create=True))


def _settle(before: StackConfig, after: StackConfig, blueprint: Blueprint) -> MoveStep:
    assert before.moving is not None
    ends = dict.fromkeys([before.phase, before.moving.from_], "abort") | {before.phase: "contract"}
    if after.phase not in ends:
        raise after.bad("phaseup:phase", after.phase, list(ends), why="a second move waits for the first")
    kind: Kind = "contract" if ends[after.phase] == "contract" else "abort"
    if before.moving.restore is not None and before.moving.restore not in after.restore:
        kind = "abort"
    left = without_restore(before).restore if kind == "abort" else still_standing(_under(after, before), blueprint)
    _same_restores(before.model_copy(update={"restore": left}), after)
    due = 100 if kind == "contract" else 0
    if before.moving.traffic != due:
        found = f"{kind} at traffic {before.moving.traffic}"
        raise after.bad("phaseup:moving.traffic", found, f"shift to {due} first: what goes still takes requests")
    old, new = sides_of(blueprint, before)
    if kind == "contract":
        for name, block in new.items():
            rungs = needed_rungs(old.get(name), block)
            if rungs and before.moving.data.get(name) != rungs[-1]:
                now = before.moving.data.get(name, "no rung")
                raise after.bad(f"phaseup:moving.data.{name}", f"contract on {now}", f"{rungs[-1]} first")
    else:
        _no_final_rung(before, after, blueprint)
    settled = resolve(blueprint, after.phase, after)
    for name, block in standing(before, blueprint).items():
        if name not in settled and guarded(block) and name not in before.retire:
            why = "it holds data or serves, so its protection is lifted by an apply of its own"
            raise after.bad(f"phaseup:retire.{name}", f"{kind} before it is armed", "arm it first", why=why)
    for region, blocks in lost_regions(standing(before, blueprint), settled).items():
        if region not in before.retire:
            why = f"{', '.join(blocks)} leave it: protection there is lifted by an apply of its own"
            raise after.bad(f"phaseup:retire.{region}", f"{kind} before it is armed", "arm it first", why=why)
    return _step(kind, before, after, blueprint, for_settling(before, after, blueprint))


def _under(after: StackConfig, before: StackConfig) -> StackConfig:
    """The settled config with all entries from before, of which some lose their block with the move."""
    return after.model_copy(update={"restore": before.restore})


def _same_restores(before: StackConfig, after: StackConfig, *, beside: str | None = None) -> None:
    """What stands in for others comes by a move, and goes by one that is taken back."""
    for name in {**before.restore, **after.restore}:
        if before.restore.get(name) != after.restore.get(name):
            way = f"{{from: {after.phase}, traffic: 0, restore: {name}}}"
            found = "a change outside of a move" if name in after.restore else "nothing"
            allowed = "what stands there" if name in before.restore else f"phaseup:moving: {way}"
            why = f"{beside} comes alone" if beside else "it holds data"
            raise after.bad(f"phaseup:restore.{name}", found, allowed, why=why)


def _as_they_were_born(before: StackConfig, after: StackConfig, blueprint: Blueprint) -> None:
    """What stands keeps its fixed fields, whatever overrides say: a blueprint is held to that when it is loaded. What
    comes with the step may have any."""
    stood, stands = standing(before, blueprint), standing(after, blueprint)
    for name, block in stood.items():
        if name not in stands:
            continue
        for path, old, new, join in refused_differences(block.spec, stands[name].spec):
            if join is Join.FIXED:
                key = dotted(("phaseup:overrides", *_said(before, after, (name, *path))))
                allowed = f"{plain(old)}, which it was born with: the field is fixed"
                raise after.bad(key, plain(new), allowed)


def _said(before: StackConfig, after: StackConfig, path: KeyPath) -> KeyPath:
    """Where an override says it: of a block that was restored, or of what that stands in for."""
    name, *rest = path
    names = [name]
    while names[-1] in after.restore:
        names.append(after.restore[names[-1]].of)
    written = [n for n in names for each in (after, before) if has(each.overrides, (n, *rest))]
    return (next(iter(written), name), *rest)


def _rung(config: StackConfig, block: str) -> str | None:
    return config.moving.data.get(block) if config.moving else None


def _next_rung(before: StackConfig, after: StackConfig, name: str, blueprint: Blueprint) -> None:
    assert after.moving is not None
    old, new = sides_of(blueprint, after)
    wanted = needed_rungs(old.get(name), new[name]) if name in new else []
    now, then = _rung(before, name), _rung(after, name)
    due = wanted[wanted.index(now) + 1 :][:1] if now in wanted else wanted[:1]
    back = _rungs_back(new[name], wanted, now) if now in wanted else []
    if then not in (*back, *due):
        none_back = not back and not (name in new and is_reversible(new[name]))
        why = "one rung an apply" + (", and none back" if none_back else "")
        raise after.bad(
            f"phaseup:moving.data.{name}",
            then or "nothing",
            ", ".join([*back, *([now] if now else []), *due]) or "nothing",
            why=why,
        )


def _rungs_back(block: Block, wanted: Sequence[str], now: str) -> list[str]:
    if is_reversible(block):
        return [*wanted[: wanted.index(now)][-1:]]
    before = lifted(block, wanted, now)
    return [before] if before else []


def _may_fall(before: StackConfig, after: StackConfig, blueprint: Blueprint) -> None:
    assert before.moving is not None
    assert after.moving is not None
    if after.moving.traffic < before.moving.traffic:
        _no_final_rung(before, after, blueprint)


def _may_rise(before: StackConfig, after: StackConfig, old: Mapping[str, Block], new: Mapping[str, Block]) -> None:
    """Requests move once what arrives to take a role over fills it: before that it has not the data."""
    assert before.moving is not None
    assert after.moving is not None
    if after.moving.traffic <= before.moving.traffic:
        return
    for name, block in new.items():
        ladder = ladder_of(block) if block.takes_over and name not in old else None
        if ladder and ladder.fills_at and not ladder.reached(after.moving.data.get(name), ladder.fills_at):
            found = f"{after.moving.traffic} before {name} has the rung {ladder.fills_at}"
            raise after.bad("phaseup:moving.traffic", found, f"{before.moving.traffic}: its rungs come first")


def _gone_with_their_blocks(before: StackConfig, after: StackConfig, blueprint: Blueprint) -> bool:
    """Whether the versions that are no longer said are those of blocks that leave with this very step."""
    if before.moving is None or after.moving is not None or not after.versions.items() <= before.versions.items():
        return False
    there = resolve(blueprint, after.phase, after).keys() | {given.of for given in after.restore.values()}
    return there.isdisjoint(before.versions.keys() - after.versions.keys())


def _no_final_rung(before: StackConfig, after: StackConfig, blueprint: Blueprint) -> None:
    """Traffic does not fall, and a move is not taken back, once an irrevocable rung is taken."""
    assert before.moving is not None
    old, new = sides_of(blueprint, before)
    for name, rung in before.moving.data.items():
        taken = final_rung(old.get(name), new[name], rung) if name in new else None
        if taken:
            why = f"{name} has taken the rung {taken.name}, which cannot be gone back over"
            traffic = before.moving.traffic
            raise after.bad("phaseup:moving", "a way back", f"traffic {traffic} or more, then contract", why=why)


def _step(
    kind: Kind,
    before: StackConfig,
    after: StackConfig,
    blueprint: Blueprint,
    allows: Allows,
    block: str | None = None,
    stage: str | None = None,
) -> MoveStep:
    moving = after.moving or before.moving
    old = moving.from_ if moving else before.phase
    new = (after if after.moving else before).phase if moving else after.phase
    rung = None
    if block and stage:
        ladder = ladder_of(sides_of(blueprint, after)[1][block])
        rung = ladder.rung(stage) if ladder else None
    keys = dict.fromkeys([*before.values, *after.values])
    precondition, check = (rung.precondition, rung.check) if rung else ("", "")
    if not rung:
        precondition, check = node_counts(standing(before, blueprint), standing(after, blueprint))
    return MoveStep(
        kind=kind,
        config=after,
        from_=old,
        to=new,
        direction="down" if blueprint.names.index(new) < blueprint.names.index(old) else "up",
        allows=allows,
        traffic=after.moving.traffic if after.moving else None,
        block=block,
        stage=stage,
        precondition=precondition,
        check=check,
        changes=tuple(
            Change(key, before.values.get(key), after.values.get(key))
            for key in keys
            if before.values.get(key) != after.values.get(key)
        ),
    )
