"""network: one VPC on a fixed address plan."""

from components.network.component import Network, NetworkArgs, NetworkSpec
from components.network.peering import Peering, PeeringArgs

__all__ = ["Network", "NetworkArgs", "NetworkSpec", "Peering", "PeeringArgs"]
