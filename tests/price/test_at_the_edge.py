"""What Cloudflare and CloudFront charge beside traffic, and what databases and gateways charge for being watched."""

from __future__ import annotations

import pytest

from tests.price.making import block, priced, resource, sums

POOL = "cloudflare:index/loadBalancerPool:LoadBalancerPool"


@pytest.mark.parametrize(("origins", "more"), [(2, None), (3, 5.0), (8, 30.0)])
def test_origins_beyond_two_are_paid_each(origins: int, more: float | None) -> None:
    at = block("lb", "Balancer")
    pool = resource(POOL, "pool", {"origins": [{"address": f"192.0.2.{n}"} for n in range(origins)]}, at)
    made = priced(at, pool, resource("cloudflare:index/loadBalancer:LoadBalancer", "lb", {}, at))
    assert sums(made).get("cloudflare:load-balancing:origin") == more
    assert sums(made)["cloudflare:load-balancing"] == 5.0


def test_an_origin_in_two_pools_is_one() -> None:
    pools = [resource(POOL, f"p{n}", {"origins": [{"address": "192.0.2.1"}]}) for n in range(4)]
    made = priced(*pools, resource("cloudflare:index/loadBalancer:LoadBalancer", "lb", {}))
    assert "cloudflare:load-balancing:origin" not in sums(made)


def test_a_worker_s_stores_by_what_is_read_written_and_held() -> None:
    at = block("geo", "Worker")
    index = "cloudflare:index"
    stores = [
        resource(f"{index}/workersKvNamespace:WorkersKvNamespace", "kv", {}, at),
        resource(f"{index}/d1Database:D1Database", "d1", {}, at),
        resource(f"{index}/queue:Queue", "queue", {}, at),
    ]
    used = {"million_reads": 30, "million_writes": 3, "storage_gb": 5, "million_rows_read": 26000}
    used |= {"million_rows_written": 60, "rows_gb": 7, "million_messages": 2}
    assert sums(priced(at, *stores, usage={"geo": used})) == {
        "cloudflare:kv:read": 10.0,  # 20 million beyond the plan's ten
        "cloudflare:kv:write": 10.0,
        "cloudflare:kv:storage": 2.0,
        "cloudflare:d1:row-read": 1.0,
        "cloudflare:d1:row-written": 10.0,
        "cloudflare:d1:storage": 1.5,
        "cloudflare:queue:operation": 2.0,  # three for each message, the first million free
    }
    assert {each.figure for each in priced(at, *stores).unstated} == used.keys()


def test_image_transformations_are_paid_by_the_different_ones_beyond_five_thousand() -> None:
    at = block("edge", "Zone")
    type_ = "cloudflare:index/zoneSetting:ZoneSetting"
    on, off, other = (
        resource(type_, name, {"settingId": setting, "value": value}, at)
        for name, setting, value in (
            ("on", "image_resizing", "on"),
            ("off", "image_resizing", "off"),
            ("webp", "webp", "on"),
        )
    )
    made = priced(at, on, other, usage={"edge": {"million_transformations": 0.105}})
    assert sums(made) == {"cloudflare:image-transformation": 50.0}
    assert [(e.block, e.figure) for e in priced(at, on, other).unstated] == [("edge", "million_transformations")]
    assert set(priced(at, off, other).free) == {off.urn, other.urn}


def test_a_distribution_s_more_metrics_are_eight_of_us_east_1() -> None:
    type_ = "aws:cloudfront/monitoringSubscription:MonitoringSubscription"

    def of(status: str, name: str = "m") -> dict[str, float]:
        config = {"realtimeMetricsSubscriptionConfig": {"realtimeMetricsSubscriptionStatus": status}}
        states = [resource(type_, f"{name}{n}", {"monitoringSubscription": config}) for n in range(3)]
        return sums(priced(*states, home="eu-west-1"))

    assert of("Enabled") == {"cloudwatch:metric": pytest.approx((24 - 10) * 0.3)}  # ten metrics are free
    assert of("Disabled") == {}


def test_a_gateway_s_records_are_counted_as_five_kilobytes() -> None:
    at = block("gateway", "Gateway")
    stream = resource("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", "usage", {}, at)
    made = priced(at, stream, usage={"gateway": {"million_requests": 100}})
    assert sums(made) == {"firehose:gb": round(100e6 * 5 / 1024**2 * 0.029, 4)}
    assert [each.figure for each in priced(at, stream).unstated] == ["million_requests"]


def test_advanced_insights_cost_by_vcpu_hour_and_capacity_unit() -> None:
    at = block("db", "Postgres")
    given = {"engine": "postgres", "instanceClass": "db.m7g.xlarge", "storageType": "gp3", "allocatedStorage": 20}
    watched = {**given, "performanceInsightsEnabled": True, "databaseInsightsMode": "advanced"}
    instance = resource("aws:rds/instance:Instance", "db", watched, at)
    assert sums(priced(at, instance))["rds:insights-advanced"] == pytest.approx(4 * 730 * 0.0125)
    cluster = resource(
        "aws:rds/cluster:Cluster",
        "c",
        {"databaseInsightsMode": "advanced", "serverlessv2ScalingConfiguration": {"minCapacity": 2}},
        at,
    )
    members = [
        resource(
            "aws:rds/clusterInstance:ClusterInstance", name, {"instanceClass": class_}, at, clusterIdentifier=[cluster]
        )
        for name, class_ in (("a", "db.r7g.large"), ("b", "db.serverless"))
    ]
    made = sums(priced(at, cluster, *members))
    assert made["rds:insights-advanced"] == pytest.approx(2 * 730 * 0.0125)
    assert made["aurora:insights-advanced:acu"] == pytest.approx(2 * 730 * 0.003125, abs=1e-4)


def test_a_domain_is_reserved_at_its_family_s_rate() -> None:
    at = block("search", "Search")
    for class_, price, rate in (("m7g.large.search", 0.135, 0.69), ("t3.small.search", 0.036, 0.82)):
        config = {"clusterConfig": {"instanceType": class_, "instanceCount": 2}}
        domain = resource("aws:opensearch/domain:Domain", "domain", config, at)
        made = sums(priced(at, domain, purchase={"search": {"reserved-1y": 1.0}}))
        assert made == {f"opensearch:{class_}": round(2 * 730 * price * rate, 4)}
