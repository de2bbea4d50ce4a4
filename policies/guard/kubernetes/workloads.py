"""What belongs to a workload on its own cluster: autoscalers, Services, budgets, and how many pods it has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from pulumi_policy.proxy import UnknownValueError

from ..reading import at, items, number, table, text
from ..resource import Resource
from ..stack import Stack
from .pods import Spec, containers, pod_labels

COUNTED: Final = ("kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:StatefulSet")
"""What has a count that somebody chooses."""
ANSWERING: Final = (*COUNTED, "kubernetes:apps/v1:DaemonSet")
"""What may stand behind a Service for as long as it lives."""
HPA: Final = tuple(
    f"kubernetes:autoscaling/{version}:HorizontalPodAutoscaler" for version in ("v1", "v2", "v2beta1", "v2beta2")
)
SCALED_OBJECT: Final = "kubernetes:keda.sh/v1alpha1:ScaledObject"
AUTOSCALERS: Final = (*HPA, SCALED_OBJECT)
SERVICE: Final = "kubernetes:core/v1:Service"
BUDGET: Final = "kubernetes:policy/v1:PodDisruptionBudget"


def namespace(resource: Resource) -> str:
    """Where an object is; `default` where it does not say."""
    return text(at(resource.props, "metadata", "namespace")) or "default"


def together(one: Resource, other: Resource) -> bool:
    """Whether two objects are in the same namespace of the same cluster."""
    return one.provider == other.provider and namespace(one) == namespace(other)


def among(candidates: Iterable[Resource], fits: Callable[[Resource], bool]) -> list[Resource]:
    """Those that fit; only where none does is one that nobody knows yet a reason not to judge."""
    found: list[Resource] = []
    later: UnknownValueError | None = None
    for each in candidates:
        try:
            if fits(each):
                found.append(each)
        except UnknownValueError as unknown:
            later = later or unknown
    if not found and later is not None:
        raise later
    return found


def selects(selector: Any, labels: Mapping[str, Any]) -> bool:
    """Whether a label selector takes in what carries the labels: an empty one does, an absent one does not."""
    if not isinstance(selector, Mapping):
        return False
    wanted = table(selector.get("matchLabels"))
    return all(labels.get(key) == wanted[key] for key in wanted) and all(
        _expression(table(each), labels) for each in items(selector.get("matchExpressions"))
    )


def _expression(of: Spec, labels: Mapping[str, Any]) -> bool:
    key, operator, values = text(of.get("key")), text(of.get("operator")), items(of.get("values"))
    has = key in labels
    match operator:
        case "In":
            return has and labels[key] in values
        case "NotIn":
            return not has or labels[key] not in values
        case "Exists":
            return has
        case _:
            return not has


def target(autoscaler: Resource) -> tuple[str, str, str, str]:
    """Cluster, namespace, kind and name of what it scales; KEDA takes a Deployment where no kind is said."""
    ref = table(at(autoscaler.props, "spec", "scaleTargetRef"))
    return autoscaler.provider, namespace(autoscaler), text(ref.get("kind")) or "Deployment", text(ref.get("name"))


def autoscalers(workload: Resource, stack: Stack) -> list[Resource]:
    """What decides its count."""
    own = (
        workload.provider,
        namespace(workload),
        workload.type.rsplit(":", 1)[-1],
        text(at(workload.props, "metadata", "name")),
    )
    return among(stack.of(*AUTOSCALERS), lambda each: target(each) == own)


def bounds(autoscaler: Resource) -> tuple[float, float | None]:
    """The least and the most that it may ask for, as it says or by default: an HPA's least is 1 (Kubernetes API
    reference), a ScaledObject's 0, and its most 100 (KEDA 2.20, "ScaledObject specification")."""
    spec = table(at(autoscaler.props, "spec"))
    if autoscaler.type == SCALED_OBJECT:
        least, most = number(spec.get("minReplicaCount")), number(spec.get("maxReplicaCount"))
        return 0 if least is None else least, 100 if most is None else most
    least = number(spec.get("minReplicas"))
    return 1 if least is None else least, number(spec.get("maxReplicas"))


def counts(workload: Resource, stack: Stack) -> tuple[float, float]:
    """The least and the most pods that it has while it works."""
    for each in autoscalers(workload, stack):
        least, most = bounds(each)
        return least, least if most is None else most
    stated = number(at(workload.props, "spec", "replicas"))
    count = 1 if stated is None else stated
    return count, count


def services(workload: Resource, stack: Stack) -> list[Resource]:
    """The Services that send to its pods."""
    labels = pod_labels(workload)

    def sends(service: Resource) -> bool:
        wanted = table(at(service.props, "spec", "selector"))
        return len(wanted) > 0 and together(service, workload) and all(labels.get(key) == wanted[key] for key in wanted)

    return among(stack.of(SERVICE), sends)


def answering(workload: Resource, stack: Stack) -> Iterator[tuple[str, Spec]]:
    """The containers that Services send to, with their paths: by their ports, or the first where none states the
    port. A Service that publishes addresses of pods that are not ready asks for no readiness."""
    ports: set[Any] = set()
    for service in services(workload, stack):
        if at(service.props, "spec", "publishNotReadyAddresses") is True:
            continue
        for port in map(table, items(at(service.props, "spec", "ports"))):
            aimed = port.get("targetPort")
            ports.add(_port(port.get("port") if aimed is None else aimed))
    if not ports:
        return
    regular = [(path, each) for path, each in containers(workload) if ".initContainers[" not in path]
    found = [
        (path, each)
        for path, each in regular
        if any(
            _port(port.get("containerPort")) in ports or _port(port.get("name")) in ports
            for port in map(table, items(each.get("ports")))
        )
    ]
    yield from found or regular[:1]


def _port(value: Any) -> Any:
    asked = number(value)
    return text(value) if asked is None else asked
