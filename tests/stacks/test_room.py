"""Every replica that the autoscalers may ask for fits its namespace's quota, and the nodes that it may run on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from components.kubernetes import KubernetesSpec
from components.kubernetes.spec import NodeGroupSpec
from components.service import ServiceSpec
from components.service.placement import PlacementSpec
from phaseup.capacity.hosts import vcpus
from stacks.models import load_blueprint
from stacks.models.blueprint import RESERVED
from stacks.models.classes import memory_gib
from stacks.models.load_blueprint import systems

FOR_PODS = 0.9
"""Of a node's cores and memory, by our reckoning; the rest is the kubelet's, the agents' and the collector's."""


@dataclass(frozen=True)
class Wanted:
    """What one service may ask for in one region, all replicas together."""

    of: PlacementSpec
    cores: float
    gib: float
    pods: int


def _specs(system: str, phase: str) -> tuple[dict[str, KubernetesSpec], list[ServiceSpec]]:
    blueprint = load_blueprint(system)
    given = {
        name: (keys["kind"], {key: value for key, value in keys.items() if key not in RESERVED})
        for name, keys in blueprint.merged[phase].items()
    }
    made = {name: blueprint.kinds.spec(kind).model_validate(rest) for name, (kind, rest) in given.items()}
    return (
        {name: spec for name, spec in made.items() if isinstance(spec, KubernetesSpec)},
        [spec for spec in made.values() if isinstance(spec, ServiceSpec)],
    )


def _wanted(services: list[ServiceSpec], cluster: str, region: str | None) -> Iterator[Wanted]:
    for service in services:
        at = service.on.get(cluster)
        if at is not None and (region is None or region in service.regions):
            count = at.scaling.max if at.scaling else at.replicas
            yield Wanted(at, count * at.cpu, count * at.memory / 1024, count)


def _takes(group: NodeGroupSpec, at: PlacementSpec) -> bool:
    labelled = all(group.labels.get(label) == value for label, value in at.on_nodes.items())
    return labelled and set(group.taints) <= set(at.tolerates)


def _places() -> Iterator[tuple[str, str, str, str | None]]:
    for system in systems():
        for phase in load_blueprint(system).names:
            for cluster, spec in _specs(system, phase)[0].items():
                yield from ((system, phase, cluster, region) for region in (None, *spec.regions))


PLACES = list(_places())


@pytest.mark.parametrize(("system", "phase", "cluster", "region"), PLACES)
def test_a_namespace_s_quota_holds_all_replicas(system: str, phase: str, cluster: str, region: str | None) -> None:
    clusters, services = _specs(system, phase)
    asked: dict[str | None, list[Wanted]] = defaultdict(list)
    for each in _wanted(services, cluster, region):
        asked[each.of.namespace].append(each)
    for name, namespace in clusters[cluster].namespaces.items():
        together, quota = asked[name], namespace.quota
        assert sum(each.cores for each in together) <= quota.cpu, name
        assert sum(each.gib for each in together) <= quota.memory, name
        assert sum(each.pods for each in together) <= quota.pods, name


@pytest.mark.parametrize(("system", "phase", "cluster", "region"), PLACES)
def test_the_nodes_hold_all_replicas(system: str, phase: str, cluster: str, region: str | None) -> None:
    clusters, services = _specs(system, phase)
    spec = clusters[cluster] if region is None else clusters[cluster].there(region)
    asked: dict[tuple[str, ...], list[Wanted]] = defaultdict(list)
    for each in _wanted(services, cluster, region):
        asked[tuple(name for name, group in spec.nodes.items() if _takes(group, each.of))].append(each)
    for groups, together in asked.items():
        cores = sum(_least(spec.nodes[name], vcpus) * spec.nodes[name].count.max for name in groups)
        gib = sum(_least(spec.nodes[name], memory_gib) * spec.nodes[name].count.max for name in groups)
        assert sum(each.cores for each in together) <= FOR_PODS * cores, groups
        assert sum(each.gib for each in together) <= FOR_PODS * gib, groups


def _least(group: NodeGroupSpec, size: Callable[[str], float | None]) -> float:
    return min(size(instance) or 0 for instance in group.instances)
