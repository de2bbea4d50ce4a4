"""Small climbs and branches made by hand, with names that nobody should trust, and what an HTML file consists of."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

from phaseup.climb.climb import Climb, Climbed
from phaseup.climb.ladder import Leg, key_of
from phaseup.climb.report import AtRisk, ClimbReport, ClimbStep, Kept
from phaseup.diff.report import Breach, Change, Cost, DiffReport, Line, Move, Risk, SettingChange, Speaks, StackDiff
from phaseup.diff.report import Reason as DiffReason
from phaseup.graph.resource import Snapshot, State, make_urn
from phaseup.plan.steps import Outcome, Reason, Step
from phaseup.policy.judge import Violation
from phaseup.record.run import Run

HOSTILE = "</script><img src=x onerror=alert(1)>\u2028<!--`|@all ${1}\x1b[31m\u202e\ud800&amp;\"'"
ROOT = make_urn("meal-prod", "phaseup", "", "pulumi:pulumi:Stack", "phaseup-meal-prod")
COMPONENT = "phaseup:index:"
VOID = {"meta", "input", "br", "link", "img"}


def component(block: str, kind: str = "Postgres") -> State:
    urn = make_urn("meal-prod", "phaseup", ROOT, f"{COMPONENT}{kind}", block)
    return State(urn, f"{COMPONENT}{kind}", False, parent=ROOT)


def state(parent: State, name: str, type_: str = "aws:rds/instance:Instance", needs: tuple[State, ...] = ()) -> State:
    urn = make_urn("meal-prod", "phaseup", parent.urn, type_, name)
    return State(urn, type_, True, parent=parent.urn, dependencies=[need.urn for need in needs])


def steps_of(op: str, *states: State, **more: Any) -> list[Step]:
    return [
        Step(op, s.urn, s.type, None if op == "create" else s, None if op == "delete" else s, **more)  # type: ignore[arg-type]
        for s in states
    ]


def leg(before: str | None, after: str, **more: Any) -> Leg:
    def config(name: str) -> Any:
        return SimpleNamespace(values={"phaseup:phase": name})

    return Leg(config(after), "up", config(before) if before is not None else None, **more)


def told(index: int, kind: str, verdict: str = "safe", **more: Any) -> ClimbStep:
    counts = {"create": 0, "update": 0, "replace": 0, "delete": 0, "same": 0} | more.pop("counts", {})
    phases = {"from_phase": "mvp", "to_phase": "growth"} | more.pop("phases", {})
    return ClimbStep(
        index,
        more.pop("system", "meal"),
        more.pop("direction", "up"),
        step=kind,
        counts=counts,
        resources=more.pop("resources", 3),
        verdict=verdict,
        **phases,
        **more,  # type: ignore[arg-type]
    )


def run_of(steps: list[Step]) -> Run:
    snapshot = Snapshot("meal-prod", "phaseup", [step.new for step in steps if step.new is not None])
    return Run(Outcome(steps, snapshot), {}, len(steps), 0.0)


def small_climb(name: str = "db-instance") -> Climb:
    """First apply, expand, a refused way back, arm, contract; `name` is that of a database which is replaced."""
    net, db, app = component("net", "Network"), component("db"), component("app", "Server")
    vpc = state(net, "net-vpc", "aws:ec2/vpc:Vpc")
    data = state(db, name, needs=(vpc,))
    group = state(app, "app-group", "aws:autoscaling/group:Group", (data, vpc))
    alone = state(app, "app-group", "aws:autoscaling/group:Group", (vpc,))
    why = (
        Reason("instanceClass", "db.t4g.medium", "db.m7g.large", "update_reboot", "aws_db_instance, 7.51"),
        Reason(name, None, name, "replace", name, (vpc.urn, data.urn)),
    )
    breach = Violation("data-encrypted", data.urn, "mandatory", "high", f"storageEncrypted: {name}")
    hint = Violation("cost-tagged", group.urn, "advisory", "low", "tags: none")
    first = steps_of("create", net, vpc, db, data)
    expand = [
        *steps_of("same", net, vpc, db),
        *steps_of("update", data, reasons=why, stateful=True, declared_at="a.py:3"),
    ]
    expand += steps_of("create", app, group)
    contract = [
        *steps_of("same", net, vpc, app),
        *steps_of("update", alone),
        *steps_of("delete", db, data, stateful=True),
    ]
    states = {key_of(leg("mvp", "x").before): Snapshot("meal-prod", "phaseup", [net, vpc, db, data])}  # type: ignore[arg-type]
    climbed = (
        Climbed(
            leg(None, "mvp"),
            told(
                1,
                "apply",
                counts={"create": 4},
                cost=(0.0, 40.0),
                resources=4,
                phases={"from_phase": "", "to_phase": "mvp"},
            ),
            run_of(first),
        ),
        Climbed(
            leg("mvp", "moving"),
            told(
                2,
                "expand",
                "needs-approval",
                counts={"create": 2, "update": 1, "same": 3},
                resources=6,
                reason=name,
                brief="a person",
                cost=(40.0, 900.5),
                violations=(hint,),
                manual=name,
            ),
            run_of(expand),
        ),
        Climbed(
            leg("mvp", "mvp", backing_out=True),
            told(
                3,
                "abort",
                "refused",
                backing_out=True,
                reason="no way",
                manual="by hand",
                resources=4,
                phases={"from_phase": "growth", "to_phase": "mvp"},
                cost=(40.0, 40.0),
            ),
            None,
        ),
        Climbed(
            leg("moving", "growth"),
            told(
                4,
                "contract",
                "blocked",
                counts={"update": 1, "delete": 2, "same": 3},
                resources=4,
                reason="gone",
                cost=(900.5, 700.0),
                at_risk=(AtRisk(data.urn, "delete", name),),
                retired=(db.urn,),
                kept=(Kept("net", name),),
                violations=(breach, hint),
            ),
            run_of(contract),
        ),
    )
    return Climb(ClimbReport(tuple(c.step for c in climbed), 1.0, 1.0, 20, 2, "prod", ("meal",)), climbed, states)


def branch(name: str = "db-instance", changes: int = 0) -> DiffReport:
    """A stack that is blocked, one that is safe, one with bad input; `changes` more resources in the first."""
    urn = f"urn:pulumi:meal-prod::phaseup::{COMPONENT}Postgres$aws:rds/instance:Instance::{name}"
    rows = tuple(Change("create", f"{urn}-{n}", "aws:sqs/queue:Queue", block=f"b{n % 9}") for n in range(changes))
    reason = DiffReason(name, "a", name, "replace", name, (urn,))
    blocked = StackDiff(
        "meal-prod",
        "stacks/Pulumi.meal-prod.yaml",
        "meal",
        "prod",
        ("config",),
        "blocked",
        (f"data {name}",),
        ("mvp", "growth"),
        config=(Line(" ", "config:"), Line("-", "  phaseup:phase: mvp"), Line("+", f"  phaseup:phase: {name}")),
        settings=(SettingChange("db", "instance", "db.t4g.medium", {"x": name}), SettingChange("db", "size", None, 20)),
        counts={"create": changes, "update": 1, "replace": 1, "delete": 1, "same": 5},
        changes=(
            Change(
                "replace", urn, "aws:rds/instance:Instance", (reason,), True, "components/postgres.py:12", block="db"
            ),
            Change(
                "update",
                f"{urn}-2",
                "aws:ec2/vpc:Vpc",
                (reason,),
                deferred=("engineVersion",),
                downtime="a reboot",
                block="net",
            ),
            Change("delete", f"{urn}-3", "aws:s3/bucket:Bucket", retained=True),
            *rows,
        ),
        at_risk=(Risk(urn, "replace", name),),
        retired=(urn,),
        cost=Cost(40.0, 812.34, (urn,), "2026-11-01"),
        breaches=(Breach("data-encrypted", urn, "mandatory", "high", name, name),),
        triggers=(Speaks("users", "users above 5,000 for 5m", "move", "the source"),),
        move=Move(
            "expand",
            "mvp",
            "growth",
            f"expand mvp → {name}",
            "first this",
            "see that",
            "by hand",
            f"then\n  phaseup:moving: {name}",
        ),
        plan_hash="abc123",
        notes=(name,),
    )
    safe = StackDiff(
        "pareto-dev",
        "stacks/Pulumi.pareto-dev.yaml",
        "pareto",
        "dev",
        ("component",),
        "safe",
        counts={"update": 1, "same": 9},
        changes=(Change("update", urn, "aws:x/y:Z", block="app"),),
    )
    bad = StackDiff("x-dev", "stacks/Pulumi.x-dev.yaml", "x", "dev", ("config",), "blocked", error=f"line\n{name}")
    return DiffReport("0123456789ab", "working tree", (blocked, bad, safe), ("quiet-dev",))


class Parsed(HTMLParser):
    """Elements with their attributes; `open_` is what was never closed, `wrong` what was closed out of turn."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        self.open_: list[str] = []
        self.wrong: list[str] = []
        self.comments: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice in <{tag}>: {names}"
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open_.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open_ or self.open_.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open_[-1] if self.open_ else "", data))

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def data(self) -> Any:
        """What the page's script reads."""
        scripts = [text for tag, text in self.texts if tag == "script"]
        return json.loads(scripts[0])
