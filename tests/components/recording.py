"""A monitor that keeps every registration whole, and answers with outputs that AWS and Cloudflare would give."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pulumi.runtime import mocks
from pulumi.runtime.stack import run_pulumi_func

from phaseup.graph.resource import make_urn
from phaseup.graph.values import from_struct

ACCOUNT = "111111111111"


@dataclass(frozen=True)
class Registered:
    """One RegisterResource call; inputs by wire name."""

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    inputs: dict[str, Any]
    protect: bool
    ignore_changes: tuple[str, ...]
    depends_on: frozenset[str]
    delete_before_replace: bool
    retain: bool
    order: int
    provider: str = ""
    """Its provider's URN and id; empty where it is the default one."""


@dataclass
class Recording:
    """All registrations of one run, once it is over."""

    resources: list[Registered] = field(default_factory=list)
    outputs: dict[str, list[int]] = field(default_factory=dict)
    """URN of a component → how many registrations there were at each `register_outputs`."""
    calls: list[str] = field(default_factory=list)

    def by_type(self, type_: str) -> list[Registered]:
        return [each for each in self.resources if each.type == type_]

    def one(self, name: str) -> Registered:
        (found,) = [each for each in self.resources if each.name == name and each.custom]
        return found

    def names(self) -> set[str]:
        return {each.name for each in self.resources if each.custom}

    def urns(self) -> list[str]:
        return sorted(each.urn for each in self.resources)


class Monitor(mocks.MockMonitor):
    """Keeps the requests; the SDK's own only hands on their inputs."""

    def __init__(self, recording: Recording) -> None:
        super().__init__(_Outputs(recording))
        self.recording = recording

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """As the engine: the SDK's mocks leave the Stack in every URN."""
        return make_urn("meal-prod", "phaseup", parent, type_, name)

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 the protocol's name
        answer = super().RegisterResource(request)
        if request.type != "pulumi:pulumi:Stack":
            self.recording.resources.append(
                Registered(
                    urn=answer.urn,
                    type=request.type,
                    name=request.name,
                    parent=request.parent,
                    custom=request.custom,
                    inputs=from_struct(request.object),
                    protect=request.protect,
                    ignore_changes=tuple(request.ignoreChanges),
                    depends_on=frozenset(request.dependencies),
                    delete_before_replace=request.deleteBeforeReplace,
                    retain=request.retainOnDelete,
                    order=len(self.recording.resources),
                    provider=request.provider,
                )
            )
        return answer

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        if "::pulumi:pulumi:Stack::" not in request.urn:
            self.recording.outputs.setdefault(request.urn, []).append(len(self.recording.resources))
        return super().RegisterResourceOutputs(request)


class _Outputs(mocks.Mocks):
    def __init__(self, recording: Recording) -> None:
        self.recording = recording

    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:
        self.recording.calls.append(args.token)
        if args.token == "aws:index/getCallerIdentity:getCallerIdentity":
            return {"accountId": ACCOUNT}
        if args.token == "aws:index/getPartition:getPartition":
            return {"partition": "aws"}
        if args.token == "aws:ec2/getManagedPrefixList:getManagedPrefixList":
            return {"id": f"pl-cloudfront-{args.args['region']}"}
        if args.token == "fastly:index/getTlsConfiguration:getTlsConfiguration":
            record = {"recordType": "CNAME", "recordValue": "j.sni.global.fastly.net", "region": "global"}
            return {"dnsRecords": [record]}
        raise AssertionError(f"a component looks something up: {args.token}")

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if not args.custom:
            return "", {}
        mark = hashlib.sha256(f"{args.typ} {args.name}".encode()).hexdigest()[:8]
        id_ = f"{args.name}-{mark}"
        made: dict[str, Any] = {"arn": f"arn:aws:{args.typ.split(':')[1].split('/')[0]}:::{id_}", "name": id_}
        made |= _EXTRA.get(args.typ, lambda _: {})(id_)
        return id_, {**made, **{key: value for key, value in args.inputs.items() if value is not None}}


_EXTRA: dict[str, Callable[[str], dict[str, Any]]] = {
    "aws:ec2/vpc:Vpc": lambda id_: {
        "ownerId": ACCOUNT,
        "defaultNetworkAclId": f"acl-{id_}",
        "defaultRouteTableId": f"rtb-{id_}",
    },
    "aws:ec2/subnet:Subnet": lambda id_: {"availabilityZone": f"zone of {id_}"},
    "aws:ec2/eip:Eip": lambda id_: {"allocationId": f"eipalloc-{id_}", "publicIp": "198.51.100.7"},
    "aws:ec2/launchTemplate:LaunchTemplate": lambda _: {"latestVersion": 1},
    "aws:kms/key:Key": lambda id_: {"keyId": f"key-{id_}"},
    "aws:lb/loadBalancer:LoadBalancer": lambda id_: {
        "dnsName": f"{id_}.elb.amazonaws.com",
        "zoneId": "Z32O12XQLNTSW2",
        "arnSuffix": f"app/{id_}/1",
    },
    "aws:lb/targetGroup:TargetGroup": lambda id_: {"arnSuffix": f"targetgroup/{id_}/1"},
    "aws:acm/certificate:Certificate": lambda id_: {
        "domainValidationOptions": [
            {
                "domainName": "example.com",
                "resourceRecordName": f"_{id_}.example.com.",
                "resourceRecordType": "CNAME",
                "resourceRecordValue": f"_{id_}.acm-validations.aws.",
            }
        ]
    },
    "aws:s3/bucket:Bucket": lambda id_: {
        "bucket": id_,
        "bucketRegionalDomainName": f"{id_}.s3.eu-west-1.amazonaws.com",
    },
    "aws:cloudfront/distribution:Distribution": lambda id_: {"domainName": f"{id_}.cloudfront.net"},
    "aws:apigateway/apiKey:ApiKey": lambda id_: {"value": f"secret-{id_}"},
    "aws:sqs/queue:Queue": lambda id_: {"url": f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/{id_}"},
    "aws:mq/broker:Broker": lambda id_: {"instances": [{"endpoints": [f"amqps://{id_}.mq.eu-west-1.on.aws:5671"]}]},
    "aws:msk/configuration:Configuration": lambda _: {"latestRevision": 1},
    "aws:msk/cluster:Cluster": lambda id_: {
        "arn": f"arn:aws:kafka:eu-west-1:{ACCOUNT}:cluster/{id_}/uuid",
        "bootstrapBrokersSaslIam": f"b-1.{id_}.kafka.eu-west-1.amazonaws.com:9098",
    },
    "aws:lambda/function:Function": lambda id_: {"version": "1", "qualifiedArn": f"arn:aws:lambda:::{id_}:1"},
    "aws:opensearch/domain:Domain": lambda id_: {"endpoint": f"vpc-{id_}.eu-west-1.es.amazonaws.com"},
    "aws:ecr/repository:Repository": lambda id_: {"repositoryUrl": f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/{id_}"},
    "aws:route53/zone:Zone": lambda id_: {"zoneId": id_},
    "aws:rds/proxy:Proxy": lambda id_: {"endpoint": f"{id_}.proxy.rds.amazonaws.com"},
    "aws:rds/cluster:Cluster": lambda id_: {
        "clusterIdentifier": id_,
        "endpoint": f"{id_}.cluster-x.rds.amazonaws.com",
        "readerEndpoint": f"{id_}.cluster-ro-x.rds.amazonaws.com",
        "engineVersionActual": "17.6",
    },
    "aws:rds/instance:Instance": lambda id_: {
        "address": f"{id_}.rds.amazonaws.com",
        "resourceId": f"db-{id_}",
        "masterUserSecrets": [{"secretArn": f"arn:aws:secretsmanager:::secret:{id_}"}],
    },
    "aws:elasticache/replicationGroup:ReplicationGroup": lambda id_: {
        "primaryEndpointAddress": f"{id_}.cache.amazonaws.com",
        "readerEndpointAddress": f"{id_}-ro.cache.amazonaws.com",
        "configurationEndpointAddress": f"{id_}-cfg.cache.amazonaws.com",
    },
    "aws:eks/cluster:Cluster": lambda id_: {
        "endpoint": f"https://{id_}.gr7.eu-west-1.eks.amazonaws.com",
        "certificateAuthority": {"data": "Q0E="},
    },
    "cloudflare:index/zone:Zone": lambda _: {"nameServers": ["a.ns.cloudflare.com"]},
    "cloudflare:index/accountToken:AccountToken": lambda _: {"value": "token value"},
    "fastly:index/tlsSubscription:TlsSubscription": lambda id_: {
        "managedDnsChallenges": [{"recordType": "CNAME", "recordValue": f"{id_}.fastly-validations.com"}]
    },
    "random:index/randomId:RandomId": lambda _: {"hex": "5eed5eed"},
    "random:index/randomBytes:RandomBytes": lambda _: {"base64": "c2VjcmV0", "hex": "73"},
    "random:index/randomPassword:RandomPassword": lambda id_: {"result": f"secret-{id_}"},
}


def record(build: Callable[[], object]) -> Recording:
    """Run `build` as a program and return what it registered; returns only after every registration has landed."""
    recording = Recording()
    mocks.SETTINGS.rpc_manager.clear()
    mocks.SETTINGS.outputs.clear()

    async def main() -> None:
        monitor = Monitor(recording)
        mocks.set_mocks(monitor.mocks, project="phaseup", stack="meal-prod", preview=False, monitor=monitor)
        await run_pulumi_func(lambda: (build(), None)[1])

    asyncio.get_event_loop().run_until_complete(main())
    return recording
