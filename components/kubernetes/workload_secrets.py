"""What pods know of roles, and their secrets: objects that the driver reads with a pod's own role when it starts.

A SecretProviderClass names what is mounted; while a pod mounts it, the driver keeps a Secret of the same name in step
with Secrets Manager and Parameter Store, from which environments are filled (secrets-store-csi-driver 1.5, "Sync as
Kubernetes Secret"; secrets-store-csi-driver-provider-aws 3.1, README).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pulumi

from components.kubernetes.namespaces import MANAGED_BY, Manifest

DOCKER_CONFIG = ".dockerconfigjson"


def provider_class(
    name: str, namespace: str, *, region: str, objects: pulumi.Input[str], keys: Sequence[str], kind: str = "Opaque"
) -> Manifest:
    """What is mounted as `name`, and becomes the Secret `name` with these keys; `objects` is what the functions below
    make."""
    return {
        "apiVersion": "secrets-store.csi.x-k8s.io/v1",
        "kind": "SecretProviderClass",
        "metadata": {"name": name, "namespace": namespace, "labels": dict(MANAGED_BY)},
        "spec": {
            "provider": "aws",
            "parameters": {"region": region, "usePodIdentity": "true", "objects": objects},
            "secretObjects": [
                {
                    "secretName": name,
                    "type": kind,
                    "data": [{"objectName": _alias(key), "key": key} for key in sorted(keys)],
                }
            ],
        },
    }


def secret_objects(variables: Mapping[str, tuple[str, str]]) -> str:
    """Variables that come from Secrets Manager: each is a secret's ARN and a key of its JSON, or "" for all its text.

    A secret is listed once, with all of its keys. JSON, which is YAML too.
    """
    return json.dumps(_secrets(variables), sort_keys=True)


def role_objects(parameter: str, plain: Mapping[str, str], logins: Mapping[str, tuple[str, str]]) -> str:
    """A role's variables: `plain` ones by their key in the parameter that says where it is, those of a login as for
    `secret_objects`. A parameter's new value reaches the Secret without any object being changed."""
    path = {variable: f"env.{json.dumps(key)}" for variable, key in plain.items()}
    said = {"objectName": parameter, "objectType": "ssmparameter", "objectAlias": "where", "jmesPath": _paths(path)}
    return json.dumps([*([said] if path else []), *_secrets(logins)], sort_keys=True)


def _secrets(variables: Mapping[str, tuple[str, str]]) -> list[Manifest]:
    whole = [
        {"objectName": arn, "objectType": "secretsmanager", "objectAlias": _alias(variable)}
        for variable, (arn, key) in sorted(variables.items())
        if not key
    ]
    by_arn: dict[str, dict[str, str]] = {}
    for variable, (arn, key) in sorted(variables.items()):
        if key:
            by_arn.setdefault(arn, {})[variable] = json.dumps(key)
    # An alias of its own for the secret as a whole, so that it cannot be the name of one of its keys.
    parts = [
        {
            "objectName": arn,
            "objectType": "secretsmanager",
            "objectAlias": f"secret-{number}",
            "jmesPath": _paths(paths),
        }
        for number, (arn, paths) in enumerate(sorted(by_arn.items()))
    ]
    return [*whole, *parts]


def _paths(by_variable: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"path": path, "objectAlias": _alias(variable)} for variable, path in sorted(by_variable.items())]


def _alias(key: str) -> str:
    """An alias is a file's name in the mount, which may not start with a dot."""
    return key.lstrip(".")
