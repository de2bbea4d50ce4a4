"""Sums by hand, at the installed book's prices: what each block of a phase is paid for."""

from __future__ import annotations

from phaseup.graph.resource import State
from phaseup.graph.values import UNKNOWN
from tests.price.making import block, priced, resource, sums

GROUP = "aws:autoscaling/group:Group"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
NODES = "aws:eks/nodeGroup:NodeGroup"


def template(at: State, **inputs: object) -> State:
    disk = {"deviceName": "/dev/xvda", "ebs": {"volumeType": "gp3", "volumeSize": 30}}
    return resource(TEMPLATE, "template", {"blockDeviceMappings": [disk], **inputs}, at)


def hosts(at: State, on: State, pool: list[str], least: int, most: int, base: int, percent: int) -> State:
    policy = {
        "launchTemplate": {
            "launchTemplateSpecification": {"launchTemplateId": UNKNOWN},
            "overrides": [{"instanceType": each} for each in pool],
        },
        "instancesDistribution": {"onDemandBaseCapacity": base, "onDemandPercentageAboveBaseCapacity": percent},
    }
    inputs = {"minSize": least, "maxSize": most, "mixedInstancesPolicy": policy}
    return resource(GROUP, "group", inputs, at, mixedInstancesPolicy=[on])


def test_hosts_with_their_disks_addresses_and_monitoring() -> None:
    app = block("app")
    on = template(app, networkInterfaces=[{"associatePublicIpAddress": "true"}], monitoring={"enabled": True})
    made = priced(app, on, hosts(app, on, ["m7g.large"], 2, 5, 0, 100))
    # 2 × 0.0816 × 730, 2 × 30 × 0.08, 2 × 0.005 × 730, (2 × 7 metrics − 10 free) × 0.30
    assert sums(made) == {"ec2:m7g.large": 119.136, "ebs:gp3": 4.8, "ipv4": 7.3, "cloudwatch:metric": 1.2}
    assert [(each.block, each.figure) for each in made.unstated] == [("app", "count")]


def test_what_runs_is_usage() -> None:
    app = block("app")
    on = template(app)
    group = hosts(app, on, ["m7g.large"], 2, 5, 0, 100)
    made = priced(app, on, group, usage={"app": {"count": 3.5, "hours": 365}})
    assert sums(made) == {"ec2:m7g.large": round(3.5 * 365 * 0.0816, 4), "ebs:gp3": 8.4}
    assert made.unstated == ()


def test_spot_is_what_the_group_says_and_spread_over_its_pool() -> None:
    app = block("app")
    on = template(app)
    made = priced(app, on, hosts(app, on, ["m7g.large", "m6g.large"], 4, 4, 1, 33))
    # One and a third of three above on demand (1 + 3 × 0.33 = 1.99), the other 2.01 on spot at half, evenly over two.
    spot = [line for line in made.lines if line.option == "spot"]
    assert [round(line.quantity / 730, 4) for line in spot] == [1.005, 1.005]
    assert round(sum(line.usd for line in spot), 4) == round(1.005 * 730 * (0.0816 + 0.077) * 0.5, 4)
    assert all(line.estimate for line in spot)
    assert sums(made)["ec2:m7g.large"] == round(1.99 * 730 * 0.0816 + 1.005 * 730 * 0.0816 * 0.5, 4)


def test_purchase_holds_for_what_is_on_demand_and_the_rest_stays() -> None:
    app = block("app")
    on = template(app)
    made = priced(
        app,
        on,
        hosts(app, on, ["m7g.large"], 10, 10, 0, 100),
        purchase={"app": {"reserved-1y": 0.4, "savings-plan-1y": 0.3}},
    )
    by_option = {line.option: round(line.usd, 4) for line in made.lines if line.price.key == "ec2:m7g.large"}
    whole = 10 * 730 * 0.0816
    assert by_option == {
        "reserved-1y": round(whole * 0.4 * 0.63, 4),
        "savings-plan-1y": round(whole * 0.3 * 0.73, 4),
        "on-demand": round(whole * 0.3, 4),
    }


def test_an_option_without_a_sourced_rate_stays_on_demand_and_is_told() -> None:
    search = block("search", "Search")
    domain = resource(
        "aws:opensearch/domain:Domain",
        "domain",
        {"clusterConfig": {"instanceType": "m7g.large.search", "instanceCount": 3}},
        search,
    )
    made = priced(search, domain, purchase={"search": {"reserved-3y": 1.0}})
    assert sums(made) == {"opensearch:m7g.large.search": round(3 * 730 * 0.135, 4)}
    assert [each.why for each in made.unpriced] == ["no rate of reserved-3y for opensearch: priced on demand"]


def test_a_cluster_its_nodes_and_their_regions() -> None:
    home, away = block("cluster", "Kubernetes"), block("cluster-eu-central-1", "Kubernetes")
    states: list[State] = []
    for at, region in ((home, "us-east-1"), (away, "eu-central-1")):
        on = resource(TEMPLATE, f"{at.name}-template", {"instanceType": "m7g.xlarge", "region": region}, at)
        nodes = {
            "scalingConfig": {"minSize": 3, "maxSize": 9},
            "labels": {"node-group": "general"},
            "capacityType": "ON_DEMAND",
            "region": region,
        }
        states += [
            at,
            on,
            resource("aws:eks/cluster:Cluster", f"{at.name}-plane", {"region": region}, at),
            resource(NODES, f"{at.name}-nodes", nodes, at, launchTemplate=[on]),
        ]
    usage = {"cluster": {"nodes": {"general": 4}, "regions": {"eu-central-1": {"nodes": {"general": 5}}}}}
    made = priced(*states, usage=usage)
    assert sums(made) == {"eks:cluster": 146.0, "ec2:m7g.xlarge": round(730 * (4 * 0.1632 + 5 * 0.1955), 4)}
    assert {line.price.estimate for line in made.lines} == {""}
    least = priced(*states)
    assert sums(least)["ec2:m7g.xlarge"] == round(730 * 3 * (0.1632 + 0.1955), 4)
    assert [(each.region, each.figure) for each in least.unstated] == [("", "nodes"), ("eu-central-1", "nodes")]


def test_a_balancer_s_units_come_from_the_larger_of_requests_and_bytes() -> None:
    at = block("lb", "Balancer")
    lb = resource(
        "aws:lb/loadBalancer:LoadBalancer",
        "lb",
        {"loadBalancerType": "application", "internal": False, "subnets": ["a", "b", "c"]},
        at,
    )
    fixed = {"alb:hour": 16.425, "ipv4": 10.95}
    by_requests = priced(at, lb, usage={"lb": {"million_requests": 2628}})
    # 2,628 million a month are 1,000 a second, 100 new connections, 4 units.
    assert sums(by_requests) == {**fixed, "alb:lcu": 4 * 730 * 0.008}
    by_bytes = priced(at, lb, usage={"lb": {"million_requests": 2628, "processed_gb": 7300}})
    assert sums(by_bytes) == {**fixed, "alb:lcu": 10 * 730 * 0.008}
    assert sums(priced(at, lb, usage={"lb": {"lcu": 2}})) == {**fixed, "alb:lcu": 2 * 730 * 0.008}
    silent = priced(at, lb)
    assert sums(silent) == fixed
    assert [each.figure for each in silent.unstated] == ["million_requests"]


def test_nat_endpoints_and_addresses() -> None:
    at = block("net", "Network")
    states = [
        resource("aws:ec2/natGateway:NatGateway", "a", {}, at),
        resource("aws:ec2/natGateway:NatGateway", "b", {}, at),
        resource("aws:ec2/eip:Eip", "address", {}, at),
        resource("aws:ec2/vpcEndpoint:VpcEndpoint", "s3", {"vpcEndpointType": "Gateway"}, at),
        resource(
            "aws:ec2/vpcEndpoint:VpcEndpoint", "sqs", {"vpcEndpointType": "Interface", "subnetIds": ["a", "b"]}, at
        ),
    ]
    usage = {"net": {"nat_gb": 100, "endpoint_gb": 10, "cross_az_gb": 50, "egress_gb": 300}}
    assert sums(priced(at, *states, usage=usage)) == {
        "nat:hour": 65.7,
        "nat:gb": 4.5,
        "ipv4": 3.65,
        "endpoint:hour": 14.6,
        "endpoint:gb": 0.1,
        "transfer:zone": 1.0,
        "transfer:internet": 18.0,
    }


def test_search_domains_count_every_role_and_every_volume() -> None:
    config = {
        "instanceType": "r7g.large.search",
        "instanceCount": 6,
        "dedicatedMasterEnabled": True,
        "dedicatedMasterType": "m7g.large.search",
        "dedicatedMasterCount": 3,
        "nodeOptions": [
            {"nodeType": "coordinator", "nodeConfig": {"enabled": True, "type": "m7g.large.search", "count": 2}}
        ],
    }
    disk = {"ebsEnabled": True, "volumeType": "gp3", "volumeSize": 100}
    made = priced(resource("aws:opensearch/domain:Domain", "d", {"clusterConfig": config, "ebsOptions": disk}))
    assert sums(made) == {
        "opensearch:r7g.large.search": round(6 * 730 * 0.178, 4),
        "opensearch:m7g.large.search": round(5 * 730 * 0.135, 4),
        "opensearch:gp3": 73.2,
    }


def test_brokers_by_their_deployment() -> None:
    rabbit = resource(
        "aws:mq/broker:Broker",
        "rabbit",
        {"engineType": "RabbitMQ", "hostInstanceType": "mq.m5.large", "deploymentMode": "CLUSTER_MULTI_AZ"},
    )
    kafka = resource(
        "aws:msk/cluster:Cluster",
        "kafka",
        {
            "numberOfBrokerNodes": 3,
            "brokerNodeGroupInfo": {
                "instanceType": "kafka.m5.large",
                "storageInfo": {"ebsStorageInfo": {"volumeSize": 500}},
            },
        },
    )
    assert sums(priced(rabbit, kafka)) == {
        "mq:rabbitmq:mq.m5.large": 630.72,
        "msk:kafka.m5.large": 459.9,
        "msk:storage": 150.0,
    }


def test_a_global_table_stores_and_writes_everywhere() -> None:
    at = block("carts", "Table")
    table = resource(
        "aws:dynamodb/table:Table",
        "table",
        {
            "billingMode": "PAY_PER_REQUEST",
            "pointInTimeRecovery": {"enabled": True},
            "replicas": [{"regionName": "eu-central-1"}],
        },
        at,
    )
    made = priced(at, table, usage={"carts": {"storage_gb": 100, "million_writes": 40, "million_requests": 80}})
    # Two regions at their own prices: storage of 100 each, less 25 at what they cost on average; recovery of 100 each,
    # writes of 40 each; reads once.
    assert sums(made) == {
        "dynamodb:storage": 48.65,
        "dynamodb:pitr": 44.48,
        "dynamodb:write": 55.5,
        "dynamodb:read": 10.0,
    }


def test_a_table_s_copy_holds_and_takes_what_the_table_does() -> None:
    at = block("carts", "Table")
    table = resource("aws:dynamodb/table:Table", "table", {"billingMode": "PAY_PER_REQUEST"}, at)
    copy = resource("aws:dynamodb/tableReplica:TableReplica", "copy", {"region": "eu-central-1"}, at)
    made = priced(at, table, copy, usage={"carts": {"storage_gb": 45, "million_writes": 8, "million_requests": 16}})
    assert sums(made) == {"dynamodb:storage": 18.07, "dynamodb:write": 11.1, "dynamodb:read": 2.0}


def test_the_edge() -> None:
    at = block("edge", "Zone")
    plan = resource(
        "cloudflare:index/zoneSubscription:ZoneSubscription",
        "p",
        {"ratePlan": {"id": "pro"}, "frequency": "monthly"},
        at,
    )
    worker = block("api", "Worker")
    script = resource("cloudflare:index/workersScript:WorkersScript", "s", {}, worker)
    store = block("images", "Bucket")
    bucket = resource("cloudflare:index/r2Bucket:R2Bucket", "b", {"storageClass": "Standard"}, store)
    cdn = block("cdn", "Cdn")
    fastly = resource("fastly:index/serviceVcl:ServiceVcl", "f", {}, cdn)
    usage = {
        "api": {"million_requests": 110, "cpu_ms": 2},
        "images": {"storage_gb": 510, "million_writes": 2, "million_requests": 30, "egress_gb": 9000},
        "cdn": {"egress_gb": 100, "million_requests": 10},
    }
    assert sums(priced(at, plan, worker, script, store, bucket, cdn, fastly, usage=usage)) == {
        "cloudflare:plan:pro": 25.0,
        "cloudflare:workers": 5.0,
        "cloudflare:worker-request": 30.0,
        "cloudflare:worker-cpu": 3.8,
        "r2:Standard": 7.5,
        "r2:write": 4.5,
        "r2:read": 7.2,
        "fastly:gb": 12.0,
        "fastly:request": 7.5,
        "fastly:minimum": 30.5,
    }


def test_few_requests_stay_on_workers_free_plan_and_an_enterprise_plan_is_unpriced() -> None:
    worker = block("api", "Worker")
    script = resource("cloudflare:index/workersScript:WorkersScript", "s", {}, worker)
    assert priced(worker, script, usage={"api": {"million_requests": 2.5}}).total == 0
    assert round(priced(worker, script).total, 2) == 5.0
    plan = resource("cloudflare:index/zoneSubscription:ZoneSubscription", "p", {"ratePlan": {"id": "enterprise"}})
    assert [each.why for each in priced(plan).unpriced] == ["no price of cloudflare:plan:enterprise"]


def test_seats_are_paid_once_and_custom_metrics_are_no_resource_s() -> None:
    at = block("alarms", "Alarms")
    hooks = [
        resource("aws:sns/topicSubscription:TopicSubscription", f"hook{n}", {"protocol": "https"}, at) for n in range(2)
    ]
    mail = resource("aws:sns/topicSubscription:TopicSubscription", "mail", {"protocol": "email"}, at)
    made = priced(at, mail, *hooks, usage={"alarms": {"seats": 4, "metrics": 30}})
    assert sums(made) == {"pagerduty:professional": 84.0, "cloudwatch:metric": 6.0}
    assert sums(priced(at, mail, *hooks)) == {}


def test_a_figure_that_nothing_is_priced_with_is_told() -> None:
    at = block("app")
    group = resource(GROUP, "group", {"minSize": 1, "maxSize": 1}, at)
    usage = {
        "app": {"million_traces": 3, "egress_gb": 200, "regions": {"eu-west-1": {"count": 2}}},
        "gone": {"count": 1},
    }
    made = priced(at, group, usage=usage)
    assert [(each.block, each.region, each.figure) for each in made.unused] == [
        ("app", "", "million_traces"),
        ("app", "eu-west-1", "count"),
        ("gone", "", "count"),
    ]


def test_watching() -> None:
    at = block("watch", "Telemetry")
    logs = resource("aws:cloudwatch/logGroup:LogGroup", "logs", {"retentionInDays": 30}, at)
    canary = resource("aws:synthetics/canary:Canary", "c", {"schedule": {"expression": "rate(5 minutes)"}}, at)
    check = resource(
        "aws:route53/healthCheck:HealthCheck", "h", {"type": "HTTPS", "requestInterval": 10, "measureLatency": True}, at
    )
    alarms = [resource("aws:cloudwatch/metricAlarm:MetricAlarm", f"a{n}", {"period": 60}, at) for n in range(12)]
    many = resource(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "many",
        {"metricQueries": [{"id": "r", "expression": "a/b"}, {"metric": {"period": 60}}, {"metric": {"period": 60}}]},
        at,
    )
    made = priced(at, logs, canary, check, *alarms, many, usage={"watch": {"logs_gb": 105}})
    assert sums(made) == {
        "cloudwatch:logs": 50.0,
        "cloudwatch:logs-kept": round(105 * 30 / 30.4 * 0.03, 4),
        "cloudwatch:canary-run": round((8760 - 100) * 0.0012, 4),
        "route53:health-check": 0.75,
        "route53:health-check:option": 6.0,
        "cloudwatch:alarm": 0.4,
    }
