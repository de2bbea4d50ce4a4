"""Which machines hosts and node groups may be, and how many of each at most, read from a graph.

vCPUs per size: the EC2 instance type tables (Amazon EC2 Instance Types guide, "Specifications", 2026-10); burstable
types up to `large` have two, others double from `large` = two.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from phaseup.graph.resource import State
from phaseup.graph.values import unwrap

GROUP: Final = "aws:autoscaling/group:Group"
TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
INSTANCE: Final = "aws:ec2/instance:Instance"
NODES: Final = "aws:eks/nodeGroup:NodeGroup"
HOSTING: Final = frozenset({INSTANCE, GROUP, NODES})
_TWO_CPU_BURSTABLE: Final = frozenset({"t3", "t3a", "t4g"})


def vcpus(instance: str) -> int | None:
    """vCPUs of an EC2 instance type; None where the size says nothing (metal) or the type is malformed."""
    family, _, size = instance.partition(".")
    if not family or not size:
        return None
    if size in {"nano", "micro", "small", "medium"}:
        return 2 if family in _TWO_CPU_BURSTABLE or instance == "t2.medium" else 1
    if size == "large":
        return 2
    if size == "xlarge":
        return 4
    times = size.removesuffix("xlarge")
    return 4 * int(times) if size.endswith("xlarge") and times.isdigit() else None


def hosts(state: State, templates: Mapping[str, State]) -> tuple[list[str], dict[str, int] | None]:
    """Instance types that may be used, and the most hosts by market."""
    inputs: dict[str, Any] = unwrap(state.inputs)
    if state.type == INSTANCE:
        return _named(inputs.get("instanceType")), {"on-demand": 1}
    if state.type == NODES:
        return _node_group(inputs, templates)
    most = inputs.get("maxSize")
    if not isinstance(most, int):
        return [], None
    mixed = inputs.get("mixedInstancesPolicy")
    if not isinstance(mixed, dict):
        template = templates.get(str((inputs.get("launchTemplate") or {}).get("id", "")))
        return _named(unwrap(template.inputs).get("instanceType") if template else None), {"on-demand": most}
    launch = mixed.get("launchTemplate") or {}
    template = templates.get(str((launch.get("launchTemplateSpecification") or {}).get("launchTemplateId", "")))
    types = _named(*(override.get("instanceType") for override in launch.get("overrides") or ()))
    types = types or _named(unwrap(template.inputs).get("instanceType") if template else None)
    split = mixed.get("instancesDistribution") or {}
    base = min(int(split.get("onDemandBaseCapacity") or 0), most)
    percent = split.get("onDemandPercentageAboveBaseCapacity")
    steady = base + math.ceil((most - base) * (100 if percent is None else int(percent)) / 100)
    return types, {"on-demand": steady, "spot": most - steady}


def _node_group(inputs: Mapping[str, Any], templates: Mapping[str, State]) -> tuple[list[str], dict[str, int] | None]:
    most = (inputs.get("scalingConfig") or {}).get("maxSize")
    if not isinstance(most, int):
        return [], None
    template = templates.get(str((inputs.get("launchTemplate") or {}).get("id", "")))
    types = _named(*(inputs.get("instanceTypes") or ()))
    types = types or _named(unwrap(template.inputs).get("instanceType") if template else None)
    return types, {"spot" if inputs.get("capacityType") == "SPOT" else "on-demand": most}


def _named(*types: Any) -> list[str]:
    return [str(name) for name in types if name]
