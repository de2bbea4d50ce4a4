"""bucket: object storage, S3 or R2. The store, its place and its name are chosen once; everything else is an update."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pulumi
from pydantic import model_validator

from components.bucket_keys import BucketKeys
from components.bucket_r2 import R2Store
from components.bucket_s3 import S3Store
from components.site import Site
from components.spec import Join, Refused, Spec, joined

# From warm to cold: objects only ever move down.
S3_CLASSES = ("STANDARD_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE")
R2_CLASSES = ("InfrequentAccess",)
R2_ONLY = ("location", "jurisdiction", "domain", "cors", "keys")
S3_ONLY = ("noncurrent_days", "replicas", "access_logs")


class CorsSpec(Spec):
    """Which other origins may read (R2)."""

    origins: list[str] = joined(Join.NOW, min_length=1)
    """e.g. `https://app.example.com`; `@` stands for the stack's own domain."""
    methods: list[Literal["GET", "HEAD", "PUT", "POST", "DELETE"]] = joined(Join.NOW, lambda: ["GET", "HEAD"])
    max_age: int = joined(Join.NOW, 3600, ge=0, le=86400)
    """Seconds that browsers keep the answer."""


class ReplicaBucketSpec(Spec):
    """One copy in another region (S3)."""

    storage_class: Literal["STANDARD", "STANDARD_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"] = joined(
        Join.NOW, "STANDARD_IA"
    )
    """What the copies are stored as."""


class BucketSpec(Spec):
    """An S3 or R2 bucket."""

    store: Literal["s3", "r2"] = joined(Join.FIXED)
    """Where objects live; nothing moves between the two but by copying."""
    location: Literal["wnam", "enam", "weur", "eeur", "apac", "oc"] | None = joined(Join.FIXED, None)
    """R2's location hint, honoured at creation only."""
    jurisdiction: Literal["default", "eu", "fedramp"] = joined(Join.FIXED, "default")
    """R2's legal boundary; never changes."""
    domain: str | None = joined(Join.FIXED, None, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")
    """R2: the label under the stack's domain that serves this bucket to the public, e.g. `images`."""
    cors: CorsSpec | None = joined(Join.NOW, None)
    """R2: cross-origin access; null allows none."""
    keys: bool = joined(Join.MAX, False)
    """R2: makes S3 credentials over this bucket alone, for services that use it."""
    expire_days: int | None = joined(Join.MAX, None, ge=1)
    """Objects are deleted after so many days; null keeps them."""
    tiers: dict[str, int] = joined(Join.NOW, dict)
    """Storage class → age in days at which objects move there, e.g. `{GLACIER_IR: 90}`; R2 knows `InfrequentAccess`."""
    noncurrent_days: int = joined(Join.MAX, 30, ge=1)
    """S3: how long overwritten and deleted versions can be had back."""
    replicas: dict[str, ReplicaBucketSpec] = joined(Join.UNION, dict)
    """S3: copies by region."""
    access_logs: bool = joined(Join.MAX, False)
    """S3: whether every request is logged to a bucket of its own."""

    @model_validator(mode="after")
    def _fits_store(self) -> BucketSpec:
        for key in R2_ONLY if self.store == "s3" else S3_ONLY:
            if getattr(self, key) != type(self).model_fields[key].get_default(call_default_factory=True):
                raise Refused(key, getattr(self, key), f"nothing with store {self.store}")
        classes = S3_CLASSES if self.store == "s3" else R2_CLASSES
        for tier, days in self.tiers.items():
            if tier not in classes:
                raise Refused(f"tiers.{tier}", tier, f"with store {self.store}: {', '.join(classes)}")
            # Standard-IA takes no younger objects (S3 user guide, "Lifecycle transition general considerations").
            least = 30 if tier == "STANDARD_IA" else 1
            if days < least:
                raise Refused(f"tiers.{tier}", days, f"{least} days or more")
            if self.expire_days is not None and days >= self.expire_days:
                raise Refused(f"tiers.{tier}", days, f"fewer days than expire_days ({self.expire_days})")
        ages = [self.tiers[tier] for tier in classes if tier in self.tiers]
        if ages != sorted(set(ages)):
            raise Refused("tiers", self.tiers, "each colder class later than the one before it")
        return self


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
            s3 = S3Store(self, name, args.spec, args.site, args.account_id, args.readers)
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
            )
        self.bucket_name = r2.bucket.name
        self.register_outputs({"bucket": self.bucket_name, "hostname": self.hostname})
