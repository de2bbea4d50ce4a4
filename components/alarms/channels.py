"""Where alarms go: one encrypted topic a severity, to PagerDuty, Slack and mail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from components.alarms.spec import RouteSpec, Severity
from components.keys import own_key
from components.policy import service_trust
from components.site import Site, child_options
from components.tls_only import tls_only

PUBLISHERS: Final = ("cloudwatch.amazonaws.com", "events.amazonaws.com")


@dataclass(frozen=True)
class Contacts:
    """Who can be told; `slack` is workspace id and channel id by the channel's use (`alerts`, `ops`)."""

    email: str
    pagerduty: pulumi.Input[str] | None = None
    """The integration's URL, which is a key."""
    slack_workspace: str | None = None
    slack_channels: Mapping[str, str] = field(default_factory=dict)


def topics(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    account_id: pulumi.Input[str],
    *,
    region: str,
    severities: Collection[Severity],
    routes: Mapping[Severity, RouteSpec],
    contacts: Contacts,
) -> dict[Severity, aws.sns.Topic]:
    """A topic for each severity in one region: an alarm can only tell topics of its own."""
    where = "" if region == site.region else f"-{region}"
    key = own_key(
        parent,
        f"{name}{where}-key",
        site,
        account_id,
        purpose=f"{name}: messages to topics",
        # Without conditions: EventBridge meets none when it publishes to an encrypted topic (SNS developer guide,
        # "Enable compatibility between event sources from AWS services and encrypted topics").
        statements=[
            {
                "Sid": "Publishers",
                "Effect": "Allow",
                "Principal": {"Service": list(PUBLISHERS)},
                "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                "Resource": "*",
            }
        ],
        region=region,
    )
    made: dict[Severity, aws.sns.Topic] = {}
    for severity in sorted(severities):
        topic = aws.sns.Topic(
            f"{name}-topic-{severity}{where}",
            region=region,
            display_name=f"{site.prefix} {severity}",
            kms_master_key_id=key.arn,
            tags=site.tagged(severity=severity),
            opts=child_options(parent),
        )
        made[severity] = topic
        _policy(parent, f"{name}-topic-{severity}{where}-policy", region, topic, account_id)
        _subscribe(parent, f"{name}-topic-{severity}{where}", region, topic, routes[severity], contacts)
    return made


def _policy(
    parent: pulumi.Resource, name: str, region: str, topic: aws.sns.Topic, account_id: pulumi.Input[str]
) -> None:
    def publish(sid: str, service: str) -> dict[str, object]:
        return {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sns:Publish",
            "Resource": topic.arn,
        }

    aws.sns.TopicPolicy(
        name,
        region=region,
        arn=topic.arn,
        policy=pulumi.Output.json_dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        **publish("Alarms", PUBLISHERS[0]),
                        "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
                    },
                    # EventBridge does not support conditions here (EventBridge user guide, "Amazon SNS permissions").
                    publish("Events", PUBLISHERS[1]),
                    tls_only("sns:Publish", topic.arn),
                ],
            }
        ),
        opts=child_options(parent),
    )


def _subscribe(
    parent: pulumi.Resource, name: str, region: str, topic: aws.sns.Topic, route: RouteSpec, contacts: Contacts
) -> None:
    pages = route.pagerduty and contacts.pagerduty is not None
    chats = route.slack is not None and route.slack in contacts.slack_channels
    if pages:
        aws.sns.TopicSubscription(
            f"{name}-pagerduty",
            region=region,
            topic=topic.arn,
            protocol="https",
            endpoint=pulumi.Output.secret(contacts.pagerduty),
            # PagerDuty confirms by itself.
            endpoint_auto_confirms=True,
            opts=child_options(parent, additional_secret_outputs=["endpoint"]),
        )
    if route.email or not (pages or chats):
        aws.sns.TopicSubscription(
            f"{name}-email",
            region=region,
            topic=topic.arn,
            protocol="email",
            endpoint=contacts.email,
            opts=child_options(parent),
        )


def slack(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    *,
    topics: Collection[tuple[Severity, aws.sns.Topic]],
    routes: Mapping[Severity, RouteSpec],
    contacts: Contacts,
) -> None:
    """A channel configuration for each channel that is routed to, with a role that may look at metrics and no more."""
    # Two uses may share a channel, which takes one configuration only.
    channels: dict[str, tuple[str, list[pulumi.Output[str]]]] = {}
    for use, channel in sorted(contacts.slack_channels.items()):
        told = [topic.arn for severity, topic in topics if routes[severity].slack == use]
        if told:
            channels.setdefault(channel, (use, []))[1].extend(told)
    if not channels or contacts.slack_workspace is None:
        return
    look = "arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"
    role = aws.iam.Role(
        f"{name}-slack",
        description=f"{site.prefix} {name}: what Slack may show",
        assume_role_policy=service_trust("chatbot.amazonaws.com"),
        tags=site.tagged(),
        opts=child_options(parent),
    )
    attached = aws.iam.RolePolicyAttachment(
        f"{name}-slack-policy", role=role.name, policy_arn=look, opts=child_options(parent)
    )
    for channel, (use, told) in channels.items():
        aws.chatbot.SlackChannelConfiguration(
            f"{name}-slack-{use}",
            region=site.region,
            configuration_name=f"{site.prefix}-{name}-{use}",
            iam_role_arn=role.arn,
            guardrail_policy_arns=[look],
            logging_level="ERROR",
            slack_team_id=contacts.slack_workspace,
            slack_channel_id=channel,
            sns_topic_arns=told,
            tags=site.tagged(),
            opts=child_options(parent, depends_on=[attached]),
        )
