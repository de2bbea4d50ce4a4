"""Sums by hand of what is paid by call: functions, queues, gateways."""

from __future__ import annotations

import json

from phaseup.graph.resource import State
from phaseup.graph.values import UNKNOWN
from tests.price.making import block, priced, resource, sums


def test_functions_draw_on_one_allowance_and_queues_are_asked_three_times_a_message() -> None:
    at = block("thumbs", "Function")
    letters = resource("aws:sqs/queue:Queue", "letters", {}, at)
    letters.outputs["arn"] = "arn:aws:sqs:us-east-1:1:letters"
    queue = resource(
        "aws:sqs/queue:Queue",
        "jobs",
        {"redrivePolicy": json.dumps({"deadLetterTargetArn": letters.outputs["arn"]})},
        at,
    )
    function = resource("aws:lambda/function:Function", "f", {"memorySize": 512, "architectures": ["arm64"]}, at)
    usage = {"thumbs": {"million_requests": 5, "duration_ms": 400, "million_messages": 5}}
    made = priced(at, letters, queue, function, usage=usage)
    # 4 million paid; 1,000,000 GB-s less 400,000; 15 million requests less 1.
    assert sums(made) == {
        "lambda:request": 0.8,
        "lambda:gb-second:arm64": round(600000 * 0.0000133334, 4),
        "sqs:standard": 5.6,
    }
    assert made.free[letters.urn].startswith("dead letters")


def test_a_queue_for_what_an_invocation_could_not_do_takes_dead_letters() -> None:
    at = block("report", "Function")
    letters = resource("aws:sqs/queue:Queue", "letters", {}, at)
    letters.outputs["arn"] = "arn:aws:sqs:us-east-1:1:letters"
    type_ = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
    to = {"destinationConfig": {"onFailure": {"destination": letters.outputs["arn"]}}}
    # In a plan the queue's ARN is not known yet.
    planned = {"destinationConfig": {"onFailure": {"destination": UNKNOWN}}}
    for given in (resource(type_, "async", to, at), resource(type_, "async", planned, at, destinationConfig=[letters])):
        made = priced(at, letters, given)
        assert made.free[letters.urn].startswith("dead letters")
        assert made.unstated == ()


def test_a_queue_that_lambda_reads_is_asked_by_the_batch() -> None:
    at = block("thumbs", "Function")
    queue = resource("aws:sqs/queue:Queue", "jobs", {}, at)
    queue.outputs["arn"] = "arn:aws:sqs:us-east-1:1:jobs"
    mapping = "aws:lambda/eventSourceMapping:EventSourceMapping"
    usage = {"thumbs": {"million_messages": 11}}

    def requests(reader: State | None) -> float:
        made = priced(at, queue, *([reader] if reader else []), usage=usage)
        return sums(made)["sqs:standard"]

    assert requests(None) == round((11 * 3 - 1) * 0.4, 4)
    assert requests(resource(mapping, "m", {"eventSourceArn": queue.outputs["arn"], "batchSize": 4}, at)) == 6.2
    # Not known yet, and of the batch that Lambda takes by itself.
    planned = resource(mapping, "m", {"eventSourceArn": UNKNOWN}, at, eventSourceArn=[queue])
    assert requests(planned) == round((11 * 1.2 - 1) * 0.4, 4)


def test_requests_of_a_rest_api_go_down_the_steps_of_their_region_together() -> None:
    rest = "aws:apigateway/restApi:RestApi"
    one, two = block("one", "Gateway"), block("two", "Gateway")
    first, second = resource(rest, "first", {}, one), resource(rest, "second", {}, two)
    alone = priced(one, first, usage={"one": {"million_requests": 1100}})
    # 333 at 3.50, 667 at 2.80, 100 at 2.38
    assert round(alone.total, 2) == 1165.5 + 1867.6 + 238.0
    assert sorted(sums(alone)) == ["apigateway:rest", "apigateway:rest>1000", "apigateway:rest>333"]
    both = priced(one, first, two, second, usage={n: {"million_requests": 550} for n in ("one", "two")})
    assert round(both.total, 2) == round(alone.total, 2)
    assert both.by_urn()[first.urn] == both.by_urn()[second.urn]
    away = resource(rest, "away", {"region": "eu-west-1"}, two)
    apart = priced(one, first, two, away, usage={n: {"million_requests": 333} for n in ("one", "two")})
    assert round(apart.total, 2) == 2 * 1165.5
