"""The part of a zone's spec that says how its names are shared out over regions.

Limits: Cloudflare documentation, "Load Balancing: Limitations", "Steering policies" and "Session affinity" (2026-11).
Load Balancing is an add-on of every plan, switched on for the account once, by hand, before the first apply needs it.
"""

from __future__ import annotations

from typing import Final, Literal

from pydantic import model_validator

from components.spec import Join, Refused, RegionName, Spec, joined
from components.zone.plans import Plan

CloudflareRegion = Literal[
    "WNAM", "ENAM", "WEU", "EEU", "NSAM", "SSAM", "OC", "ME", "NAF", "SAF", "SAS", "SEAS", "NEAS"
]
SHORTEST_INTERVAL: Final = 15
SHORTEST_INTERVAL_ENTERPRISE: Final = 10
MOST_POOLS: Final = 20
"""Pools, and endpoints in them, that an account may have below Enterprise."""


class LoadBalancingSpec(Spec):
    """Cloudflare Load Balancing in front of every host of the zone: a pool for each block and region that answers."""

    steering: Literal["random", "dynamic_latency", "geo"] = joined(Join.NOW, "random")
    """How a settled zone chooses a region: by weight, by the quickest answer to probes, or by where the client is. The
    last two need the add-on Traffic Steering below Enterprise. While a move shares a name out anew, weights count."""
    weights: dict[RegionName, int] = joined(Join.NOW, dict)
    """Share of requests by region, the stack's own included; regions left out get none. Empty: all alike."""
    geo: dict[CloudflareRegion, list[RegionName]] = joined(Join.NOW, dict)
    """With `steering: geo`: the regions, best first, for clients in each of Cloudflare's."""
    affinity: Literal["none", "cookie", "ip_cookie"] = joined(Join.NOW, "none")
    """Whether a client stays with the region that answered first."""
    affinity_seconds: int = joined(Join.NOW, 82800, ge=1800, le=604800)
    """For how long."""
    interval: int = joined(Join.NOW, 60, ge=SHORTEST_INTERVAL_ENTERPRISE, le=3600)
    """Seconds between two probes from each place."""
    timeout: int = joined(Join.NOW, 5, ge=1, le=10)
    """Seconds that a probe waits."""
    retries: int = joined(Join.NOW, 2, ge=0, le=5)
    """Further probes at once before one counts as failed."""
    probes: list[CloudflareRegion] = joined(Join.NOW, lambda: ["WEU"], min_length=1)
    """Where probes come from; each region sends from three data centres."""

    @model_validator(mode="after")
    def _fits_together(self) -> LoadBalancingSpec:
        for region, weight in self.weights.items():
            if not 0 <= weight <= 100:
                raise Refused(f"weights.{region}", weight, "0 to 100")
        if self.weights and not any(self.weights.values()):
            raise Refused("weights", "nothing above 0", "at least one region above 0")
        if self.steering == "geo" and not self.geo:
            raise Refused("geo", "nothing", "the regions for clients in each of Cloudflare's, as steering is geo")
        if self.geo and self.steering != "geo":
            raise Refused("geo", ", ".join(self.geo), f"nothing with steering {self.steering}")
        if self.weights and self.steering != "random":
            raise Refused("weights", ", ".join(self.weights), f"nothing with steering {self.steering}")
        return self

    def named_regions(self) -> set[str]:
        """Every region that weights or geography name."""
        return {*self.weights, *(region for regions in self.geo.values() for region in regions)}

    def check_plan(self, plan: Plan) -> None:
        """Raises `Refused` for what the zone's plan does not allow."""
        if plan != "enterprise" and self.interval < SHORTEST_INTERVAL:
            raise Refused("load_balancing.interval", self.interval, f"at least {SHORTEST_INTERVAL} s on plan {plan}")
