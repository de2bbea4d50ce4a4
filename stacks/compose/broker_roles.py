"""Where a role is that a broker fills; and while another broker takes it over, where that one is.

Consumers are told of both from the rung `both` to the rung `drained`: under the role's own variables is the broker to
send to, under `ALSO_…` one more to take work from. `produce` changes the two round.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pulumi

from components.broker import Broker, BrokerSpec
from components.broker.queues import ASKS
from components.secret_copies import arn_in, managed_key
from components.service.endpoint import Consumer, EndpointArgs, Login
from components.service.spec import UseSpec
from components.site import Site
from stacks.compose.brokers import scaled_by
from stacks.compose.context import Context
from stacks.compose.places import Place
from stacks.moves.ladders import BROKER

ALSO = "ALSO_"
SECRET = {"USER": "username", "PASSWORD": "password"}
"""Variable → key, as RabbitMQ's secret has them."""


def of_broker(
    context: Context,
    role: str,
    filled_by: str,
    site: Site,
    place: Place,
    consumers: Mapping[str, Consumer],
    uses: Mapping[str, Sequence[UseSpec]],
) -> EndpointArgs:
    """`ENGINE` says which variables there are: of SQS a URL for each queue, of RabbitMQ `HOST` and a login, of Kafka
    `BOOTSTRAP`."""
    fills = context.brokers[filled_by]
    beside = {name: context.brokers[name] for name in also_read(context, role, filled_by)}
    env, also = dict(fills.env), None
    for name, other in beside.items():
        env |= {f"{ALSO}{variable}": value for variable, value in other.env.items()}
        if other.host is not None:
            env[f"{ALSO}HOST"] = other.host
        also = _login(context, name, place, ALSO) or also
    able = {
        name: replace(consumer, statements=_rights(fills, beside.values(), uses[name]))
        for name, consumer in consumers.items()
    }
    named: dict[str, Any] = {}
    if fills.host is not None:
        assert place.names is not None
        named = {"zone_id": place.names.zone_id, "zone_name": place.names.domain, "host": fills.host}
    return EndpointArgs(
        site=site,
        env=env,
        login=_login(context, filled_by, place),
        also=also,
        consumers={**able, **_autoscalers(context, role, [fills, *beside.values()], place)},
        **named,
    )


def also_read(context: Context, role: str, filled_by: str) -> Iterator[str]:
    """The broker from which consumers of a role take work beside the one that fills it, while one takes it over."""
    standing = {name: block for name, block in context.effective.blocks.items() if isinstance(block.spec, BrokerSpec)}
    for name, block in standing.items():
        if block.takes_over != role or block.rung not in ("both", "produce"):
            continue
        before = next((other for other in standing if other != name and _filled(standing[other], role)), None)
        other = before if BROKER.reached(block.rung, BROKER.fills_at) else name
        if other is not None and other != filled_by:
            yield other


def _filled(block: Any, role: str) -> bool:
    return role in (block.name, block.takes_over)


def _login(context: Context, name: str, place: Place, start: str = "") -> Login | None:
    broker = context.brokers[name]
    if broker.secret_arn is None or broker.key is None:
        return None
    variables = {f"{start}{variable}": key for variable, key in SECRET.items()}
    if place.home:
        return Login(broker.secret_arn, broker.key.arn, variables)
    key = managed_key(place.region, context.network.account_id)
    return Login(arn_in(broker.secret_arn, place.region), key, variables)


def _rights(fills: Broker, beside: Any, uses: Sequence[UseSpec]) -> list[dict[str, Any]]:
    gives = any(use.access == "write" for use in uses)
    statements = fills.statements(gives=gives)
    # Producers may still be on their way to the one that filled it before.
    also = [{**each, "Sid": f"Also{each['Sid']}"} for other in beside for each in other.statements(gives=gives)]
    return [*statements, *also]


def _autoscalers(context: Context, role: str, brokers: Sequence[Broker], place: Place) -> dict[str, Consumer]:
    """KEDA on each cluster here, which asks how long the queues are that it scales by."""
    found: dict[str, Consumer] = {}
    for name, block in sorted(context.effective.blocks.items()):
        scaler = context.clusters[place.called(name)].scaler if place.called(name) in context.clusters else None
        asked = scaled_by(context, name).get(role, set()) if block.kind == "kubernetes" else set()
        arns: list[pulumi.Input[str]] = [
            broker.queues[queue].arn for broker in brokers for queue in sorted(asked & broker.queues.keys())
        ]
        if scaler is not None and arns:
            statement = {"Sid": "Lengths", "Effect": "Allow", "Action": ASKS, "Resource": arns}
            found[f"keda-on-{name}"] = Consumer(scaler.name, [statement], logs_in=False)
    return found
