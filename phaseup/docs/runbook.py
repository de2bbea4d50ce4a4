"""`docs/<system>/<from>-to-<to>.md`: one move step by step, from the rehearsal of the very applies it tells to make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from phaseup.cli.common import EXIT_OF_VERDICT
from phaseup.climb.ladder import key_of
from phaseup.docs.diffs import DAY, StackText
from phaseup.docs.effects import Effects, effects
from phaseup.docs.markdown import code, names, render
from phaseup.docs.quota_rows import Growing, growing
from phaseup.docs.still import Still, standing_still
from phaseup.docs.watch import Watched, watched
from phaseup.render.text import plain
from phaseup.render.words import OPS, Op
from stacks.models import Block
from stacks.moves import effective, steps
from stacks.moves.ladders import ladder_of
from stacks.moves.steps import CONSENT_DAYS

if TYPE_CHECKING:
    from phaseup.climb.climb import Climb, Climbed
    from stacks.models import Blueprint, StackConfig
    from stacks.moves import Effective, MoveStep

LOUD: Final = ("critical", "high")
"""Severities told one by one; the others by name."""
ENTRANCES: Final = frozenset({"zone", "cdn", "gateway", "worker", "balancer"})
"""Kinds that a request passes on its way to a service."""


@dataclass(frozen=True)
class Part:
    """One apply of a way back."""

    title: str
    lines: Sequence[str]
    counts: Mapping[Op, int] | None
    """None where the step is refused."""
    verdict: str
    reason: str


@dataclass(frozen=True)
class Told:
    """One step of the move."""

    number: int
    title: str
    step: MoveStep
    lines: Sequence[str]
    rehearse: str
    counts: Mapping[Op, int]
    resources: int
    verdict: str
    exit_code: int
    reason: str
    effects: Effects | None
    """None where the step is refused."""
    traffic: Sequence[str]
    loud: Sequence[Watched]
    quiet: Sequence[str]
    back: Sequence[Part]
    final: str
    """Why there is no way back after it; empty where there is one."""
    irrevocable: str
    """What the step itself makes final; empty for most."""
    consents: bool
    """Whether it writes a consent with a last day."""
    still: Still | None = None
    """Who stands still after it, so that nobody may stop there; None where everybody works."""


def runbook_page(blueprint: Blueprint, climb: Climb, stack: StackConfig, from_: str, to: str) -> str:
    """The page of one move. `climb` went through the ladder of the blueprint's system, up and down."""
    book = _Book(blueprint, climb, stack)
    own = [
        each
        for each in climb.climbed
        if each.leg.move is not None
        and not each.leg.backing_out
        and (each.step.system, each.leg.move.from_, each.leg.move.to) == (blueprint.system, from_, to)
    ]
    start, end = own[0].leg.before, own[-1].leg.after
    assert start is not None
    return render(
        "runbook.md.j2",
        title=blueprint.title or blueprint.system,
        from_=from_,
        to=to,
        stack=stack.name,
        # The ladder was climbed to its top before it was gone down.
        been=blueprint.names[-1] if own[0].leg.direction == "down" and from_ != blueprint.names[-1] else "",
        others=[name for name in blueprint.environments if name != stack.environment],
        steps=[book.told(number, each, own[number:]) for number, each in enumerate(own, start=1)],
        kept=[kept for each in own if each.leg.move is not None for kept in each.leg.move.kept],
        quotas=_quotas(climb, start, [each.leg.after for each in own]),
        first=book.first_lines(start),
        days=CONSENT_DAYS,
        day=DAY,
        ops=OPS[:-1],
        reverse=f"{to}-to-{from_}.md",
        settled=end.phase,
    )


def _quotas(climb: Climb, start: StackConfig, during: Sequence[StackConfig]) -> list[Growing]:
    states = [climb.states[key] for key in dict.fromkeys(map(key_of, during)) if key in climb.states]
    return growing(climb.states[key_of(start)], states)


class _Book:
    def __init__(self, blueprint: Blueprint, climb: Climb, stack: StackConfig) -> None:
        self.blueprint = blueprint
        self.climb = climb
        self.stack = stack
        self.text = StackText(stack)
        self._by_ends = {
            (key_of(each.leg.before), key_of(each.leg.after)): each
            for each in climb.climbed
            if each.leg.before is not None
        }

    def first_lines(self, start: StackConfig) -> list[str]:
        """What the stack file says of phases and overrides before the move."""
        told = ("phaseup:phase", "phaseup:overrides")
        return [line for line in self.text.under(start).splitlines() if line.strip().startswith(told)]

    def told(self, number: int, each: Climbed, later: Sequence[Climbed]) -> Told:
        """`later` are the move's other steps, in order."""
        leg = each.leg
        move, before = leg.move, leg.before
        assert move is not None
        assert before is not None
        old = effective(before, self.blueprint)
        new = effective(leg.after, self.blueprint)
        does = None
        alarms: list[Watched] = []
        if each.run is not None:
            outcome = each.run.outcome
            does = effects(outcome.steps, self.climb.states.get(key_of(before)), outcome.snapshot)
            alarms = watched(new, does.blocks | _asked(old, new))
        back, final = self._back(move, leg.after)
        return Told(
            number=number,
            title=_title(move),
            step=move,
            lines=self.text.lines(before, leg.after),
            rehearse=f"phaseup plan {self.stack.name}" + (f" --to {move.to}" if before.moving is None else ""),
            counts=each.step.counts,
            resources=each.step.resources,
            verdict=each.step.verdict,
            exit_code=int(EXIT_OF_VERDICT[each.step.verdict]),
            reason=plain(each.step.brief or each.step.reason),
            effects=does,
            traffic=_traffic(old, new),
            loud=[alarm for alarm in alarms if alarm.severity in LOUD],
            quiet=[alarm.name for alarm in alarms if alarm.severity not in LOUD],
            back=back,
            final=final,
            irrevocable=_irrevocable(move, new),
            consents=move.kind == "arm",
            still=standing_still(new, self._headings(number + 1, later)),
        )

    def _headings(self, number: int, later: Sequence[Climbed]) -> Iterator[tuple[str, Effective]]:
        for count, each in enumerate(later, start=number):
            if each.leg.move is not None:
                yield f"{count}. {_title(each.leg.move)}", effective(each.leg.after, self.blueprint)

    def _back(self, move: MoveStep, config: StackConfig) -> tuple[list[Part], str]:
        """The applies that lead back to where the move began, or why there are none."""
        if config.moving is None:
            return [], ""
        parts: list[Part] = []
        for step in steps(config, self.blueprint, move.from_):
            if step.refused is not None:
                return [], f"{step.refused.reason}. By hand: {step.refused.manual}"
            known = self._by_ends.get((key_of(config), key_of(step.config)))
            parts.append(
                Part(
                    _title(step),
                    self.text.lines(config, step.config),
                    known.step.counts if known is not None else None,
                    known.step.verdict if known is not None else "",
                    known.step.reason if known is not None else "",
                )
            )
            config = step.config
        return parts, ""


def _irrevocable(move: MoveStep, now: Effective) -> str:
    """What cannot be taken back once the step is made; empty for most."""
    if move.kind == "contract" and move.allows.deletes | move.allows.narrows:
        return "what it deletes is gone"
    block = now.blocks.get(move.block or "")
    if move.kind != "rung" or block is None or move.stage is None:
        return ""
    ladder = ladder_of(Block(block.name, block.kind, block.spec, block.takes_over))
    if ladder is None:
        return ""
    rung = ladder.rung(move.stage)
    if rung.irrevocable:
        return f"no way back: traffic cannot fall any more and the move cannot be aborted; by hand: {rung.manual}"
    return f"its shape stays when the stack comes down again; by hand: {rung.manual}" if rung.one_way else ""


def _title(move: MoveStep) -> str:
    """`expand`, `rung cache: replicated`, `shift to 50 %`."""
    match move.kind:
        case "rung" | "arm" if move.block:
            return f"{move.kind} {move.block}" + (f": {move.stage}" if move.stage else "")
        case "shift":
            return f"shift to {move.traffic} %"
        case "abort":
            return f"abort to {move.from_}"
        case "apply":
            return "protect again"
        case _:
            return move.kind


def _traffic(old: Effective, new: Effective) -> list[str]:
    """Who takes requests, consumes queues and runs schedules before and after, where that changes; as Markdown."""
    told: list[str] = []
    if old.traffic is None and new.traffic is not None:
        told.append(f"All requests stay with {new.moving_from}: traffic is {new.traffic}.")
    elif old.traffic is not None and new.traffic is None:
        told.append(f"All requests stay where they are: {new.phase} has had them since traffic {old.traffic}.")
    elif old.traffic != new.traffic:
        how = (
            f"weighed by {names(new.carriers)}"
            if new.carriers
            else "in one step: nothing that both sides share can weigh"
        )
        told.append(f"Requests go over to {new.phase} from {old.traffic} to {new.traffic} per cent, {how}.")
    else:
        told.append("No request goes another way.")
    if old.traffic is None or new.traffic is None:
        return told
    does: dict[tuple[str, str, str], list[str]] = {}
    for name, work in new.work.items():
        was = old.work.get(name)
        if was is None:
            continue
        stops = [host for host, runs in was.runs.items() if runs and not work.runs.get(host, False)]
        starts = [host for host, runs in work.runs.items() if runs and not was.runs.get(host, False)]
        for verb, hosts in (("stops", stops), ("starts", starts)):
            if hosts:
                where = "" if hosts == [name] else f" on {names(hosts)}"
                does.setdefault((work.takes, verb, where), []).append(name)
        if work.weights != was.weights:
            shares = ", ".join(f"{code(host)} {share} %" for host, share in work.weights.items())
            told.append(f"{code(name)} is weighed {shares}.")
    for (takes, verb, where), found in does.items():
        told.append(f"{names(found)} ({takes}) {verb if len(found) == 1 else verb[:-1]}{where}.")
    return told


def _asked(old: Effective, new: Effective) -> set[str]:
    """The blocks that a step is about beyond those whose resources change: work that goes elsewhere and, where traffic
    does, all that stands between a user and an answer."""
    found = {name for name, work in new.work.items() if work != old.work.get(name)}
    if None in (old.traffic, new.traffic) or old.traffic == new.traffic:
        return found
    found |= {name for name, block in new.blocks.items() if block.kind in ENTRANCES}
    for name, work in new.work.items():
        if work.takes == "requests":
            found |= {name, *work.runs}
    return found
