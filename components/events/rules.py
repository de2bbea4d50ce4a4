"""The rules of a bus, and what each of their targets needs to be handed an event."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from components.events.spec import EventRuleSpec, EventTargetSpec
from components.policy import service_trust
from components.site import Site, child_options

LOGS: Final = "/aws/events/"
"""What a log group's name must begin with that EventBridge writes to (EventBridge user guide, "CloudWatch Logs
permissions")."""


@dataclass(frozen=True)
class Handing:
    """What the rules of one bus have in common."""

    parent: pulumi.Resource
    name: str
    site: Site
    account_id: pulumi.Input[str]
    bus: aws.cloudwatch.EventBus
    dead_letters: aws.sqs.Queue
    logs_key: pulumi.Input[str]

    def elsewhere(self, region: str) -> pulumi.Output[str]:
        """The ARN of the same bus in another region."""
        return pulumi.Output.format("arn:aws:events:{0}:{1}:event-bus/{2}", region, self.account_id, self.bus.name)

    def rule(self, event: str, pattern: Mapping[str, Any]) -> aws.cloudwatch.EventRule:
        """One rule of the bus."""
        return aws.cloudwatch.EventRule(
            f"{self.name}-{event}",
            region=self.site.region,
            event_bus_name=self.bus.name,
            name=rule_name(self.site, self.name, event),
            description=f"{self.site.prefix} {self.name}: {event}",
            event_pattern=json.dumps(pattern, sort_keys=True),
            state="ENABLED",
            tags=self.site.tagged(),
            opts=child_options(self.parent),
        )

    def target(
        self,
        logical: str,
        rule: aws.cloudwatch.EventRule,
        arn: pulumi.Input[str],
        spec: EventTargetSpec | None = None,
        *,
        role: pulumi.Input[str] | None = None,
        needs: list[pulumi.Resource] | None = None,
    ) -> None:
        """One target of a rule; what it does not take in time goes to the dead letters."""
        aws.cloudwatch.EventTarget(
            logical,
            region=self.site.region,
            event_bus_name=self.bus.name,
            rule=rule.name,
            arn=arn,
            role_arn=role,
            dead_letter_config={"arn": self.dead_letters.arn},
            retry_policy={
                "maximum_retry_attempts": spec.retries if spec else 185,
                "maximum_event_age_in_seconds": spec.max_age if spec else 86400,
            },
            opts=child_options(self.parent, depends_on=needs),
        )


def rule_name(site: Site, block: str, rule: str) -> str:
    """As EventBridge knows a rule."""
    return f"{site.prefix}-{block}-{rule}"


def hand_on(
    by: Handing,
    event: str,
    spec: EventRuleSpec,
    functions: Mapping[str, aws.lambda_.Alias],
    queues: Mapping[tuple[str, str | None], pulumi.Input[str]],
) -> aws.cloudwatch.EventRule:
    """A rule and its targets beside it."""
    rule = by.rule(event, spec.pattern)
    for target, to in sorted(spec.to.items()):
        logical = f"{by.name}-{event}-to-{target}"
        if to.function is not None:
            _to_function(by, logical, rule, functions[to.function], to)
        elif to.queue is not None:
            by.target(logical, rule, queues[to.queue, to.name], to)
        else:
            _to_logs(by, logical, event, target, rule, to)
    return rule


def forward(by: Handing, rule: str, region: str, pattern: Mapping[str, Any] | None = None) -> aws.cloudwatch.EventRule:
    """A rule that hands events on to the same bus in another region, where they began here: one that came from there
    would otherwise be sent back, and come again."""
    made = by.rule(rule, {**(pattern or {}), "region": [by.site.region]})
    to = by.elsewhere(region)
    role = aws.iam.Role(
        f"{by.name}-{rule}-role",
        description=f"{by.site.prefix} {by.name}: events to {region}",
        assume_role_policy=service_trust("events.amazonaws.com", account_id=by.account_id),
        tags=by.site.tagged(),
        opts=child_options(by.parent),
    )
    rights = aws.iam.RolePolicy(
        f"{by.name}-{rule}-rights",
        role=role.name,
        policy=pulumi.Output.json_dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Sid": "Put", "Effect": "Allow", "Action": "events:PutEvents", "Resource": to}],
            }
        ),
        opts=child_options(by.parent),
    )
    by.target(f"{by.name}-{rule}-bus", made, to, role=role.arn, needs=[rights])
    return made


def log_rights(by: Handing) -> None:
    """Lets EventBridge write to the log groups of this bus's rules."""
    groups = pulumi.Output.format(
        "arn:aws:logs:{0}:{1}:log-group:{2}{3}-{4}-*", by.site.region, by.account_id, LOGS, by.site.prefix, by.name
    )
    aws.cloudwatch.LogResourcePolicy(
        f"{by.name}-logs-policy",
        region=by.site.region,
        policy_name=f"{by.site.prefix}-{by.name}-events",
        policy_document=pulumi.Output.json_dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "Events",
                        "Effect": "Allow",
                        "Principal": {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]},
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Resource": groups,
                        "Condition": {"StringEquals": {"aws:SourceAccount": by.account_id}},
                    }
                ],
            }
        ),
        opts=child_options(by.parent),
    )


def _to_function(
    by: Handing, logical: str, rule: aws.cloudwatch.EventRule, alias: aws.lambda_.Alias, spec: EventTargetSpec
) -> None:
    may = aws.lambda_.Permission(
        f"{logical}-may",
        region=by.site.region,
        action="lambda:InvokeFunction",
        function=alias.function_name,
        qualifier=alias.name,
        principal="events.amazonaws.com",
        source_arn=rule.arn,
        opts=child_options(by.parent),
    )
    by.target(logical, rule, alias.arn, spec, needs=[may])


def _to_logs(
    by: Handing, logical: str, event: str, target: str, rule: aws.cloudwatch.EventRule, spec: EventTargetSpec
) -> None:
    group = aws.cloudwatch.LogGroup(
        f"{logical}-logs",
        region=by.site.region,
        name=f"{LOGS}{by.site.prefix}-{by.name}-{event}-{target}",
        retention_in_days=spec.log_days,
        kms_key_id=by.logs_key,
        tags=by.site.tagged(),
        opts=child_options(by.parent),
    )
    by.target(logical, rule, group.arn, spec)
