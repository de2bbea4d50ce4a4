"""events: an EventBridge bus with its key, policy, archive, dead letters and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from components.emitter import Emitter
from components.events.rules import Handing, forward, hand_on, log_rights
from components.events.spec import EventsSpec
from components.keys import own_key
from components.site import Site, child_options
from components.sqs import sqs_queue
from components.tls_only import tls_only

__all__ = ["Events", "EventsArgs", "EventsSpec"]

ARCHIVE_LIMIT: Final = 48
"""Characters of an archive's name (CreateArchive, EventBridge API reference)."""
HOME: Final = "home"
"""The one rule of a bus elsewhere."""


@dataclass(frozen=True)
class EventsArgs:
    """`functions` and `queues` are what rules hand on to, by the blocks' names; a queue's also by its own."""

    spec: EventsSpec
    site: Site
    account_id: pulumi.Input[str]
    logs_key: pulumi.Input[str]
    """What the region's log groups are encrypted with."""
    functions: Mapping[str, aws.lambda_.Alias] = field(default_factory=dict)
    queues: Mapping[tuple[str, str | None], pulumi.Input[str]] = field(default_factory=dict)
    """ARNs."""
    home: str | None = None
    """The region of the bus that this one hands everything on to; None for that one itself."""
    bus: str = ""
    """The bus's name, where the component is called otherwise: elsewhere its own name ends in the region."""


class Events(pulumi.ComponentResource):
    """A bus, at home with its rules, elsewhere with one that leads home."""

    def __init__(self, name: str, args: EventsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Events", name, None, opts)
        spec, site = args.spec, args.site
        self.bus_name = f"{site.prefix}-{args.bus or name}"
        self.dead_letters = sqs_queue(
            self,
            f"{name}-dead-letters",
            site,
            days=spec.dead_days,
            # From its rules, and from the bus itself where it cannot use its key.
            rules=f"arn:aws:events:{site.region}:*:*/{self.bus_name}*",
        )
        self.key = own_key(
            self,
            f"{name}-key",
            site,
            args.account_id,
            purpose=f"{name}: events",
            statements=[_use_by_buses(args.account_id)],
        )
        self.bus = aws.cloudwatch.EventBus(
            f"{name}-bus",
            region=site.region,
            name=self.bus_name,
            description=f"{site.prefix} {name}",
            kms_key_identifier=self.key.arn,
            dead_letter_config={"arn": self.dead_letters.arn},
            tags=site.tagged(Name=self.bus_name),
            opts=child_options(self),
        )
        aws.cloudwatch.EventBusPolicy(
            f"{name}-policy",
            region=site.region,
            event_bus_name=self.bus.name,
            # It lets nobody in from outside the account: whom it has to, their roles say.
            policy=pulumi.Output.json_dumps(
                {"Version": "2012-10-17", "Statement": [tls_only("events:PutEvents", self.bus.arn)]}
            ),
            opts=child_options(self),
        )
        if spec.archive_days is not None:
            self._archive(name, spec.archive_days, site)
        handing = Handing(self, name, site, args.account_id, self.bus, self.dead_letters, args.logs_key)
        if args.home is not None:
            self.rules = {HOME: forward(handing, HOME, args.home)}
        else:
            self.rules = {
                event: hand_on(handing, event, of, args.functions, args.queues)
                for event, of in sorted(spec.rules.items())
                if of.to
            }
            for event, of in sorted(spec.rules.items()):
                for region in spec.taking(event):
                    rule = f"{event}-to-{region}"
                    self.rules[rule] = forward(handing, rule, region, of.pattern)
            if any(to.log_days for of in spec.rules.values() for to in of.to.values()):
                log_rights(handing)
        self.register_outputs({"bus": self.bus_name, "arn": self.bus.arn, "dead_letters": self.dead_letters.url})

    @property
    def emitter(self) -> Emitter:
        """What alarms can watch: its rules, and what none could deliver."""
        return Emitter(
            "events",
            members={rule: {"EventBusName": self.bus.name, "RuleName": made.name} for rule, made in self.rules.items()},
            followers={"dead_letters": {"QueueName": self.dead_letters.name}},
        )

    def _archive(self, name: str, days: int, site: Site) -> None:
        aws.cloudwatch.EventArchive(
            f"{name}-archive",
            region=site.region,
            name=self.bus_name,
            description=f"{site.prefix} {name}: every event, to be replayed",
            event_source_arn=self.bus.arn,
            retention_days=days,
            kms_key_identifier=self.key.arn,
            opts=child_options(self, protect=site.guards_data),
        )


def _use_by_buses(account_id: pulumi.Input[str]) -> dict[str, Any]:
    """EventBridge user guide, "Encrypting event buses with AWS KMS keys"."""
    return {
        "Sid": "Events",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
    }
