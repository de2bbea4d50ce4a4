"""What servers may host: checked before anything is registered."""

from __future__ import annotations

from collections.abc import Callable

from components.hosted import HostedSpec
from components.hosted.spec import TAKEN_OVER_BY
from components.network import NetworkSpec
from components.postgres import PostgresSpec
from components.server import ServerSpec
from stacks.compose.context import Context
from stacks.compose.hosted import on_server
from stacks.moves import predecessor


def _on_a_lone_server(context: Context) -> None:
    """A volume has one host. Each side of a move by itself: what is joined has the wider count, which waits until the
    volume has gone."""
    servers = {block.name: block for block, _ in context.of_kind("server", ServerSpec)}
    for block, spec in context.of_kind("hosted", HostedSpec):
        server = servers.get(spec.on)
        if server is None:
            allowed = f"a block of kind server: {', '.join(sorted(servers)) or 'none here'}"
            raise context.bad(block.name, "on", spec.on, allowed)
        for here, host in ((block.old, server.old), (block.new, server.new)):
            if here is None:
                continue
            if host is None:
                raise context.bad(block.name, "on", spec.on, "a server of the same phase")
            assert isinstance(host, ServerSpec)
            if host.count.max != 1:
                found = f"{host.count.max}, and {block.name} on it"
                raise context.bad(server.name, "count.max", found, "1, as a volume has one host")
            if host.spot:
                raise context.bad(server.name, "spot", f"spot, and {block.name} on it", "null: it may be taken away")


def _in_one_zone(context: Context) -> None:
    zones = next((spec.azs for _, spec in context.of_kind("network", NetworkSpec)), 3)
    for server, _ in context.of_kind("server", ServerSpec):
        given = list(on_server(context, server.name))
        for block, spec in given:
            if spec.zone != given[0][1].zone:
                allowed = f"{given[0][1].zone}, as {given[0][0].name} on the same server"
                raise context.bad(block.name, "zone", str(spec.zone), allowed)
            if spec.zone > zones:
                raise context.bad(block.name, "zone", str(spec.zone), f"one of the {zones} zones in use (azs)")


def _ports_apart(context: Context) -> None:
    for server, _ in context.of_kind("server", ServerSpec):
        taken = {spec.port: name for name, spec in context.on_server(server.name) if spec.port is not None}
        for block, spec in on_server(context, server.name):
            other = taken.setdefault(spec.listens, block.name)
            if other != block.name:
                raise context.bad(block.name, "port", f"{spec.listens}, which {other} has", "a port of its own there")


def _dumps_into_buckets(context: Context) -> None:
    buckets = sorted(name for name, block in context.effective.blocks.items() if block.kind == "bucket")
    for block, spec in context.of_kind("hosted", HostedSpec):
        if spec.dumps is not None and spec.dumps not in buckets:
            allowed = f"a block of kind bucket: {', '.join(buckets) or 'none here'}"
            raise context.bad(block.name, "dumps", spec.dumps, allowed)


def _taken_over_by_its_kind(context: Context) -> None:
    blocks = context.effective.blocks
    for block in blocks.values():
        before = predecessor(block, blocks)
        if before is None or not isinstance(old := before.spec, HostedSpec) or block.kind == "hosted":
            continue
        if block.kind != TAKEN_OVER_BY[old.engine]:
            found = f"{block.takes_over}, {old.engine} on a server, by a block of kind {block.kind}"
            raise context.bad(block.name, "takes_over", found, f"a block of kind {TAKEN_OVER_BY[old.engine]}")
        if isinstance(block.spec, PostgresSpec) and int(block.spec.version.partition(".")[0]) < int(old.major):
            allowed = f"{old.major} or above: a dump is loaded by its own major or a later one"
            raise context.bad(block.name, "version", block.spec.version, allowed)


def _units_apart(context: Context) -> None:
    """A unit is called by its service, and the tunnel's by its program."""
    for block, _ in context.of_kind("hosted", HostedSpec):
        if block.name == "cloudflared":
            raise context.bad(block.name, "kind", block.name, "another name: the tunnel's unit has this one")


RULES: tuple[Callable[[Context], None], ...] = (
    _on_a_lone_server,
    _in_one_zone,
    _ports_apart,
    _dumps_into_buckets,
    _taken_over_by_its_kind,
    _units_apart,
)
