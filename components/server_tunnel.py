"""A Cloudflare Tunnel to a server block: reached from the edge with no inbound port and no address of its own."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws
import pulumi_cloudflare as cloudflare
import pulumi_random as random

from components.service_unit import ContainerUnit
from components.site import Site, child_options

CONNECTOR: Final = "docker.io/cloudflare/cloudflared:2026.1.1"
"""Taken where no digest is given; the tag exists since 2026-01."""


@dataclass(frozen=True)
class TunnelArgs:
    """`routes` maps a full host name to the port on the hosts that serves it."""

    site: Site
    account_id: str
    """The Cloudflare account."""
    routes: Mapping[str, int]
    image: str = CONNECTOR


class Tunnel(pulumi.ComponentResource):
    """The tunnel, its routes, its token as an encrypted parameter, and the unit that connects it.

    Every host of the block runs that unit: several connectors share one tunnel, so a replaced host leaves no gap.
    """

    hostname: pulumi.Output[str]
    """What the zone's names point at."""
    unit: ContainerUnit

    def __init__(self, name: str, args: TunnelArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Tunnel", name, None, opts)
        site = args.site
        secret = random.RandomBytes(f"{name}-tunnel-secret", length=32, opts=child_options(self))
        tunnel = cloudflare.ZeroTrustTunnelCloudflared(
            f"{name}-tunnel",
            account_id=args.account_id,
            name=f"{site.prefix}-{name}",
            config_src="cloudflare",
            tunnel_secret=pulumi.Output.secret(secret.base64),
            # Not protected: a move gives it up once nothing comes this way any more, and the block stays.
            opts=child_options(self),
        )
        routes: list[Any] = [
            {"hostname": host, "service": f"http://localhost:{port}"} for host, port in sorted(args.routes.items())
        ]
        cloudflare.ZeroTrustTunnelCloudflaredConfig(
            f"{name}-tunnel-routes",
            account_id=args.account_id,
            tunnel_id=tunnel.id,
            config={"ingresses": [*routes, {"service": "http_status:404"}]},
            opts=child_options(self),
        )
        parameter = f"/{site.prefix}/{name}/tunnel-token"
        token = aws.ssm.Parameter(
            f"{name}-tunnel-token",
            region=site.region,
            name=parameter,
            description="Token of the Cloudflare Tunnel",
            type="SecureString",
            value=pulumi.Output.secret(
                pulumi.Output.all(tunnel.id, secret.base64).apply(lambda known: _token(args.account_id, *known))
            ),
            tags=site.tagged(),
            opts=child_options(self),
        )
        self.unit = ContainerUnit(
            name="cloudflared",
            image=args.image,
            command=("tunnel", "--no-autoupdate", "--metrics", "127.0.0.1:20241", "run"),
            secure={"TUNNEL_TOKEN": parameter},
            host_network=True,
            read_only=True,
            memory=256,
            statements=[{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": token.arn}],
            needs=[token],
        )
        self.hostname = pulumi.Output.concat(tunnel.id, ".cfargotunnel.com")
        self.register_outputs({"hostname": self.hostname})


def _token(account_id: str, tunnel_id: str, secret: str) -> str:
    """What `cloudflared tunnel token` prints: base64 of account, tunnel and secret (connection.TunnelToken)."""
    parts = {"a": account_id, "t": tunnel_id, "s": secret}
    return base64.b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode()
