"""The verdict on a plan: safe, needs-approval or blocked (docs/moving.md, section 6). `refused` is for moves alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from phaseup.facts.stateful import anchor, stateful
from phaseup.graph.resource import State, urn_name
from phaseup.graph.values import Value, unwrap
from phaseup.plan.steps import Diagnostic, Reason, Step, net_ops

Verdict = Literal["safe", "needs-approval", "blocked"]

EXIT_CODES: Final[Mapping[Verdict, int]] = {"safe": 0, "blocked": 1, "needs-approval": 3}

GUARDS: Final[Mapping[str, bool]] = {
    "deletionProtection": True,
    "deletionProtectionEnabled": True,
    "enableDeletionProtection": True,
    "disableApiTermination": True,
    "forceDestroy": False,
}
"""Inputs by which clouds themselves refuse a delete, and the value that does."""

_NOTES: Final[Mapping[str, str]] = {
    "update_reboot": "restarts it",
    "deferred": "waits for the maintenance window",
    "ignored": "is ignored by the cloud",
    "unknown": "has an effect that no fact tells",
}

RETAINED: Final = "leaves the state, stays billed"

_CLOUDS: Final[Mapping[str, str]] = {"aws": "AWS", "cloudflare": "Cloudflare", "kubernetes": "Kubernetes"}


@dataclass(frozen=True, slots=True)
class AtRisk:
    """Data, or what serves, that would be lost without having been retired."""

    urn: str
    op: str
    reason: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """`reasons` say why it is not safe; `notes` what else to know; `retired` what is let go by name. All are in the
    order of names: which of two resources a program registers first may differ from run to run."""

    verdict: Verdict
    at_risk: tuple[AtRisk, ...] = ()
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    brief: tuple[str, ...] = ()
    """`reasons` for a reader: protection that is lifted from what is being retired is one of them, however much."""

    @property
    def exit_code(self) -> int:
        """0 safe, 1 blocked, 3 needs approval."""
        return EXIT_CODES[self.verdict]


def judge(steps: Sequence[Step], *, retired: Collection[str] = (), diagnostics: Iterable[Diagnostic] = ()) -> Judgement:
    """Judge a whole plan.

    `retired` holds what may go: URNs, or logical names of resources or of components above them (a block's name).
    An error among `diagnostics` blocks: the engine would refuse.
    """
    consent = _Consent(steps, retired)
    blocked = [f"the engine refuses: {item.message}" for item in diagnostics if item.severity == "error"]
    approvals: list[str] = []
    lifted: dict[str, list[str]] = {}
    at_risk: list[AtRisk] = []
    let_go: list[str] = []
    notes: list[str] = []
    ops = net_ops(steps)
    taken_down = {step.urn for step in steps if step.op in ("delete", "delete-replaced")}
    for step in sorted(_telling(steps), key=lambda step: (urn_name(step.urn), step.urn)):
        op, name = ops[step.urn], urn_name(step.urn)
        if op != "replace" and step.urn in taken_down and _retained(step):
            if _guarded(step) and not consent.covers(step.urn):
                approvals.append(f"delete {name}: {RETAINED}; it {_worth(step)}")
            else:
                notes.append(f"delete {name}: {RETAINED}")
                let_go += [step.urn] if _guarded(step) else []
        elif (op == "replace" or step.urn in taken_down) and _guarded(step):
            op = "replace" if op == "replace" else "delete"
            if consent.covers(step.urn):
                let_go.append(step.urn)
            else:
                reason = _loss(step, op)
                at_risk.append(AtRisk(step.urn, op, reason))
                blocked.append(f"{op} {name}: {reason}")
        for guard in _guards_lifted(step):
            if consent.covers(step.urn):
                lifted.setdefault(name, []).append(f"{name}: {guard} is lifted, for it is being retired")
            else:
                blocked.append(f"{name}: {guard} is lifted, but nothing retires it")
        if op == "update":
            for reason in step.reasons:
                if reason.effect == "refused":
                    blocked.append(f"{_cloud(step)} refuses: {name}: {_change(reason)}; {reason.source}")
                elif reason.effect == "unknown" and step.stateful:
                    approvals.append(f"{name}: the change of {_change(reason)} {_NOTES['unknown']}, and it holds data")
                elif reason.effect in _NOTES:
                    notes.append(f"{name}: the change of {_change(reason)} {_NOTES[reason.effect]}")
    verdict: Verdict = "blocked" if blocked else "needs-approval" if lifted or approvals else "safe"
    each = (reason for reasons in lifted.values() for reason in reasons)
    return Judgement(
        verdict,
        tuple(at_risk),
        (*blocked, *each, *approvals),
        tuple(notes),
        tuple(let_go),
        (*blocked, *_together(lifted), *approvals),
    )


def _together(lifted: Collection[str]) -> Iterable[str]:
    if lifted:
        are = "is" if len(lifted) == 1 else "are"
        yield f"protection is lifted from {', '.join(lifted)}, which {are} being retired"


class _Consent:
    """Whether a resource, or a component above it, has been named for retirement."""

    def __init__(self, steps: Iterable[Step], retired: Collection[str]) -> None:
        self._retired = frozenset(retired)
        self._parents = {
            state.urn: state.parent for step in steps for state in (step.old, step.new) if state is not None
        }

    def covers(self, urn: str) -> bool:
        """Whether `urn` may go."""
        seen: set[str] = set()
        while self._retired and urn and urn not in seen:
            if urn in self._retired or urn_name(urn) in self._retired:
                return True
            seen.add(urn)
            urn = self._parents.get(urn, "")
        return False


def _telling(steps: Iterable[Step]) -> Iterable[Step]:
    """One step of each URN: that with reasons and both states, so that a loss is told with its cause."""
    chosen: dict[str, Step] = {}
    for step in steps:
        best = chosen.get(step.urn)
        if best is None or (step.reasons and not best.reasons) or (step.old and step.new and best.new is None):
            chosen[step.urn] = step
    return chosen.values()


def _guarded(step: Step) -> bool:
    old = step.old
    return old is not None and old.custom and not old.external and (step.stateful or anchor(old.type))


def _retained(step: Step) -> bool:
    """Whether its delete touches the state alone. A replacement that retains the old one still begins empty."""
    return step.old is not None and step.old.custom and not step.old.external and step.old.retain_on_delete


def _worth(step: Step) -> str:
    row = stateful(step.old.type, step.old.inputs) if step.old is not None else None
    return f"holds {row.holds}" if row else "holds data" if step.stateful else "is what serves"


def _loss(step: Step, op: str) -> str:
    what = _worth(step)
    why = next((reason for reason in step.reasons if reason.effect in ("replace", "delete")), None)
    if why is None:
        cause = "is deleted" if op == "delete" else "is replaced"
    elif why.path and not why.path.startswith("<"):
        cause = f"{_change(why)} replaces it"
    else:
        cause = why.source
    return f"{what}, and {cause}; retire it by name first" if op == "delete" else f"{what}, and {cause}"


def _change(reason: Reason) -> str:
    return f"{reason.path} ({_short(reason.old)} → {_short(reason.new)})"


def _cloud(step: Step) -> str:
    package = step.type.partition(":")[0]
    return _CLOUDS.get(package, package)


def _short(value: Value) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _guards_lifted(step: Step) -> list[str]:
    old, new = step.old, step.new
    if old is None or new is None or not old.custom:
        return []
    lifted = ["protect"] if old.protect and not new.protect else []
    row = stateful(old.type, old.inputs)
    names = dict.fromkeys([*GUARDS, *(row.protection if row else ())])
    return lifted + [name for name in names if _guards(old, name) and not _guards(new, name)]


def _guards(state: State, name: str) -> bool:
    """Whether the input refuses deletes; inputs that are not in the table of names guard when they are true."""
    value = unwrap(state.inputs.get(name))
    if name not in GUARDS:
        return bool(value)
    return bool(value) is GUARDS[name]
