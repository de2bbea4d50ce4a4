"""RabbitMQ on Amazon MQ: one node, or three in three zones, in the data subnets and over TLS only.

Queues inside are the application's: on a cluster it declares them as quorum queues, which every node has a copy of
(version 4 has no mirrored ones). Amazon MQ writes the broker's log to `/aws/amazonmq/broker/<id>/…` with a role of its
own; the groups are made with the broker and named by its id, so their retention is set where they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.broker.made import Made
from components.broker.spec import PORTS, BrokerSpec
from components.emitter import Emitter
from components.firewall import firewall
from components.keys import own_key
from components.login import login_secret
from components.site import Site, child_options

NAME_LIMIT = 50
"""Characters of a broker's name (CreateBroker, Amazon MQ API reference)."""
USER = "app"
MODES = {"single": "SINGLE_INSTANCE", "cluster": "CLUSTER_MULTI_AZ"}
DAYS = {
    "mon": "MONDAY", "tue": "TUESDAY", "wed": "WEDNESDAY", "thu": "THURSDAY", "fri": "FRIDAY", "sat": "SATURDAY",
    "sun": "SUNDAY",
}  # fmt: skip


def make_rabbitmq(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    spec: BrokerSpec,
    *,
    account_id: pulumi.Input[str],
    vpc_id: pulumi.Input[str],
    subnet_ids: Sequence[pulumi.Input[str]],
    clients: Mapping[str, pulumi.Input[str]],
    networks: Mapping[str, str],
    copied_to: Sequence[str],
) -> Made:
    """The broker with its key, login and firewall."""
    assert spec.deployment is not None
    called = f"{site.prefix}-{name}"
    key = own_key(parent, f"{name}-key", site, account_id, purpose=f"{name}: messages at rest and the login")
    group = firewall(
        parent,
        name,
        site,
        vpc_id=vpc_id,
        what=f"{called}: RabbitMQ",
        tag=called,
        port=PORTS["rabbitmq"],
        speaks="AMQP",
        clients=clients,
        networks=networks,
    )
    made = random.RandomPassword(f"{name}-password", length=64, special=False, opts=child_options(parent))
    password = pulumi.Output.secret(made.result)
    secret, _ = login_secret(
        parent, name, site, key, what="user and password", user=USER, password=password, copied_to=copied_to
    )
    day, _, time = spec.maintenance.partition(":")
    broker = aws.mq.Broker(
        f"{name}-broker",
        region=site.region,
        broker_name=called,
        engine_type="RabbitMQ",
        engine_version=spec.runs,
        # Amazon MQ wants it from 3.13 on, and reports major.minor then.
        auto_minor_version_upgrade=True,
        deployment_mode=MODES[spec.deployment],
        host_instance_type=spec.instance,
        publicly_accessible=False,
        subnet_ids=subnet_ids if spec.deployment == "cluster" else list(subnet_ids)[:1],
        security_groups=[group.id],
        encryption_options={"kms_key_id": key.arn, "use_aws_owned_key": False},
        users=[{"username": USER, "password": password}],
        logs={"general": True},
        maintenance_window_start_time={"day_of_week": DAYS[day], "time_of_day": time, "time_zone": "UTC"},
        # Classes change in an apply of their own; unless at once, they would wait for the window unseen.
        apply_immediately=True,
        tags=site.tagged(Name=called),
        # Users count at birth only: later ones are made, and passwords changed, in RabbitMQ itself.
        opts=child_options(parent, protect=site.guards_data, ignore_changes=["users"]),
    )
    return Made(
        emitter=Emitter("broker", members={"broker": {"Broker": broker.broker_name}}),
        env={"PORT": str(PORTS["rabbitmq"]), "TLS": "true"},
        statements=lambda _gives: [],
        host=broker.instances.apply(lambda nodes: _host(nodes[0].endpoints) if nodes else ""),
        secret_arn=secret.arn,
        key=key,
    )


def _host(endpoints: Sequence[str] | None) -> str:
    """`amqps://<host>:5671` without the rest: a cluster, too, has one name for its nodes."""
    return next((each.removeprefix("amqps://").rpartition(":")[0] for each in endpoints or ()), "")
