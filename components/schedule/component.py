"""The schedule: one expression, one target, one role that may do nothing else, and dead letters."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.emitter import Emitter
from components.policy import service_trust
from components.schedule.spec import ScheduleSpec
from components.site import Site, child_options
from components.sqs import DEAD_DAYS, sqs_queue


@dataclass(frozen=True)
class ScheduleArgs:
    """What a schedule invokes."""

    spec: ScheduleSpec
    site: Site
    account_id: pulumi.Input[str]
    target_arn: pulumi.Input[str]
    """The alias of a function."""
    runs: bool = True
    """Whether this side of a move runs it; of two sides only one ever does."""


class Schedule(pulumi.ComponentResource):
    """A schedule in a group of its own, which carries its tags."""

    def __init__(self, name: str, args: ScheduleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Schedule", name, None, opts)
        spec, site = args.spec, args.site
        self.dead_letters = sqs_queue(self, f"{name}-dead-letters", site, days=DEAD_DAYS)
        self.group = group = aws.scheduler.ScheduleGroup(
            f"{name}-group",
            region=site.region,
            name=f"{site.prefix}-{name}",
            tags=site.tagged(),
            opts=child_options(self),
        )
        role = aws.iam.Role(
            f"{name}-role",
            description=f"{site.prefix} {name}: its schedule",
            assume_role_policy=service_trust(
                "scheduler.amazonaws.com", account_id=args.account_id, source_arn=group.arn
            ),
            tags=site.tagged(),
            opts=child_options(self),
        )
        rights = aws.iam.RolePolicy(
            f"{name}-rights",
            role=role.name,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "Target",
                            "Effect": "Allow",
                            "Action": "lambda:InvokeFunction",
                            "Resource": args.target_arn,
                        },
                        {
                            "Sid": "DeadLetters",
                            "Effect": "Allow",
                            "Action": "sqs:SendMessage",
                            "Resource": self.dead_letters.arn,
                        },
                    ],
                },
                sort_keys=True,
            ),
            opts=child_options(self),
        )
        self.schedule = aws.scheduler.Schedule(
            f"{name}-schedule",
            region=site.region,
            name=f"{site.prefix}-{name}",
            group_name=group.name,
            description=f"{site.prefix} {name}",
            schedule_expression=spec.every,
            schedule_expression_timezone=spec.timezone,
            flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(
                mode="FLEXIBLE" if spec.flexible else "OFF", maximum_window_in_minutes=spec.flexible or None
            ),
            state="ENABLED" if args.runs and spec.state == "on" else "DISABLED",
            target=aws.scheduler.ScheduleTargetArgs(
                arn=args.target_arn,
                role_arn=role.arn,
                input=json.dumps(spec.input, sort_keys=True) if spec.input else None,
                retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
                    maximum_retry_attempts=spec.retries, maximum_event_age_in_seconds=spec.max_age
                ),
                dead_letter_config=aws.scheduler.ScheduleTargetDeadLetterConfigArgs(arn=self.dead_letters.arn),
            ),
            opts=child_options(self, depends_on=[rights]),
        )
        self.register_outputs({"arn": self.schedule.arn, "dead_letters": self.dead_letters.url})

    @property
    def emitter(self) -> Emitter:
        """What alarms can watch: its group, which holds it alone, and what could not be delivered."""
        return Emitter(
            "schedule",
            members={"group": {"ScheduleGroup": self.group.name}},
            followers={"dead_letters": {"QueueName": self.dead_letters.name}},
        )
