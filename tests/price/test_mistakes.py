"""What other cost tools got wrong, with their issues: storage that is silently 0, diffs that cancel, Valkey at Redis's
price, Multi-AZ forgotten, defaults in place of what is declared."""

from __future__ import annotations

from typing import Any

from phaseup.graph.values import UNKNOWN, Secret
from phaseup.price.compare import difference
from tests.price.making import block, book, priced, resource, sums

DB = "aws:rds/instance:Instance"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
PRICES = book(
    {
        "rds:postgres:db.m7g.large": 0.2,
        "rds:postgres:db.m7g.xlarge": 0.4,
        "rds:gp3": 0.1,
        "rds:multi-az:gp3": 0.2,
        "elasticache:redis:cache.m7g.large": 0.15,
        "elasticache:valkey:cache.m7g.large": 0.12,
    }
)


def db(name: str = "db", **inputs: Any) -> Any:
    given = {"engine": "postgres", "instanceClass": "db.m7g.large", "allocatedStorage": 100, "storageType": "gp3"}
    return resource(DB, name, {**given, **inputs})


def test_storage_that_the_book_does_not_know_is_unpriced_and_not_zero() -> None:
    """infracost #2575: `No products found, using 0.00` for gp3."""
    made = priced(db(storageType="io2"), known=PRICES)
    assert sums(made) == {"rds:postgres:db.m7g.large": 146.0}
    assert [each.why for each in made.unpriced] == ["no price of rds:io2"]


def test_storage_is_what_is_declared_and_no_default() -> None:
    """OpenInfraQuote #63: 1 GB for whatever size."""
    assert sums(priced(db(allocatedStorage=2000), known=PRICES))["rds:gp3"] == 200.0
    assert [each.why for each in priced(db(allocatedStorage=UNKNOWN), known=PRICES).unpriced] == [
        "the size of its storage is not stated, nor that of its source"
    ]


def test_a_replica_has_its_source_s_storage_which_it_does_not_state() -> None:
    source = db(identifier="shop-db")
    near = resource(DB, "near", {"instanceClass": "db.m7g.large", "storageType": "gp3", "replicateSourceDb": "shop-db"})
    planned = resource(
        DB,
        "planned",
        {"instanceClass": "db.m7g.large", "storageType": "gp3", "replicateSourceDb": UNKNOWN},
        replicateSourceDb=[source],
    )
    of_a_copy = resource(
        DB, "copy", {"instanceClass": "db.m7g.large", "replicateSourceDb": UNKNOWN}, replicateSourceDb=[near]
    )
    made = priced(source, near, planned, of_a_copy, known=PRICES)
    assert made.unpriced == ()
    assert made.by_urn() == {state.urn: 156.0 for state in (source, near, planned, of_a_copy)}


def test_multi_az_is_two_instances_and_two_volumes() -> None:
    assert sums(priced(db(multiAz=True), known=PRICES)) == {
        "rds:postgres:db.m7g.large": 292.0,
        "rds:multi-az:gp3": 20.0,
    }
    assert sums(priced(db(multiAz=False), known=PRICES)) == {"rds:postgres:db.m7g.large": 146.0, "rds:gp3": 10.0}


def test_multi_az_takes_its_own_price_where_there_is_one() -> None:
    """Its rows are no clean doubles: db.t4g.small is 0.032 and 0.065."""
    made = priced(db(multiAz=True, instanceClass="db.t4g.small"))
    assert sums(made)["rds:postgres:multi-az:db.t4g.small"] == 47.45


def test_valkey_is_not_redis() -> None:
    """infracost #3406; vantage ec2instances.info #909."""
    cost = {
        engine: priced(resource(CACHE, "c", {"engine": engine, "nodeType": "cache.m7g.large"}), known=PRICES).total
        for engine in ("valkey", "redis")
    }
    assert {engine: round(usd, 2) for engine, usd in cost.items()} == {"valkey": 87.6, "redis": 109.5}
    unnamed = priced(resource(CACHE, "c", {"nodeType": "cache.m7g.large"}), known=PRICES)
    assert sums(unnamed) == {"elasticache:redis:cache.m7g.large": 109.5}


def test_a_follower_of_a_global_datastore_is_priced_as_the_first_is() -> None:
    first = resource(
        CACHE,
        "first",
        {"engine": "valkey", "nodeType": "cache.m7g.large", "numNodeGroups": 3, "replicasPerNodeGroup": 1},
    )
    store = resource(
        "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup", "store", {}, primaryReplicationGroupId=[first]
    )
    follower = resource(
        CACHE,
        "follower",
        {"replicasPerNodeGroup": 2, "globalReplicationGroupId": UNKNOWN},
        globalReplicationGroupId=[store],
    )
    made = priced(first, store, follower, known=PRICES)
    assert made.unpriced == ()
    assert {urn: round(usd, 4) for urn, usd in made.by_urn().items()} == {first.urn: 525.6, follower.urn: 788.4}


def test_io_optimized_aurora_never_pays_for_io_and_a_change_to_it_points_the_right_way() -> None:
    """infracost #3591: both sides of the diff had the I/O line, so the change came out with the wrong sign."""
    prices = book(
        {
            "aurora:storage": 0.1,
            "aurora:storage-iopt1": 0.225,
            "aurora:io": 0.2,
            "aurora:postgres:db.r7g.large": 0.276,
            "aurora:iopt1-hours": 1.3,
        }
    )

    def made(storage: str) -> Any:
        at = block("orders", "Aurora")
        cluster = resource("aws:rds/cluster:Cluster", "c", {"storageType": storage, "clusterIdentifier": "c"}, at)
        member = resource(
            "aws:rds/clusterInstance:ClusterInstance",
            "m",
            {"instanceClass": "db.r7g.large", "engine": "aurora-postgresql"},
            at,
            clusterIdentifier=[cluster],
        )
        usage = {"orders": {"storage_gb": 1000, "million_ios": 3000}}
        return priced(at, cluster, member, usage=usage, known=prices)

    standard, optimized = made("aurora"), made("aurora-iopt1")
    assert sums(standard) == {"aurora:storage": 100.0, "aurora:io": 600.0, "aurora:postgres:db.r7g.large": 201.48}
    assert sums(optimized) == {"aurora:storage-iopt1": 225.0, "aurora:postgres:db.r7g.large": 261.924}
    changes = difference(standard, optimized)
    assert round(sum(changes.values()), 3) == round(486.924 - 901.48, 3)
    assert sorted(round(usd, 3) for usd in changes.values()) == [-475.0, 60.444]


def test_unknown_is_told_and_never_nothing() -> None:
    made = priced(
        db(instanceClass=UNKNOWN), resource(CACHE, "c", {"engine": "valkey", "nodeType": UNKNOWN}), known=PRICES
    )
    assert sorted(each.why for each in made.unpriced) == [
        "its class is not known before it is applied",
        "its node type is not known before it is applied",
    ]


def test_a_class_that_the_book_lacks_is_told_with_its_key() -> None:
    made = priced(db(instanceClass="db.x99.huge"), known=PRICES)
    assert [each.why for each in made.unpriced] == ["no price of rds:postgres:db.x99.huge"]


def test_a_secret_value_is_read_and_never_shown() -> None:
    made = priced(db(instanceClass=Secret("db.m7g.xlarge")), known=PRICES)
    assert sums(made)["rds:postgres:db.m7g.xlarge"] == 292.0


def test_requests_of_a_balancer_are_no_reads_of_the_bucket_with_its_logs() -> None:
    lb, own = block("lb", "Balancer"), block("images", "Bucket")
    logs = resource("aws:s3/bucket:Bucket", "lb-logs", {}, lb)
    objects = resource("aws:s3/bucket:Bucket", "images-bucket", {}, own)
    usage = {
        "lb": {"million_requests": 350, "storage_gb": 100, "processed_gb": 1},
        "images": {"million_requests": 350, "storage_gb": 100},
    }
    made = priced(lb, own, logs, objects, usage=usage).by_urn()
    assert round(made[objects.urn] - made[logs.urn], 2) == round(350 * 0.4, 2)
    assert made[logs.urn] > 0
