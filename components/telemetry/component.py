"""telemetry: traces and metrics from inside, through a collector on each cluster; checks from outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.emitter import Emitter
from components.kubernetes import Kubernetes
from components.kubernetes.identity import associate, pod_role
from components.kubernetes.objects import put
from components.site import Site, child_options
from components.telemetry.checks import Checks
from components.telemetry.objects import GATEWAY, WATCHER, Collector, address, manifests
from components.telemetry.pipeline import gateway_config, watcher_config
from components.telemetry.spec import CollectorSpec, TelemetrySpec

RULE_LIMIT = 32
"""Characters of a sampling rule's and of a group's name (CreateSamplingRule, CreateGroup, X-Ray API reference)."""
WATCHER_SIZE = (0.1, 256)
"""Cores and MiB of the watcher, which grows with the objects of a cluster and not with its requests."""
RULES_RIGHTS = ["xray:GetSamplingRules", "xray:GetSamplingStatisticSummaries", "xray:GetSamplingTargets"]
TRACES_RIGHTS = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]


@dataclass(frozen=True)
class TelemetryArgs:
    """What telemetry stands on, in one region."""

    spec: TelemetrySpec
    site: Site
    account_id: pulumi.Input[str]
    logs_key_arn: pulumi.Input[str]
    """The key of the stack's log groups here."""
    domain: str
    """The stack's own, which checks ask."""
    image: str | None = None
    """The collector's, by digest; needed where there is a cluster."""
    clusters: Mapping[str, Kubernetes] = field(default_factory=dict)
    """By block: those of `spec.on` that stand here."""
    nodes: Sequence[str] = ()
    """CIDRs of the subnets in which nodes stand here."""
    home: bool = True
    """Whether this is the stack's own region, where checks run."""


class Telemetry(pulumi.ComponentResource):
    """Collectors, X-Ray's rules and groups, and synthetic checks of one region."""

    checks: Checks | None
    logs: aws.cloudwatch.LogGroup
    """The lines that metrics are made of."""

    def __init__(self, name: str, args: TelemetryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Telemetry", name, None, opts)
        spec, site = args.spec, args.site
        self._name, self._args = name, args
        self.logs = aws.cloudwatch.LogGroup(
            f"{name}-metrics",
            region=site.region,
            name=log_group_name(site, name),
            retention_in_days=spec.log_days,
            kms_key_id=args.logs_key_arn,
            tags=site.tagged(),
            opts=child_options(self),
        )
        self._traces()
        for block, cluster in sorted(args.clusters.items()):
            self._on(block, cluster, spec.on[block])
        self.checks = (
            Checks(
                self,
                name,
                site,
                spec.checks,
                account_id=args.account_id,
                domain=args.domain,
                artifact_days=spec.artifact_days,
            )
            if args.home
            else None
        )
        self.register_outputs(
            {
                "collectors": {block: address(spec.on[block].namespace) for block in sorted(args.clusters)},
                "checks": {check: canary.name for check, canary in self._canaries.items()},
            }
        )

    @property
    def emitter(self) -> Emitter:
        """What alarms can watch: the clusters that it looks at, and its checks."""
        return Emitter(
            kind="telemetry",
            members={block: {"ClusterName": cluster.cluster_name} for block, cluster in self._args.clusters.items()},
            followers={check: {"CanaryName": canary.name} for check, canary in self._canaries.items()},
            figures={f"{check}.every_minutes": self._args.spec.checks[check].every for check in self._canaries},
        )

    @property
    def _canaries(self) -> dict[str, aws.synthetics.Canary]:
        return self.checks.canaries if self.checks else {}

    def _traces(self) -> None:
        name, site, spec = self._name, self._args.site, self._args.spec
        for rule, given in sorted(spec.sampling.items()):
            aws.xray.SamplingRule(
                f"{name}-sampling-{rule}",
                region=site.region,
                rule_name=trace_name(site, rule),
                priority=given.priority,
                fixed_rate=given.percent / 100,
                reservoir_size=given.per_second,
                service_name=given.service,
                service_type="*",
                host=given.host,
                http_method=given.method,
                url_path=given.path,
                resource_arn="*",
                version=1,
                tags=site.tagged(),
                opts=child_options(self),
            )
        for group, given in sorted(spec.groups.items()):
            aws.xray.Group(
                f"{name}-group-{group}",
                region=site.region,
                group_name=trace_name(site, group),
                filter_expression=given.filter,
                insights_configuration=aws.xray.GroupInsightsConfigurationArgs(
                    insights_enabled=given.insights, notifications_enabled=False
                ),
                tags=site.tagged(),
                opts=child_options(self),
            )

    def _on(self, block: str, cluster: Kubernetes, spec: CollectorSpec) -> None:
        if self._args.image is None:
            raise ValueError(f"{self._name}: a collector needs its image")
        name, where = self._name, f"{self._name}-on-{block}"
        for of in collectors(name, self._args, cluster.cluster_name, spec):
            role, rights = pod_role(
                self,
                f"{where}-{of.role}",
                self._args.site,
                cluster.named,
                purpose=f"{of.role} on {block}",
                statements=self._rights(of),
            )
            identity = associate(
                self,
                f"{where}-{of.role}",
                self._args.site,
                cluster.cluster.name,
                namespace=of.namespace,
                service_account=of.role,
                role=role,
                needs=rights,
            )
            # Pods that start before their role is theirs would run without it.
            needs: list[pulumi.Resource] = [*cluster.ready, identity]
            for part, manifest in manifests(of, sorted(set(cluster.namespaces) - {of.namespace})):
                last = [*needs, self.logs] if part == "deployment" else list(cluster.ready)
                made = put(self, f"{where}-{of.role}-{part}", manifest, cluster.entrance, last)
                needs.append(made)

    def _rights(self, of: Collector) -> list[dict[str, Any]]:
        rights: list[dict[str, Any]] = [
            {
                "Sid": "Metrics",
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                "Resource": [self.logs.arn, pulumi.Output.concat(self.logs.arn, ":*")],
            }
        ]
        if of.gateway:
            # X-Ray knows no narrower resource for either.
            rights.append(
                {"Sid": "Traces", "Effect": "Allow", "Action": [*RULES_RIGHTS, *TRACES_RIGHTS], "Resource": "*"}
            )
        return rights


def log_group_name(site: Site, name: str) -> str:
    """Where the lines lie that CloudWatch makes metrics of."""
    return f"/{site.prefix}/{name}/metrics"


def trace_name(site: Site, name: str) -> str:
    """A sampling rule's or group's name."""
    return f"{site.prefix}-{name}"


def collectors(name: str, args: TelemetryArgs, cluster: str, spec: CollectorSpec) -> Iterator[Collector]:
    """The gateway and the watcher of one cluster."""
    assert args.image is not None
    site, log_group = args.site, log_group_name(args.site, name)
    yield Collector(
        role=GATEWAY,
        namespace=spec.namespace,
        image=args.image,
        config=gateway_config(
            region=site.region,
            cluster=cluster,
            keep_percent=args.spec.keep_percent,
            metrics=args.spec.metrics,
            namespace=f"{site.prefix}/otel",
            log_group=log_group,
        ),
        replicas=spec.replicas,
        cpu=spec.cpu,
        memory=spec.memory,
    )
    cpu, memory = WATCHER_SIZE
    yield Collector(
        role=WATCHER,
        namespace=spec.namespace,
        image=args.image,
        config=watcher_config(region=site.region, cluster=cluster, log_group=log_group),
        replicas=1,
        cpu=cpu,
        memory=memory,
        nodes=args.nodes,
    )
