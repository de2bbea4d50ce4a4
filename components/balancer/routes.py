"""The certificate, the HTTPS listener and which host name goes to which hosts, by weight."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws
import pulumi_cloudflare as cloudflare

from components.balancer.component import Balancer
from components.balancer.route import Route
from components.site import Site, child_options

__all__ = ["BalancerRoutes", "BalancerRoutesArgs", "Route"]

TLS_POLICY: Final = "ELBSecurityPolicy-TLS13-1-2-2021-06"
"""TLS 1.3 and 1.2 with forward secrecy (Elastic Load Balancing user guide, "Security policies")."""
HIGHEST_PRIORITY: Final = 50_000
"""CreateRule, Elastic Load Balancing API reference."""
REST: Final = 10_000
"""Rules with paths have priorities up to this one, others higher numbers."""
STICKY_LIMIT: Final = 604_800


@dataclass(frozen=True)
class BalancerRoutesArgs:
    """`zone_id` is the Cloudflare zone of `domain`, in which the certificate is proved.

    `proof` names the record that proves it already: ACM asks for the same one in every region (ACM user guide, "DNS
    validation": the record is the domain's and the account's)."""

    site: Site
    balancer: Balancer
    domain: str
    zone_id: pulumi.Input[str]
    routes: Mapping[str, Route]
    proof: pulumi.Output[str] | None = None


class BalancerRoutes(pulumi.ComponentResource):
    """What makes a balancer answer: certificate, HTTPS listener, one rule a service."""

    listener: aws.lb.Listener
    rules: dict[str, aws.lb.ListenerRule]
    """By service."""
    certificate_arn: pulumi.Output[str]
    """Issued, for the domain and every name below it."""
    proof: pulumi.Output[str]
    """The name of the record that proves the domain."""

    def __init__(self, name: str, args: BalancerRoutesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:BalancerRoutes", name, None, opts)
        site, balancer = args.site, args.balancer
        # The wildcard too, from the start: a certificate's names never change, and both are proved by one record.
        certificate = aws.acm.Certificate(
            f"{name}-certificate",
            region=site.region,
            domain_name=args.domain,
            subject_alternative_names=[f"*.{args.domain}"],
            validation_method="DNS",
            key_algorithm="EC_prime256v1",
            tags=site.tagged(Name=f"{site.prefix}-{name}"),
            opts=child_options(self),
        )
        self.proof = args.proof if args.proof is not None else self._prove(name, certificate, args.zone_id)
        issued = aws.acm.CertificateValidation(
            f"{name}-certificate-issued",
            region=site.region,
            certificate_arn=certificate.arn,
            validation_record_fqdns=[self.proof],
            opts=child_options(self),
        )
        self.certificate_arn = issued.certificate_arn
        self.listener = aws.lb.Listener(
            f"{name}-https",
            region=site.region,
            load_balancer_arn=balancer.load_balancer.arn,
            port=443,
            protocol="HTTPS",
            ssl_policy=TLS_POLICY,
            certificate_arn=self.certificate_arn,
            default_actions=[
                {"type": "fixed-response", "fixed_response": {"content_type": "text/plain", "status_code": "404"}}
            ],
            tags=site.tagged(),
            opts=child_options(self),
        )
        priorities = rule_priorities(args.routes)
        self.rules = {
            service: aws.lb.ListenerRule(
                f"{name}-{service}-rule",
                region=site.region,
                listener_arn=self.listener.arn,
                priority=priorities[service],
                conditions=_conditions(route),
                actions=[{"type": "forward", "forward": self._forward(service, route, balancer)}],
                tags=site.tagged(service=service),
                opts=child_options(self),
            )
            for service, route in sorted(args.routes.items())
            if route.hostnames
        }
        self.register_outputs({"listener_arn": self.listener.arn})

    def _prove(self, name: str, certificate: aws.acm.Certificate, zone_id: pulumi.Input[str]) -> pulumi.Output[str]:
        proof = certificate.domain_validation_options[0]
        record = cloudflare.DnsRecord(
            f"{name}-certificate-proof",
            zone_id=zone_id,
            # ACM answers with a trailing dot, Cloudflare without: left in, it would be a change in every apply.
            name=proof.resource_record_name.apply(lambda text: text and text.rstrip(".")),
            type="CNAME",
            content=proof.resource_record_value.apply(lambda text: text and text.rstrip(".")),
            ttl=1,
            proxied=False,
            opts=child_options(self),
        )
        return record.name

    @staticmethod
    def _forward(service: str, route: Route, balancer: Balancer) -> Any:
        shares = {**{(service, host): weight for host, weight in route.weights.items()}, **route.beside}
        forward: dict[str, Any] = {
            "target_groups": [
                {"arn": balancer.target_groups[target].arn, "weight": weight}
                for target, weight in sorted(shares.items())
            ]
        }
        if route.sticky_seconds is not None:
            # Without it a client of a weighted rule would be sent to the other group at its next request.
            forward["stickiness"] = {"enabled": True, "duration": min(route.sticky_seconds, STICKY_LIMIT)}
        return forward


def _conditions(route: Route) -> Any:
    names = [{"host_header": {"values": sorted(route.hostnames)}}]
    paths = [value for path in sorted(route.paths) for value in (path, f"{path}/*")]
    return [*names, {"path_pattern": {"values": paths}}] if paths else names


def rule_priorities(routes: Mapping[str, Route]) -> dict[str, int]:
    """A listener rule's priority by service, from its name: a service that comes or goes renumbers no other.

    Rules with paths come before those that get the rest of a name. Among themselves they overlap only where two sides
    of a move answer the same, and then weigh it alike: the order itself means nothing.
    """
    taken: dict[int, str] = {}
    for service in sorted(routes):
        number = zlib.crc32(service.encode())
        first, last = (0, REST) if routes[service].paths else (REST, HIGHEST_PRIORITY)
        priority = first + number % (last - first) + 1
        if priority in taken:
            raise ValueError(f"services {taken[priority]} and {service} get the same rule priority; rename one of them")
        taken[priority] = service
    return {service: priority for priority, service in taken.items()}
