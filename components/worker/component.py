"""worker: a script at Cloudflare's edge, with its routes, its hours, and what is its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_cloudflare as cloudflare

from components.site import Site, child_options
from components.worker.bindings import Held, R2Name, bindings, held, slug
from components.worker.spec import WorkerSpec

MAIN = "worker.js"
"""The one module of a script: what is in the repository is what runs, without a build that could differ."""


@dataclass(frozen=True)
class WorkerArgs:
    """`script` is the module's text. `buckets` and `workers` are by block."""

    spec: WorkerSpec
    site: Site
    account_id: pulumi.Input[str]
    script: str
    domain: str
    zone_id: pulumi.Input[str] | None = None
    """The zone that routes belong to."""
    buckets: Mapping[str, R2Name] = field(default_factory=dict)
    workers: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Script names of the workers that it calls."""
    shared: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Values of services' secrets that it knows too, by variable."""
    custom_hostnames: Collection[str] = ()
    """Customers' own names in the zone, which routes of host `*` are for."""
    idle_routes: Collection[str] = ()
    """Routes whose requests still, or already, go past it."""
    idle_crons: Collection[str] = ()
    """Crons that still, or already, are the other side's."""


class Worker(pulumi.ComponentResource):
    """A script with its bindings; never at workers.dev, where no rule of the zone would reach it."""

    def __init__(self, name: str, args: WorkerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Worker", name, None, opts)
        spec, site = args.spec, args.site
        self.script_name = f"{site.prefix}-{name}"
        self.held = held(self, name, spec, site, args.account_id)
        self.script = cloudflare.WorkersScript(
            f"{name}-script",
            account_id=args.account_id,
            script_name=self.script_name,
            content=args.script,
            main_module=MAIN,
            compatibility_date=spec.compatibility_date,
            compatibility_flags=sorted(spec.compatibility_flags),
            bindings=bindings(self, name, spec, site, self.held, args.buckets, args.workers, args.shared),
            observability=cloudflare.WorkersScriptObservabilityArgs(
                enabled=True,
                head_sampling_rate=spec.logs.sampling,
                logs=cloudflare.WorkersScriptObservabilityLogsArgs(
                    enabled=True, head_sampling_rate=spec.logs.sampling, invocation_logs=spec.logs.invocations
                ),
            ),
            placement=cloudflare.WorkersScriptPlacementArgs(mode="smart") if spec.placement == "smart" else None,
            limits=cloudflare.WorkersScriptLimitsArgs(cpu_ms=spec.cpu_ms) if spec.cpu_ms else None,
            usage_model="standard",
            opts=child_options(self),
        )
        cloudflare.WorkersScriptSubdomain(
            f"{name}-subdomain",
            account_id=args.account_id,
            script_name=self.script.script_name,
            enabled=False,
            previews_enabled=False,
            opts=child_options(self),
        )
        self.patterns = self._routes(name, args)
        self._crons(name, args)
        self._consumers(name, args, self.held)
        self.register_outputs({"script": self.script.script_name, "routes": self.patterns})

    def _routes(self, name: str, args: WorkerArgs) -> dict[str, str]:
        patterns = {}
        for key, route in sorted(args.spec.routes.items()):
            if args.zone_id is None:
                raise ValueError(f"{name}.routes.{key}: found {route.host}{route.path}; allowed: a block of kind zone")
            for role, host in _hosts(key, route.host, args):
                patterns[role] = f"{host}{route.path}"
                cloudflare.WorkersRoute(
                    f"{name}-route-{role}",
                    zone_id=args.zone_id,
                    pattern=patterns[role],
                    # A route without a script lets its requests through to the origin.
                    script=None if key in args.idle_routes else self.script.script_name,
                    opts=child_options(self),
                )
        return patterns

    def _crons(self, name: str, args: WorkerArgs) -> None:
        if not args.spec.crons:
            return
        working = [cron for key, cron in sorted(args.spec.crons.items()) if key not in args.idle_crons]
        cloudflare.WorkersCronTrigger(
            f"{name}-crons",
            account_id=args.account_id,
            script_name=self.script.script_name,
            schedules=[cloudflare.WorkersCronTriggerScheduleArgs(cron=cron) for cron in working],
            opts=child_options(self),
        )

    def _consumers(self, name: str, args: WorkerArgs, own: Held) -> None:
        for binding, queue in sorted(args.spec.queues.items()):
            consume = queue.consume
            if consume is None:
                continue
            cloudflare.QueueConsumer(
                f"{name}-consumer-{slug(binding)}",
                account_id=args.account_id,
                queue_id=own.queues[binding].id,
                type="worker",
                script_name=self.script.script_name,
                settings=cloudflare.QueueConsumerSettingsArgs(
                    batch_size=consume.batch,
                    max_wait_time_ms=consume.wait_ms,
                    max_retries=consume.retries,
                    max_concurrency=consume.parallel,
                ),
                opts=child_options(self),
            )


def _hosts(key: str, host: str, args: WorkerArgs) -> list[tuple[str, str]]:
    """A route's whole names, each with what the route is called for it."""
    if host == "*":
        return [(f"{key}-{hostname}", hostname) for hostname in sorted(args.custom_hostnames)]
    return [(key, args.domain if host == "@" else f"{host}.{args.domain}")]
