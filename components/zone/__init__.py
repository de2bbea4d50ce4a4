"""zone: a Cloudflare zone."""

from components.zone.component import Zone, ZoneArgs
from components.zone.origins import Host, Origin
from components.zone.spec import ZoneSpec

__all__ = ["Host", "Origin", "Zone", "ZoneArgs", "ZoneSpec"]
