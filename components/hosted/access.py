"""Who may reach a hosted block: rules of its server's firewall, made once everything that uses the role is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from components.firewall import let_in
from components.hosted.spec import HostedSpec
from components.site import Site


@dataclass(frozen=True)
class HostedAccessArgs:
    """The server's firewall, and whom it lets in."""

    spec: HostedSpec
    site: Site
    security_group_id: pulumi.Input[str]
    """The server's."""
    clients: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Security groups by block; the server's own hosts need no rule to reach themselves."""
    networks: Mapping[str, str] = field(default_factory=dict)
    """CIDRs by region."""


class HostedAccess(pulumi.ComponentResource):
    """One rule for each who uses the role from elsewhere."""

    def __init__(self, name: str, args: HostedAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:HostedAccess", name, None, opts)
        speaks = "PostgreSQL" if args.spec.engine == "postgres" else "Valkey"
        sources: dict[str, dict[str, pulumi.Input[str]]] = {
            **{client: {"referenced_security_group_id": group} for client, group in args.clients.items()},
            **{region: {"cidr_ipv4": cidr} for region, cidr in args.networks.items()},
        }
        for source, given in sorted(sources.items()):
            let_in(
                self,
                f"{name}-from-{source}",
                args.site,
                args.security_group_id,
                args.spec.listens,
                f"{speaks} from {source}",
                **given,
            )
        self.register_outputs({"let_in": sorted(sources)})
