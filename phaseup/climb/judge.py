"""Judges one step of a ladder as a move: beside the planner's verdict, whether it did only what its kind may do.

The rules are the table of docs/moving.md: expand, rung and shift delete nothing, and replace nothing but the listed
stateless types; a shift moves weights only; a rung and an arm touch their block alone; contract and abort delete
exactly what was announced.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from phaseup.climb.owners import Owners, depends_on, with_dependents
from phaseup.graph.resource import Snapshot, State, urn_name
from phaseup.plan.steps import Step, is_counted, net_ops

if TYPE_CHECKING:
    from phaseup.facts import Stateful

MoveKind: TypeAlias = Literal["apply", "expand", "rung", "shift", "arm", "rearm", "raise", "contract", "abort"]
"""The steps of a move; `apply` is a stack's first, `rearm` takes back a consent to lose a block, `raise` is that of a
version, between moves."""

REPLACEABLE: Final = frozenset(
    {
        "aws:acm/certificate:Certificate",
        "aws:acm/certificateValidation:CertificateValidation",
        # A picture of an API's routes; its stage is pointed at the new one.
        "aws:apigateway/deployment:Deployment",
        "aws:ec2/launchTemplate:LaunchTemplate",
        "aws:elasticache/parameterGroup:ParameterGroup",
        "aws:lb/targetGroup:TargetGroup",
        "aws:rds/clusterParameterGroup:ClusterParameterGroup",
        "aws:rds/parameterGroup:ParameterGroup",
        # Immutable, and named by what is in it: pods of before keep theirs until they are rolled.
        "kubernetes:core/v1:ConfigMap",
    }
)
"""Stateless types that a step may replace, the new one first: whatever refers to one is pointed over in between."""

CARRIERS: Final[Mapping[str, frozenset[str]]] = {
    # Which regions of an origin are asked.
    "aws:cloudfront/distribution:Distribution": frozenset({"origins"}),
    "aws:lb/listener:Listener": frozenset({"defaultActions"}),
    "aws:lb/listenerRule:ListenerRule": frozenset({"actions"}),
    "aws:route53/record:Record": frozenset({"weightedRoutingPolicies"}),
    "cloudflare:index/dnsRecord:DnsRecord": frozenset({"content", "proxied"}),
    # What it falls back on is where its name's record points.
    "cloudflare:index/loadBalancer:LoadBalancer": frozenset(
        {"randomSteering", "defaultPools", "fallbackPool", "enabled"}
    ),
    "cloudflare:index/workersCronTrigger:WorkersCronTrigger": frozenset({"schedules"}),
    "cloudflare:index/workersRoute:WorkersRoute": frozenset({"pattern", "script"}),
}
"""What carries traffic, and the properties in which a shift may move it."""

WATCHER: Final = "phaseup:index:Alarms"
"""The component whose resources follow what they watch (docs/decisions/0013-alarms-follow-a-rung.md)."""

NAMED_BY_ROLE: Final = frozenset({"phaseup:index:Endpoint", "phaseup:index:Mounts"})
"""Components that are called by a role, whichever block fills it."""

ERRANDS: Final = frozenset({"aws:ssm/association:Association", "aws:ssm/document:Document"})
"""What has a host bring a block its data: the rung that made it takes it away again, where it is gone back over."""

GUARDS: Final = frozenset(
    {
        "applyImmediately",
        "deleteAutomatedBackups",
        "deletionProtection",
        "deletionProtectionEnabled",
        "enableDeletionProtection",
        "finalSnapshotIdentifier",
        "forceDestroy",
        "skipFinalSnapshot",
    }
)
"""Properties that an arm may change on any resource: the cloud's protection and the final copy. A stateful type's own
row adds its `protection` and `copy_inputs`."""


@dataclass(frozen=True, slots=True)
class Announced:
    """What a step said that it would do: whole blocks that go, and what narrows in blocks that stay."""

    leaving: frozenset[str] = frozenset()
    """Blocks whose every resource this step deletes."""
    keys: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Block → keys of its maps (replicas, rules, regions) that this step takes away."""
    fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Block → other fields whose value changes."""
    block: str = ""
    """The one block of a rung or an arm; an arm may name a region instead."""
    beside: frozenset[str] = frozenset()
    """Blocks that a rung may update, and no more, beside its own: the role that it takes over, and who uses that."""
    roles: frozenset[str] = frozenset()
    """Roles that the block of a rung takes over, that a block fills which a shift changes, or that others fill once the
    block of their name has gone: where they are is not that block's."""
    regions: frozenset[str] = frozenset()
    """Regions that this step leaves with all that stands there."""
    switching: frozenset[str] = frozenset()
    """Blocks whose queue or schedule work starts or stops with this shift."""
    rearmed: frozenset[str] = frozenset()
    """Blocks that were armed to leave and stay after all: a shift back to 0 protects them again."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing that a step of its kind may not do."""

    urn: str
    op: str
    why: str


def breaches(kind: MoveKind, steps: Sequence[Step], before: Snapshot, after: Snapshot, said: Announced) -> list[Breach]:
    """Everything in `steps` that goes beyond what a `kind` step with this announcement may do."""
    owners = Owners(before, after)
    ops = net_ops(steps)
    resources = {step.urn: step for step in _carrying(steps) if _is_custom(step) and is_counted(step.urn)}
    found = list(_replacements(resources.values(), ops))
    deletes = [urn for urn in resources if ops[urn] == "delete"]
    if kind in {"contract", "abort"}:
        found += _unannounced(deletes, before, owners, said)
        found += _left_behind(deletes, before, owners, said)
    else:
        # The groups of the version before go with it.
        spared = REPLACEABLE if kind == "raise" else frozenset()
        lost = [urn for urn in deletes if resources[urn].type not in spared]
        if kind == "rung":
            lost = [u for u in lost if resources[u].type not in ERRANDS or owners.block(u) != said.block]
        found += [Breach(urn, "delete", f"{_a(kind)} deletes nothing") for urn in lost]
    if kind == "apply":
        found += [Breach(u, ops[u], "the first apply only creates") for u in resources if ops[u] == "update"]
    if kind in {"rung", "raise"}:
        watching = _watching(resources.values(), ops, before, owners, said.block)
        others = {urn: step for urn, step in resources.items() if urn not in watching}
        found += _elsewhere(others, ops, owners, said, f"{_a(kind)} changes its block alone")
    if kind == "arm":
        found += _elsewhere(resources, ops, owners, said, "an arm changes its block alone")
        found += _more_than_arming(resources.values(), ops)
    if kind == "rearm":
        found += [
            Breach(u, ops[u], f"a consent taken back protects again ({', '.join(sorted(said.rearmed))}), no more")
            for u in resources
            if ops[u] in {"create", "update"} and owners.block(u) not in said.rearmed
        ]
        found += _more_than_arming([step for u, step in resources.items() if owners.block(u) in said.rearmed], ops)
    if kind == "shift":
        found += _more_than_weights(resources.values(), ops, owners, said)
    return found


def _replacements(steps: Iterable[Step], ops: Mapping[str, str]) -> Iterable[Breach]:
    for step in steps:
        if ops[step.urn] != "replace":
            continue
        if step.type not in REPLACEABLE:
            yield Breach(step.urn, "replace", f"{step.type} is not among the types that a move may replace")
        elif step.delete_before_replace:
            yield Breach(step.urn, "replace", "it is deleted before its replacement exists")


def _unannounced(deletes: Collection[str], before: Snapshot, owners: Owners, said: Announced) -> Iterable[Breach]:
    states = before.by_urn()
    roots = [urn for urn in states if owners.block(urn) in said.leaving]
    roots += [urn for urn in deletes if _narrowed(urn, owners.block(urn), said) or owners.region(urn) in said.regions]
    fine = with_dependents(roots, states)
    for urn in deletes:
        if urn not in fine:
            yield Breach(urn, "delete", f"nothing announced that {owners.block(urn) or 'it'} loses this")


def _left_behind(deletes: Collection[str], before: Snapshot, owners: Owners, said: Announced) -> Iterable[Breach]:
    gone = set(deletes)
    for state in before:
        block = owners.block(state.urn)
        if block in said.roles and owners.kind(state.urn) in NAMED_BY_ROLE:
            continue
        if block in said.leaving and state.custom and not (state.external or state.delete or state.urn in gone):
            yield Breach(state.urn, "same", f"block {block} leaves, but this stays")


def _narrowed(urn: str, block: str, said: Announced) -> bool:
    if said.fields.get(block):
        return True
    name = urn_name(urn)
    # What a block at home has for a region goes with that region, whether or not the block stood there.
    return any(re.search(rf"(^|-){re.escape(key)}(-|$)", name) for key in {*said.keys.get(block, ()), *said.regions})


def _elsewhere(
    resources: Mapping[str, Step], ops: Mapping[str, str], owners: Owners, said: Announced, rule: str
) -> Iterable[Breach]:
    for urn in resources:
        if ops[urn] == "update" and owners.block(urn) in said.beside:
            continue
        if ops[urn] == "create" and owners.block(urn) in said.roles and owners.kind(urn) in NAMED_BY_ROLE:
            continue
        if ops[urn] not in {"same", "read"} and said.block not in {owners.block(urn), owners.region(urn)}:
            yield Breach(urn, ops[urn], f"{rule} ({said.block}); this belongs to {owners.block(urn) or 'no block'}")


def _watching(steps: Iterable[Step], ops: Mapping[str, str], before: Snapshot, owners: Owners, block: str) -> set[str]:
    """What watches the block and is updated in place, as its members have changed, or arrives with what it watches: in
    another region, or where the block is made by its rung; and what shows those that do."""
    watchers = {step.urn: step for step in steps if step.new is not None and owners.kind(step.urn) == WATCHER}
    members = {state.urn for state in before if owners.block(state.urn) == block}
    arriving = {urn for urn, op in ops.items() if op == "create" and owners.block(urn) == block}
    found = {
        urn
        for urn, step in watchers.items()
        if not ({"update": members | arriving, "create": arriving}.get(ops[urn], set())).isdisjoint(_needs(step))
    }
    found |= _with_their_own({urn: step for urn, step in watchers.items() if ops[urn] == "create"}, found)
    return found | {u for u, each in watchers.items() if ops[u] == "update" and not found.isdisjoint(_needs(each))}


def _with_their_own(created: Mapping[str, Step], watching: set[str]) -> set[str]:
    """What arrives with those that watch: the topic that an event is told to, say, and its policy."""
    found = watching & created.keys()
    while True:
        needed = {urn for each in found for urn in _needs(created[each])}
        more = {urn for urn, step in created.items() if urn in needed or not found.isdisjoint(_needs(step))} - found
        if not more:
            return found
        found |= more


def _needs(step: Step) -> frozenset[str]:
    return frozenset(depends_on(step.new)) if step.new is not None else frozenset()


def _more_than_arming(steps: Iterable[Step], ops: Mapping[str, str]) -> Iterable[Breach]:
    for step in steps:
        op = ops[step.urn]
        if op == "create":
            yield Breach(step.urn, op, "an arm creates nothing")
        extra = _changed(step) - GUARDS - _own_guards(step) if op == "update" else set()
        if extra:
            yield Breach(step.urn, op, f"an arm changes protection and final copy only, not {', '.join(sorted(extra))}")


def _more_than_weights(
    steps: Iterable[Step], ops: Mapping[str, str], owners: Owners, said: Announced
) -> Iterable[Breach]:
    for step in steps:
        op = ops[step.urn]
        if op in {"same", "read", "delete", "replace"} or owners.block(step.urn) in said.switching:
            continue
        if op == "update" and owners.block(step.urn) in said.roles and owners.kind(step.urn) in NAMED_BY_ROLE:
            continue
        if op == "create":
            yield Breach(step.urn, op, "a shift creates nothing")
            continue
        extra = _changed(step) - CARRIERS.get(step.type, frozenset())
        if owners.block(step.urn) in said.rearmed:
            extra -= GUARDS | _own_guards(step)
        if extra:
            yield Breach(
                step.urn, op, f"a shift moves weights and record contents only, not {', '.join(sorted(extra))}"
            )


def _own_guards(step: Step) -> frozenset[str]:
    from phaseup.facts import stateful

    state = step.old or step.new
    row: Stateful | None = stateful(step.type, state.inputs if state else {})
    return frozenset({*row.protection, *row.copy_inputs}) if row else frozenset()


def _changed(step: Step) -> set[str]:
    """Top-level names of the properties that the step changes."""
    return {
        re.split(r"[.\[]", reason.path, maxsplit=1)[0] for reason in step.reasons if not reason.path.startswith("<")
    }


def _carrying(steps: Sequence[Step]) -> Iterable[Step]:
    """One step of each URN: the one that carries the reasons, and of a replacement one that says what goes first."""
    chosen: dict[str, Step] = {}
    for step in steps:
        best = chosen.get(step.urn)
        if best is None or (step.reasons and not best.reasons) or (step.delete_before_replace and not best.reasons):
            chosen[step.urn] = step
    return chosen.values()


def _is_custom(step: Step) -> bool:
    state: State | None = step.new or step.old
    return state is None or state.custom


def _a(kind: str) -> str:
    words = {"apply": "the first apply", "expand": "an expand", "arm": "an arm", "rearm": "a consent taken back"}
    return words.get(kind, f"a {kind}")
