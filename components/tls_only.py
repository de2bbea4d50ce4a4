"""The statement with which our own resources refuse whoever comes without TLS."""

from __future__ import annotations

from typing import Any

import pulumi


def tls_only(action: str, resource: pulumi.Input[str] | list[pulumi.Input[str]]) -> dict[str, Any]:
    """For a resource policy: denies `action` on `resource` to everybody without TLS."""
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resource,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def bucket_tls_only(arn: pulumi.Output[str]) -> dict[str, Any]:
    """The same for a bucket and every object in it."""
    return tls_only("s3:*", [arn, pulumi.Output.concat(arn, "/*")])
