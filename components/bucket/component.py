"""bucket: object storage, S3 or R2. The store, its place and its name are chosen once; everything else is an update."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components.bucket.keys import BucketKeys
from components.bucket.r2 import R2Store
from components.bucket.s3 import S3Store
from components.bucket.spec import BucketSpec
from components.site import Site

__all__ = ["Bucket", "BucketArgs", "BucketSpec"]


@dataclass(frozen=True)
class BucketArgs:
    """S3 needs the AWS account (its key's policy names it); R2 the Cloudflare account, and a zone for a domain."""

    spec: BucketSpec
    site: Site
    account_id: pulumi.Input[str] | None = None
    cloudflare_account_id: pulumi.Input[str] | None = None
    zone_id: pulumi.Input[str] | None = None
    apex: str | None = None
    """The stack's own domain."""
    readers: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """S3: ARNs of roles that may read, by block; in this account IAM alone suffices, so none is the rule."""
    distributions: pulumi.Input[str] | None = None
    """S3: the pattern of the ARNs of the distributions that may read."""
    copied_to: Sequence[str] = ()
    """R2: the other regions in which the credentials are read."""


class Bucket(pulumi.ComponentResource):
    """An object store with its encryption, lifecycle and access."""

    def __init__(self, name: str, args: BucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Bucket", name, None, opts)
        self.hostname: str | None = None
        self.endpoint: pulumi.Output[str] | None = None
        """R2: where its S3 API is."""
        self.keys: BucketKeys | None = None
        if args.spec.store == "s3":
            if args.account_id is None:
                raise ValueError(f"{name}: an S3 bucket needs the AWS account's id")
            s3 = S3Store(self, name, args.spec, args.site, args.account_id, args.readers, args.distributions)
            self.store: S3Store | R2Store = s3
            self.bucket_name, self.bucket_arn = s3.bucket.bucket, s3.bucket.arn
            self.register_outputs({"bucket": self.bucket_name, "arn": self.bucket_arn})
            return
        if args.cloudflare_account_id is None:
            raise ValueError(f"{name}: an R2 bucket needs the Cloudflare account's id")
        if args.spec.domain and (args.zone_id is None or args.apex is None):
            raise ValueError(f"{name}.domain: {args.spec.domain}; allowed: leave it out where the stack has no zone")
        r2 = R2Store(self, name, args.spec, args.site, args.cloudflare_account_id, args.zone_id, args.apex)
        self.store, self.hostname = r2, r2.hostname
        self.endpoint = r2.endpoint
        if args.spec.keys:
            if args.account_id is None:
                raise ValueError(f"{name}.keys: the credentials' secret needs the AWS account's id")
            self.keys = BucketKeys(
                self,
                name,
                args.site,
                bucket=r2.bucket,
                jurisdiction=args.spec.jurisdiction,
                cloudflare_account_id=args.cloudflare_account_id,
                account_id=args.account_id,
                copied_to=args.copied_to,
            )
        self.bucket_name = r2.bucket.name
        self.register_outputs({"bucket": self.bucket_name, "hostname": self.hostname})
