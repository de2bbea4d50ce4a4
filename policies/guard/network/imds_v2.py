"""A host's metadata is given only to who can ask twice: IMDSv2, and not far from the host."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..reading import number, table
from ..resource import Resource
from ..rule import Framework, Rule

HOPS: Final = 2
"""One is the host itself, two a container on it (EC2 user guide, "Configure the instance metadata options", 2026)."""


def check(resource: Resource) -> Iterator[str]:
    """Without `httpTokens` a template takes `optional`, and an instance its AMI's or account's, which none here sees.
    An instance of a template has the template's."""
    props = resource.props
    options = table(props.get("metadataOptions"))
    if options.get("httpEndpoint") == "disabled":
        return
    hops = number(options.get("httpPutResponseHopLimit"))
    if hops is not None and hops > HOPS:
        yield f"metadataOptions.httpPutResponseHopLimit: found {hops:g}; allowed: at most {HOPS}"
    tokens = options.get("httpTokens")
    if tokens != "required" and not (tokens is None and props.get("launchTemplate") is not None):
        yield f"metadataOptions.httpTokens: found {tokens}; allowed: required"


RULE = Rule(
    name="network-imds-v2",
    severity="high",
    description="Instances and launch templates want IMDSv2, at most two hops from the host.",
    remedy="Set `metadataOptions.httpTokens: required` and `httpPutResponseHopLimit` to 1, or 2 where containers ask.",
    types=(
        "aws:ec2/launchTemplate:LaunchTemplate",
        "aws:ec2/instance:Instance",
        "aws:ec2/launchConfiguration:LaunchConfiguration",
    ),
    check=check,
    frameworks=(
        Framework("AWS FSBP", "", "EC2.8"),
        Framework("AWS FSBP", "", "EC2.170"),
        Framework("CIS AWS", "3.0.0", "5.6"),
    ),
)
