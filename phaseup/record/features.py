"""What the monitor says that it supports."""

from __future__ import annotations

from typing import Any

from pulumi.runtime.proto import resource_pb2

FEATURES = (
    "SECRETS",
    "RESOURCE_REFERENCES",
    "OUTPUT_VALUES",
    "ALIAS_SPECS",
    "REPLACEMENT_TRIGGER",
    "DELETED_WITH",
    "REPLACE_WITH",
    "TRANSFORMS",
    "INVOKE_TRANSFORMS",
    "PARAMETERIZATION",
    "RESOURCE_HOOKS",
    "ERROR_HOOKS",
    "SENDS_OPTIONS_TO_HOOKS",
    "INVOKE_DEPENDS_ON",
    "INVOKE_PARENT",
)
"""What engine 3.260 says that it supports, but byte strings (no simulator has any use for them)."""


def deployment_info(**fields: Any) -> resource_pb2.DeploymentInfo:
    """What the engine tells the SDK of the run; features that this SDK does not know are left out."""
    known = resource_pb2.ResourceMonitorFeature
    supported = [
        known.Value(f"RESOURCE_MONITOR_FEATURE_{name}")
        for name in FEATURES
        if f"RESOURCE_MONITOR_FEATURE_{name}" in known.keys()  # noqa: SIM118 (an enum wrapper is no mapping)
    ]
    return resource_pb2.DeploymentInfo(supportedFeatures=supported, **fields)
