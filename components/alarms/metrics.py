"""How an alarm reads a metric: one series, or a query over the series of several members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

import pulumi
import pulumi_aws as aws

from components.alarms.catalogue import CATALOGUE, MOST, Metric
from components.emitter import Dimensions, Emitter
from components.spec import Refused

Query = aws.cloudwatch.MetricAlarmMetricQueryArgs


@dataclass(frozen=True)
class Reading:
    """What an alarm evaluates: one series, or the last of several queries."""

    single: tuple[str, str, str, Dimensions] | None = None
    """Namespace, metric, statistic, dimensions."""
    queries: Sequence[Query] = ()


def readings(
    emitter: Emitter, metric: str, stat: str | None, period: int, member: str | None = None
) -> dict[str, Reading]:
    """One reading for each alarm to make, by what its name ends in: empty for the only one, and for the first of
    several members. `member` narrows it to one member or follower.

    Raises `Refused` where the block has nothing that emits it, or more than one alarm may read.
    """
    wrong = refusal(emitter, metric, member)
    if wrong is not None:
        raise wrong
    how = CATALOGUE[emitter.kind][metric]
    sources = _sources(emitter, how, member)
    if how.each:
        return {
            name: _reading(how, metric, stat or how.stat, period, dimensions, _figures(emitter, whose))
            for (name, dimensions), whose in zip(_named(sources, how).items(), sources, strict=True)
        }
    how = _within(how, len(sources))
    return {"": _query(how, metric, stat or how.stat, period, list(sources.values()), emitter.figures)}


def refusal(emitter: Emitter, metric: str, member: str | None = None) -> Refused | None:
    """Why no alarm can read it; None where one can."""
    how = CATALOGUE[emitter.kind][metric]
    sources = _sources(emitter, how, member)
    if not sources:
        return Refused("member" if member else "metric", member or metric, _there_are(emitter, how))
    if not how.each and len(_within(how, len(sources)).names) * len(sources) > MOST:
        allowed = f"a metric of at most {MOST} series, as one alarm reads no more; narrow it to a member"
        return Refused("metric", f"{metric} of {len(sources)} members", allowed)
    return None


def _within(how: Metric, sources: int) -> Metric:
    """The shorter form where all series would be more than an alarm may have."""
    return how.short if how.short is not None and len(how.names) * sources > MOST else how


def _reading(
    how: Metric, metric: str, stat: str, period: int, of: Dimensions, figures: Mapping[str, pulumi.Input[float]]
) -> Reading:
    if how.expression:
        return _query(how, metric, stat, period, [of], figures)
    return Reading((how.namespace, how.names[0], stat, of))


def readable(emitter: Emitter, metric: str, member: str | None = None) -> bool:
    """Whether the block has something that emits it."""
    how = CATALOGUE[emitter.kind].get(metric)
    return how is not None and bool(_sources(emitter, how, member))


def _sources(emitter: Emitter, how: Metric, member: str | None) -> Mapping[str, Dimensions]:
    given = _of(emitter, how)
    wanted = member or how.only
    if wanted is not None:
        given = {wanted: given[wanted]} if wanted in given else {}
    if how.account:
        return {name: {} for name in list(given)[:1]}
    if how.by is not None:
        dimension, values = how.by
        return {f"{name} {value}": {**own, dimension: value} for name, own in given.items() for value in values}
    return given


def _of(emitter: Emitter, how: Metric) -> Mapping[str, Dimensions]:
    given = {"members": emitter.members, "followers": emitter.followers, **emitter.parts}
    return given.get(how.of, {})


def _there_are(emitter: Emitter, how: Metric) -> str:
    given = _of(emitter, how)
    if how.only is not None or not given:
        return f"of a {emitter.kind} that has a {how.only or how.of.rstrip('s')}"
    return f"one of {', '.join(given)}"


def _named(sources: Mapping[str, Dimensions], how: Metric) -> dict[str, Dimensions]:
    """Members by their name, but the first one, which was there before there were several; all others by theirs."""
    if how.of != "members":
        return dict(sources)
    return {"" if position == 0 else name: each for position, (name, each) in enumerate(sources.items())}


def _figures(emitter: Emitter, member: str) -> dict[str, pulumi.Input[float]]:
    own = {
        name.removeprefix(f"{member}."): value
        for name, value in emitter.figures.items()
        if name.startswith(f"{member}.")
    }
    return {**{name: value for name, value in emitter.figures.items() if "." not in name}, **own}


def _query(
    how: Metric,
    metric: str,
    stat: str,
    period: int,
    sources: Sequence[Dimensions],
    figures: Mapping[str, pulumi.Input[float]],
) -> Reading:
    queries, series = [], {}
    for letter, name in zip(ascii_lowercase, how.names, strict=False):
        ids = [f"{letter}{index}" for index in range(len(sources))]
        series[letter] = f"[{', '.join(ids)}]"
        queries += [
            Query(
                id=query_id,
                return_data=False,
                metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                    namespace=how.namespace, metric_name=name, period=period, stat=stat, dimensions=dimensions
                ),
            )
            for query_id, dimensions in zip(ids, sources, strict=True)
        ]
    expression: pulumi.Input[str]
    if figures:
        expression = pulumi.Output.all(**figures).apply(
            lambda given: how.expression.format(**series, **{name: f"{value:g}" for name, value in given.items()})
        )
    else:
        expression = how.expression.format(**series)
    queries.append(Query(id="value", expression=expression, label=metric, return_data=True))
    return Reading(queries=queries)
