"""Checks of brokers: names that AWS takes, and whether who uses one can reach it."""

from __future__ import annotations

from collections.abc import Callable

from components.broker import BrokerSpec
from components.broker.kafka import NAME_LIMIT as CLUSTER_LIMIT
from components.broker.queues import NAME_LIMIT as QUEUE_LIMIT
from components.broker.queues import queue_name
from components.broker.rabbitmq import NAME_LIMIT as BROKER_LIMIT
from components.network import NetworkSpec
from components.service import ServiceSpec
from stacks.compose.context import Context
from stacks.moves import predecessor


def names_fit(context: Context) -> None:
    """Physical names are the stack's, the block's, and a queue's."""
    for block, spec in context.of_kind("broker", BrokerSpec):
        called = f"{context.site.prefix}-{block.name}"
        limit = {"rabbitmq": BROKER_LIMIT, "kafka": CLUSTER_LIMIT}.get(spec.engine)
        if limit is not None and len(called) > limit:
            raise context.bad(block.name, "kind", f"{called}, {len(called)} characters", f"a block name within {limit}")
        for queue, of in spec.queues.items():
            dead = queue_name(context.site, block.name, f"{queue}-dead", fifo=of.fifo)
            if len(dead) > QUEUE_LIMIT:
                found = f"{dead}, {len(dead)} characters"
                raise context.bad(block.name, f"queues.{queue}", found, f"a name within {QUEUE_LIMIT}")
        taken = {f"{queue}-dead" for queue in spec.queues} & spec.queues.keys()
        if taken:
            queue = min(taken)
            allowed = f"another name: it is that of the dead letters of {queue.removesuffix('-dead')}"
            raise context.bad(block.name, f"queues.{queue}", queue, allowed)


def functions_reach_them(context: Context) -> None:
    """RabbitMQ and Kafka stand in the network; SQS is outside, and a network without a way out has an endpoint for
    it."""
    (network,) = [spec for _, spec in context.of_kind("network", NetworkSpec)]
    for block, spec in context.of_kind("broker", BrokerSpec):
        for role in sorted(context.roles_filled_by(block)):
            for name, function in context.functions_using(role).items():
                if spec.port is not None and not function.vpc:
                    allowed = f"true where it uses {role}, which only the network reaches"
                    raise context.bad(name, "vpc", "false", allowed)
                if spec.port is None and function.vpc and network.nat == "none" and "sqs" not in network.endpoints:
                    allowed = f"a network with NAT, or with an endpoint for sqs, to reach {role}"
                    raise context.bad(name, "vpc", "true in a network without a way out", allowed)


def takers_are_brokers(context: Context) -> None:
    """What takes a broker's role over is a broker: consumers read from both for a while."""
    for block, _ in context.of_kind("broker", BrokerSpec):
        before = predecessor(block, context.effective.blocks)
        if before is not None and before.kind != "broker":
            allowed = f"a broker, as {block.name} is one; {before.name} is a {before.kind}"
            raise context.bad(block.name, "takes_over", before.name, allowed)


def lag_is_of_who_reads(context: Context) -> None:
    """A consumer group is called like the service or function that reads in it: of any other no lag would ever be
    told. What is kept on the way down may have lost its readers."""
    for block, spec in context.of_kind("broker", BrokerSpec):
        if block.name in context.config.kept_whole:
            continue
        roles = context.roles_filled_by(block)
        readers = sorted(
            {each.name for each, of in context.of_kind("service", ServiceSpec) if not roles.isdisjoint(of.uses)}
            | {name for role in roles for name in context.functions_using(role)}
        )
        for name, of in spec.lag.items():
            if of.group not in readers:
                allowed = f"who uses it: {', '.join(readers) or 'none here'}"
                raise context.bad(block.name, f"lag.{name}.group", of.group, allowed)


RULES: tuple[Callable[[Context], None], ...] = (
    names_fit,
    functions_reach_them,
    takers_are_brokers,
    lag_is_of_who_reads,
)
