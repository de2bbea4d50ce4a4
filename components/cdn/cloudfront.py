"""CloudFront: a distribution for each name, behind one web ACL, in front of balancers and private buckets.

A distribution tells requests apart by path alone, so each name has its own; what happens to one touches no other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from components.balancer.secret import SECRET_HEADER
from components.balancer.waf import web_acl
from components.cdn.caching import Policies, behaviours
from components.cdn.delivery import deliver
from components.cdn.edge import GLOBAL, ORIGIN, VIEWER, origin_function, viewer_function
from components.cdn.parts import CdnArgs, CdnOrigin, record
from components.emitter import Emitter
from components.site import child_options

TLS: Final = "TLSv1.2_2021"
NAME: Final = "x-asked-name"
REGIONS: Final = "x-asked-regions"
"""What the function at the regional caches is told (workers/cloudfront/origin.mjs)."""


class CloudFront:
    """Distributions with certificates, policies, functions, logs and records, as children of a CDN."""

    distributions: dict[str, aws.cloudfront.Distribution]
    """By label, in the spec's order."""

    def __init__(self, parent: pulumi.Resource, name: str, args: CdnArgs) -> None:
        self._parent, self._name, self._args = parent, name, args
        spec, site = args.spec, args.site
        self._policies = Policies(parent, name, spec)
        self._viewer = viewer_function(parent, name, spec, site, args.scripts[VIEWER], args.domain)
        self._edge = origin_function(parent, name, spec, site, args.scripts[ORIGIN])
        self._acl = web_acl(
            parent, f"{name}-waf", spec.waf, site, behind_cloudflare=False, before="the CDN", scope="CLOUDFRONT"
        )
        self._signs = (
            aws.cloudfront.OriginAccessControl(
                f"{name}-signs",
                description=f"{site.prefix} {name}: private buckets",
                origin_access_control_origin_type="s3",
                signing_behavior="always",
                signing_protocol="sigv4",
                opts=child_options(parent),
            )
            if any(place.private for places in args.origins.values() for place in places)
            else None
        )
        self.distributions = {}
        for label, host in spec.hosts.items():
            made = self.distributions[label] = self._distribution(label, host.origin)
            target = f"{label}.{name}.{args.domain}"
            # A name of ours for each: the zone's can point at it before it is there, and without asking CloudFront.
            record(parent, f"{name}-at-{label}", args, target, made.domain_name)
            if label not in args.zoned:
                record(parent, f"{name}-host-{label}", args, f"{label}.{args.domain}", target)
            if spec.metrics:
                aws.cloudfront.MonitoringSubscription(
                    f"{name}-metrics-{label}",
                    distribution_id=made.id,
                    monitoring_subscription={
                        "realtime_metrics_subscription_config": {"realtime_metrics_subscription_status": "Enabled"}
                    },
                    opts=child_options(parent),
                )
        deliver(
            parent,
            name,
            site,
            account_id=args.account_id,
            days=spec.log_days,
            distributions=self.distributions,
        )
        counted = {label: {"DistributionId": each.id, "Region": "Global"} for label, each in self.distributions.items()}
        self.emitter = Emitter("cdn", members=counted, followers=counted if spec.metrics else {})

    def _distribution(self, label: str, origin: str) -> aws.cloudfront.Distribution:
        args, site, spec = self._args, self._args.site, self._args.spec
        hostname, places = f"{label}.{args.domain}", args.origins[origin]
        first, others = behaviours(
            self._policies,
            spec,
            label,
            origin=origin,
            private=places[0].private,
            viewer=self._viewer,
            edge=self._edge,
        )
        return aws.cloudfront.Distribution(
            f"{self._name}-{label}",
            comment=f"{site.prefix} {self._name}: {label}",
            enabled=True,
            aliases=[hostname],
            is_ipv6_enabled=True,
            http_version="http2and3" if spec.http3 else "http2",
            price_class="PriceClass_All" if spec.locations == "all" else f"PriceClass_{spec.locations}",
            web_acl_id=self._acl.arn,
            origins=[self._origin(label, origin, places)],
            default_cache_behavior=first,
            ordered_cache_behaviors=others,
            restrictions={"geo_restriction": {"restriction_type": "none"}},
            viewer_certificate={
                "acm_certificate_arn": self._certificate(label, hostname),
                "ssl_support_method": "sni-only",
                "minimum_protocol_version": TLS,
            },
            wait_for_deployment=True,
            tags=site.tagged(Name=f"{site.prefix}-{self._name}-{label}"),
            opts=child_options(self._parent, protect=site.guards_anchor),
        )

    def _origin(self, label: str, origin: str, places: Sequence[CdnOrigin]) -> Any:
        given, first = self._args.spec.origins[origin], places[0]
        added: dict[str, pulumi.Input[str]] = {}
        if self._edge is not None:
            added[NAME] = label
            if len(places) > 1:
                added[REGIONS] = pulumi.Output.all(**{place.region: place.address for place in places}).apply(
                    lambda found: " ".join(f"{place.region}={found[place.region]}" for place in places)
                )
        if first.secret is not None:
            added[SECRET_HEADER] = first.secret
        made: dict[str, Any] = {
            "origin_id": origin,
            "domain_name": first.address,
            "connection_attempts": 3,
            "connection_timeout": math.ceil(given.connect_ms / 1000),
            "custom_headers": [{"name": header, "value": value} for header, value in sorted(added.items())],
        }
        if given.shield is not None:
            made["origin_shield"] = {"enabled": True, "origin_shield_region": given.shield}
        if first.private:
            assert self._signs is not None
            made["origin_access_control_id"] = self._signs.id
        else:
            made["custom_origin_config"] = {
                "http_port": 80,
                "https_port": 443,
                "origin_protocol_policy": "https-only",
                "origin_ssl_protocols": ["TLSv1.2"],
                "origin_read_timeout": math.ceil(given.first_byte_ms / 1000),
                "origin_keepalive_timeout": 5,
            }
        return made

    def _certificate(self, label: str, hostname: str) -> pulumi.Output[str]:
        """Of one name: the record that proves the domain itself is the balancer's."""
        site = self._args.site
        certificate = aws.acm.Certificate(
            f"{self._name}-certificate-{label}",
            region=GLOBAL,
            domain_name=hostname,
            validation_method="DNS",
            key_algorithm="EC_prime256v1",
            tags=site.tagged(Name=f"{site.prefix}-{self._name}-{label}"),
            opts=child_options(self._parent),
        )
        proof = certificate.domain_validation_options[0]
        # ACM answers with a trailing dot, Cloudflare without: left in, it would be a change in every apply.
        proved = record(
            self._parent,
            f"{self._name}-proof-{label}",
            self._args,
            proof.resource_record_name.apply(lambda text: (text or "").rstrip(".")),
            proof.resource_record_value.apply(lambda text: (text or "").rstrip(".")),
        )
        issued = aws.acm.CertificateValidation(
            f"{self._name}-issued-{label}",
            region=GLOBAL,
            certificate_arn=certificate.arn,
            validation_record_fqdns=[proved.name],
            opts=child_options(self._parent),
        )
        return issued.certificate_arn
