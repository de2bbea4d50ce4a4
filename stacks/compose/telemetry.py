"""What sees a system: a collector on each cluster, traces, and checks from outside."""

from __future__ import annotations

from components.kubernetes import KubernetesSpec
from components.network.plan import address_plan
from components.telemetry import Telemetry, TelemetryArgs, TelemetrySpec
from components.telemetry.component import RULE_LIMIT, trace_name
from components.telemetry.objects import address
from stacks.compose.context import Context

COLLECTOR_IMAGE = "collector"
"""The key in the stack's images that pins OpenTelemetry's contrib collector by digest."""


def telemetries(context: Context) -> None:
    """Telemetry in each region of the block, with the clusters that stand there."""
    for block, spec, place in context.placed("telemetry", TelemetrySpec):
        name = place.called(block.name)
        clusters = {host: context.clusters.get(place.called(host)) for host in spec.on}
        context.telemetries[name] = Telemetry(
            name,
            TelemetryArgs(
                spec=spec,
                site=context.site_of(block, place),
                account_id=place.network.account_id,
                logs_key_arn=place.network.logs_key.arn,
                domain=context.config.domain,
                image=context.config.images.get(COLLECTOR_IMAGE),
                clusters={host: cluster for host, cluster in clusters.items() if cluster is not None},
                nodes=address_plan(place.cidr).app,
                home=place.home,
            ),
        )


def collector_env(context: Context, cluster: str) -> dict[str, str]:
    """Where services on a cluster send what they measure; nothing where no collector is. Services on servers are told
    nothing, as none runs there: a move that brings a collector to a cluster restarts no host."""
    for _, spec in context.of_kind("telemetry", TelemetrySpec):
        if cluster in spec.on:
            return {
                "OTEL_EXPORTER_OTLP_ENDPOINT": address(spec.on[cluster].namespace),
                "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            }
    return {}


def _one_collector_a_cluster(context: Context) -> None:
    taken: dict[str, str] = {}
    for block, spec in context.of_kind("telemetry", TelemetrySpec):
        for host in spec.on:
            if taken.setdefault(host, block.name) != block.name:
                raise context.bad(
                    block.name, f"on.{host}", host, f"a cluster without a collector; {taken[host]} has one"
                )


def _collectors_fit(context: Context) -> None:
    clusters = {block.name: spec for block, spec in context.of_kind("kubernetes", KubernetesSpec)}
    for block, spec in context.of_kind("telemetry", TelemetrySpec):
        for host, collector in spec.on.items():
            # Whether it is a cluster at all is the spec's own rule.
            given = clusters.get(host)
            if given is not None and collector.namespace not in given.namespaces:
                allowed = f"a namespace of {host}: {', '.join(sorted(given.namespaces))}"
                raise context.bad(block.name, f"on.{host}.namespace", collector.namespace, allowed)
        if spec.on and COLLECTOR_IMAGE not in context.config.images:
            allowed = f"{COLLECTOR_IMAGE}: <name>@sha256:<digest>, OpenTelemetry's contrib collector"
            raise context.config.bad("phaseup:images", f"no {COLLECTOR_IMAGE}", allowed)


def _names_fit(context: Context) -> None:
    for block, spec in context.of_kind("telemetry", TelemetrySpec):
        for key, names in (("sampling", spec.sampling), ("groups", spec.groups)):
            for name in names:
                whole = trace_name(context.site, name)
                if len(whole) > RULE_LIMIT:
                    allowed = f"a name within {RULE_LIMIT} characters, the stack's before it"
                    raise context.bad(block.name, f"{key}.{name}", f"{whole}, {len(whole)} characters", allowed)


RULES = (_one_collector_a_cluster, _collectors_fit, _names_fit)
"""What only shows once the blocks stand beside each other."""
