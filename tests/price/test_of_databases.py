"""Sums by hand of what stands beside databases: followers in other regions, proxies, snapshots of volumes."""

from __future__ import annotations

from tests.price.making import block, priced, resource, sums


def test_followers_of_a_global_database_hold_and_take_what_the_first_one_does() -> None:
    home, away = block("orders", "Aurora"), block("orders-eu-central-1", "Aurora")
    cluster = "aws:rds/cluster:Cluster"
    first = resource(cluster, "first", {"storageType": "aurora"}, home)
    world = resource("aws:rds/globalCluster:GlobalCluster", "world", {}, home, sourceDbClusterIdentifier=[first])
    follower = resource(
        cluster, "follower", {"storageType": "aurora", "region": "eu-central-1"}, away, globalClusterIdentifier=[world]
    )
    made = priced(
        home,
        first,
        world,
        away,
        follower,
        usage={"orders": {"storage_gb": 100, "million_ios": 50, "million_writes": 10, "between_gb": 5}},
    )
    assert sums(made) == {
        "aurora:storage": 21.9,
        "aurora:io": 10.0,
        "aurora:replicated-write": 2.2,
        "transfer:region": 0.1,
    }
    assert made.unused == made.unstated == ()


def test_a_proxy_costs_by_the_vcpus_behind_it() -> None:
    proxy = resource("aws:rds/proxy:Proxy", "proxy", {"name": "shop"})
    db = resource(
        "aws:rds/instance:Instance",
        "db",
        {"engine": "postgres", "instanceClass": "db.m7g.xlarge", "allocatedStorage": 20, "storageType": "gp3"},
    )
    target = resource("aws:rds/proxyTarget:ProxyTarget", "t", {}, dbProxyName=[proxy], dbInstanceIdentifier=[db])
    made = priced(proxy, db, target)
    assert round(made.by_urn()[proxy.urn], 2) == 43.8
    assert [each.why for each in priced(proxy).unpriced] == ["the class of the database behind the proxy is not known"]


def test_a_proxy_of_a_cluster_costs_by_all_of_its_members() -> None:
    cluster, other = (resource("aws:rds/cluster:Cluster", name, {"clusterIdentifier": name}) for name in ("c", "d"))
    proxy = resource("aws:rds/proxy:Proxy", "proxy", {"name": "shop"})
    target = resource("aws:rds/proxyTarget:ProxyTarget", "t", {"dbProxyName": "shop", "dbClusterIdentifier": "c"})
    member = "aws:rds/clusterInstance:ClusterInstance"
    members = [
        resource(member, name, {"instanceClass": class_}, clusterIdentifier=[of])
        for name, class_, of in (
            ("writer", "db.r7g.4xlarge", cluster),
            ("reader", "db.r7g.large", cluster),
            ("foreign", "db.r7g.4xlarge", other),
        )
    ]
    made = priced(cluster, other, proxy, target, *members)
    assert round(made.by_urn()[proxy.urn], 2) == round((16 + 2) * 730 * 0.015, 2)
    serverless = resource(member, "s", {"instanceClass": "db.serverless"}, clusterIdentifier=[cluster])
    assert proxy.urn in priced(cluster, proxy, target, *members[:2], serverless).unpriced_urns


def test_snapshots_of_a_hosted_volume_are_paid_by_what_they_keep() -> None:
    at = block("db", "Hosted")
    plan = resource("aws:dlm/lifecyclePolicy:LifecyclePolicy", "daily", {"state": "ENABLED"}, at)
    assert sums(priced(at, plan, usage={"db": {"backup_gb": 40}})) == {"ebs:snapshot": 2.0}
    silent = priced(at, plan)
    assert [(each.block, each.figure) for each in silent.unstated] == [("db", "backup_gb")]
    assert silent.free == {}
