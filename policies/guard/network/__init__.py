"""Rules on networks: who comes in, by what, and where everything stands."""

from __future__ import annotations

from ..rule import Rule
from . import (
    balancer_headers,
    balancer_logs,
    balancer_protected,
    default_group_closed,
    flow_logs,
    https_only,
    imds_v2,
    no_default_vpc,
    no_open_ingress,
    no_public_address,
    regions,
    residency,
    s3_endpoint,
    tls_version,
)

RULES: tuple[Rule, ...] = (
    no_open_ingress.RULE,
    default_group_closed.RULE,
    no_default_vpc.RULE,
    no_public_address.RULE,
    flow_logs.RULE,
    imds_v2.RULE,
    s3_endpoint.RULE,
    regions.RULE,
    residency.RULE,
    tls_version.RULE,
    https_only.RULE,
    balancer_headers.RULE,
    balancer_logs.RULE,
    balancer_protected.RULE,
)
