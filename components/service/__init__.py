"""service: a container unit, wherever it is placed."""

from components.service.component import Service, ServiceArgs, unit_of
from components.service.spec import ServiceSpec

__all__ = ["Service", "ServiceArgs", "ServiceSpec", "unit_of"]
