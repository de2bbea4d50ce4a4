"""The spec of the kind function."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, model_validator

from components.service.spec import USABLE, VARIABLE, UseSpec
from components.spec import BlockName, Join, Refused, RoleName, Spec, joined

IN_VPC = ("postgres", "aurora", "cache", "search")
"""Kinds that only the network reaches."""
OWN = re.compile(r"AWS_|LAMBDA_|_X_AMZN|TZ\Z")
"""Variables that Lambda keeps for itself (Lambda developer guide, "Defined runtime environment variables")."""


class QueueSpec(Spec):
    """An SQS queue of the function's own, which it works off; what uses the function may send to it."""

    batch: int = joined(Join.NOW, 10, ge=1, le=10000)
    """Most messages of one invocation; the function says which of them failed (`ReportBatchItemFailures`)."""
    window: int = joined(Join.NOW, 0, ge=0, le=300)
    """Seconds that a batch may gather; a batch above 10 needs at least 1."""
    parallel: int | None = joined(Join.NOW, None, ge=2, le=1000)
    """Most invocations at a time for the queue; null is as many as the function may have."""
    attempts: int = joined(Join.NOW, 5, ge=1, le=100)
    """How often a message is received before it goes to the dead letters."""
    days: int = joined(Join.MAX, 14, ge=1, le=14)
    """How long a message waits at most."""

    @model_validator(mode="after")
    def _gathers(self) -> QueueSpec:
        # CreateEventSourceMapping, Lambda API reference, MaximumBatchingWindowInSeconds.
        if self.batch > 10 and self.window == 0:
            raise Refused("window", self.window, f"at least 1 with batch {self.batch}")
        return self


class EventSpec(Spec):
    """Events of the account's default bus that invoke the function."""

    pattern: dict[str, Any] = joined(Join.NOW, min_length=1)
    """An EventBridge event pattern, e.g. `{source: [aws.s3]}`."""


def _by_name(value: object) -> object:
    """`uses: [db, cache]` is short for a map by name."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return {item: {} for item in value}
    return value


class FunctionSpec(Spec):
    """A Lambda function, what invokes it, and what it may use."""

    package: Literal["image", "zip"] = joined(Join.FIXED, "image")
    """How its code comes: an image in this region's ECR, or a zip file in a bucket of the stack; never changes."""
    image: str | None = joined(Join.NOW, None)
    """Its key in the stack's images; null is the block's own name. For a zip, `<path>@sha256:<digest>` there means the
    object `<path>/<digest>.zip`."""
    bucket: BlockName | None = joined(Join.NOW, None)
    """The S3 bucket with the zip files."""
    handler: str | None = joined(Join.NOW, None, pattern=r"^\S{1,128}$")
    """Zip: where the runtime starts, e.g. `index.handler`."""
    runtime: str | None = joined(Join.NOW, None, pattern=r"^(nodejs|python|java|dotnet|ruby|provided)[a-z0-9.]+$")
    """Zip: e.g. `nodejs22.x`."""
    command: list[str] = joined(Join.NOW, list)
    """Image: arguments of its entry point."""
    architecture: Literal["arm64", "x86_64"] = joined(Join.NOW, "arm64")
    """What the code is built for; changes together with the code."""
    memory: int = joined(Join.MAX, 512, ge=128, le=10240)
    """MiB; processor time grows with it, a whole one at 1769."""
    timeout: int = joined(Join.MAX, 60, ge=1, le=900)
    """Seconds until an invocation is cut off."""
    concurrency: int | None = joined(Join.MAX, None, ge=0)
    """Invocations at a time that are kept for it and are its most; null shares the account's. An account keeps 100
    unreserved, so the sum of its functions' may be its quota less 100."""
    disk: int = joined(Join.MAX, 512, ge=512, le=10240)
    """MiB of /tmp."""
    env: dict[str, str] = joined(Join.NOW, dict)
    """Plain settings."""
    uses: Annotated[dict[RoleName, UseSpec], BeforeValidator(_by_name)] = joined(Join.UNION, dict)
    """Roles, buckets and functions it talks to; each gives it a variable such as `DB_PARAMETER`, the name of the
    parameter that says where the role is and where its login is kept."""
    vpc: bool = joined(Join.MAX, False)
    """Whether it stands in the network's app subnets; needed to reach a database, a cache or a domain."""
    idempotent: bool = joined(Join.FIXED, False)
    """The same work may be done twice, by two sides of a move."""
    queue: QueueSpec | None = joined(Join.UNION, None)
    """A queue that it works off."""
    events: dict[str, EventSpec] = joined(Join.UNION, dict)
    """Events that invoke it, by name; schedules are blocks of the kind schedule."""
    retries: Literal[0, 1, 2] = joined(Join.NOW, 2)
    """How often Lambda repeats an asynchronous invocation that failed, before it goes to the dead letters."""
    max_age: int = joined(Join.NOW, 21600, ge=60, le=21600)
    """Seconds after which an asynchronous invocation that found no room goes to the dead letters."""
    tracing: bool = joined(Join.NOW, True)
    """Sampled requests are traced with X-Ray."""
    log_level: Literal["DEBUG", "INFO", "WARN", "ERROR"] = joined(Join.NOW, "INFO")
    """Least level of the application's lines that are kept; lines are JSON."""
    log_days: Literal[7, 14, 30, 60, 90, 180, 365] = joined(Join.MAX, 30)
    """How long its logs are kept."""

    @model_validator(mode="after")
    def _consistent(self) -> FunctionSpec:
        zipped = self.package == "zip"
        for key in ("bucket", "handler", "runtime"):
            given = getattr(self, key)
            if zipped and given is None:
                raise Refused(key, "null", f"a {key} with package zip")
            if not zipped and given is not None:
                raise Refused(key, given, "null with package image")
        if zipped and self.command:
            raise Refused("command", self.command, "nothing with package zip, which has a handler")
        parallel = self.queue.parallel if self.queue else None
        if parallel is not None and self.concurrency is not None and parallel > self.concurrency:
            raise Refused("queue.parallel", parallel, f"at most concurrency, {self.concurrency}")
        for variable in self.env:
            if not re.fullmatch(VARIABLE, variable) or OWN.match(variable):
                raise Refused(f"env.{variable}", variable, f"a name that matches {VARIABLE} and is not Lambda's own")
        for event in self.events:
            if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", event):
                raise Refused(f"events.{event}", event, "a short name in small letters")
        return self

    def check_among(self, kinds: Mapping[str, str]) -> None:
        """It uses what holds data or is a function, its zip lies in a bucket, and it is where it can reach both."""
        able = sorted(block for block, kind in kinds.items() if kind in USABLE)
        for name in self.uses:
            if name in kinds and name not in able:
                raise Refused(f"uses.{name}", name, f"a {' or '.join(USABLE)}: {', '.join(able) or 'none here'}")
            if kinds.get(name) in IN_VPC and not self.vpc:
                raise Refused("vpc", self.vpc, f"true where it uses {name}, which only the network reaches")
        if self.bucket is not None and kinds.get(self.bucket, "bucket") != "bucket":
            buckets = sorted(block for block, kind in kinds.items() if kind == "bucket")
            raise Refused("bucket", self.bucket, f"a bucket: {', '.join(buckets) or 'none here'}")
