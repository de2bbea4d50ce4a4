"""The spec of the kind bucket."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from components.spec import Join, Keeps, Refused, RegionName, Spec, joined

# From warm to cold: objects only ever move down.
S3_CLASSES = ("STANDARD_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE")
R2_CLASSES = ("InfrequentAccess",)
R2_ONLY = ("location", "jurisdiction", "domain", "cors", "keys")
S3_ONLY = ("region", "noncurrent_days", "replicas", "access_logs")


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
    region: RegionName | None = joined(Join.FIXED, None)
    """S3: the region in which it stands instead of the stack's own: what a jurisdiction's objects may not leave. It has
    no copies then."""
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
    replicas: dict[RegionName, ReplicaBucketSpec] = joined(Join.UNION, dict)
    """S3: copies by region; they stay when a phase asks for them no more."""
    access_logs: bool = joined(Join.MAX, False)
    """S3: whether every request is logged to a bucket of its own."""

    @model_validator(mode="after")
    def _fits_store(self) -> BucketSpec:
        for key in R2_ONLY if self.store == "s3" else S3_ONLY:
            if getattr(self, key) != type(self).model_fields[key].get_default(call_default_factory=True):
                raise Refused(key, getattr(self, key), f"nothing with store {self.store}")
        if self.region and self.replicas:
            raise Refused("replicas", ", ".join(sorted(self.replicas)), f"none, as its objects stay in {self.region}")
        classes = S3_CLASSES if self.store == "s3" else R2_CLASSES
        for tier, days in self.tiers.items():
            if tier not in classes:
                raise Refused(f"tiers.{tier}", tier, f"with store {self.store}: {', '.join(classes)}")
            # Standard-IA takes no younger objects, and keeps them for as long before they go to Glacier (S3 user guide,
            # "Lifecycle transition general considerations").
            least = 30 if tier == "STANDARD_IA" else 1
            if tier in ("GLACIER", "DEEP_ARCHIVE") and "STANDARD_IA" in self.tiers:
                least = self.tiers["STANDARD_IA"] + 30
            if days < least:
                raise Refused(f"tiers.{tier}", days, f"{least} days or more")
            if self.expire_days is not None and days >= self.expire_days:
                raise Refused(f"tiers.{tier}", days, f"fewer days than expire_days ({self.expire_days})")
        ages = [self.tiers[tier] for tier in classes if tier in self.tiers]
        if ages != sorted(set(ages)):
            raise Refused("tiers", self.tiers, "each colder class later than the one before it")
        return self

    def keeps(self, lower: Spec) -> Keeps | None:
        """A region that has copies goes on having them: their bucket holds versions that no other one has."""
        assert isinstance(lower, BucketSpec)
        lost = [region for region in self.replicas if region not in lower.replicas]
        if not lost:
            return None
        fields = {"replicas": {region: self.replicas[region].model_dump(exclude_defaults=True) for region in lost}}
        why = "S3 deletes no bucket with objects in it (DeleteBucket, Amazon S3 API reference)"
        return Keeps(fields, ", ".join(f"replicas.{region}" for region in lost), why)
