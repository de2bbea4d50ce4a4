"""A service's spec as Kubernetes objects: pure functions, so that what they say can be held against the schemas.

Selectors hold the service's name and nothing else, because they can never change.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from components.kubernetes.manifests import account_of, frozen_config, locked_container, locked_pod, named_by, spread
from components.kubernetes.namespaces import MANAGED_BY, Manifest
from components.service.placement import PlacementSpec
from components.service.spec import ServiceSpec
from components.spec import Refused

DRAIN_SECONDS = 15
"""How long a pod still answers after it is told to go: a balancer needs as long to stop sending to it."""
STARTUP_PERIOD = 5
SHARED_MEMORY = "/dev/shm"
SECRETS_MOUNT = "/mnt/secrets"
LOG_LABEL = "phaseup/service"
"""Marks the pods of a service; its value names the log group that their lines go to."""
RELOAD = "secret.reloader.stakater.com/reload"
"""Names the Secrets whose change restarts a Deployment's pods (Reloader 1.4, README)."""
FORCE = "pulumi.com/patchForce"
"""The program's `replicas: 0` wins over the autoscaler that held the field before (pulumi-kubernetes, "Server-Side
Apply", field conflicts)."""
PERMITTED = frozenset({"NET_BIND_SERVICE"})
"""Capabilities that the restricted profile lets a container keep (Kubernetes, "Pod Security Standards")."""


@dataclass(frozen=True)
class Workload:
    """One service on one cluster."""

    name: str
    service: ServiceSpec
    placed: PlacementSpec
    image: str
    """With its digest."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Plain settings that are the same for every service of the stack; its own win."""
    registry: str | None = None
    """The private registry that the image comes from, whose login is a Secret of its own."""
    running: bool = True
    """Whether this side works at this point of a move; with false nothing runs, whatever would scale it."""
    queues_in: str = ""
    """The region of the SQS queues that it may be scaled by, where that is not its own."""
    waits: bool = False
    """A role that it uses is fenced: nothing runs on either side, whatever it takes."""

    def __post_init__(self) -> None:
        if self.placed.namespace is None:
            raise Refused("namespace", "null", "one of the cluster's namespaces")
        forbidden = sorted(self.service.capabilities.keys() - PERMITTED)
        if forbidden:
            raise Refused("capabilities", ", ".join(forbidden), f"{', '.join(PERMITTED)} in a cluster's namespace")
        if self.service.takes == "schedule" and (self.placed.scaling or self.placed.replicas != 1):
            raise Refused("scaling", "more than one replica", "one where it takes schedule")
        if not self.running and self.service.takes == "requests":
            raise Refused("running", "false", "true where it takes requests: weights decide what it gets")
        most = self.service.memory
        if most is not None and most < self.placed.memory:
            raise Refused("memory", self.placed.memory, f"at most the service's own memory, which is {most}")
        if self.service.cpu is not None and self.service.cpu < self.placed.cpu:
            raise Refused("cpu", self.placed.cpu, f"at most the service's own cpu, which is {self.service.cpu}")

    @property
    def works(self) -> bool:
        """Whether anything may run."""
        return self.running and not self.waits

    @property
    def selector(self) -> dict[str, str]:
        """What marks its pods, for ever."""
        return {"app.kubernetes.io/name": self.name}

    @property
    def namespace(self) -> str:
        """Where its objects are."""
        assert self.placed.namespace is not None
        return self.placed.namespace

    @property
    def pod_labels(self) -> dict[str, str]:
        """Labels of its pods."""
        return {**MANAGED_BY, **self.selector, LOG_LABEL: self.name}

    @property
    def secret(self) -> str:
        """Its own Secret, which the driver keeps in step with Secrets Manager while a pod of it is there."""
        return f"{self.name}-secrets"

    @property
    def secrets(self) -> list[str]:
        """The Secrets that its environment comes from, its own last."""
        return [*map(role_secret, sorted(self.service.uses)), *([self.secret] if self.service.secrets else [])]

    @property
    def mounts(self) -> list[str]:
        """Everything that the driver mounts: what it mounts becomes a Secret of the same name."""
        return [*self.secrets, *([registry_secret(self.registry)] if self.registry else [])]

    @property
    def settings(self) -> dict[str, str]:
        """All plain variables."""
        return {**self.env, **self.service.env}

    @property
    def config(self) -> str:
        """The ConfigMap's name ends in what is in it: pods that are already there keep reading the one they know."""
        return named_by(f"{self.name}-config", json.dumps(self.settings, sort_keys=True))

    def metadata(self, name: str | None = None, **labels: str) -> Manifest:
        """Metadata of one of its objects."""
        return {
            "name": name or self.name,
            "namespace": self.namespace,
            "labels": {**MANAGED_BY, **self.selector, **labels},
        }


def role_secret(role: str) -> str:
    """The Secret of a namespace that says where a role is, and how to log in there."""
    return f"role-{role}"


def registry_secret(host: str) -> str:
    """The Secret of a namespace with a private registry's login."""
    return f"registry-{host.replace(':', '-')}"


def service_account(of: Workload) -> Manifest:
    """Whose name Pod Identity gives a role to; its pods get no token for the cluster itself."""
    return account_of(of, token=False)


def config_map(of: Workload) -> Manifest:
    """Plain settings, which never change under this name."""
    return frozen_config(of, of.config, of.settings)


def deployment(of: Workload) -> Manifest:
    """The service; `replicas` is stated only where nothing in the cluster decides it, or where nothing may run."""
    scaling = of.placed.scaling
    spec: Manifest = {
        "selector": {"matchLabels": of.selector},
        "revisionHistoryLimit": 5,
        "strategy": _strategy(of.service),
        "template": {"metadata": {"labels": of.pod_labels}, "spec": pod(of)},
    }
    if not of.works:
        # An autoscaler leaves a Deployment of 0 alone ("Horizontal Pod Autoscaling", implicit maintenance mode).
        spec["replicas"] = 0
    elif scaling is None:
        spec["replicas"] = of.placed.replicas
    metadata = of.metadata()
    notes = {**({FORCE: "true"} if scaling else {}), **({RELOAD: ",".join(of.secrets)} if of.secrets else {})}
    if notes:
        metadata["annotations"] = notes
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def _strategy(service: ServiceSpec) -> Manifest:
    if service.takes == "schedule":
        # Two schedulers would start everything twice.
        return {"type": "Recreate"}
    return {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}}


def pod(of: Workload, *, restart: str = "Always") -> Manifest:
    """The pod's spec, as the restricted profile wants it."""
    placed, service = of.placed, of.service
    drain = DRAIN_SECONDS if service.takes == "requests" else 0
    volumes, mounts = _volumes(of)
    spec: Manifest = {
        "serviceAccountName": of.name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "restartPolicy": restart,
        "terminationGracePeriodSeconds": service.stop_seconds + drain,
        "securityContext": locked_pod(placed.user),
        "topologySpreadConstraints": spread(of),
        "containers": [_container(of, mounts, drain)],
        "volumes": volumes,
    }
    if of.registry:
        spec["imagePullSecrets"] = [{"name": registry_secret(of.registry)}]
    if placed.on_nodes:
        spec["nodeSelector"] = dict(sorted(placed.on_nodes.items()))
    if placed.tolerates:
        spec["tolerations"] = [{"key": key, "operator": "Exists"} for key in sorted(placed.tolerates)]
    return spec


def _container(of: Workload, mounts: list[Manifest], drain: int) -> Manifest:
    service, placed = of.service, of.placed
    limits: dict[str, str] = {"memory": f"{service.memory or placed.memory}Mi"}
    if service.cpu is not None:
        limits["cpu"] = cores(service.cpu)
    locked = locked_container()
    if service.capabilities:
        locked["capabilities"]["add"] = sorted(service.capabilities)
    container: Manifest = {
        "name": of.name,
        "image": of.image,
        "imagePullPolicy": "IfNotPresent",
        # The last one wins where names meet: what a role says, as on servers.
        "envFrom": [
            {"configMapRef": {"name": of.config}},
            *({"secretRef": {"name": secret}} for secret in of.secrets),
        ],
        "resources": {"requests": {"cpu": cores(placed.cpu), "memory": f"{placed.memory}Mi"}, "limits": limits},
        "securityContext": locked,
        "volumeMounts": mounts,
    }
    if service.command:
        container["args"] = list(service.command)
    if service.port is not None:
        container["ports"] = [{"name": "main", "containerPort": service.port, "protocol": "TCP"}]
    if drain:
        container["lifecycle"] = {"preStop": {"sleep": {"seconds": drain}}}
    return {**container, **_probes(service)}


def _probes(service: ServiceSpec) -> Manifest:
    health = service.health
    if health is None:
        return {}
    ask: Manifest = {"httpGet": {"path": health.path, "port": "main"}, "timeoutSeconds": health.timeout}
    return {
        "startupProbe": {
            **ask,
            "periodSeconds": STARTUP_PERIOD,
            "failureThreshold": max(1, -(-health.grace // STARTUP_PERIOD)),
        },
        "readinessProbe": {
            **ask,
            "periodSeconds": health.interval,
            "successThreshold": health.healthy,
            "failureThreshold": health.unhealthy,
        },
        # Out of the balancer first, restarted later: a slow dependency must not restart all pods at once.
        "livenessProbe": {**ask, "periodSeconds": health.interval, "failureThreshold": 2 * health.unhealthy},
    }


def _volumes(of: Workload) -> tuple[list[Manifest], list[Manifest]]:
    volumes: list[Manifest] = [{"name": "tmp", "emptyDir": {"sizeLimit": "512Mi"}}]
    mounts: list[Manifest] = [{"name": "tmp", "mountPath": "/tmp"}]
    if of.service.shm is not None:
        memory: Manifest = {"medium": "Memory", "sizeLimit": f"{of.service.shm}Mi"}
        volumes.append({"name": "shared-memory", "emptyDir": memory})
        mounts.append({"name": "shared-memory", "mountPath": SHARED_MEMORY})
    for number, (path, size) in enumerate(sorted(of.placed.writable.items())):
        volumes.append({"name": f"writable-{number}", "emptyDir": {"sizeLimit": f"{size.size}Mi"}})
        mounts.append({"name": f"writable-{number}", "mountPath": path})
    for mounted in of.mounts:
        volumes.append(
            {
                "name": volume_name(mounted),
                "csi": {
                    "driver": "secrets-store.csi.k8s.io",
                    "readOnly": True,
                    "volumeAttributes": {"secretProviderClass": mounted},
                },
            }
        )
        mounts.append({"name": volume_name(mounted), "mountPath": f"{SECRETS_MOUNT}/{mounted}", "readOnly": True})
    return volumes, mounts


def volume_name(secret: str) -> str:
    """A volume's name has no dots; a Secret's may (RFC 1123 label and subdomain)."""
    return secret.replace(".", "-")


def cores(count: float) -> str:
    """Cores as a quantity, in the form that the API server writes it back: `2` and `500m`."""
    thousandths = round(count * 1000)
    return str(thousandths // 1000) if thousandths % 1000 == 0 else f"{thousandths}m"
