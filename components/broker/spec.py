"""The spec of the kind broker: one of three engines, and what each of them asks.

Nothing turns one engine into another, a single RabbitMQ into a cluster, or a standard queue into a FIFO one: the other
shape is a new block that takes the role over (docs/decisions/0041-brokers.md).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Annotated, Final, Literal

from pydantic import StringConstraints, model_validator

from components.spec import Join, Keeps, Refused, Spec, joined

CLASSES: Final = {
    "rabbitmq": re.compile(r"mq\.(t3\.micro|m5\.(large|\d?xlarge)|m7g\.(medium|large|xlarge|\d{1,2}xl))"),
    "kafka": re.compile(r"kafka\.(t3\.small|m5\.(large|\d{0,2}xlarge)|m7g\.(large|\d{0,2}xlarge))"),
}
"""Classes by engine; for RabbitMQ the list of the region counts as well."""
VERSIONS: Final = {
    "rabbitmq": ("4.2", re.compile(r"(3\.13|4\.\d+)")),
    "kafka": ("3.9.x.kraft", re.compile(r"(3\.9|4\.\d+)\.x\.kraft")),
}
"""Default and form by engine: versions in support whose successors are an update; Kafka without ZooKeeper, of which no
cluster is freed later (Amazon MQ developer guide, "Managing engine versions"; MSK developer guide, "Supported Apache
Kafka versions", "KRaft mode")."""
PORTS: Final = {"rabbitmq": 5671, "kafka": 9098}
"""AMQP over TLS; Kafka with IAM over TLS (MSK developer guide, "Port information")."""
BURSTABLE: Final = "kafka.t3.small"
ZONES: Final = 3
"""Kafka's brokers stand in all three zones from its first day: their subnets never change."""
ONLY: Final = {
    "queues": ("sqs",),
    "deployment": ("rabbitmq",),
    "maintenance": ("rabbitmq",),
    "instance": ("rabbitmq", "kafka"),
    "version": ("rabbitmq", "kafka"),
    **dict.fromkeys(
        ("brokers", "storage", "max_storage", "min_insync", "retention_hours", "parameters", "monitoring", "lag"),
        ("kafka",),
    ),
    "log_days": ("kafka",),
}  # fmt: skip
"""Fields by the engines that have them."""
DECIDED: Final = ("default.replication.factor", "min.insync.replicas", "log.retention.hours")
ShortName = Annotated[str, StringConstraints(pattern=r"^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$")]


class MessageQueueSpec(Spec):
    """One SQS queue, with dead letters of its own."""

    fifo: bool = joined(Join.FIXED, False)
    """Messages of a group come in order and once; a standard queue never becomes one."""
    deduplicate: bool = joined(Join.NOW, False)
    """FIFO: two messages of the same content within five minutes are one."""
    visibility: int = joined(Join.NOW, 300, ge=0, le=43200)
    """Seconds for which a received message is hidden from others; longer than the work on it."""
    retention: int = joined(Join.MAX, 4, ge=1, le=14)
    """Days that a message waits at most. Dead letters are kept 14, counted from when a message was first sent."""
    delay: int = joined(Join.NOW, 0, ge=0, le=900)
    """Seconds until a message can first be received."""
    dead_letter_after: int = joined(Join.NOW, 5, ge=1, le=1000)
    """How often a message is received before it goes to the dead letters."""

    @model_validator(mode="after")
    def _consistent(self) -> MessageQueueSpec:
        if self.deduplicate and not self.fifo:
            raise Refused("deduplicate", self.deduplicate, "false without fifo")
        return self


class LagSpec(Spec):
    """A consumer group of the application's whose lag alarms may watch."""

    group: str = joined(Join.NOW, pattern=r"^[A-Za-z0-9._-]{1,249}$")
    """The consumer group."""
    topic: str = joined(Join.NOW, pattern=r"^[A-Za-z0-9._-]{1,249}$")
    """The topic that it reads."""


class BrokerSpec(Spec):
    """Queues or a broker. Topics, and queues inside RabbitMQ, are the application's to make."""

    engine: Literal["sqs", "rabbitmq", "kafka"] = joined(Join.FIXED)
    """SQS, RabbitMQ on Amazon MQ, or Kafka on MSK; never changes."""
    queues: dict[ShortName, MessageQueueSpec] = joined(Join.UNION, dict, max_length=16)
    """SQS: queues by name; `receipts` gives a service `<ROLE>_RECEIPTS_URL`."""
    deployment: Literal["single", "cluster"] | None = joined(Join.FIXED, None)
    """RabbitMQ: one node, or three of which one may fail. Either is a new block to the other."""
    instance: str | None = joined(Join.MAX, None)
    """RabbitMQ and Kafka: class of each node. A cluster changes it node by node, a single RabbitMQ in a restart."""
    version: str | None = joined(Join.FIXED, None)
    """RabbitMQ: major.minor; null is 4.2. Kafka: e.g. `3.9.x.kraft`, which is what null is. Raised outside phases."""
    maintenance: str = joined(Join.NOW, "sun:03:00", pattern=r"^(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d$")
    """RabbitMQ: UTC start of the weekly two hours in which AWS patches and restarts it."""
    brokers: int | None = joined(Join.MAX, None, ge=3, le=60)
    """Kafka: brokers, the same number in each of three zones."""
    storage: int | None = joined(Join.MAX, None, ge=1, le=16384)
    """Kafka: GiB of each broker; grows only. With `max_storage` it counts at birth, and MSK grows it."""
    max_storage: int | None = joined(Join.MAX, None, ge=1, le=16384)
    """Kafka: GiB up to which a broker's storage grows by itself, at 60 % of what it has; null never."""
    min_insync: Literal[1, 2] = joined(Join.NOW, 2)
    """Kafka: copies that must have a message before it is acknowledged, of three."""
    retention_hours: int = joined(Join.NOW, 168, ge=1)
    """Kafka: how long topics keep messages that say nothing else."""
    parameters: dict[str, str] = joined(Join.NOW, dict)
    """Kafka: more server properties."""
    monitoring: Literal["default", "per_broker", "per_topic"] = joined(
        Join.MAX, "default", order=("default", "per_broker", "per_topic")
    )
    """Kafka: how finely MSK measures; what is beyond the default is paid for by metric."""
    lag: dict[ShortName, LagSpec] = joined(Join.UNION, dict)
    """Kafka: consumer groups to watch, by name."""
    log_days: Literal[7, 14, 30, 60, 90, 180, 365] = joined(Join.MAX, 30)
    """Kafka: how long CloudWatch keeps the brokers' log."""

    @model_validator(mode="after")
    def _of_its_engine(self) -> BrokerSpec:
        for key, engines in ONLY.items():
            plain = type(self).model_fields[key].get_default(call_default_factory=True)
            if self.engine not in engines and getattr(self, key) != plain:
                raise Refused(key, getattr(self, key), f"nothing with engine {self.engine}")
        for key in {"rabbitmq": ("deployment", "instance"), "kafka": ("instance", "brokers", "storage")}.get(
            self.engine, ()
        ):
            if getattr(self, key) is None:
                raise Refused(key, "null", f"a {key} with engine {self.engine}")
        if self.engine == "sqs" and not self.queues:
            raise Refused("queues", "none", "one queue at least with engine sqs")
        if self.instance is not None and not CLASSES[self.engine].fullmatch(self.instance):
            raise Refused("instance", self.instance, f"a class like {'mq' if self.port == 5671 else 'kafka'}.m7g.large")
        if self.version is not None and not VERSIONS[self.engine][1].fullmatch(self.version):
            raise Refused("version", self.version, f"a version like {VERSIONS[self.engine][0]}")
        return self

    @model_validator(mode="after")
    def _consistent(self) -> BrokerSpec:
        if self.engine == "rabbitmq" and self.instance is not None:
            # Amazon MQ developer guide, "Broker instance types": 4.x on m7g alone, no cluster of t3.micro.
            if self.runs.startswith("4.") and not self.instance.startswith("mq.m7g."):
                raise Refused("instance", self.instance, f"a class of mq.m7g with version {self.runs}")
            if self.deployment == "cluster" and self.instance == "mq.t3.micro":
                raise Refused("instance", self.instance, "another class for a cluster")
        if self.brokers is not None and self.brokers % ZONES:
            raise Refused("brokers", self.brokers, f"a multiple of {ZONES}, one more in each zone")
        if self.max_storage is not None and self.storage is not None and self.max_storage <= self.storage:
            raise Refused("max_storage", self.max_storage, f"more than storage, which is {self.storage}")
        for key in DECIDED:
            if key in self.parameters:
                raise Refused(f"parameters.{key}", self.parameters[key], "nothing: a field of its own decides it")
        return self

    @property
    def runs(self) -> str:
        """The engine's version; empty for SQS, which has none."""
        return self.version or VERSIONS.get(self.engine, ("",))[0]

    @property
    def port(self) -> int | None:
        """Where it listens in the data subnets; None for SQS, which is reached over HTTPS."""
        return PORTS.get(self.engine)

    def members(self, name: str) -> Collection[str]:
        """Queues and their dead letters, which go one by one once they are empty."""
        return {f"{name}-{part}-{queue}" for queue in self.queues for part in ("queue", "dead-letters")}

    def keeps(self, lower: Spec) -> Keeps | None:
        """Queues that may hold messages; and MSK brings no cluster back to t3 (MSK developer guide, "Update broker
        size")."""
        assert isinstance(lower, BrokerSpec)
        gone = {name: of.model_dump(exclude_defaults=True) for name, of in self.queues.items()}
        gone = {name: of for name, of in gone.items() if name not in lower.queues}
        if gone:
            why = "they may hold messages; one that is empty goes by itself, with retire of it and its dead letters"
            return Keeps({"queues": gone}, f"queues.{', '.join(gone)}", why)
        if self.engine != "kafka" or lower.instance != BURSTABLE or self.instance == BURSTABLE:
            return None
        return Keeps({"instance": self.instance}, f"instance: {self.instance}", f"MSK goes back to no {BURSTABLE}")
