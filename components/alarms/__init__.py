"""alarms: CloudWatch alarms and who hears of them."""

from components.alarms.component import Alarms, AlarmsArgs
from components.alarms.spec import AlarmsSpec

__all__ = ["Alarms", "AlarmsArgs", "AlarmsSpec"]
