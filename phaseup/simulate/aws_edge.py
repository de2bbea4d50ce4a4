"""Ids and outputs of what has no subnet: tables, event buses, and CloudFront with all that belongs to it."""

from __future__ import annotations

from typing import Final

from phaseup.graph.values import Value
from phaseup.simulate.aws_regions import partition
from phaseup.simulate.context import Context
from phaseup.simulate.rules import IdRule, OutputRule

BIRTHDAY: Final = "2026-01-01T00:00:00Z"
CDN_ZONE: Final = "Z2FDTNDATAQYW2"
"""The hosted zone of every distribution's name (Route 53 developer guide, AliasTarget)."""
_UPPER: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def _global(context: Context, resource: str) -> str:
    return f"arn:{partition(context.region)}:cloudfront::{context.account}:{resource}"


def _regional(context: Context, service: str, resource: str) -> str:
    return f"arn:{partition(context.region)}:{service}:{context.region}:{context.account}:{resource}"


def _named(context: Context) -> str:
    return context.text("name", context.name)


def _table(context: Context) -> dict[str, Value]:
    arn = _regional(context, "dynamodb", f"table/{_named(context)}")
    streams = context.inputs.get("streamEnabled") is True
    return {
        "arn": arn,
        "streamArn": f"{arn}/stream/{BIRTHDAY}" if streams else "",
        "streamLabel": BIRTHDAY if streams else "",
    }


def _replica(context: Context) -> dict[str, Value]:
    name = context.text("globalTableArn").rpartition("/")[2]
    return {"arn": _regional(context, "dynamodb", f"table/{name}")}


def _replica_id(context: Context) -> str:
    arn = context.text("globalTableArn")
    region = arn.split(":")[3] if arn.count(":") > 3 else context.region
    return f"{arn.rpartition('/')[2]}:{region}"


def _rule(context: Context) -> dict[str, Value]:
    bus = context.text("eventBusName", "default").rpartition("/")[2]
    path = _named(context) if bus == "default" else f"{bus}/{_named(context)}"
    return {"arn": _regional(context, "events", f"rule/{path}")}


def _rule_id(context: Context) -> str:
    bus = context.text("eventBusName", "default")
    return _named(context) if bus == "default" else f"{bus}/{_named(context)}"


def _target_id(context: Context) -> str:
    target = context.text("targetId", context.name)
    return f"{context.text('eventBusName', 'default')}-{context.text('rule')}-{target}"


def _distribution(context: Context) -> dict[str, Value]:
    return {
        "arn": _global(context, f"distribution/{context.id}"),
        "domainName": f"d{context.letters(13, 'domain')}.cloudfront.net",
        "hostedZoneId": CDN_ZONE,
        "status": "Deployed",
        "etag": f"E{context.letters(13, 'etag', _UPPER)}",
        "callerReference": context.uuid("caller"),
        "inProgressValidationBatches": 0,
        "lastModifiedTime": BIRTHDAY,
        "trustedKeyGroups": [],
        "trustedSigners": [],
    }


def _function(context: Context) -> dict[str, Value]:
    return {
        "arn": _global(context, f"function/{_named(context)}"),
        "status": "UNASSOCIATED",
        "etag": f"E{context.letters(13, 'etag', _UPPER)}",
        "liveStageEtag": f"E{context.letters(13, 'live', _UPPER)}",
    }


def _policy(kind: str) -> OutputRule:
    def outputs(context: Context) -> dict[str, Value]:
        return {"arn": _global(context, f"{kind}/{context.id}"), "etag": f"E{context.letters(13, 'etag', _UPPER)}"}

    return outputs


def _delivery(kind: str) -> OutputRule:
    def outputs(context: Context) -> dict[str, Value]:
        return {"arn": _regional(context, "logs", f"{kind}:{context.id}"), "service": "cloudfront"}

    return outputs


IDS: Final[dict[str, IdRule]] = {
    "aws:dynamodb/table:Table": _named,
    "aws:dynamodb/tableReplica:TableReplica": _replica_id,
    "aws:cloudwatch/eventBus:EventBus": _named,
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": lambda context: context.text("eventBusName"),
    "aws:cloudwatch/eventArchive:EventArchive": _named,
    "aws:cloudwatch/eventRule:EventRule": _rule_id,
    "aws:cloudwatch/eventTarget:EventTarget": _target_id,
    "aws:cloudfront/distribution:Distribution": lambda context: f"E{context.letters(13, 'id', _UPPER)}",
    "aws:cloudfront/function:Function": _named,
    "aws:cloudfront/cachePolicy:CachePolicy": lambda context: context.uuid("id"),
    "aws:cloudfront/originRequestPolicy:OriginRequestPolicy": lambda context: context.uuid("id"),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": lambda context: context.uuid("id"),
    "aws:cloudfront/originAccessControl:OriginAccessControl": lambda context: f"E{context.letters(13, 'id', _UPPER)}",
    "aws:cloudfront/monitoringSubscription:MonitoringSubscription": lambda context: context.text("distributionId"),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": _named,
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": _named,
    "aws:cloudwatch/logDelivery:LogDelivery": lambda context: context.letters(16, "id"),
}
OUTPUTS: Final[dict[str, OutputRule]] = {
    "aws:dynamodb/table:Table": _table,
    "aws:dynamodb/tableReplica:TableReplica": _replica,
    "aws:cloudwatch/eventBus:EventBus": lambda c: {"arn": _regional(c, "events", f"event-bus/{_named(c)}")},
    "aws:cloudwatch/eventArchive:EventArchive": lambda c: {"arn": _regional(c, "events", f"archive/{_named(c)}")},
    "aws:cloudwatch/eventRule:EventRule": _rule,
    "aws:cloudfront/distribution:Distribution": _distribution,
    "aws:cloudfront/function:Function": _function,
    "aws:cloudfront/cachePolicy:CachePolicy": _policy("cache-policy"),
    "aws:cloudfront/originRequestPolicy:OriginRequestPolicy": _policy("origin-request-policy"),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": _policy("response-headers-policy"),
    "aws:cloudfront/originAccessControl:OriginAccessControl": _policy("origin-access-control"),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": _delivery("delivery-source"),
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": _delivery("delivery-destination"),
    "aws:cloudwatch/logDelivery:LogDelivery": _delivery("delivery"),
}
