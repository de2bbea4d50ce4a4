"""events: an EventBridge bus, what it keeps, and where it hands events on."""

from components.events.component import Events, EventsArgs, EventsSpec

__all__ = ["Events", "EventsArgs", "EventsSpec"]
