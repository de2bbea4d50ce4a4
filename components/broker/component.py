"""A broker: what its engine builds, and what its users need to know of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.broker.kafka import make_kafka
from components.broker.made import Made, Statements
from components.broker.queues import make_queues
from components.broker.rabbitmq import make_rabbitmq
from components.broker.spec import BrokerSpec
from components.emitter import Emitter
from components.site import Site


@dataclass(frozen=True)
class BrokerArgs:
    """What a broker stands on; SQS needs none of the network."""

    spec: BrokerSpec
    site: Site
    account_id: pulumi.Input[str]
    logs_key_arn: pulumi.Input[str]
    """The key of the stack's log groups."""
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    """The data subnets of all three zones, in a fixed order; a single RabbitMQ stands in the first."""
    clients: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Security groups that may connect, by the name of the block they belong to."""
    networks: Mapping[str, str] = field(default_factory=dict)
    """Address ranges of other regions whose clients may connect, by region."""
    retiring: Collection[str] = ()
    """SQS: queues and dead letters, by logical name, that are armed alone."""
    fed_by: Mapping[str, str] = field(default_factory=dict)
    """SQS: by queue, the pattern of the ARNs of the rules that put events on it."""
    copied_to: Sequence[str] = ()
    """Regions in which the login is needed too."""


class Broker(pulumi.ComponentResource):
    """Queues on SQS, a RabbitMQ, or a Kafka cluster."""

    engine: str
    env: Mapping[str, pulumi.Input[str]]
    """Plain variables of its users, without the role's prefix."""
    host: pulumi.Output[str] | None
    """The one name that it answers under, if it has one."""
    secret_arn: pulumi.Output[str] | None
    """The login's, if it has one."""
    key: aws.kms.Key | None
    queues: Mapping[str, aws.sqs.Queue]
    """SQS: by name."""
    emitter: Emitter
    """What alarms can watch."""

    def __init__(self, name: str, args: BrokerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Broker", name, None, opts)
        self._made = made = self._make(name, args)
        self.engine = args.spec.engine
        self.env = {"ENGINE": self.engine, **made.env}
        self.host, self.secret_arn, self.key = made.host, made.secret_arn, made.key
        self.queues, self.emitter = made.queues, made.emitter
        self.register_outputs({"env": dict(self.env), "host": self.host, "secret_arn": self.secret_arn})

    def statements(self, *, gives: bool) -> Statements:
        """What a user's role may do: take work, and where it `gives` some, that too."""
        return self._made.statements(gives)

    def _make(self, name: str, args: BrokerArgs) -> Made:
        spec, site = args.spec, args.site
        if spec.engine == "sqs":
            return make_queues(self, name, site, spec, args.fed_by, args.retiring)
        if spec.engine == "rabbitmq":
            return make_rabbitmq(
                self,
                name,
                site,
                spec,
                account_id=args.account_id,
                vpc_id=args.vpc_id,
                subnet_ids=args.subnet_ids,
                clients=args.clients,
                networks=args.networks,
                copied_to=args.copied_to,
            )
        return make_kafka(
            self,
            name,
            site,
            spec,
            account_id=args.account_id,
            logs_key_arn=args.logs_key_arn,
            vpc_id=args.vpc_id,
            subnet_ids=args.subnet_ids,
            clients=args.clients,
            networks=args.networks,
        )
