"""What a graph needs of the AWS account's quotas that new accounts most often lack; counted, never guessed.

Quota codes and defaults: AWS Service Quotas (EC2, VPC, Elastic Load Balancing, RDS, ElastiCache, Lambda,
CloudFront), read 2026-11.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from phaseup.capacity.hosts import HOSTING, TEMPLATE, hosts, vcpus
from phaseup.graph.resource import State, urn_name
from phaseup.graph.values import unwrap

_COUNTED: Final[tuple[tuple[str, str, str, int], ...]] = (
    ("aws:ec2/vpc:Vpc", "VPCs per region", "L-F678F1CE", 5),
    ("aws:ec2/eip:Eip", "Elastic IP addresses", "L-0263D0A3", 5),
    ("aws:rds/instance:Instance", "DB instances", "L-7B6409FD", 40),
    ("aws:rds/cluster:Cluster", "DB clusters", "L-952B80B8", 40),
    ("aws:rds/proxy:Proxy", "RDS proxies", "L-D94C7EA3", 20),
    ("aws:eks/cluster:Cluster", "EKS clusters per region", "L-1194D53C", 100),
    ("aws:cloudfront/distribution:Distribution", "CloudFront distributions", "L-24B04930", 200),
)
_BALANCERS: Final = {
    "application": ("application load balancers", "L-53DA6B97", 50),
    "network": ("network load balancers", "L-69A177A2", 50),
}
"""By `loadBalancerType`."""
_STAGE: Final = "aws:apigatewayv2/stage:Stage"
_METHODS: Final = "aws:apigateway/methodSettings:MethodSettings"
_EVERY: Final = "*/*"
_FUNCTION: Final = "aws:lambda/function:Function"
_UNRESERVED: Final = 100
"""Executions that Lambda never lets functions reserve (Lambda developer guide, "Configuring reserved concurrency")."""
_RABBIT: Final = "aws:mq/broker:Broker"
_KAFKA: Final = "aws:msk/cluster:Cluster"
_NAT: Final = "aws:ec2/natGateway:NatGateway"
_SUBNET: Final = "aws:ec2/subnet:Subnet"
_STANDARD: Final = frozenset("acdhimrtz")
"""Instance families that share the quota of running on-demand standard instances."""


@dataclass(frozen=True, slots=True)
class Quota:
    """One quota: how much of it the stack needs, and what an account has by default."""

    name: str
    code: str
    needed: int
    default: int
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """One entry of `show --json`'s `quotas`."""
        return {"name": self.name, "code": self.code, "needed": self.needed, "default": self.default, "note": self.note}


def quotas(states: Iterable[State]) -> list[Quota]:
    """Every quota that the resources touch, with what they need at most."""
    states = [state for state in states if state.custom and not state.delete]
    found = [
        Quota(name, code, count, default)
        for type_, name, code, default in _COUNTED
        if (count := sum(state.type == type_ for state in states))
    ]
    found += _balancers(states)
    found += _throttles(states)
    nats = _nats_per_zone(states)
    if nats:
        found.append(
            Quota("NAT gateways per zone", "L-FE5A380F", max(nats.values()), 5, f"{sum(nats.values())} in all")
        )
    return [*found, *_brokers(states), *_cpu_quotas(states), *_concurrency(states)]


def _brokers(states: list[State]) -> list[Quota]:
    """Brokers in the region that has most: of RabbitMQ each, of Kafka each node (Amazon MQ and MSK developer guides,
    "Quotas", which name no code)."""
    found: dict[str, Counter[str]] = {_RABBIT: Counter(), _KAFKA: Counter()}
    for state in states:
        if state.type in found:
            inputs: dict[str, Any] = unwrap(state.inputs)
            nodes = inputs.get("numberOfBrokerNodes", 1)
            found[state.type][str(inputs.get("region"))] += nodes if isinstance(nodes, int) else 1
    said = {
        _RABBIT: ("Amazon MQ brokers per region", "mq, no code", 50),
        _KAFKA: ("MSK brokers per account", "kafka, no code", 90),
    }
    return [
        Quota(name, code, max(found[type_].values()), default)
        for type_, (name, code, default) in said.items()
        if found[type_]
    ]


def _balancers(states: list[State]) -> list[Quota]:
    """Load balancers of each type; those that say none are application ones."""
    types = Counter(
        str(unwrap(state.inputs).get("loadBalancerType") or "application")
        for state in states
        if state.type == "aws:lb/loadBalancer:LoadBalancer"
    )
    return [
        Quota(name, code, types[type_], default) for type_, (name, code, default) in _BALANCERS.items() if types[type_]
    ]


def _throttles(states: list[State]) -> list[Quota]:
    """Requests a second that gateways let through in the region that needs most; above the account's own limit they
    would be turned away whatever a stage says."""
    rates: Counter[str] = Counter()
    for state in states:
        if state.type == _STAGE:
            inputs: dict[str, Any] = unwrap(state.inputs)
            rate = (inputs.get("defaultRouteSettings") or {}).get("throttlingRateLimit")
            rates[str(inputs.get("region"))] += int(rate) if isinstance(rate, int | float) else 0
        elif state.type == _METHODS and unwrap(state.inputs.get("methodPath")) == _EVERY:
            settings: dict[str, Any] = unwrap(state.inputs)
            given = (settings.get("settings") or {}).get("throttlingRateLimit")
            rates[str(settings.get("region"))] += int(given) if isinstance(given, int | float) else 0
    most = max(rates.values(), default=0)
    return [Quota("API Gateway requests a second", "L-8A5B8E43", most, 10000, "per region")] if most else []


def _concurrency(states: list[State]) -> list[Quota]:
    """Lambda's executions at a time in the region that needs most: what functions reserve, and what must stay free."""
    reserved: Counter[str] = Counter()
    for state in states:
        if state.type == _FUNCTION:
            inputs: dict[str, Any] = unwrap(state.inputs)
            given = inputs.get("reservedConcurrentExecutions")
            reserved[str(inputs.get("region"))] += given if isinstance(given, int) and given > 0 else 0
    if not reserved:
        return []
    most = max(reserved.values())
    note = f"{most} reserved and {_UNRESERVED} that must stay unreserved; a new account may have 10 in all"
    return [Quota("Lambda executions at a time", "L-B99A9384", most + _UNRESERVED, 1000, note)]


def _cpu_quotas(states: list[State]) -> list[Quota]:
    """vCPUs at every group's maximum, on demand and spot apart; a group counts with its largest instance type."""
    templates = {state.id: state for state in states if state.type == TEMPLATE}
    needed = {"on-demand": 0, "spot": 0}
    unsized: list[str] = []
    for state in states:
        if state.type not in HOSTING:
            continue
        types, most = hosts(state, templates)
        sizes = [vcpus(name) for name in types]
        if not sizes or most is None or any(size is None for size in sizes):
            unsized.append(urn_name(state.urn))
            continue
        counted = [size or 0 for name, size in zip(types, sizes, strict=True) if name[0] in _STANDARD]
        for market, number in most.items():
            needed[market] += max(counted, default=0) * number
    note = f"not counted, size not known: {', '.join(unsized)}" if unsized else "at every group's maximum"
    codes = {"on-demand": "L-1216C47A", "spot": "L-34B43A08"}
    return [
        Quota(f"{market} standard vCPUs", codes[market], number, 5, note)
        for market, number in needed.items()
        if number or (unsized and market == "on-demand")
    ]


def _nats_per_zone(states: list[State]) -> Counter[str]:
    zones = {
        state.id: str(
            unwrap(state.inputs.get("availabilityZoneId") or state.inputs.get("availabilityZone")) or state.id
        )
        for state in states
        if state.type == _SUBNET
    }
    nats = [str(unwrap(state.inputs.get("subnetId")) or "") for state in states if state.type == _NAT]
    return Counter(zones.get(subnet, subnet) for subnet in nats)
