"""Cloudflare Load Balancing: what probes each origin, a pool for each, and a load balancer for each name.

A load balancer outranks the record of its name, which stays beneath it: where one arrives it sends everything where the
record pointed, and where one leaves the record answers again, without a gap either way.
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_cloudflare as cloudflare

from components.site import Site, child_options
from components.zone.load_balancing import LoadBalancingSpec
from components.zone.origins import Host
from components.zone.rules import fqdn, slug


class Balancing:
    """Makes a zone's load balancers as children of the zone's component."""

    def __init__(
        self,
        parent: pulumi.Resource,
        name: str,
        spec: LoadBalancingSpec,
        site: Site,
        *,
        account_id: pulumi.Input[str],
        zone_id: pulumi.Input[str],
        domain: str,
    ) -> None:
        self._parent, self._name, self._spec, self._site = parent, name, spec, site
        self._account_id, self._zone_id, self._domain = account_id, zone_id, domain

    def balance(self, label: str, host: Host) -> cloudflare.LoadBalancer:
        """One name's load balancer, with its monitor and pools."""
        monitor = self._monitor(label, host)
        pools = {origin.name: self._pool(label, host, origin.name, monitor) for origin in host.origins}
        weights = {origin.name: origin.weight / 100 for origin in host.origins}
        spec = self._spec
        return cloudflare.LoadBalancer(
            f"{self._name}-balance-{slug(label)}",
            zone_id=self._zone_id,
            name=fqdn(label, self._domain),
            description=f"{self._site.prefix}: {fqdn(label, self._domain)}",
            # Switched off, the record of its name answers, which then points at the CDN (Cloudflare documentation,
            # "Manage load balancers").
            enabled=host.cdn is None,
            proxied=True,
            # A pool of weight 0 is in it too: Cloudflare probes what a load balancer uses, so that one can see that it
            # is well before it gets anything.
            default_pools=[pool.id for pool in pools.values()],
            # New pools count as down until they are probed. Until then everything goes here.
            fallback_pool=next(iter(pools.values())).id,
            steering_policy="random" if host.weighed else spec.steering,
            random_steering={
                "default_weight": 0,
                "pool_weights": pulumi.Output.all(**{each: pool.id for each, pool in pools.items()}).apply(
                    lambda ids: {ids[each]: weight for each, weight in weights.items()}
                ),
            },
            region_pools=self._by_client(host, pools),
            session_affinity=spec.affinity,
            session_affinity_ttl=spec.affinity_seconds if spec.affinity != "none" else None,
            # While a side is weighed out, a failed request is not tried again on the other one.
            adaptive_routing={"failover_across_pools": not host.weighed},
            opts=child_options(self._parent),
        )

    def _monitor(self, label: str, host: Host) -> cloudflare.LoadBalancerMonitor:
        return cloudflare.LoadBalancerMonitor(
            f"{self._name}-balance-{slug(label)}-monitor",
            account_id=self._account_id,
            description=f"{self._site.prefix}: {fqdn(label, self._domain)}",
            type="https",
            method="GET",
            path=host.health,
            port=443,
            expected_codes="200",
            header={"Host": [fqdn(label, self._domain)]},
            allow_insecure=False,
            follow_redirects=False,
            interval=self._spec.interval,
            timeout=self._spec.timeout,
            retries=self._spec.retries,
            # Probes leave as the zone's own requests do: with the client certificate that some origins insist on.
            probe_zone=self._domain,
            opts=child_options(self._parent),
        )

    def _pool(
        self, label: str, host: Host, origin: str, monitor: cloudflare.LoadBalancerMonitor
    ) -> cloudflare.LoadBalancerPool:
        address = next(each.address for each in host.origins if each.name == origin)
        return cloudflare.LoadBalancerPool(
            f"{self._name}-balance-{slug(label)}-on-{origin}",
            account_id=self._account_id,
            # Pools are the account's, so the stack's prefix tells them apart.
            name=f"{self._site.prefix}-{slug(label)}-on-{origin}",
            description=f"{fqdn(label, self._domain)} on {origin}",
            enabled=True,
            minimum_origins=1,
            monitor=monitor.id,
            check_regions=list(self._spec.probes),
            origins=[{"name": origin, "address": address, "enabled": True, "weight": 1}],
            opts=child_options(self._parent),
        )

    def _by_client(
        self, host: Host, pools: Mapping[str, cloudflare.LoadBalancerPool]
    ) -> dict[str, list[pulumi.Input[str]]] | None:
        if not self._spec.geo:
            return None
        return {
            clients: [pools[each.name].id for region in regions for each in host.origins if each.region == region]
            for clients, regions in self._spec.geo.items()
        }
