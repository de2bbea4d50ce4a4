"""registry: Amazon ECR repositories."""

from __future__ import annotations

from components.registry.component import Registry, RegistryArgs
from components.registry.spec import RegistrySpec, ReplicaRegistrySpec, RepositorySpec

__all__ = ["Registry", "RegistryArgs", "RegistrySpec", "ReplicaRegistrySpec", "RepositorySpec"]
