"""The kind kubernetes, and what turns a service into objects inside it (`workload`)."""

from components.kubernetes.component import Kubernetes, KubernetesArgs
from components.kubernetes.spec import KubernetesSpec

__all__ = ["Kubernetes", "KubernetesArgs", "KubernetesSpec"]
