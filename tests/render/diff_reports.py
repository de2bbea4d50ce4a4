"""Diffs by hand, for what renders them: a quiet one, a dangerous one, several stacks, and one whose names attack."""

from __future__ import annotations

from phaseup.diff.report import (
    Breach,
    Change,
    Cost,
    DiffReport,
    Line,
    Move,
    Reason,
    Risk,
    SettingChange,
    Speaks,
    StackDiff,
)

FACT = "terraform-provider-aws 6.20 internal/service/rds/instance.go (2026-08)"
DB = "aws:rds/instance:Instance"
GROUP = "aws:autoscaling/group:Group"


def urn(type_: str, name: str) -> str:
    return f"urn:pulumi:meal-prod::phaseup::{type_}::{name}"


def changed(op: str, name: str, *reasons: Reason, type_: str = DB, **more: object) -> Change:
    return Change(op, urn(type_, name), type_, reasons, **more)  # type: ignore[arg-type]


MOVE = Move(
    kind="expand",
    from_phase="mvp",
    to_phase="growth",
    title="expand mvp → growth",
    precondition="the quota L-1216C47A allows 64 vCPUs",
    check="aws service-quotas get-service-quota --quota-code L-1216C47A",
    next_step="shift to 25 %, mvp → growth\n"
    "-  phaseup:moving: {from: mvp, traffic: 0}\n"
    "+  phaseup:moving: {from: mvp, traffic: 25}",
)

QUIET = StackDiff(
    stack="meal-prod",
    file="stacks/Pulumi.meal-prod.yaml",
    system="meal",
    environment="prod",
    causes=("config",),
    verdict="safe",
    phase=("mvp", "growth"),
    config=(
        Line(" ", "config:"),
        Line("-", "  phaseup:phase: mvp"),
        Line("+", "  phaseup:phase: growth"),
        Line("+", "  phaseup:moving: {from: mvp, traffic: 0}"),
        Line(" ", "  phaseup:pager: [secret]"),
    ),
    settings=(
        SettingChange("db", "instance", "db.t4g.medium", "db.m7g.large"),
        SettingChange("db", "replicas", None, ["reader"]),
        SettingChange("cache", "auth", "[secret]", "[secret]"),
    ),
    counts={"create": 3, "update": 1, "replace": 0, "delete": 0, "same": 212},
    changes=(
        changed("create", "web-eks", type_="aws:eks/cluster:Cluster", block="cluster"),
        changed("create", "db-reader", block="db"),
        changed("create", "db-reader-alarm", type_="aws:cloudwatch/metricAlarm:MetricAlarm", block="db"),
        changed(
            "update",
            "db",
            Reason("allocatedStorage", 100, 200, "update", FACT),
            block="db",
            stateful=True,
            declared_at="components/postgres/component.py:88",
        ),
    ),
    cost=Cost(194.0, 998.4, (urn("cloudflare:index/zone:Zone", "zone"),), "2026-10-01"),
    triggers=(
        Speaks(
            "concurrent_connections",
            "concurrent_connections above 5,000 users for 5m",
            "move to growth",
            "meal.md, line 120",
        ),
    ),
    move=MOVE,
    plan_hash="5d1c0a9be3f24d77",
)

DANGEROUS = StackDiff(
    stack="listing-prod",
    file="stacks/Pulumi.listing-prod.yaml",
    system="listing",
    environment="prod",
    causes=("component", "blueprint"),
    verdict="blocked",
    reasons=(
        "replace db: holds a database, and storageEncrypted (False → True) replaces it",
        "vol: protect is lifted, but nothing retires it",
    ),
    phase=("scale", "scale"),
    counts={"create": 1, "update": 3, "replace": 1, "delete": 2, "same": 408},
    changes=(
        changed("create", "topic", type_="aws:sns/topic:Topic", block="alarms"),
        changed(
            "update",
            "cache",
            Reason("nodeType", "cache.t4g.small", "cache.r7g.large", "update_reboot", "elasticache docs (2026-07)"),
            type_="aws:elasticache/replicationGroup:ReplicationGroup",
            block="cache",
            stateful=True,
            downtime="nodes restart one by one: a failover of about a minute",
        ),
        changed(
            "replace",
            "db",
            Reason("port", 5432, 5433, "update", FACT),
            Reason("storageEncrypted", False, True, "replace", FACT),
            block="db",
            stateful=True,
            declared_at="components/postgres/component.py:41",
        ),
        changed(
            "same",
            "vol",
            Reason("<protect>", True, None, "option", "only the state changes"),
            block="db",
            stateful=True,
        ),
        changed(
            "update",
            "params",
            Reason(
                "parameters", "[unknown]", '{"max_connections":"400"}', "deferred", FACT, (urn(DB, "x"), urn(DB, "db"))
            ),
            type_="aws:rds/parameterGroup:ParameterGroup",
            block="db",
            deferred=("parameters", "backupWindow"),
        ),
        changed("delete", "old-db", block="db", stateful=True, retained=True),
        changed("delete", "old-rule", type_="aws:ec2/securityGroupRule:SecurityGroupRule"),
        changed("update", "web", Reason("maxSize", 4, 8, "update", FACT), type_=GROUP, block="web"),
    ),
    at_risk=(Risk(urn(DB, "db"), "replace", "holds a database, and storageEncrypted (False → True) replaces it"),),
    retired=(urn(DB, "old-db"),),
    cost=Cost(4310.5, 4125.0, (), "2026-10-01"),
    breaches=(
        Breach("rds-backups", urn(DB, "db"), "advisory", "medium", "keeps backups 3 days", "keep 7 or more", new=False),
        Breach(
            "network-open",
            urn("aws:ec2/securityGroup:SecurityGroup", "sg"),
            "mandatory",
            "high",
            "port 22 is open to 0.0.0.0/0",
            "name the networks that may reach it",
        ),
    ),
    notes=("db: backupWindow waits for the maintenance window",),
    plan_hash="77aa01c29f",
)

BROKEN = StackDiff(
    stack="pareto-dev",
    file="stacks/Pulumi.pareto-dev.yaml",
    system="pareto",
    environment="dev",
    causes=("config",),
    verdict="blocked",
    error="stacks/Pulumi.pareto-dev.yaml: phaseup:phase: found gigantic; allowed: mvp, growth, scale",
)

NOTHING = DiffReport("8f3a91c20b7d", "working tree", unchanged=("meal-prod", "meal-dev"))
ONE = DiffReport("8f3a91c20b7d", "1d20ffe9a611", (QUIET,), ("meal-dev", "pareto-prod"), 9.5, 4.0, 1800, 2)
SEVERAL = DiffReport("8f3a91c20b7d", "working tree", (DANGEROUS, BROKEN, QUIET), ("meal-dev",), 21.0, 4.0, 5200, 2)


def large(stacks: int, resources: int, *, dangerous: int = 0) -> DiffReport:
    """That many changed resources, spread over the stacks; of each stack's so many are dangerous."""
    each = resources // stacks
    made = []
    for number in range(stacks):
        changes = tuple(
            changed(
                "replace" if index < dangerous else ("create", "update", "delete")[index % 3],
                f"resource-{number}-{index}",
                Reason("engineVersion", f"{index}.1", f"{index}.2", "replace" if index < dangerous else "update", FACT),
                stateful=index < dangerous,
                block=f"block-{index % 40}",
            )
            for index in range(each)
        )
        made.append(
            StackDiff(
                f"stack-{number}",
                f"stacks/Pulumi.stack-{number}.yaml",
                "meal",
                "prod",
                ("program",),
                "blocked" if dangerous else "safe",
                phase=("mvp", "mvp"),
                counts={"create": 1000 + number, "update": 7, "replace": dangerous, "delete": 3, "same": 2},
                changes=changes,
                config=tuple(Line("+", f"  key-{line}: {number}") for line in range(50)),
                cost=Cost(100.0, 200.0 + number),
                plan_hash=f"hash-{number}",
            )
        )
    return DiffReport("base", "head", tuple(made))
