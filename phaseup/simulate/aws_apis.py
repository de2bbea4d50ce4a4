"""What AWS fills in for REST APIs, their users and the streams of their records."""

from __future__ import annotations

from typing import Final

from phaseup.graph.values import Value
from phaseup.simulate.aws_regions import dns_suffix
from phaseup.simulate.aws_stores import BIRTHDAY
from phaseup.simulate.context import Context
from phaseup.simulate.rules import IdRule, OutputRule


def _rest_api(context: Context) -> dict[str, Value]:
    return {
        "arn": f"arn:aws:apigateway:{context.region}::/restapis/{context.id}",
        "createdDate": BIRTHDAY,
        "executionArn": f"arn:aws:execute-api:{context.region}:{context.account}:{context.id}",
        "rootResourceId": context.letters(10, "root"),
    }


def _stage(context: Context) -> dict[str, Value]:
    api, name = context.text("restApi"), context.text("stageName")
    return {
        "arn": f"arn:aws:apigateway:{context.region}::/restapis/{api}/stages/{name}",
        "executionArn": f"arn:aws:execute-api:{context.region}:{context.account}:{api}/{name}",
        "invokeUrl": f"https://{api}.execute-api.{context.region}.{dns_suffix(context.region)}/{name}",
        "webAclArn": "",
    }


def _key(context: Context) -> dict[str, Value]:
    return {
        "arn": f"arn:aws:apigateway:{context.region}::/apikeys/{context.id}",
        "createdDate": BIRTHDAY,
        "lastUpdatedDate": BIRTHDAY,
        "value": context.letters(40, "value"),
    }


def _pool(context: Context) -> dict[str, Value]:
    return {
        "arn": f"arn:aws:cognito-idp:{context.region}:{context.account}:userpool/{context.id}",
        "creationDate": BIRTHDAY,
        "lastModifiedDate": BIRTHDAY,
        "endpoint": f"cognito-idp.{context.region}.{dns_suffix(context.region)}/{context.id}",
        "estimatedNumberOfUsers": 0,
    }


def _short(context: Context) -> str:
    return context.letters(10, "id")


RULES: Final[dict[str, OutputRule]] = {
    "aws:apigateway/restApi:RestApi": _rest_api,
    "aws:apigateway/deployment:Deployment": lambda _: {"createdDate": BIRTHDAY},
    "aws:apigateway/stage:Stage": _stage,
    "aws:apigateway/apiKey:ApiKey": _key,
    "aws:apigateway/usagePlan:UsagePlan": lambda c: {"arn": f"arn:aws:apigateway:{c.region}::/usageplans/{c.id}"},
    "aws:apigateway/usagePlanKey:UsagePlanKey": lambda c: {"name": "", "value": c.letters(40, "value")},
    "aws:cognito/userPool:UserPool": _pool,
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": lambda c: {
        "arn": f"arn:aws:firehose:{c.region}:{c.account}:deliverystream/{c.text('name')}",
        "destinationId": "destinationId-000000000001",
        "versionId": "1",
    },
}
IDS: Final[dict[str, IdRule]] = {
    "aws:apigateway/restApi:RestApi": _short,
    "aws:apigateway/deployment:Deployment": lambda c: c.letters(6, "id"),
    "aws:apigateway/stage:Stage": lambda c: f"ags-{c.text('restApi')}-{c.text('stageName')}",
    "aws:apigateway/methodSettings:MethodSettings": lambda c: (
        f"{c.text('restApi')}-{c.text('stageName')}-{c.text('methodPath')}"
    ),
    "aws:apigateway/apiKey:ApiKey": _short,
    "aws:apigateway/usagePlan:UsagePlan": lambda c: c.letters(6, "id"),
    "aws:apigateway/usagePlanKey:UsagePlanKey": lambda c: c.text("keyId"),
    "aws:apigateway/vpcLink:VpcLink": lambda c: c.letters(6, "id"),
    "aws:cognito/userPool:UserPool": lambda c: f"{c.region}_{c.letters(9, 'id')}",
    "aws:cognito/userPoolClient:UserPoolClient": lambda c: c.letters(26, "id"),
    "aws:cognito/userPoolDomain:UserPoolDomain": lambda c: c.text("domain"),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": lambda c: (
        f"arn:aws:firehose:{c.region}:{c.account}:deliverystream/{c.text('name')}"
    ),
}
