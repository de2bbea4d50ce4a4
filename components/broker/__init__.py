"""broker: queues on SQS, RabbitMQ on Amazon MQ, or Kafka on MSK; the engine is chosen once."""

from __future__ import annotations

from components.broker.component import Broker, BrokerArgs
from components.broker.spec import BrokerSpec, LagSpec, MessageQueueSpec

__all__ = ["Broker", "BrokerArgs", "BrokerSpec", "LagSpec", "MessageQueueSpec"]
