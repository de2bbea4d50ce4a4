"""vCPUs, memory and database connections of a graph, by block, with every group at its maximum."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from phaseup.capacity.hosts import HOSTING, TEMPLATE, hosts, vcpus
from phaseup.climb.owners import Owners
from phaseup.graph.resource import State, urn_name
from phaseup.graph.values import unwrap

SERVERLESS: Final = "db.serverless"
ACU_GIB: Final = 2.0
"""GiB of one Aurora capacity unit, about (Aurora user guide, "Aurora Serverless v2 capacity", 2026-11). It says only
that the CPU corresponds: as in the memory-optimised classes, that is a vCPU for eight GiB."""
BYTES_PER_CONNECTION: Final = 9531392
MOST_CONNECTIONS: Final = 5000
"""What RDS allows where no parameter says it: LEAST({DBInstanceClassMemory/9531392}, 5000) (Amazon RDS user guide,
"Quotas and constraints: maximum number of database connections", 2026-11)."""
RABBITMQ_NODES: Final = {"SINGLE_INSTANCE": 1, "ACTIVE_STANDBY_MULTI_AZ": 2, "CLUSTER_MULTI_AZ": 3}
"""By Amazon MQ's deployment mode (Amazon MQ developer guide, "Deployment options", 2026-11)."""
_INSTANCE: Final = "aws:rds/instance:Instance"
_AURORA: Final = "aws:rds/clusterInstance:ClusterInstance"
_CLUSTER: Final = "aws:rds/cluster:Cluster"
_PARAMETERS: Final = ("aws:rds/parameterGroup:ParameterGroup", "aws:rds/clusterParameterGroup:ClusterParameterGroup")


@dataclass(frozen=True, slots=True)
class Capacity:
    """What machines have together."""

    vcpu: float = 0
    memory: float = 0
    """GiB, nominal."""
    connections: int = 0
    """That databases take; a pooler shares these, it adds none."""

    def __add__(self, other: Capacity) -> Capacity:
        return Capacity(
            self.vcpu + other.vcpu, self.memory + other.memory, self.connections + other.connections
        )  # fmt: skip

    def times(self, number: int) -> Capacity:
        """So many of them."""
        return Capacity(self.vcpu * number, self.memory * number, self.connections * number)


NOTHING: Final = Capacity()


def capacity(states: Iterable[State]) -> dict[str, Capacity]:
    """By block; blocks that run on no machine of their own are left out. Raises `ValueError` for a class whose size is
    not known: a capacity that leaves it out would be wrong without a word."""
    graph = _Graph([state for state in states if not state.delete])
    found: dict[str, Capacity] = {}
    for state in graph.states:
        count = graph.counters.get(state.type)
        if count is not None and state.custom:
            block = graph.owners.block(state.urn)
            found[block] = found.get(block, NOTHING) + count(state)
    return found


def total(blocks: Mapping[str, Capacity]) -> Capacity:
    """All blocks together."""
    return sum(blocks.values(), NOTHING)


class _Graph:
    """One graph, looked up by id and name."""

    def __init__(self, states: list[State]) -> None:
        self.states = states
        self.owners = Owners(states)
        self.templates = {state.id: state for state in states if state.type == TEMPLATE}
        self.by_id = {(state.type, state.id): state for state in states if state.id}
        self.counters: dict[str, Callable[[State], Capacity]] = {
            **dict.fromkeys(HOSTING, self._fleet),
            _INSTANCE: self._database,
            _AURORA: self._database,
            "aws:elasticache/replicationGroup:ReplicationGroup": self._cache,
            "aws:opensearch/domain:Domain": self._domain,
            "aws:mq/broker:Broker": self._broker,
            "aws:msk/cluster:Cluster": self._kafka,
        }

    def _fleet(self, state: State) -> Capacity:
        types, most = hosts(state, self.templates)
        if not types or most is None:
            raise ValueError(f"{urn_name(state.urn)}: no instance type, or no maximum")
        # Any of the types may be what is there: the smallest is what is sure.
        least = min((_size(each, state) for each in types), key=lambda size: (size.vcpu, size.memory))
        return least.times(sum(most.values()))

    def _database(self, state: State) -> Capacity:
        inputs: dict[str, Any] = unwrap(state.inputs)
        name = str(inputs.get("instanceClass"))
        size = self._units(inputs, state) if name == SERVERLESS else _size(name, state)
        twice = 2 if inputs.get("multiAz") else 1  # the standby's connections are the primary's
        return Capacity(size.vcpu * twice, size.memory * twice, self._connections(inputs, size.memory))

    def _units(self, inputs: Mapping[str, Any], state: State) -> Capacity:
        cluster = next(
            (each for each in self._of(_CLUSTER) if _names(each, inputs.get("clusterIdentifier"))), None
        )  # fmt: skip
        scaling = unwrap(cluster.inputs).get("serverlessv2ScalingConfiguration") if cluster else None
        if not scaling:
            raise ValueError(f"{urn_name(state.urn)}: {SERVERLESS} without a cluster that says its capacity")
        memory = float(scaling["maxCapacity"]) * ACU_GIB
        return Capacity(memory / 8, memory)

    def _connections(self, inputs: Mapping[str, Any], memory: float) -> int:
        names = [inputs.get(key) for key in ("parameterGroupName", "dbParameterGroupName")]
        cluster = next((each for each in self._of(_CLUSTER) if _names(each, inputs.get("clusterIdentifier"))), None)
        names.append(unwrap(cluster.inputs).get("dbClusterParameterGroupName") if cluster else None)
        for type_ in _PARAMETERS:
            for group in self._of(type_):
                if any(_names(group, name) for name in names if name):
                    for parameter in unwrap(group.inputs).get("parameters") or ():
                        if parameter.get("name") == "max_connections" and str(parameter.get("value")).isdigit():
                            return int(parameter["value"])
        return min(int(memory * 1024**3 / BYTES_PER_CONNECTION), MOST_CONNECTIONS)

    def _cache(self, state: State) -> Capacity:
        inputs: dict[str, Any] = unwrap(state.inputs)
        outputs: dict[str, Any] = unwrap(state.outputs)
        # A group that follows a global datastore takes class and shards from it.
        leader = self._leader(inputs) if inputs.get("globalReplicationGroupId") else None
        given = unwrap(leader.inputs) if leader and not inputs.get("nodeType") else inputs
        shards = given.get("numNodeGroups") or 1
        replicas = inputs.get("replicasPerNodeGroup")
        nodes = inputs.get("numCacheClusters") or shards * (1 + int(replicas or 0))
        return _size(str(given.get("nodeType") or outputs.get("nodeType")), state).times(int(nodes))

    def _leader(self, inputs: Mapping[str, Any]) -> State | None:
        wanted = inputs.get("globalReplicationGroupId")
        for datastore in self._of("aws:elasticache/globalReplicationGroup:GlobalReplicationGroup"):
            if wanted in (datastore.id, unwrap(datastore.outputs).get("globalReplicationGroupId")):
                primary = unwrap(datastore.inputs).get("primaryReplicationGroupId")
                return self.by_id.get(("aws:elasticache/replicationGroup:ReplicationGroup", str(primary)))
        return None

    def _domain(self, state: State) -> Capacity:
        cluster = unwrap(state.inputs).get("clusterConfig") or {}
        size = _size(str(cluster.get("instanceType")), state).times(int(cluster.get("instanceCount") or 1))
        if cluster.get("dedicatedMasterEnabled"):
            masters = _size(str(cluster.get("dedicatedMasterType")), state)
            size += masters.times(int(cluster.get("dedicatedMasterCount") or 0))
        return size

    def _broker(self, state: State) -> Capacity:
        inputs: dict[str, Any] = unwrap(state.inputs)
        nodes = RABBITMQ_NODES[str(inputs.get("deploymentMode") or "SINGLE_INSTANCE")]
        return _size(str(inputs.get("hostInstanceType")), state).times(nodes)

    def _kafka(self, state: State) -> Capacity:
        inputs: dict[str, Any] = unwrap(state.inputs)
        group = inputs.get("brokerNodeGroupInfo") or {}
        return _size(str(group.get("instanceType")), state).times(int(inputs.get("numberOfBrokerNodes") or 0))

    def _of(self, type_: str) -> Iterator[State]:
        return (state for state in self.states if state.type == type_)


def _names(state: State, name: object) -> bool:
    outputs: dict[str, Any] = unwrap(state.outputs)
    return name is not None and name in (state.id, outputs.get("name"), outputs.get("clusterIdentifier"))


def _size(name: str, state: State) -> Capacity:
    """Of a class of any service: `db.m7g.large`, `cache.t4g.small`, `r7g.large.search`, `mq.m7g.large`,
    `kafka.m7g.large`."""
    from stacks.models.classes import memory_gib

    bare = name.removesuffix(".search")
    for prefix in ("db.", "cache.", "mq.", "kafka."):
        bare = bare.removeprefix(prefix)
    cpus, memory = vcpus(bare), memory_gib(bare)
    if cpus is None or memory is None:
        raise ValueError(f"{urn_name(state.urn)}: the size of {name} is not known")
    return Capacity(cpus, memory)
