"""Brokers, and who may reach them."""

from __future__ import annotations

from components.broker import Broker, BrokerArgs, BrokerSpec
from components.service import ServiceSpec
from stacks.compose.buses import fed_by
from stacks.compose.clients import clients_of, networks_elsewhere
from stacks.compose.context import Context


def brokers(context: Context) -> None:
    """Every broker, at home: services elsewhere reach it through the peering, or SQS by its URL."""
    for block, spec in context.of_kind("broker", BrokerSpec):
        network = context.network
        inside = spec.port is not None
        context.brokers[block.name] = Broker(
            block.name,
            BrokerArgs(
                spec=spec,
                site=context.site_of(block),
                account_id=network.account_id,
                logs_key_arn=network.logs_key.arn,
                vpc_id=network.vpc_id,
                subnet_ids=network.subnet_ids("data", all_zones=True),
                clients=clients_of(context, block) if inside else {},
                networks=networks_elsewhere(context) if inside else {},
                fed_by={queue: rules for queue in spec.queues if (rules := fed_by(context, block.name, queue))},
                copied_to=sorted(networks_elsewhere(context)),
                retiring=context.config.retire,
            ),
        )


def scaled_by(context: Context, cluster: str) -> dict[str, set[str]]:
    """The SQS queues by whose length services on a cluster block are scaled, by role."""
    found: dict[str, set[str]] = {}
    for _, spec in context.of_kind("service", ServiceSpec):
        scaling = spec.on[cluster].scaling if cluster in spec.on else None
        if scaling and scaling.queue and scaling.queue.queue:
            found.setdefault(scaling.queue.role, set()).add(scaling.queue.queue)
    return found
