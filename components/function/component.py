"""The Lambda function: published versions behind one alias, under a role of its own, with a way out for what fails."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.emitter import Dimensions, Emitter
from components.function.identity import make_role
from components.function.sources import Work, dead_letters_of, event_rules, own_queue
from components.function.spec import FunctionSpec
from components.network import Network
from components.service.endpoint import parameter_name
from components.site import Site, child_options

ALIAS = "live"
NAME_LIMIT = 64
"""Characters of a function's name (CreateFunction, Lambda API reference)."""


@dataclass(frozen=True)
class CodeBucket:
    """An S3 bucket with zip files."""

    name: pulumi.Input[str]


@dataclass(frozen=True)
class FunctionArgs:
    """What a function stands on."""

    spec: FunctionSpec
    site: Site
    network: Network
    code: str
    """`<image>@sha256:<digest>`, or for a zip `<path>@sha256:<digest>`."""
    bucket: CodeBucket | None = None
    """Where a zip lies."""
    env: Mapping[str, str] = field(default_factory=dict)
    """What every program may know about where it runs."""
    runs: bool = True
    """Whether queue and events reach it now; on the side of a move that does not work they wait."""
    fed_by: str | None = None
    """The pattern of the ARNs of the rules that put events on its queue."""


class Function(pulumi.ComponentResource):
    """A function with its role, logs, dead letters, alias and event sources."""

    queue: aws.sqs.Queue | None
    security_group: aws.ec2.SecurityGroup | None

    def __init__(self, name: str, args: FunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Function", name, None, opts)
        spec, site = args.spec, args.site
        self._name, self._args = name, args
        self.function_name = f"{site.prefix}-{name}"
        if len(self.function_name) > NAME_LIMIT:
            raise ValueError(f"{self.function_name}: Lambda allows {NAME_LIMIT} characters in a function's name")
        self.logs = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            region=site.region,
            name=f"/aws/lambda/{self.function_name}",
            retention_in_days=spec.log_days,
            kms_key_id=args.network.logs_key.arn,
            tags=site.tagged(),
            opts=child_options(self),
        )
        self.dead_letters = dead_letters_of(self, name, site, spec)
        self.queue = own_queue(self, name, site, spec, self.dead_letters, args.fed_by) if spec.queue else None
        self.role, rights = make_role(
            self,
            name,
            site,
            spec,
            account_id=args.network.account_id,
            logs=self.logs,
            dead_letters=self.dead_letters,
            queue=self.queue,
            parameters=[parameter_name(site, role) for role in sorted(spec.uses)],
        )
        self.security_group = self._security_group() if spec.vpc else None
        self.function = aws.lambda_.Function(
            f"{name}-function",
            region=site.region,
            name=self.function_name,
            description=f"{site.prefix} {name}",
            role=self.role.arn,
            architectures=[spec.architecture],
            memory_size=spec.memory,
            timeout=spec.timeout,
            # -1 reserves nothing; left out, a reservation that is taken away would stay.
            reserved_concurrent_executions=-1 if spec.concurrency is None else spec.concurrency,
            ephemeral_storage=aws.lambda_.FunctionEphemeralStorageArgs(size=spec.disk),
            environment=aws.lambda_.FunctionEnvironmentArgs(variables=self._variables()),
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(
                log_format="JSON",
                log_group=self.logs.name,
                application_log_level=spec.log_level,
                system_log_level="INFO",
            ),
            tracing_config=aws.lambda_.FunctionTracingConfigArgs(mode="Active" if spec.tracing else "PassThrough"),
            publish=True,
            tags=site.tagged(Name=self.function_name),
            # Lambda checks the role when it makes a function in a VPC, and again when a source is attached.
            opts=child_options(self, depends_on=rights),
            **self._code(),
            **self._place(),
        )
        self.alias = aws.lambda_.Alias(
            f"{name}-alias",
            region=site.region,
            name=ALIAS,
            description="What everything invokes; the version behind it changes",
            function_name=self.function.name,
            function_version=self.function.version,
            opts=child_options(self),
        )
        self._asynchronous(rights)
        work = Work(self.function, self.alias, self.dead_letters, args.runs, rights)
        if self.queue is not None and spec.queue is not None:
            work.from_queue(self, name, site, spec.queue, self.queue)
        event_rules(self, name, site, spec.events, work)
        self.register_outputs(
            {
                "arn": self.alias.arn,
                "function": self.function_name,
                "dead_letters": self.dead_letters.url,
                "queue": self.queue.url if self.queue else None,
            }
        )

    @property
    def emitter(self) -> Emitter:
        """What alarms can watch: the function, and its queues."""
        queues: dict[str, Dimensions] = {"dead_letters": {"QueueName": self.dead_letters.name}}
        if self.queue is not None:
            queues["queue"] = {"QueueName": self.queue.name}
        return Emitter("function", members={"function": {"FunctionName": self.function.name}}, followers=queues)

    def _variables(self) -> dict[str, pulumi.Input[str]]:
        spec, site = self._args.spec, self._args.site
        # Lambda sets AWS_REGION itself and refuses it here. A role is told by the name of its parameter, which never
        # changes: who fills the role may, without a new version of the function.
        shared = {key: value for key, value in self._args.env.items() if not key.startswith("AWS_")}
        roles = {f"{role.upper().replace('-', '_')}_PARAMETER": parameter_name(site, role) for role in spec.uses}
        return dict(sorted({**shared, **roles, **spec.env}.items()))

    def _code(self) -> dict[str, Any]:
        spec, code = self._args.spec, self._args.code
        if spec.package == "image":
            given: dict[str, Any] = {"package_type": "Image", "image_uri": code}
            if spec.command:
                given["image_config"] = aws.lambda_.FunctionImageConfigArgs(commands=spec.command)
            return given
        if self._args.bucket is None:
            raise ValueError(f"{self._name}: a zip needs its bucket")
        path, _, digest = code.partition("@sha256:")
        return {
            "package_type": "Zip",
            "s3_bucket": self._args.bucket.name,
            "s3_key": f"{path}/{digest}.zip",
            # Lambda says the same of what it has: base64 of the SHA-256 (GetFunctionConfiguration, CodeSha256).
            "source_code_hash": base64.b64encode(bytes.fromhex(digest)).decode(),
            "handler": spec.handler,
            "runtime": spec.runtime,
        }

    def _place(self) -> dict[str, Any]:
        if self.security_group is None:
            return {}
        return {
            "vpc_config": aws.lambda_.FunctionVpcConfigArgs(
                subnet_ids=self._args.network.subnet_ids("app", all_zones=True),
                security_group_ids=[self.security_group.id],
            )
        }

    def _security_group(self) -> aws.ec2.SecurityGroup:
        site, name = self._args.site, self._name
        group = aws.ec2.SecurityGroup(
            f"{name}-sg",
            region=site.region,
            description=f"{site.prefix} {name}: nothing comes in",
            vpc_id=self._args.network.vpc_id,
            tags=site.tagged(Name=self.function_name),
            opts=child_options(self),
        )
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-out",
            region=site.region,
            security_group_id=group.id,
            description="What it uses, and the APIs it calls",
            cidr_ipv4="0.0.0.0/0",
            ip_protocol="-1",
            tags=site.tagged(),
            opts=child_options(self),
        )
        return group

    def _asynchronous(self, rights: list[pulumi.Resource]) -> None:
        spec = self._args.spec
        aws.lambda_.FunctionEventInvokeConfig(
            f"{self._name}-async",
            region=self._args.site.region,
            function_name=self.function.name,
            qualifier=self.alias.name,
            maximum_retry_attempts=spec.retries,
            maximum_event_age_in_seconds=spec.max_age,
            # A destination also says what failed and why, which the older dead-letter setting does not.
            destination_config=aws.lambda_.FunctionEventInvokeConfigDestinationConfigArgs(
                on_failure=aws.lambda_.FunctionEventInvokeConfigDestinationConfigOnFailureArgs(
                    destination=self.dead_letters.arn
                )
            ),
            opts=child_options(self, depends_on=rights),
        )
