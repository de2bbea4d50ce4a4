"""CloudFront by hand: what runs at its edges is counted by event, what is asked behind it by miss."""

from __future__ import annotations

from typing import Any

from phaseup.graph.resource import State
from phaseup.graph.values import UNKNOWN
from phaseup.price.lines import Estimate
from tests.price.making import block, priced, resource, sums

VIEWERS = ("viewer-request", "viewer-response")
ORIGINS = ("origin-request", "origin-response")


def viewer(at: State, name: str = "viewer") -> State:
    made = resource("aws:cloudfront/function:Function", name, {}, at)
    made.outputs["arn"] = f"arn:aws:cloudfront::1:function/{name}"
    return made


def distribution(at: State, name: str, function: State | None, events: tuple[str, ...], **more: Any) -> State:
    arn = function.outputs["arn"] if function is not None else None
    behaviour = {"functionAssociations": [{"eventType": each, "functionArn": arn} for each in events]}
    return resource("aws:cloudfront/distribution:Distribution", name, {"defaultCacheBehavior": behaviour, **more}, at)


def test_a_function_runs_at_each_of_its_events() -> None:
    at = block("cdn", "Cdn")
    function = viewer(at)
    both = [distribution(at, name, function, VIEWERS) for name in ("a", "b")]
    made = priced(at, function, *both, usage={"cdn": {"million_requests": 50, "egress_gb": 0}})
    assert sums(made)["cloudfront:function"] == 9.8  # 100 million, 2 of them free, at 0.10
    one = priced(at, function, distribution(at, "a", function, VIEWERS[:1]), usage={"cdn": {"million_requests": 50}})
    assert sums(one)["cloudfront:function"] == 4.8


def test_a_function_runs_where_it_is_associated_and_no_further() -> None:
    at = block("cdn", "Cdn")
    function, other = viewer(at), viewer(at, "other")
    states = [function, other, distribution(at, "a", function, VIEWERS), distribution(at, "b", other, VIEWERS[:1])]
    made = priced(at, *states, usage={"cdn": {"million_requests": 100}}).by_urn()
    assert round(made[function.urn] / made[other.urn], 6) == 2


def test_an_association_that_is_not_known_yet_counts_as_the_known_one() -> None:
    at = block("cdn", "Cdn")
    function = viewer(at)
    behaviour = {"functionAssociations": [{"eventType": each, "functionArn": UNKNOWN} for each in VIEWERS]}
    planned = resource(
        "aws:cloudfront/distribution:Distribution",
        "a",
        {"defaultCacheBehavior": behaviour},
        at,
        defaultCacheBehavior=[function],
    )
    usage = {"cdn": {"million_requests": 50}}
    known = priced(at, function, distribution(at, "a", function, VIEWERS), usage=usage)
    assert sums(priced(at, function, planned, usage=usage)) == sums(known)


def test_a_function_that_no_distribution_names_runs_once_a_request() -> None:
    at = block("cdn", "Cdn")
    assert sums(priced(at, viewer(at), usage={"cdn": {"million_requests": 50}})) == {"cloudfront:function": 4.8}


def at_the_edge(usage: dict[str, float], **inputs: Any) -> Estimate:
    at = block("front", "Cdn")
    edge = resource("aws:lambda/function:Function", "edge", {"memorySize": 128, **inputs}, at)
    edge.outputs |= {"arn": "arn:edge", "qualifiedArn": "arn:edge:1"}
    associations = [{"eventType": each, "lambdaArn": "arn:edge:1"} for each in ORIGINS]
    front = resource(
        "aws:cloudfront/distribution:Distribution",
        "app",
        {"defaultCacheBehavior": {"lambdaFunctionAssociations": associations}},
        at,
    )
    return priced(at, edge, front, usage={"front": usage})


def test_a_function_at_the_regional_caches_runs_twice_a_miss_at_its_own_price() -> None:
    made = at_the_edge({"million_requests": 100, "million_misses": 20, "duration_ms": 10})
    # 40 million at 0.60; 40e6 × 0.01 s × 0.125 GB at 0.00005001: nothing of either is free.
    found = sums(made)
    assert (found["lambda-edge:request"], found["lambda-edge:gb-second"]) == (24.0, 2.5005)
    assert "lambda:request" not in found


def test_misses_that_are_not_stated_are_told_and_all_requests_are_taken() -> None:
    made = at_the_edge({"million_requests": 100, "duration_ms": 10, "egress_gb": 1})
    assert sums(made)["lambda-edge:request"] == 120.0
    assert [each.figure for each in made.unstated] == ["million_misses"]


def test_a_shield_is_paid_by_miss_at_its_region_s_price() -> None:
    at = block("front", "Cdn")
    usage = {"front": {"million_requests": 100, "million_misses": 20, "egress_gb": 1}}
    for region, usd in (("us-east-1", 15.0), ("eu-central-1", 18.0)):
        shield = {"originShield": {"enabled": True, "originShieldRegion": region}}
        made = priced(at, distribution(at, "app", None, (), origins=[shield]), usage=usage)
        assert sums(made)["cloudfront:shield"] == usd
        assert {line.price.estimate for line in made.lines} == {""}
    plain = priced(at, distribution(at, "app", None, (), origins=[{"originId": "app"}]), usage=usage)
    assert "cloudfront:shield" not in sums(plain)
