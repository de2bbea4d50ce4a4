"""What a cluster answers: types of dotted API groups, and Helm's word on a release."""

from __future__ import annotations

import pytest

from phaseup.graph.values import UNKNOWN
from phaseup.simulate import Simulators
from phaseup.simulate.schema import schema_for

RELEASE = "kubernetes:helm.sh/v3:Release"
KEDA = {"chart": "keda", "version": "2.20.2", "name": "keda", "namespace": "scaling"}


@pytest.mark.parametrize(
    ("type_", "given"),
    [
        (RELEASE, "repositoryOpts"),
        ("kubernetes:networking.k8s.io/v1:NetworkPolicy", "spec"),
        ("kubernetes:storage.k8s.io/v1:StorageClass", "provisioner"),
        ("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding", "roleRef"),
        ("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", "spec"),
        ("kubernetes:apps/v1:Deployment", "spec"),
    ],
)
def test_types_of_dotted_groups_are_found(type_: str, given: str) -> None:
    schema = schema_for(type_)
    assert schema is not None
    assert given in schema.inputs


def test_a_release_is_known_by_namespace_and_name_and_has_a_status() -> None:
    provider, urn = Simulators().get("kubernetes", {}), f"urn:pulumi:s::p::{RELEASE}::r"
    made = provider.create(urn, KEDA, preview=False)
    assert made.id == "scaling/keda"
    assert made.outputs["status"] == {
        "name": "keda", "namespace": "scaling", "chart": "keda", "version": "2.20.2", "appVersion": "", "revision": 1,
        "status": "deployed",
    }  # fmt: skip
    assert provider.create(urn, KEDA, preview=True).outputs["status"] is UNKNOWN


def test_another_chart_version_is_an_update_and_another_name_a_replacement() -> None:
    provider, urn = Simulators().get("kubernetes", {}), f"urn:pulumi:s::p::{RELEASE}::r"
    made = provider.create(urn, KEDA, preview=False)
    newer = provider.diff(urn, made.id, KEDA, made.outputs, {**KEDA, "version": "2.21.0"})
    assert (newer.changes, newer.replaces) == (True, ())
    elsewhere = provider.diff(urn, made.id, KEDA, made.outputs, {**KEDA, "namespace": "other"})
    assert elsewhere.replaces == ("namespace",)
