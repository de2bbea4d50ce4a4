"""The spec of the kind registry."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, model_validator

from components.spec import REGION, Join, Keeps, Refused, Spec, joined

REPOSITORY = r"[a-z0-9]+([._-][a-z0-9]+)*"


class RepositorySpec(Spec):
    """One repository. What expires never changes with a phase: ECR replaces the rules, and for a moment there are
    none."""

    keep: int = joined(Join.FIXED, 200, ge=1, le=10000)
    """Tagged images that are kept, the newest; keep more than any stack may still run or go back to."""
    untagged_days: int = joined(Join.FIXED, 14, ge=1)
    """Days after which what no tag names is deleted."""
    lambdas: bool = joined(Join.MAX, False)
    """Whether Lambda in this account may pull from it."""


class ReplicaRegistrySpec(Spec):
    """A copy of every image in one more region, made when it is pushed."""


def _by_name(value: object) -> object:
    """`repositories: [api, web]` is short for a map by name."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return {item: {} for item in value}
    return value


class RegistrySpec(Spec):
    """Private repositories: tags that never move, scanned when pushed, encrypted with an own key."""

    repositories: Annotated[dict[str, RepositorySpec], BeforeValidator(_by_name)] = joined(Join.UNION, min_length=1)
    """By name; their physical names start with the stack's and the block's."""
    replicas: Annotated[dict[str, ReplicaRegistrySpec], BeforeValidator(_by_name)] = joined(Join.UNION, dict)
    """Regions with copies. An account has one set of replication rules in each region, so at most one block of an
    account may have replicas."""
    accounts: list[str] = joined(Join.NOW, list)
    """Other accounts that may pull, by number."""

    @model_validator(mode="after")
    def _named(self) -> RegistrySpec:
        for name in self.repositories:
            if not re.fullmatch(REPOSITORY, name):
                raise Refused(f"repositories.{name}", name, f"a name that matches {REPOSITORY}")
        for region in self.replicas:
            if not re.fullmatch(REGION, region):
                raise Refused(f"replicas.{region}", region, "a region, e.g. eu-central-1")
        for account in self.accounts:
            if not re.fullmatch(r"\d{12}", account):
                raise Refused("accounts", account, "account numbers of 12 digits, quoted")
        return self

    def keeps(self, lower: Spec) -> Keeps | None:
        """A repository with images cannot be deleted, here or in another region."""
        assert isinstance(lower, RegistrySpec)
        fields, lost = {}, []
        for field in ("repositories", "replicas"):
            high, low = getattr(self, field), getattr(lower, field)
            gone = [key for key in high if key not in low]
            if gone:
                # Whole, as a phase may have written a list of names.
                fields[field] = {key: given.model_dump(exclude_defaults=True) for key, given in {**high, **low}.items()}
                lost += [f"{field}.{key}" for key in gone]
        why = "ECR deletes no repository with images in it (DeleteRepository, ECR API reference)"
        return Keeps(fields, ", ".join(lost), why) if lost else None
