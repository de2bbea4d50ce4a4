"""zone: a Cloudflare zone."""

from components.zone.component import Zone, ZoneArgs
from components.zone.spec import ZoneSpec

__all__ = ["Zone", "ZoneArgs", "ZoneSpec"]
