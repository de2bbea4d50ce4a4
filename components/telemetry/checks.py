"""Synthetic checks: one script for all of them, a canary each, and a bucket for what their runs leave behind."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi
import pulumi_aws as aws

from components.log_bucket import log_bucket
from components.policy import document, service_trust
from components.site import Site, child_options
from components.telemetry.spec import CheckSpec

RUNTIME: Final = "syn-python-selenium-14.0"
"""Python 3.12; the newest one (CloudWatch user guide, "Runtime versions using Python and Selenium Webdriver", 2026-11).
The script needs no browser, but a canary's runtime has one."""
MEMORY: Final = 960
"""MiB, the least that a canary may have."""
NAMESPACE: Final = "CloudWatchSynthetics"
SCRIPT: Final = Path(__file__).with_name("files") / "check.py"
RUNS: Final = "runs/"
"""Before the keys of what runs leave behind; the script beside it does not expire."""
EPOCH: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Package:
    """A zip file whose bytes depend on the script alone, wherever and whenever it is made."""

    content: bytes

    @property
    def key(self) -> str:
        """Its object's key: another script is another object, so that canaries notice."""
        return f"scripts/{hashlib.sha256(self.content).hexdigest()[:32]}.zip"


def package(script: Path = SCRIPT) -> Package:
    """The script as a canary's code: in `python/`, stored and not compressed, dated like every other."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        entry = zipfile.ZipInfo(f"python/{script.name}", EPOCH)
        entry.external_attr = 0o644 << 16
        entry.create_system = 3
        archive.writestr(entry, script.read_text(encoding="utf-8"))
    return Package(buffer.getvalue())


class Checks:
    """The bucket, the script and the role that all checks share, and a canary for each."""

    canaries: dict[str, aws.synthetics.Canary]
    """By check."""

    def __init__(
        self,
        parent: pulumi.Resource,
        name: str,
        site: Site,
        checks: Mapping[str, CheckSpec],
        *,
        account_id: pulumi.Input[str],
        domain: str,
        artifact_days: int,
    ) -> None:
        # There with or without checks: a bucket that came and went with them would take their history along.
        self.bucket, policy = log_bucket(
            parent, f"{name}-checks", site, retention_days=artifact_days, expiring=RUNS, writers=lambda _: []
        )
        self.canaries = {}
        if not checks:
            return
        code = package()
        script = aws.s3.BucketObjectv2(
            f"{name}-checks-script",
            region=site.region,
            bucket=self.bucket.id,
            key=code.key,
            content_base64=base64.b64encode(code.content).decode(),
            content_type="application/zip",
            tags=site.tagged(),
            # A bucket that stays with what is in it keeps its script as well.
            opts=child_options(parent, depends_on=[policy], retain_on_delete=True if site.retiring else None),
        )
        role, rights = self._role(parent, name, site, account_id)
        for check, spec in sorted(checks.items()):
            self.canaries[check] = self._canary(parent, name, site, check, spec, domain, role, script, rights)

    def _canary(
        self,
        parent: pulumi.Resource,
        name: str,
        site: Site,
        check: str,
        spec: CheckSpec,
        domain: str,
        role: aws.iam.Role,
        script: aws.s3.BucketObjectv2,
        rights: aws.iam.RolePolicy,
    ) -> aws.synthetics.Canary:
        host = domain if spec.host == "@" else f"{spec.host}.{domain}"
        minutes = "minute" if spec.every == 1 else "minutes"
        return aws.synthetics.Canary(
            f"{name}-check-{check}",
            region=site.region,
            name=f"{site.prefix}-{check}",
            artifact_s3_location=pulumi.Output.concat("s3://", self.bucket.bucket, "/", RUNS, check),
            execution_role_arn=role.arn,
            handler=f"{SCRIPT.stem}.handler",
            runtime_version=RUNTIME,
            s3_bucket=script.bucket,
            s3_key=script.key,
            schedule=aws.synthetics.CanaryScheduleArgs(expression=f"rate({spec.every} {minutes})"),
            run_config=aws.synthetics.CanaryRunConfigArgs(
                memory_in_mb=MEMORY,
                timeout_in_seconds=min(spec.every * 60, 2 * -(-spec.latency // 1000) + 30),
                active_tracing=False,
                environment_variables={
                    "CHECK_URL": f"https://{host}{spec.path}",
                    "CHECK_METHOD": spec.method,
                    "CHECK_STATUS": str(spec.status),
                    "CHECK_LATENCY_MS": str(spec.latency),
                    **({"CHECK_CONTAINS": spec.contains} if spec.contains else {}),
                },
            ),
            start_canary=True,
            # Its function goes with it; left alone, it would stay for ever.
            delete_lambda=True,
            success_retention_period=spec.keep_days,
            failure_retention_period=spec.keep_days,
            tags=site.tagged(Name=f"{site.prefix}-{check}"),
            opts=child_options(parent, depends_on=[rights]),
        )

    def _role(
        self, parent: pulumi.Resource, name: str, site: Site, account_id: pulumi.Input[str]
    ) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        """What a canary needs (CloudWatch user guide, "Required roles and permissions for canaries")."""
        role = aws.iam.Role(
            f"{name}-checks-role",
            description=f"{site.prefix} {name}: its synthetic checks",
            assume_role_policy=service_trust("lambda.amazonaws.com"),
            tags=site.tagged(),
            opts=child_options(parent),
        )
        logs = pulumi.Output.format("arn:aws:logs:{0}:{1}:log-group:/aws/lambda/cwsyn-*", site.region, account_id)
        rights = aws.iam.RolePolicy(
            f"{name}-checks-rights",
            role=role.name,
            policy=document(
                [
                    {
                        "Sid": "Artifacts",
                        "Effect": "Allow",
                        "Action": ["s3:GetObject", "s3:PutObject"],
                        "Resource": pulumi.Output.concat(self.bucket.arn, "/*"),
                    },
                    {
                        "Sid": "Bucket",
                        "Effect": "Allow",
                        "Action": "s3:GetBucketLocation",
                        "Resource": self.bucket.arn,
                    },
                    {"Sid": "FindBucket", "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"},
                    {
                        "Sid": "Logs",
                        "Effect": "Allow",
                        "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
                        "Resource": logs,
                    },
                    {
                        "Sid": "Metrics",
                        "Effect": "Allow",
                        "Action": "cloudwatch:PutMetricData",
                        "Resource": "*",
                        "Condition": {"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
                    },
                ]
            ),
            opts=child_options(parent),
        )
        return role, rights
