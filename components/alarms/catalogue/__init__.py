"""Which metrics each kind of block emits, and how each is read. An alarm on anything else would stay silent for ever.

Names and dimensions: the CloudWatch pages of the RDS, ElastiCache, OpenSearch Service, Elastic Load Balancing, API
Gateway, EC2, EC2 Auto Scaling, EKS, Lambda, SQS, Amazon MQ, MSK, DynamoDB, EventBridge and its Scheduler, CloudFront,
CloudWatch Synthetics and Backup user guides, of the CloudWatch agent, and of OpenTelemetry's Kubernetes cluster
receiver (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from components.alarms.catalogue.metric import AWAY, CLUSTER_NAMESPACE, MOST, Metric
from components.alarms.catalogue.stores import STORES
from components.alarms.catalogue.traffic import TRAFFIC
from components.alarms.catalogue.work import WORK
from components.emitter import EmitterKind

__all__ = ["AWAY", "CATALOGUE", "CLUSTER_NAMESPACE", "MOST", "Metric"]

CATALOGUE: Final[Mapping[EmitterKind, Mapping[str, Metric]]] = {**STORES, **TRAFFIC, **WORK}
