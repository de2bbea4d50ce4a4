"""What a climb found, step by step, and its JSON (the shape is fixed by the design's command-line section)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from phaseup.render.words import Op, Verdict

if TYPE_CHECKING:
    from phaseup.policy.judge import Violation


@dataclass(frozen=True, slots=True)
class AtRisk:
    """Data or a serving anchor in danger."""

    urn: str
    op: str
    reason: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A block that keeps its higher shape on the way down."""

    block: str
    why: str


@dataclass(frozen=True, slots=True)
class ClimbStep:
    """One step of one system's ladder, judged."""

    index: int
    system: str
    direction: str
    """`up` or `down`."""
    from_phase: str
    """Empty for the first apply."""
    to_phase: str
    step: str
    """apply, expand, rung, shift, arm, contract or abort."""
    counts: dict[Op, int]
    resources: int
    """How many resources the stack has after the step: of a refused one, those that it has anyway."""
    verdict: Verdict
    reason: str = ""
    brief: str = ""
    """`reason` for a reader, where what is alike is told in one; empty: as it stands."""
    traffic: int | None = None
    block: str | None = None
    stage: str | None = None
    at_risk: tuple[AtRisk, ...] = ()
    retired: tuple[str, ...] = ()
    kept: tuple[Kept, ...] = ()
    manual: str = ""
    """What a person has to do or check before this step, or instead of a refused one."""
    cost: tuple[float | None, float | None] = (None, None)
    """US dollars a month before and after the step."""
    violations: tuple[Violation, ...] = ()
    """What the policy pack says of the state after the step."""
    backing_out: bool = False
    """Whether it belongs to a way back from the move around it: `from` is then the move's target."""

    @property
    def announced(self) -> bool:
        """Whether its need for approval is part of the ladder: an arm of what the blueprint retires."""
        return self.step == "arm" and self.verdict == "needs-approval"

    def to_json(self) -> dict[str, Any]:
        """One entry of `climb --json`'s `steps`."""
        return {
            "index": self.index,
            "system": self.system,
            "direction": self.direction,
            "from": self.from_phase or None,
            "to": self.to_phase,
            "step": self.step,
            "traffic": self.traffic,
            "block": self.block,
            "stage": self.stage,
            "counts": dict(self.counts),
            "resources": self.resources,
            "stateful_at_risk": [{"urn": r.urn, "op": r.op, "reason": r.reason} for r in self.at_risk],
            "retired": list(self.retired),
            "kept": [{"block": kept.block, "why": kept.why} for kept in self.kept],
            "verdict": self.verdict,
            "reason": self.reason,
            "manual": self.manual,
            "backing_out": self.backing_out,
            "violations": [each.to_json() for each in self.violations],
            "cost": {"before": self.cost[0], "after": self.cost[1]},
        }


@dataclass(frozen=True, slots=True)
class ClimbReport:
    """A whole climb and what it took."""

    steps: tuple[ClimbStep, ...]
    seconds: float
    import_seconds: float
    registrations: int
    cores: int
    environment: str = "prod"
    systems: tuple[str, ...] = field(default=())

    @property
    def allowed_seconds(self) -> float:
        """The design's limit: I × (1 + R ÷ 1000 ÷ cores) + 1."""
        return allowed_seconds(self.import_seconds, self.registrations, self.cores)

    @property
    def exit_code(self) -> int:
        """1 if a step is blocked, 3 if one needs an approval that the ladder does not announce, else 0."""
        if any(step.verdict == "blocked" for step in self.steps):
            return 1
        if any(step.verdict == "needs-approval" and not step.announced for step in self.steps):
            return 3
        return 0

    def to_json(self) -> dict[str, Any]:
        """The whole of `climb --json`."""
        return {
            "seconds": round(self.seconds, 3),
            "import_seconds": round(self.import_seconds, 3),
            "registrations": self.registrations,
            "cores": self.cores,
            "allowed_seconds": round(self.allowed_seconds, 3),
            "environment": self.environment,
            "steps": [step.to_json() for step in self.steps],
        }


def allowed_seconds(import_seconds: float, registrations: int, cores: int) -> float:
    """How long a cold command may take on a machine that imports the SDKs in `import_seconds`."""
    return import_seconds * (1 + registrations / 1000 / cores) + 1
