"""A Fastly service with its certificates and names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi
import pulumi_fastly as fastly

from components.cdn.parts import CdnArgs, CdnOrigin, record
from components.cdn.spec import CdnOriginSpec
from components.cdn.vcl import TEXTS, asked_for, credentials, snippets, turn_of
from components.site import child_options

HEALTH_EVERY_MS = 15000


class Fastly:
    """The service, a certificate for each name, and the records that prove and point, as children of a CDN."""

    service: fastly.ServiceVcl

    def __init__(self, parent: pulumi.Resource, name: str, args: CdnArgs) -> None:
        self._parent = parent
        self.service = self._service(name, args)
        for label in sorted(args.spec.hosts):
            hostname = f"{label}.{args.domain}"
            self._certificate(name, label, hostname, args)
            if label not in args.zoned:
                record(parent, f"{name}-host-{label}", args, hostname, args.target)

    def _service(self, name: str, args: CdnArgs) -> fastly.ServiceVcl:
        spec, site = args.spec, args.site
        backends = list(_backends(args))
        hostnames = [f"{label}.{args.domain}" for label in sorted(spec.hosts)]
        return fastly.ServiceVcl(
            f"{name}-service",
            name=f"{site.prefix}-{name}",
            comment=f"{site.prefix}: {name}",
            activate=True,
            # An active service is not deleted unless the state says so before.
            force_destroy=not site.guards_anchor,
            http3=spec.http3,
            # What says nothing about being kept is not kept.
            default_ttl=0,
            domains=[fastly.ServiceVclDomainArgs(name=hostname) for hostname in hostnames],
            backends=[each.backend for each in backends],
            conditions=[
                fastly.ServiceVclConditionArgs(
                    name="credentials", type="REQUEST", priority=10, statement=credentials(spec.bypass_cookies)
                ),
                *(each.condition for each in backends),
            ],
            healthchecks=[each.check for each in backends if each.check is not None],
            request_settings=[
                fastly.ServiceVclRequestSettingArgs(name="tls", force_ssl=True),
                fastly.ServiceVclRequestSettingArgs(name="credentials", action="pass", request_condition="credentials"),
            ],
            gzips=[] if spec.brotli else [fastly.ServiceVclGzipArgs(name="texts", content_types=list(TEXTS))],
            product_enablement=fastly.ServiceVclProductEnablementArgs(brotli_compression=True) if spec.brotli else None,
            snippets=[
                fastly.ServiceVclSnippetArgs(
                    name=snippet, type=given.subroutine, priority=given.priority, content=given.content
                )
                for snippet, given in sorted(snippets(spec, args.domain).items())
            ],
            opts=child_options(self._parent, protect=site.guards_anchor),
        )

    def _certificate(self, name: str, label: str, hostname: str, args: CdnArgs) -> None:
        # One for each name: what happens to one touches no other.
        subscription = fastly.TlsSubscription(
            f"{name}-tls-{label}",
            certificate_authority=args.spec.authority,
            domains=[hostname],
            common_name=hostname,
            # A name in use is not given up unless the state says so before.
            force_destroy=not args.site.guards_anchor,
            # The service answers for the name before it has a certificate.
            opts=child_options(self._parent, depends_on=[self.service]),
        )
        challenge = subscription.managed_dns_challenges.apply(lambda challenges: challenges[0])
        proof = record(
            self._parent,
            f"{name}-proof-{label}",
            args,
            challenge.apply(lambda given: given.record_name or f"_acme-challenge.{hostname}"),
            challenge.apply(lambda given: given.record_value or ""),
        )
        fastly.TlsSubscriptionValidation(
            f"{name}-valid-{label}",
            subscription_id=subscription.id,
            opts=child_options(self._parent, depends_on=[proof]),
        )


@dataclass(frozen=True)
class _Backend:
    backend: fastly.ServiceVclBackendArgs
    condition: fastly.ServiceVclConditionArgs
    check: fastly.ServiceVclHealthcheckArgs | None


def _backends(args: CdnArgs) -> Iterator[_Backend]:
    for label, origin in sorted(args.spec.origins.items()):
        hosts = [f"{host}.{args.domain}" for host, given in args.spec.hosts.items() if given.origin == label]
        if not hosts:
            continue
        # Without a check nobody knows when the next one's turn is.
        places = args.origins[label] if origin.health else args.origins[label][:1]
        names = [f"{label}-{place.name}" for place in places]
        for index, (name, place) in enumerate(zip(names, places, strict=True)):
            turn = turn_of(names, index)
            yield _Backend(
                _backend(name, origin, place),
                fastly.ServiceVclConditionArgs(
                    name=f"to-{name}",
                    type="REQUEST",
                    priority=20,
                    statement=f"({asked_for(hosts)})" + (f" && ({turn})" if turn else ""),
                ),
                _check(name, origin.health, place) if origin.health else None,
            )


def _backend(name: str, origin: CdnOriginSpec, place: CdnOrigin) -> fastly.ServiceVclBackendArgs:
    return fastly.ServiceVclBackendArgs(
        name=name,
        address=place.address,
        port=443,
        use_ssl=True,
        ssl_check_cert=True,
        ssl_cert_hostname=place.hostname,
        ssl_sni_hostname=place.hostname,
        min_tls_version="1.2",
        override_host=place.hostname,
        request_condition=f"to-{name}",
        shield=origin.shield,
        healthcheck=name if origin.health else None,
        connect_timeout=origin.connect_ms,
        first_byte_timeout=origin.first_byte_ms,
        between_bytes_timeout=origin.between_bytes_ms,
        max_conn=origin.connections,
    )


def _check(name: str, path: str, place: CdnOrigin) -> fastly.ServiceVclHealthcheckArgs:
    return fastly.ServiceVclHealthcheckArgs(
        name=name,
        host=place.hostname,
        path=path,
        method="GET",
        expected_response=200,
        check_interval=HEALTH_EVERY_MS,
        window=5,
        threshold=3,
        initial=3,
        timeout=5000,
    )
