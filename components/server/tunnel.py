"""A Cloudflare Tunnel to a server block: reached from the edge with no inbound port and no address of its own."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pulumi
import pulumi_aws as aws
import pulumi_cloudflare as cloudflare
import pulumi_random as random

from components.service.unit import ContainerUnit, UnitHealth
from components.site import Site, child_options

CONNECTOR: Final = (
    "docker.io/cloudflare/cloudflared:2026.7.3@sha256:e39ee8da81ad5e05d77f38d2f51c60ca51bf2a8450ac3abab50c17fdb91d91bf"
)
"""Taken where the stack's images name none; of several architectures."""

METRICS_PORT: Final = 20241
MEMORY: Final = 128
"""MiB. It starts with 12 to 18 (cloudflare/cloudflared issue 539) and copies what it passes on; what it needs beyond
that is garbage, which Go collects late unless it is told where its limit is."""


@dataclass(frozen=True)
class TunnelArgs:
    """`routes` maps a full host name to the port on the hosts that serves it."""

    site: Site
    account_id: str
    """The Cloudflare account."""
    routes: Mapping[str, int]
    image: str = CONNECTOR
    behind: Sequence[str] = ()
    """Services that must answer on a host before it takes requests."""
    leaves_hosts: bool = False
    """The tunnel may be given up while hosts are still connected to it. Cloudflare refuses to delete it then, and the
    provider does not ask it to disconnect them first (cloudflare/terraform-provider-cloudflare issue 5255): it leaves
    the state instead and stays behind, unconnected, unnamed by any record, and free of charge."""


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
        # Its own name each time: one that was left behind keeps its name, and Cloudflare refuses a second.
        mark = random.RandomId(f"{name}-tunnel-mark", byte_length=4, opts=child_options(self))
        secret = random.RandomBytes(f"{name}-tunnel-secret", length=32, opts=child_options(self))
        tunnel = cloudflare.ZeroTrustTunnelCloudflared(
            f"{name}-tunnel",
            account_id=args.account_id,
            name=pulumi.Output.format("{0}-{1}-{2}", site.prefix, name, mark.hex),
            config_src="cloudflare",
            tunnel_secret=pulumi.Output.secret(secret.base64),
            # Not protected: a move gives it up once nothing comes this way any more, and the block stays.
            opts=child_options(self, retain_on_delete=True if args.leaves_hosts else None),
        )
        routes: list[Any] = [
            {"hostname": host, "service": f"http://127.0.0.1:{port}"} for host, port in sorted(args.routes.items())
        ]
        cloudflare.ZeroTrustTunnelCloudflaredConfig(
            f"{name}-tunnel-routes",
            account_id=args.account_id,
            tunnel_id=tunnel.id,
            config={"ingresses": [*routes, {"service": "http_status:404"}]},
            opts=child_options(self),
        )
        token = aws.ssm.Parameter(
            f"{name}-tunnel-token",
            region=site.region,
            name=token_parameter(site, name),
            description="Token of the Cloudflare Tunnel",
            type="SecureString",
            value=pulumi.Output.secret(
                pulumi.Output.all(tunnel.id, secret.base64).apply(lambda known: _token(args.account_id, *known))
            ),
            tags=site.tagged(),
            opts=child_options(self),
        )
        self.unit = replace(
            connector(name, site, args.image, args.behind),
            statements=[{"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": token.arn}],
            needs=[token],
        )
        self.hostname = pulumi.Output.concat(tunnel.id, ".cfargotunnel.com")
        self.register_outputs({"hostname": self.hostname})


def connector(name: str, site: Site, image: str, behind: Sequence[str]) -> ContainerUnit:
    """The part of the connector's unit that is text, known before anything is built."""
    return ContainerUnit(
        name="cloudflared",
        image=image,
        command=("tunnel", "--no-autoupdate", "--metrics", f"127.0.0.1:{METRICS_PORT}", "run"),
        secure={"TUNNEL_TOKEN": token_parameter(site, name)},
        host_network=True,
        read_only=True,
        env={"GOMEMLIMIT": f"{MEMORY * 3 // 4}MiB"},
        memory=MEMORY,
        behind=tuple(behind),
        # Answers 200 while it has a connection to the edge.
        health=UnitHealth(METRICS_PORT, "/ready", 5, 6, 60),
    )


def token_parameter(site: Site, name: str) -> str:
    """The parameter with the tunnel's token."""
    return f"/{site.prefix}/{name}/tunnel-token"


def _token(account_id: str, tunnel_id: str, secret: str) -> str:
    """What `cloudflared tunnel token` prints: base64 of account, tunnel and secret (connection.TunnelToken)."""
    parts = {"a": account_id, "t": tunnel_id, "s": secret}
    return base64.b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode()
