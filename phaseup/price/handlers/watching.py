"""Logs, metrics, alarms, checks and traces."""

from __future__ import annotations

import re
from typing import Final

from phaseup.price.item import Item
from phaseup.price.lines import HOURS
from phaseup.price.sheet import Handler, Sheet

FILTER: Final = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_MINUTES: Final = {"minute": 1, "hour": 60, "day": 1440}
_MONTH_DAYS: Final = 30.4


def log_group(sheet: Sheet, item: Item) -> None:
    """What is written to a log group, and kept for as long as the group says; for ever is taken for a year.

    Kept data is counted as written, though AWS compresses it first: a little too much, never too little.
    """
    gigabytes = sheet.share(item, "logs_gb")
    if not gigabytes:
        return
    if item.text("logGroupClass") not in ("", "STANDARD"):
        sheet.miss(item, f"no price of log class {item.text('logGroupClass')}")
        return
    sheet.add(item, "other", "logs written", "cloudwatch:logs", gigabytes)
    days = item.number("retentionInDays") or 365.0
    sheet.add(item, "other", f"logs kept {days:g} days", "cloudwatch:logs-kept", gigabytes * days / _MONTH_DAYS)


def metric_filter(sheet: Sheet, item: Item) -> None:
    """A metric made from logs; several filters may feed one, which costs once."""
    firsts = sheet.once("metrics from logs", lambda: {_metric(each): each for each in reversed(sheet.items.of(FILTER))})
    if firsts[_metric(item)] is not item:
        sheet.nothing(item, "feeds a metric that another filter makes")
        return
    sheet.add(item, "other", "metric from logs", "cloudwatch:metric", 1)


def _metric(item: Item) -> tuple[str, str, str]:
    of = "metricTransformation"
    return item.region, item.text(of, "namespace"), item.text(of, "name")


def alarm(sheet: Sheet, item: Item) -> None:
    """An alarm, by the metrics it reads; below a minute at the price of high resolution."""
    queries = [each for each in item.entries("metricQueries") if each.get("metric")]
    periods = [float((each["metric"] or {}).get("period") or 60) for each in queries] or [
        item.number("period", default=60)
    ]
    key = "cloudwatch:alarm:high-resolution" if min(periods) < 60 else "cloudwatch:alarm"
    sheet.add(item, "other", "alarm", key, max(len(queries), 1))


def composite(sheet: Sheet, item: Item) -> None:
    """An alarm over alarms."""
    sheet.add(item, "other", "composite alarm", "cloudwatch:composite-alarm", 1)


def dashboard(sheet: Sheet, item: Item) -> None:
    """A dashboard, by the month."""
    sheet.add(item, "other", "dashboard", "cloudwatch:dashboard", 1)


def canary(sheet: Sheet, item: Item) -> None:
    """A canary, by its runs; the Lambda function that each run is costs cents and is left out."""
    found = _RATE.fullmatch(item.text("schedule", "expression"))
    if found is None or int(found[1]) == 0:
        sheet.miss(item, "how often it runs is not a rate")
        return
    runs = HOURS * 60 / (int(found[1]) * _MINUTES[found[2]])
    sheet.add(item, "other", f"{runs:,.0f} runs", "cloudwatch:canary-run", runs)


def health_check(sheet: Sheet, item: Item) -> None:
    """A Route 53 check of an endpoint outside AWS, and each thing beyond plain HTTP every 30 seconds."""
    kind = item.text("type")
    if kind in ("CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL"):
        sheet.add(item, "other", "health check", "route53:health-check:aws", 1)
        return
    sheet.add(item, "other", "health check", "route53:health-check", 1)
    options = [
        kind.startswith("HTTPS"),
        "STR_MATCH" in kind,
        item.number("requestInterval", default=30) == 10,
        item.flag("measureLatency"),
    ]
    if any(options):
        sheet.add(item, "other", "what it checks beyond HTTP", "route53:health-check:option", sum(options))


def traces(sheet: Sheet, item: Item) -> None:
    """Traces that are recorded: a block's first sampling rule stands for all of its own."""
    same = [each for each in sheet.items.of(item.type) if (each.block, each.place) == (item.block, item.place)]
    if same[0] is not item:
        sheet.nothing(item, "traces are counted once a block")
        return
    traced = sheet.figure(item, "million_traces")
    if traced:
        sheet.add(item, "other", "traces", "xray:trace", traced)


def subscription(sheet: Sheet, item: Item) -> None:
    """Mails of alarms are within the thousand that are free; a hook is PagerDuty's, whose plan is paid by seat."""
    hooks = [
        each for each in sheet.items.of(item.type) if each.block == item.block and each.text("protocol") == "https"
    ]
    if not hooks or hooks[0] is not item:
        sheet.nothing(item, "a thousand mails a month are free")
        return
    seats = sheet.figure(item, "seats", ask=False)
    if seats:
        sheet.add(item, "other", f"PagerDuty, {seats:g} seats", "pagerduty:professional", seats)
    else:
        sheet.nothing(item, "PagerDuty's free plan, unless seats are stated")


HANDLERS: Final[dict[str, Handler]] = {
    "aws:cloudwatch/logGroup:LogGroup": log_group,
    FILTER: metric_filter,
    "aws:cloudwatch/metricAlarm:MetricAlarm": alarm,
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": composite,
    "aws:cloudwatch/dashboard:Dashboard": dashboard,
    "aws:sns/topicSubscription:TopicSubscription": subscription,
    "aws:synthetics/canary:Canary": canary,
    "aws:route53/healthCheck:HealthCheck": health_check,
    "aws:xray/samplingRule:SamplingRule": traces,
}
