"""schedule: an EventBridge Scheduler schedule."""

from __future__ import annotations

from components.schedule.component import Schedule, ScheduleArgs
from components.schedule.spec import ScheduleSpec

__all__ = ["Schedule", "ScheduleArgs", "ScheduleSpec"]
