"""Named conditions: what providers decide at plan time from several values (Terraform's CustomizeDiff)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from phaseup.facts.types import Fact
from phaseup.graph.values import Value, has_unknown


@dataclass(frozen=True, slots=True)
class Change:
    """One property's change and the resource around it; without secrets."""

    path: str
    old: Value
    new: Value
    old_inputs: Mapping[str, Value]
    old_outputs: Mapping[str, Value]
    news: Mapping[str, Value]

    def before(self, name: str) -> Value:
        """A property in the state, else in the old inputs."""
        value = self.old_outputs.get(name)
        return self.old_inputs.get(name) if value is None else value

    def after(self, name: str) -> Value:
        """A property as it will be: stated, else the state's."""
        value = self.news.get(name)
        return self.before(name) if value is None else value


def effect_of(fact: Fact, change: Change) -> str:
    """The effect of a conditional fact; `unknown` where a case hangs on a value that is not known yet."""
    for case in fact.when:
        if has_unknown(change.new) and case.name not in _NEED_NO_VALUE:
            return "unknown"
        if CONDITIONS[case.name](change):
            return case.effect
    return fact.otherwise


def version(value: Value) -> tuple[int, ...]:
    """`7.0.5` as (7, 0, 5), for comparison; anything else as its leading numbers."""
    return tuple(int(part) for part in re.findall(r"\d+", str(value or "")))


def downgrade(change: Change) -> bool:
    """The new version is lower, compared as far as both are given."""
    old, new = version(change.old), version(change.new)
    length = min(len(old), len(new))
    return length > 0 and new[:length] < old[:length]


def removed(change: Change) -> bool:
    """There is none any more."""
    return change.new in (None, "", [], {})


def was_set(change: Change) -> bool:
    """There was one before."""
    return change.old not in (None, "", [], {})


def turned_off(change: Change) -> bool:
    """True to false or absent."""
    return change.old in (True, "true") and change.new not in (True, "true")


def decreases(change: Change) -> bool:
    """A smaller number."""
    try:
        return float(change.new) < float(change.old)
    except (TypeError, ValueError):
        return False


def dedicated_to_default(change: Change) -> bool:
    """A VPC's tenancy from dedicated to default, the one way it can go in place."""
    return change.old == "dedicated" and change.new == "default"


def netmask_given(change: Change) -> bool:
    """The CIDR block comes out of an address pool, so that stating it changes nothing."""
    return bool(change.news.get("ipv4NetmaskLength"))


def interface_endpoint(change: Change) -> bool:
    """A VPC endpoint of type Interface."""
    return change.after("vpcEndpointType") == "Interface"


def user_data_replaces(change: Change) -> bool:
    """The program asks for a new EC2 instance with new user data."""
    return change.news.get("userDataReplaceOnChange") is True


def network_balancer_loses_or_gains_all(change: Change) -> bool:
    """A network balancer's security groups come from none or go to none."""
    if change.after("loadBalancerType") != "network":
        return False
    return bool(change.before("securityGroups")) != bool(change.news.get("securityGroups"))


def network_balancer_keeps_or_loses_count(change: Change) -> bool:
    """A network balancer has other subnets, and no more of them than before."""
    if change.after("loadBalancerType") != "network":
        return False
    return len(_texts(change.news.get("subnets"))) <= len(_texts(change.before("subnets")))


def subnet_mappings_change(change: Change) -> bool:
    """A balancer's subnet mapping becomes another one, or a network balancer loses one; adding goes in place."""
    kind = change.after("loadBalancerType") or "application"
    old, new = _mappings(change.before("subnetMappings")), _mappings(change.news.get("subnetMappings"))
    if kind not in ("application", "network") or old == new:
        return False
    if len(new) > len(old):
        return not old <= new
    return kind == "network" or not new < old


def storage_grown_by_autoscaling(change: Change) -> bool:
    """RDS has grown the storage above what is stated, and the ceiling allows it."""
    try:
        return change.old > change.new and (change.news.get("maxAllocatedStorage") or 0) > change.new
    except TypeError:
        return False


def storage_ceiling_is_size(change: Change) -> bool:
    """The ceiling for storage autoscaling is stated as the size itself, which is the same as none."""
    return change.old in (None, 0) and change.new == change.after("allocatedStorage")


def source_of_replicas_ends_backups(change: Change) -> bool:
    """No automated backups any more for a database that has read replicas."""
    return change.new in (0, "0") and bool(change.before("replicas"))


def born_of_another_database(change: Change) -> bool:
    """A replica or a restored database, which has the character set of its source."""
    return any(change.after(name) for name in ("replicateSourceDb", "snapshotIdentifier", "restoreToPointInTime"))


def major_version_not_allowed(change: Change) -> bool:
    """A higher major version (its first number) that is not allowed by `allowMajorVersionUpgrade`."""
    old, new = version(change.old), version(change.new)
    higher = bool(old and new) and new[0] > old[0]
    return higher and change.news.get("allowMajorVersionUpgrade") not in (True, "true")


def aurora(change: Change) -> bool:
    """The cluster's engine is an Aurora one."""
    return str(change.after("engine") or "").startswith("aurora")


def in_global_datastore(change: Change) -> bool:
    """The replication group belongs to a global datastore, which manages this property."""
    return bool(change.before("globalReplicationGroupId"))


def valkey_to_redis(change: Change) -> bool:
    """Back from Valkey to Redis OSS."""
    return str(change.old).lower() == "valkey" and str(change.new).lower() == "redis"


def cache_engine_below_7_0_5(change: Change) -> bool:
    """An engine version that cannot turn encryption in transit on or off in place."""
    return version(change.before("engineVersionActual") or change.before("engineVersion")) < (7, 0, 5)


def default_cache_port(change: Change) -> bool:
    """The default port 6379 is stated no more."""
    return change.old in (6379, "6379") and change.new in (None, 0)


def advanced_to_standard(change: Change) -> bool:
    """An SSM parameter leaves the advanced tier, which the cloud cannot do in place."""
    return change.old == "Advanced" and change.new == "Standard"


def to_intelligent_tiering(change: Change) -> bool:
    """An SSM parameter's tier is left to the service, which keeps the one that it has."""
    return bool(change.old) and change.new == "Intelligent-Tiering"


def skips_compatible_mode(change: Change) -> bool:
    """A replication group's cluster mode from disabled to enabled without compatible in between."""
    return (str(change.old).lower(), str(change.new).lower()) == ("disabled", "enabled")


def encrypts_at_once(change: Change) -> bool:
    """Encryption in transit comes to an existing replication group otherwise than in mode preferred."""
    return change.new in (True, "true") and change.after("transitEncryptionMode") != "preferred"


def assigned_ipv6_on_creation(change: Change) -> bool:
    """A subnet that gives its interfaces IPv6 addresses until now."""
    return change.before("assignIpv6AddressOnCreation") in (True, "true")


def dualstack_to_ipv4(change: Change) -> bool:
    """Back from dual stack to IPv4."""
    return change.old == "dualstack" and change.new == "ipv4"


def _texts(value: Value) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _mappings(value: Value) -> set[tuple[str, ...]]:
    names = ("subnetId", "allocationId", "ipv6Address", "privateIpv4Address")
    found = value if isinstance(value, list) else []
    return {tuple(str(item.get(name) or "") for name in names) for item in found if isinstance(item, dict)}


_NEED_NO_VALUE: Final = frozenset(
    {"was_set", "netmask_given", "interface_endpoint", "user_data_replaces", "aurora", "in_global_datastore"}
    | {"cache_engine_below_7_0_5", "born_of_another_database", "assigned_ipv6_on_creation"}
)


def certificate_in_process(change: Change) -> bool:
    """Fastly changes an order for a certificate while it waits for its proof, and again once it has been issued."""
    return change.old_outputs.get("state") not in ("pending", "issued")


CONDITIONS: Final[dict[str, Callable[[Change], bool]]] = {
    function.__name__: function
    for function in (
        downgrade,
        removed,
        was_set,
        turned_off,
        decreases,
        dedicated_to_default,
        netmask_given,
        interface_endpoint,
        user_data_replaces,
        network_balancer_loses_or_gains_all,
        network_balancer_keeps_or_loses_count,
        subnet_mappings_change,
        storage_grown_by_autoscaling,
        storage_ceiling_is_size,
        source_of_replicas_ends_backups,
        born_of_another_database,
        major_version_not_allowed,
        aurora,
        in_global_datastore,
        valkey_to_redis,
        cache_engine_below_7_0_5,
        default_cache_port,
        advanced_to_standard,
        to_intelligent_tiering,
        skips_compatible_mode,
        encrypts_at_once,
        assigned_ipv6_on_creation,
        dualstack_to_ipv4,
        certificate_in_process,
    )
}
