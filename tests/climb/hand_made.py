"""Steps and snapshots made by hand, for the tests of judging and of rendering."""

from __future__ import annotations

from phaseup.graph.resource import Snapshot, State, make_urn
from phaseup.plan.steps import Reason, Step

STACK = make_urn("meal-prod", "phaseup", "", "pulumi:pulumi:Stack", "phaseup-meal-prod")
RDS = "aws:rds/instance:Instance"
PARAMETERS = "aws:rds/parameterGroup:ParameterGroup"
RECORD = "cloudflare:index/dnsRecord:DnsRecord"
LISTENER = "aws:lb/listener:Listener"
GROUP = "aws:autoscaling/group:Group"
SUBNET = "aws:ec2/subnet:Subnet"


def block(kind: str, name: str) -> State:
    return State(
        make_urn("meal-prod", "phaseup", STACK, f"phaseup:index:{kind}", name),
        f"phaseup:index:{kind}",
        False,
        parent=STACK,
    )


def child(parent: State, type_: str, name: str, **fields: object) -> State:
    urn = make_urn("meal-prod", "phaseup", parent.urn, type_, name)
    return State(urn, type_, True, id=f"id-{name}", parent=parent.urn, **fields)  # type: ignore[arg-type]


def snapshot(*states: State) -> Snapshot:
    return Snapshot("meal-prod", "phaseup", [State(STACK, "pulumi:pulumi:Stack", False), *states])


def reason(path: str, old: object = 1, new: object = 2, effect: str = "update") -> Reason:
    return Reason(path, old, new, effect, "terraform-provider-aws 6.20 internal/service/rds/instance.go (2026-08)")


def create(state: State) -> Step:
    return Step("create", state.urn, state.type, None, state, declared_at="components/x.py:7")


def update(state: State, *paths: str) -> Step:
    return Step(
        "update", state.urn, state.type, state, state, tuple(map(reason, paths)), declared_at="components/x.py:7"
    )


def delete(state: State, *, stateful: bool = False) -> Step:
    return Step("delete", state.urn, state.type, state, None, stateful=stateful)


def same(state: State) -> Step:
    return Step("same", state.urn, state.type, state, state)


def replace(state: State, path: str, *, delete_first: bool = False) -> list[Step]:
    why = (reason(path, effect="replace"),)
    made = Step("create-replacement", state.urn, state.type, state, state, why, delete_before_replace=delete_first)
    logical = Step("replace", state.urn, state.type, state, state, why, delete_before_replace=delete_first)
    gone = Step("delete-replaced", state.urn, state.type, state, None, delete_before_replace=delete_first)
    return [gone, logical, made] if delete_first else [made, logical, gone]
