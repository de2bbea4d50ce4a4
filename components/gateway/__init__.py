"""gateway: an HTTP API in front of a balancer."""

from components.gateway.component import Gateway, GatewayArgs
from components.gateway.spec import GatewaySpec

__all__ = ["Gateway", "GatewayArgs", "GatewaySpec"]
