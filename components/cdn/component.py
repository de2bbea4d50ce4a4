"""cdn: a content delivery network beside the zone's own, with certificates and names, whoever runs it.

It reaches the origins without Cloudflare, and its names are not proxied: otherwise each request would depend on both.
"""

from __future__ import annotations

import pulumi

from components.cdn.cloudfront import CloudFront
from components.cdn.parts import CdnArgs, CdnOrigin
from components.emitter import Emitter

__all__ = ["Cdn", "CdnArgs", "CdnOrigin"]


class Cdn(pulumi.ComponentResource):
    """What answers, a certificate for each name, and the records that prove and point."""

    emitter: Emitter
    """What alarms can watch; nothing of Fastly's."""

    def __init__(self, name: str, args: CdnArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Cdn", name, None, opts)
        self.hostnames = {label: f"{label}.{args.domain}" for label in sorted(args.spec.hosts)}
        if args.spec.provider == "cloudfront":
            made = CloudFront(self, name, args)
            self.emitter = made.emitter
            services = {label: each.id for label, each in made.distributions.items()}
        else:
            # Its SDK is imported only where a stack has it.
            from components.cdn.fastly import Fastly

            self.emitter = Emitter("cdn")
            services = {"": Fastly(self, name, args).service.id}
        self.register_outputs({"services": services, "hostnames": self.hostnames, "guarded": args.site.guards_anchor})
