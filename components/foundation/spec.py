"""What an AWS account needs once, before any stack stands in it."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import StringConstraints, model_validator

from components.spec import Join, Refused, RegionName, Spec, joined

Environment = Literal["dev", "staging", "prod"]
QuotaCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+/L-[A-F0-9]{8}$")]
"""A quota as Service Quotas names it: `<service code>/<quota code>`, e.g. `ec2/L-1216C47A`."""
_PATHS = {"github": re.compile(r"[\w.-]+/[\w.-]+\Z"), "gitlab": re.compile(r"[\w.-]+(/[\w.-]+)+\Z")}


class EnvironmentSpec(Spec):
    """One environment whose stacks stand in this account."""

    branch: str = joined(Join.NOW, "main", pattern=r"^[\w./-]{1,100}$")
    """GitLab: the protected branch whose pipelines apply. GitHub applies from its deployment environment of this
    environment's name, whose own rules say which branches and who approves."""


class QuotaSpec(Spec):
    """A quota that the account is to have in one region."""

    value: float = joined(Join.MAX, gt=0)
    """What is asked for. Service Quotas only raises; a lower figure than the account has is refused by AWS."""


class FoundationSpec(Spec):
    """Once per account: who may deploy, where stacks keep their state, quotas, and tags that costs are sorted by."""

    issuer: Literal["github", "gitlab"] = joined(Join.FIXED, "github")
    """Whose CI deploys."""
    repository: str = joined(Join.NOW, min_length=3, max_length=200)
    """The only repository whose CI may: `owner/name`, or a GitLab project's path."""
    environments: dict[Environment, EnvironmentSpec] = joined(Join.UNION, min_length=1)
    """Those whose stacks stand in this account; each has a role and a key of its own."""
    regions: list[RegionName] = joined(Join.NOW, min_length=1)
    """Where stacks may stand; the deploying roles act in no other region, but for services that have none."""
    state_region: RegionName = joined(Join.FIXED)
    """Where state and its keys are: not among `regions`, so that a region's loss does not take what rebuilds it."""
    state_days: int = joined(Join.MAX, 365, ge=30)
    """How long overwritten versions of a state can be had back."""
    quotas: dict[RegionName, dict[QuotaCode, QuotaSpec]] = joined(Join.UNION, dict)
    """By region and quota, as `phaseup show` lists what a phase needs."""
    cost_tags: list[str] = joined(
        Join.NOW, lambda: ["system", "environment", "owner", "block"], min_length=1, max_length=500
    )
    """Tags that Cost Explorer may sort by. AWS knows a tag up to a day after a resource first bears it, and refuses to
    activate it before."""

    @model_validator(mode="after")
    def _consistent(self) -> FoundationSpec:
        if not _PATHS[self.issuer].match(self.repository):
            allowed = "owner/name" if self.issuer == "github" else "group/project, with subgroups as they are"
            raise Refused("repository", self.repository, allowed)
        if self.state_region in self.regions:
            allowed = f"a region that no stack stands in: not {', '.join(self.regions)}"
            raise Refused("state_region", self.state_region, allowed)
        for region in self.quotas:
            if region not in self.regions:
                raise Refused(f"quotas.{region}", region, f"one of regions: {', '.join(self.regions)}")
        return self
