"""What runs at CloudFront's edge: a function at every location, and if asked for one at the regional caches."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

import pulumi
import pulumi_aws as aws

from components.cdn.spec import CdnSpec
from components.policy import service_trust
from components.site import Site, child_options

GLOBAL: Final = "us-east-1"
"""Where everything stands that CloudFront takes to all its locations."""
VIEWER: Final = "viewer.js"
ORIGIN: Final = "origin.mjs"
CODE_LIMIT: Final = 10240
"""Bytes of a CloudFront Function (CloudFront developer guide, "Quotas on CloudFront Functions")."""
TRACKING: Final = ("fbclid", "gclid", "msclkid", "utm_")
SETTINGS: Final = re.compile(r"^const SETTINGS = .*;$", re.MULTILINE)


def rules_by(spec: CdnSpec, domain: str | None) -> dict[str, dict[str, str]]:
    """What is said of answers, by host (full names with a domain) and path."""
    said: dict[str, dict[str, str]] = {}
    for rule in spec.cache.values():
        host = f"{rule.host}.{domain}" if domain else rule.host
        said.setdefault(host, {})[rule.path] = rule.header
    return {host: dict(sorted(paths.items())) for host, paths in sorted(said.items())}


def viewer_code(script: str, spec: CdnSpec, domain: str) -> str:
    """The function's text with this block's settings. Raises `ValueError` where the script has no place for them, or
    CloudFront for all of it."""
    settings = {"cookies": sorted(spec.bypass_cookies), "tracking": TRACKING, "rules": rules_by(spec, domain)}
    line = f"const SETTINGS = {json.dumps(settings, sort_keys=True)};"
    text, places = SETTINGS.subn(lambda _: line, script)
    if places != 1:
        raise ValueError(f"{VIEWER}: {places} lines for its settings; allowed: one")
    if len(text.encode()) > CODE_LIMIT:
        raise ValueError(f"{len(text.encode())} bytes at the edge; allowed: {CODE_LIMIT}, so fewer rules")
    return text


def viewer_function(
    parent: pulumi.Resource, name: str, spec: CdnSpec, site: Site, script: str, domain: str
) -> aws.cloudfront.Function:
    """It runs before the cache is asked, and before the answer leaves."""
    return aws.cloudfront.Function(
        f"{name}-viewer",
        comment=f"{site.prefix} {name}: who asks, and how long browsers keep the answer",
        runtime="cloudfront-js-2.0",
        code=viewer_code(script, spec, domain),
        publish=True,
        tags=site.tagged(),
        opts=child_options(parent),
    )


def origin_function(
    parent: pulumi.Resource, name: str, spec: CdnSpec, site: Site, script: str
) -> aws.lambda_.Function | None:
    """It runs where the cache has no answer. Its logs are in the region that was asked, in a group of its own name."""
    if spec.edge is None:
        return None
    role = aws.iam.Role(
        f"{name}-edge-role",
        description=f"{site.prefix} {name}: its function at the regional caches",
        assume_role_policy=service_trust("edgelambda.amazonaws.com", "lambda.amazonaws.com"),
        tags=site.tagged(),
        opts=child_options(parent),
    )
    rights = aws.iam.RolePolicy(
        f"{name}-edge-rights",
        role=role.name,
        policy=_document(
            {
                "Sid": "Logs",
                "Effect": "Allow",
                # It makes its group itself, in whichever region it runs.
                "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": "arn:aws:logs:*:*:log-group:/aws/lambda/us-east-1.*",
            }
        ),
        opts=child_options(parent),
    )
    rules = json.dumps(rules_by(spec, None), sort_keys=True)
    return aws.lambda_.Function(
        f"{name}-edge",
        region=GLOBAL,
        description=f"{site.prefix} {name}: at the regional caches",
        role=role.arn,
        runtime="nodejs22.x",
        handler="index.handler",
        architectures=["x86_64"],
        memory_size=spec.edge.memory,
        timeout=spec.edge.timeout,
        code=pulumi.AssetArchive({"index.mjs": pulumi.StringAsset(script), "rules.json": pulumi.StringAsset(rules)}),
        # CloudFront takes a version, never an alias.
        publish=True,
        tags=site.tagged(),
        opts=child_options(parent, retain_on_delete=True, depends_on=[rights]),
    )


def _document(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, sort_keys=True)
