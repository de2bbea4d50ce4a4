"""Data sources of package `aws` that programs commonly read, answered from the provider's region and account."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from phaseup.graph.values import Value
from phaseup.simulate.aws_regions import REGIONS, Zone, balancer_zone, dns_suffix, partition, zones
from phaseup.simulate.context import Surroundings
from phaseup.simulate.rules import CallRule
from phaseup.simulate.seed import canonical, digest, letters, uuid

_ELB_ACCOUNTS: Final = {
    "us-east-1": "127311923021",
    "us-east-2": "033677994240",
    "us-west-1": "027434742980",
    "us-west-2": "797873946194",
    "ca-central-1": "985666609251",
    "eu-west-1": "156460612806",
    "eu-west-2": "652711504416",
    "eu-west-3": "009996457667",
    "eu-central-1": "054676820928",
    "eu-north-1": "897822967062",
    "ap-south-1": "718504428378",
    "ap-southeast-1": "114774131450",
    "ap-southeast-2": "783225319266",
    "ap-northeast-1": "582318560864",
    "ap-northeast-2": "600734575887",
    "sa-east-1": "507241528517",
}


def _region(args: Mapping[str, Value], around: Surroundings) -> str:
    for key in ("region", "name"):
        value = args.get(key)
        if isinstance(value, str) and value in REGIONS:
            return value
    return around.region


def _own_region(args: Mapping[str, Value], around: Surroundings) -> str:
    value = args.get("region")
    return value if isinstance(value, str) and value else around.region


def caller_identity(_args: Mapping[str, Value], around: Surroundings) -> dict[str, Value]:
    account = around.account
    return {
        "accountId": account,
        "arn": f"arn:{partition(around.region)}:iam::{account}:user/rehearsal",
        "userId": "AIDA" + letters(16, account, alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
        "id": account,
    }


def region(args: Mapping[str, Value], around: Surroundings) -> dict[str, Value]:
    name = _region(args, around)
    return {
        "name": name,
        "region": name,
        "description": name,
        "endpoint": f"ec2.{name}.{dns_suffix(name)}",
        "id": name,
    }


def regions(_args: Mapping[str, Value], around: Surroundings) -> dict[str, Value]:
    return {"names": sorted(REGIONS), "id": partition(around.region)}


def availability_zones(args: Mapping[str, Value], around: Surroundings) -> dict[str, Value]:
    name = _own_region(args, around)
    left_out = {*(args.get("excludeNames") or ()), *(args.get("excludeZoneIds") or ())}
    kept = [zone for zone in zones(name) if zone.name not in left_out and zone.id not in left_out]
    return {
        "names": [zone.name for zone in kept],
        "zoneIds": [zone.id for zone in kept],
        "groupNames": [name],
        "region": name,
        "id": name,
    }


def availability_zone(args: Mapping[str, Value], around: Surroundings) -> dict[str, Value]:
    name = _own_region(args, around)
    asked = {args.get("name"), args.get("zoneId")}
    found = next((zone for zone in zones(name) if zone.name in asked or zone.id in asked), zones(name)[0])
    return _zone(found, name)


def _zone(zone: Zone, name: str) -> dict[str, Value]:
    return {
        "name": zone.name,
        "zoneId": zone.id,
        "nameSuffix": zone.name.removeprefix(name),
        "region": name,
        "groupName": name,
        "groupLongName": name,
        "networkBorderGroup": name,
        "optInStatus": "opt-in-not-required",
        "parentZoneId": "",
        "parentZoneName": "",
        "state": "available",
        "zoneType": "availability-zone",
        "id": zone.name,
    }


def get_partition(_args: Mapping[str, Value], around: Surroundings) -> dict[str, Value]:
    name = partition(around.region)
    suffix = dns_suffix(around.region)
    reverse = ".".join(reversed(suffix.split(".")))
    return {"partition": name, "dnsSuffix": suffix, "reverseDnsPrefix": reverse, "id": name}


def ssm_parameter(args: Mapping[str, Value], around: Surroundings) -> dict[str, Value]:
    name = str(args.get("name"))
    own = _own_region(args, around)
    value = _image(name, own) if "/ami" in name or "image" in name else f"value-of-{name.strip('/').replace('/', '-')}"
    slash = "" if name.startswith("/") else "/"
    return {
        "name": name,
        "arn": f"arn:{partition(own)}:ssm:{own}:{around.account}:parameter{slash}{name}",
        "type": "String",
        "value": value,
        "insecureValue": value,
        "version": 1,
        "withDecryption": args.get("withDecryption", True),
        "region": own,
        "id": name,
    }


def image(args: Mapping[str, Value], around: Surroundings) -> dict[str, Value]:
    own = _own_region(args, around)
    id_ = _image(canonical(dict(args)), own)
    arm = "arm64" in canonical(dict(args)) or "aarch64" in canonical(dict(args))
    owners = args.get("owners") or ["amazon"]
    return {
        **args,
        "id": id_,
        "imageId": id_,
        "arn": f"arn:{partition(own)}:ec2:{own}::image/{id_}",
        "architecture": "arm64" if arm else "x86_64",
        "name": f"image-{id_[4:12]}",
        "ownerId": "137112412989" if owners == ["amazon"] else str(owners[0]),
        "creationDate": "2026-01-01T00:00:00.000Z",
        "rootDeviceName": "/dev/xvda",
        "rootDeviceType": "ebs",
        "virtualizationType": "hvm",
        "state": "available",
        "public": True,
        "blockDeviceMappings": [],
        "productCodes": [],
        "tags": {},
        "region": own,
    }


def _image(*words: str) -> str:
    return f"ami-0{digest(*words)[:16]}"


def prefix_list(args: Mapping[str, Value], around: Surroundings) -> dict[str, Value]:
    own = _own_region(args, around)
    name = str(args.get("name") or "com.amazonaws.global.cloudfront.origin-facing")
    id_ = str(args.get("id") or args.get("prefixListId") or f"pl-{digest(name, own)[:8]}")
    return {
        "id": id_,
        "prefixListId": id_,
        "name": name,
        "arn": f"arn:{partition(own)}:ec2:{own}:aws:prefix-list/{id_}",
        "addressFamily": "IPv4",
        "entries": [{"cidr": "120.52.22.96/27", "description": ""}],
        "cidrBlocks": ["120.52.22.96/27"],
        "maxEntries": 55,
        "ownerId": "AWS",
        "tags": {},
        "version": 1,
        "region": own,
    }


def secret(args: Mapping[str, Value], around: Surroundings) -> dict[str, Value]:
    own = _own_region(args, around)
    name = str(args.get("name") or args.get("arn") or "secret")
    ending = letters(6, name, alphabet="abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    arn = name if name.startswith("arn:") else f"arn:aws:secretsmanager:{own}:{around.account}:secret:{name}-{ending}"
    return {"arn": arn, "id": arn, "name": name.rsplit(":", 1)[-1], "description": "", "tags": {}, "region": own}


def secret_version(args: Mapping[str, Value], around: Surroundings) -> dict[str, Value]:
    own = _own_region(args, around)
    name = str(args.get("secretId"))
    version = str(args.get("versionId") or uuid(name, own))
    return {
        "arn": name,
        "secretId": name,
        "secretString": f"secret-{digest('secret', name, own)[:16]}",
        "secretBinary": "",
        "versionId": version,
        "versionStages": ["AWSCURRENT"],
        "createdDate": "2026-01-01T00:00:00Z",
        "id": f"{name}|{version}",
        "region": own,
    }


def elb_service_account(args: Mapping[str, Value], around: Surroundings) -> dict[str, Value]:
    own = _own_region(args, around)
    account = _ELB_ACCOUNTS.get(own, _ELB_ACCOUNTS["us-east-1"])
    return {"id": account, "arn": f"arn:{partition(own)}:iam::{account}:root", "region": own}


def balancer_hosted_zone(args: Mapping[str, Value], around: Surroundings) -> dict[str, Value]:
    own = _own_region(args, around)
    return {"id": balancer_zone(own), "region": own}


def policy_document(args: Mapping[str, Value], _around: Surroundings) -> dict[str, Value]:
    """The IAM policy as JSON, as the provider renders it: one-element lists become plain values."""
    statements = [_statement(item) for item in args.get("statements") or ()]
    document: dict[str, Any] = {"Version": args.get("version") or "2012-10-17"}
    if args.get("policyId"):
        document["Id"] = args["policyId"]
    merged = [
        *(item for text in args.get("sourcePolicyDocuments") or () for item in _statements_of(text)),
        *statements,
    ]
    for text in args.get("overridePolicyDocuments") or ():
        for item in _statements_of(text):
            merged = [kept for kept in merged if not item.get("Sid") or kept.get("Sid") != item.get("Sid")]
            merged.append(item)
    if merged:
        document["Statement"] = merged[0] if len(merged) == 1 and not statements else merged
    text = json.dumps(document, indent=2)
    return {
        **args,
        "json": text,
        "minifiedJson": json.dumps(document, separators=(",", ":")),
        "id": str(int(digest(text)[:8], 16)),
        "version": document["Version"],
    }


def _statements_of(text: str) -> list[dict[str, Any]]:
    found = json.loads(text).get("Statement", [])
    return found if isinstance(found, list) else [found]


def _statement(given: Mapping[str, Any]) -> dict[str, Any]:
    statement: dict[str, Any] = {}
    if given.get("sid"):
        statement["Sid"] = given["sid"]
    statement["Effect"] = given.get("effect") or "Allow"
    for key, name in _LISTS.items():
        if given.get(key):
            statement[name] = _one(sorted(given[key], reverse=True))
    for key, name in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        if given.get(key):
            statement[name] = _principals(given[key])
    if given.get("conditions"):
        tests: dict[str, dict[str, Any]] = {}
        for condition in given["conditions"]:
            tests.setdefault(condition["test"], {})[condition["variable"]] = _one(list(condition["values"]))
        statement["Condition"] = tests
    return statement


_LISTS: Final = {
    "actions": "Action",
    "notActions": "NotAction",
    "resources": "Resource",
    "notResources": "NotResource",
}


def _principals(given: list[Mapping[str, Any]]) -> Any:
    merged: dict[str, list[str]] = {}
    for principal in given:
        if principal["type"] == "*" and list(principal["identifiers"]) == ["*"]:
            return "*"
        merged.setdefault(principal["type"], []).extend(principal["identifiers"])
    return {kind: _one(sorted(set(names), reverse=True)) for kind, names in merged.items()}


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def default_tags(_args: Mapping[str, Value], around: Surroundings) -> dict[str, Value]:
    block = around.config.get("defaultTags")
    tags = block.get("tags") if isinstance(block, dict) else None
    return {"tags": dict(tags or {}), "id": around.account}


CALLS: Final[dict[str, CallRule]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": caller_identity,
    "aws:index/getRegion:getRegion": region,
    "aws:index/getRegions:getRegions": regions,
    "aws:index/getAvailabilityZones:getAvailabilityZones": availability_zones,
    "aws:index/getAvailabilityZone:getAvailabilityZone": availability_zone,
    "aws:index/getPartition:getPartition": get_partition,
    "aws:index/getDefaultTags:getDefaultTags": default_tags,
    "aws:ssm/getParameter:getParameter": ssm_parameter,
    "aws:ec2/getAmi:getAmi": image,
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": prefix_list,
    "aws:ec2/getPrefixList:getPrefixList": prefix_list,
    "aws:secretsmanager/getSecret:getSecret": secret,
    "aws:secretsmanager/getSecretVersion:getSecretVersion": secret_version,
    "aws:elb/getServiceAccount:getServiceAccount": elb_service_account,
    "aws:elb/getHostedZoneId:getHostedZoneId": balancer_hosted_zone,
    "aws:lb/getHostedZoneId:getHostedZoneId": balancer_hosted_zone,
    "aws:iam/getPolicyDocument:getPolicyDocument": policy_document,
}
