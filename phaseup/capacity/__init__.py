"""What a graph can carry: vCPUs, memory and database connections, by block."""

from phaseup.capacity.count import NOTHING, Capacity, capacity, total
from phaseup.capacity.ladder import fallen

__all__ = ["NOTHING", "Capacity", "capacity", "fallen", "total"]
