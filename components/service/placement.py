"""Where a service runs: nothing more to say on a server, and its size and scaling on a cluster."""

from __future__ import annotations

import re
from ipaddress import IPv4Network
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from components.spec import Join, Refused, RoleName, Spec, joined

LABEL_VALUE = re.compile(r"[^A-Za-z0-9_.-]+")
ListName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""The key of a Redis list."""
ListLength = Annotated[int, Field(ge=1)]
"""Entries of it for each replica."""


class RateSpec(Spec):
    """How fast replicas come or go; of pods and percent the faster one counts, where both are given."""

    pods: int | None = joined(Join.NOW, None, ge=1)
    """Replicas at once; null leaves it to the share."""
    percent: int | None = joined(Join.NOW, None, ge=1, le=1000)
    """Share of the replicas at once; null leaves it to the count of pods."""
    every: int = joined(Join.NOW, 60, ge=1, le=1800)
    """Seconds from one change to the next."""
    wait: int = joined(Join.NOW, 0, ge=0, le=3600)
    """Seconds for which the wish must hold before it is followed."""

    @model_validator(mode="after")
    def _moves(self) -> RateSpec:
        if self.pods is None and self.percent is None:
            raise Refused("pods", "null", "a count of pods, or percent")
        return self


class QueueSpec(Spec):
    """A Redis list or several, or a queue of an SQS broker, whose length decides."""

    role: RoleName = joined(Join.FIXED)
    """The queue's role, e.g. `queue`."""
    list: str | None = joined(Join.NOW, None, min_length=1, max_length=200)
    """The key of a Redis list, e.g. `bull:scraper-mercadona:wait`."""
    lists: dict[ListName, ListLength] = joined(Join.NOW, dict)
    """Several of them, where its workers take from each: entries for each replica by key, e.g.
    `{prices: 200, normalize: 200}`. The list that asks for most replicas counts."""
    queue: str | None = joined(Join.NOW, None, pattern=r"^[a-z][a-z0-9-]{0,31}$")
    """The name of a queue among the broker's, e.g. `receipts`."""
    length: int | None = joined(Join.NOW, None, ge=1)
    """Entries for each replica; of SQS those that are being worked on count too. Null beside `lists`, which say it."""
    polling: int = joined(Join.NOW, 15, ge=1, le=300)
    """Seconds from one look at the queue to the next."""
    cooldown: int = joined(Join.NOW, 300, ge=0, le=3600)
    """Seconds without work before the last replicas go."""
    fallback: int = joined(Join.MAX, 2, ge=1)
    """Replicas while the queue cannot be asked."""
    failures: int = joined(Join.NOW, 3, ge=1, le=100)
    """Failed looks in a row before `fallback` counts."""

    @model_validator(mode="after")
    def _one(self) -> QueueSpec:
        given = [name for name in ("list", "lists", "queue") if getattr(self, name)]
        if len(given) != 1:
            found = " and ".join(given) or "neither list nor queue"
            raise Refused("list", found, "one of them: a Redis list, lists of them, or a queue of an SQS broker")
        if (self.length is None) != bool(self.lists):
            allowed = "null, as each of lists says its own" if self.lists else "entries for each replica"
            raise Refused("length", "null" if self.length is None else self.length, allowed)
        return self

    @property
    def named(self) -> str:
        """The list's key or those of all, or the queue's name."""
        return self.list or self.queue or " ".join(self.lists)

    @property
    def lengths(self) -> dict[str, int]:
        """Entries for each replica, by the key of each Redis list; empty of a queue of SQS."""
        return {self.list: self.length} if self.list and self.length else dict(self.lists)


class ScalingSpec(Spec):
    """Between which bounds, and by what, the count of replicas is decided in the cluster."""

    min: int = joined(Join.MAX, 2, ge=1, le=1000)
    """Replicas that are always there."""
    max: int = joined(Join.MAX, 10, ge=1, le=1000)
    """Replicas that it may grow to."""
    cpu: int | None = joined(Join.NOW, None, ge=10, le=95)
    """CPU in percent of what is requested; null does not look at it."""
    memory: int | None = joined(Join.NOW, None, ge=10, le=95)
    """Memory in percent of what is requested; null does not look at it. Of several measures the larger wish counts."""
    queue: QueueSpec | None = joined(Join.UNION, None)
    """The queue that it works off."""
    up: RateSpec = joined(Join.NOW, lambda: RateSpec(pods=4, percent=100))
    """How fast it grows."""
    down: RateSpec = joined(Join.NOW, lambda: RateSpec(pods=1, every=60, wait=300))
    """How fast it shrinks."""

    @model_validator(mode="after")
    def _consistent(self) -> ScalingSpec:
        if self.min > self.max:
            raise Refused("min", self.min, f"at most max, which is {self.max}")
        if self.cpu is None and self.memory is None and self.queue is None:
            raise Refused("cpu", "null", "a percentage of cpu or memory, or a queue")
        if self.queue and self.queue.fallback > self.max:
            raise Refused("queue.fallback", self.queue.fallback, f"at most max, which is {self.max}")
        return self


class WritableSpec(Spec):
    """A directory that the container may write to, empty at each start; its key is the path."""

    size: int = joined(Join.NOW, 256, ge=1)
    """MiB."""


class ToleratedSpec(Spec):
    """A taint that its pods put up with; its key is the taint's."""


class ReachedSpec(Spec):
    """What its pods may call beside HTTPS, their roles and DNS; its key is a name."""

    port: int = joined(Join.NOW, ge=1, le=65535)
    """TCP."""
    cidr: str = joined(Join.NOW, "0.0.0.0/0")
    """Where."""

    @model_validator(mode="after")
    def _network(self) -> ReachedSpec:
        try:
            IPv4Network(self.cidr)
        except ValueError:
            raise Refused("cidr", self.cidr, "an IPv4 network, e.g. 198.51.100.0/24") from None
        return self


class PlacementSpec(Spec):
    """The service on one block: on a cluster in a namespace and with a size; on a server there is nothing to say."""

    namespace: str | None = joined(Join.FIXED, None, pattern=r"^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$")
    """One of the cluster's namespaces; needed on a cluster."""
    cpu: float = joined(Join.NOW, 0.25, gt=0, le=192)
    """Cores that it is given for sure; the service's own `cpu` is the most it may use."""
    memory: int = joined(Join.NOW, 256, ge=32)
    """MiB that it is given for sure; the service's own `memory` is the most it may use."""
    replicas: int = joined(Join.MAX, 1, ge=1, le=1000)
    """Its count where nothing scales it."""
    scaling: ScalingSpec | None = joined(Join.UNION, None)
    """What decides the count instead."""
    user: int | None = joined(Join.NOW, None, ge=1, le=65535)
    """The user to run as, where the image names it by a word; never root."""
    writable: dict[str, WritableSpec] = joined(Join.NOW, dict)
    """Directories beside /tmp that it writes to; all else is read-only."""
    on_nodes: dict[str, str] = joined(Join.NOW, dict)
    """Labels that its nodes must have."""
    tolerates: dict[str, ToleratedSpec] = joined(Join.UNION, dict)
    """Taints of the nodes that it may run on."""
    reaches: dict[str, ReachedSpec] = joined(Join.UNION, dict)
    """What it calls on other ports than 443, e.g. a proxy's."""

    def said(self) -> str | None:
        """The first field that says something; None where all are as they are by themselves."""
        plain = PlacementSpec()
        return next((name for name in type(self).model_fields if getattr(self, name) != getattr(plain, name)), None)


def queue_variable(queue: str) -> str:
    """How the variables of a broker's queue start after the role's: `paid-orders` gives `PAID_ORDERS_`."""
    return queue.upper().replace("-", "_") + "_"


def label_value(text: str) -> str:
    """Any text as a label's value: `scraper:mercadona` is none, `scraper-mercadona` is one (Kubernetes, "Labels and
    Selectors", syntax)."""
    return LABEL_VALUE.sub("-", text)[:63].strip("-_.")
