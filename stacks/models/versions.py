"""Versions that stores and clusters run, raised by `phaseup:versions` outside phases: one block and step an apply."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Raising:
    """How a kind goes from one version to the next; `check` says how an operator sees that `precondition` holds."""

    minors: bool
    """Whether a step is one minor (Kubernetes), and not one major with any minor."""
    precondition: str
    check: str


RAISING: Final = {
    # Amazon RDS user guide, "How to perform a major version upgrade for RDS for PostgreSQL" (2026-10). Replicas in the
    # region go with their primary.
    "postgres": Raising(
        minors=False,
        precondition="no prepared transaction and no open replication slot, extensions that the next major knows, a "
        "rehearsal on a restored snapshot, and minutes in which the role may be away",
        check="SELECT count(*) FROM pg_prepared_xacts, and of pg_replication_slots, are 0; the upgrade log of an "
        "instance restored from the last snapshot has no error",
    ),
    # Amazon Aurora user guide, "Upgrading the Aurora PostgreSQL DB engine" (2026-10).
    "aurora": Raising(
        minors=False,
        precondition="no prepared transaction and no open replication slot, extensions that the next major knows, a "
        "rehearsal on a clone, and minutes in which the role may be away",
        check="SELECT count(*) FROM pg_prepared_xacts, and of pg_replication_slots, are 0; a clone of the cluster was "
        "raised without an error",
    ),
    # Amazon ElastiCache user guide, "Version management for ElastiCache" (2026-10).
    "cache": Raising(
        minors=False,
        precondition="clients that reconnect, and memory for a snapshot: nodes are exchanged one after the other",
        check="DatabaseMemoryUsagePercentage below 75 on every node; the notes of the next version name no command "
        "that clients use",
    ),
    # Amazon OpenSearch Service developer guide, "Upgrading domains" (2026-10).
    "search": Raising(
        minors=False,
        precondition="the domain is green, a snapshot is younger than a day, and indices were made by a version that "
        "the next one reads",
        check="aws opensearch get-compatible-versions lists it; upgrade-domain --perform-check-only finds nothing",
    ),
    # Amazon EKS user guide, "Update existing cluster to new Kubernetes version" (2026-10).
    "kubernetes": Raising(
        minors=True,
        precondition="no API that the next minor drops is in use, and disruption budgets that let nodes drain",
        check="aws eks list-insights for the cluster shows PASSING for upgrade readiness; kubectl get pdb allows a "
        "disruption everywhere",
    ),
    # Amazon MQ and MSK developer guides, "Upgrading" (2026-10).
    "broker": Raising(
        minors=False,
        precondition="clients that the next version speaks with, and queues short enough for a restart",
        check="messages ready are few; the notes of the next version name no feature flag that is off",
    ),
}
"""By kind; a kind that is not here has no version to raise."""


def refusal(kind: str, old: str, new: str) -> str:
    """Why `new` is no step up from `old`, as what is allowed; empty where it is one."""
    was, will = _numbers(old), _numbers(new)
    if will[: len(was)] == was:
        return ""  # the same, or its minor said too
    if was[: len(will)] == will:
        return ""  # its minor is AWS's to choose again
    if will < was:
        return f"{old} or above: no version goes down; docs/upgrade.md says what is left by hand"
    if RAISING[kind].minors:
        due = (was[0], was[1] + 1)
        return "" if will == due else f"{due[0]}.{due[1]}: one minor an apply"
    return "" if will[0] <= was[0] + 1 else f"{was[0] + 1} or a minor of it: one major an apply"


def is_major(kind: str, old: str, new: str) -> bool:
    """Whether the step has no way back: a major, or for Kubernetes any minor."""
    return _numbers(old)[: 2 if RAISING[kind].minors else 1] != _numbers(new)[: 2 if RAISING[kind].minors else 1]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))  # Kafka's end in words: 3.9.x.kraft
