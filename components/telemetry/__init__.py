"""telemetry: a collector on each cluster, traces, and synthetic checks."""

from __future__ import annotations

from components.telemetry.component import Telemetry, TelemetryArgs
from components.telemetry.spec import TelemetrySpec

__all__ = ["Telemetry", "TelemetryArgs", "TelemetrySpec"]
