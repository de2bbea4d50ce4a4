"""What AWS fills in for brokers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from phaseup.graph.values import Value
from phaseup.simulate.aws_regions import dns_suffix
from phaseup.simulate.context import Context

_WAYS: Final = {
    "bootstrapBrokers": ("plain", 9092),
    "bootstrapBrokersTls": ("tls", 9094),
    "bootstrapBrokersSaslScram": ("scram", 9096),
    "bootstrapBrokersSaslIam": ("iam", 9098),
}
"""Output → how clients prove who they are, and the port for it."""
_NONE: Final = (
    "bootstrapBrokersIpv6", "bootstrapBrokersPublicSaslIam", "bootstrapBrokersPublicSaslScram",
    "bootstrapBrokersPublicTls", "bootstrapBrokersSaslIamIpv6", "bootstrapBrokersSaslScramIpv6",
    "bootstrapBrokersTlsIpv6", "bootstrapBrokersVpcConnectivitySaslIam", "bootstrapBrokersVpcConnectivitySaslScram",
    "bootstrapBrokersVpcConnectivityTls", "zookeeperConnectString", "zookeeperConnectStringTls",
    "customerActionStatus",
)  # fmt: skip
_NAMED: Final = 3
"""Brokers that the list of addresses names, one a zone."""


def rabbitmq(context: Context) -> dict[str, Value]:
    """One name for all nodes of a RabbitMQ."""
    host = f"{context.id}.mq.{context.region}.on.aws"
    return {
        "instances": [{"consoleUrl": f"https://{host}", "endpoints": [f"amqps://{host}:5671"], "ipAddress": ""}],
        "pendingDataReplicationMode": "",
        "authenticationStrategy": "simple",
        "storageType": "ebs",
        "dataReplicationMode": "NONE",
    }


def kafka(context: Context) -> dict[str, Value]:
    """Addresses by the ways in that are open."""
    sasl = _inside(context.inputs, "clientAuthentication", "sasl")
    transit = _inside(context.inputs, "encryptionInfo", "encryptionInTransit")
    way_in = transit.get("clientBroker", "TLS")
    open_ = {
        "plain": way_in != "TLS",
        "tls": way_in != "PLAINTEXT" and not sasl,
        "scram": sasl.get("scram") is True,
        "iam": sasl.get("iam") is True,
    }
    count = context.inputs.get("numberOfBrokerNodes")
    named = min(count, _NAMED) if isinstance(count, int) else _NAMED
    tail = (
        f"{context.text('clusterName', context.name)}.{context.letters(6, 'host')}.c2.kafka.{context.region}."
        f"{dns_suffix(context.region)}"
    )
    return {
        **dict.fromkeys(_NONE, ""),
        **{
            output: ",".join(f"b-{number}.{tail}:{port}" for number in range(1, named + 1)) if open_[way] else ""
            for output, (way, port) in _WAYS.items()
        },
        "clusterUuid": f"{context.uuid('arn')}-1",
        "currentVersion": "K3P5ROKL5A1OLE",
        "storageMode": "LOCAL",
    }


def _inside(inputs: Mapping[str, Value], *path: str) -> dict[str, Value]:
    value: Value = dict(inputs)
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}
