"""network: one VPC on a fixed address plan."""

from components.network.component import Network, NetworkArgs, NetworkSpec

__all__ = ["Network", "NetworkArgs", "NetworkSpec"]
