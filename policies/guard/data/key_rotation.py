"""KMS keys rotate, where KMS can do it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..reading import at
from ..resource import Resource
from ..rule import Framework, Rule
from .must import Must, given, on

ROTATION: Final = Must(("enableKeyRotation",), "true", on)


def check(resource: Resource) -> Iterator[str]:
    """Asymmetric and HMAC keys and keys of a custom store are not rotated by KMS (KMS developer guide, "Rotate AWS KMS
    keys", 2026-11)."""
    props = resource.props
    symmetric = at(props, "customerMasterKeySpec") in (None, "", "SYMMETRIC_DEFAULT")
    if symmetric and at(props, "keyUsage") in (None, "", "ENCRYPT_DECRYPT") and not given(props, "customKeyStoreId"):
        yield from ROTATION.breaches(props)


RULE = Rule(
    name="data-key-rotation",
    severity="medium",
    description="Symmetric KMS keys rotate by themselves.",
    remedy="Set `enableKeyRotation: true`; what older key material encrypted stays readable.",
    types=("aws:kms/key:Key",),
    check=check,
    frameworks=(Framework("CIS AWS", "3.0.0", "3.6"),),
)
