"""foundation: a stack of its own, applied once per account by a person, before any pipeline may."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pulumi
import pulumi_aws as aws

from components.bucket import Bucket, BucketArgs, BucketSpec
from components.bucket.s3 import S3Store
from components.foundation.rights import READS, WRITES, bounds, state_reader
from components.foundation.spec import FoundationSpec
from components.foundation.trust import ISSUERS, appliers, planners, trust
from components.keys import own_key
from components.site import Site, child_options

SESSION_SECONDS = 3600
"""How long a pipeline holds a role; a longer apply asks again."""


@dataclass(frozen=True)
class FoundationArgs:
    """The account, and who is told about its bill."""

    spec: FoundationSpec
    site: Site
    account_id: pulumi.Input[str]


class Foundation(pulumi.ComponentResource):
    """Deploying roles, the bucket and keys of states, quotas and cost-allocation tags."""

    keys: dict[str, aws.kms.Key]
    """What encrypts the secrets in states, by environment."""
    appliers: dict[str, aws.iam.Role]
    """By environment."""

    def __init__(self, name: str, args: FoundationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Foundation", name, None, opts)
        spec = args.spec
        self._name, self._args = name, args
        there = replace(args.site, region=spec.state_region)
        kept = BucketSpec(store="s3", noncurrent_days=spec.state_days)
        self.state = Bucket(
            f"{name}-state", BucketArgs(kept, there, args.account_id), opts=pulumi.ResourceOptions(parent=self)
        )
        assert isinstance(self.state.store, S3Store)
        self._storage_key = self.state.store.key
        # Multi-Region: a copy of the key may be made where a region's loss has left only copies of the states.
        self.keys = {
            environment: own_key(
                self,
                f"{name}-{environment}-secrets",
                there,
                args.account_id,
                purpose=f"secrets in the states of {environment}",
                multi_region=True,
            )
            for environment in sorted(spec.environments)
        }
        issuer = ISSUERS[spec.issuer]
        self.provider = aws.iam.OpenIdConnectProvider(
            f"{name}-issuer",
            url=issuer.url,
            client_id_lists=list(issuer.client_ids),
            tags=args.site.tagged(),
            opts=child_options(self, protect=args.site.guards_anchor),
        )
        self.planner = self._planner()
        self.appliers = {environment: self._applier(environment) for environment in sorted(spec.environments)}
        self._quotas()
        self._cost_tags()
        self.backend = pulumi.Output.format("s3://{0}?region={1}", self.state.bucket_name, spec.state_region)
        self.secrets_providers = {
            environment: pulumi.Output.format("awskms:///{0}?region={1}", key.arn, spec.state_region)
            for environment, key in self.keys.items()
        }
        self.register_outputs(
            {
                "backend": self.backend,
                "secrets_providers": self.secrets_providers,
                "plan_role": self.planner.arn,
                "apply_roles": {environment: role.arn for environment, role in self.appliers.items()},
            }
        )

    def _planner(self) -> aws.iam.Role:
        spec = self._args.spec
        role = self._role("plan", f"previews of {spec.repository}", planners(spec), READS)
        aws.iam.RolePolicy(
            f"{self._name}-plan-state",
            role=role.name,
            policy=state_reader(
                self.state.bucket_arn, self._storage_key.arn, [self.keys[each].arn for each in sorted(self.keys)]
            ),
            opts=child_options(self),
        )
        return role

    def _applier(self, environment: str) -> aws.iam.Role:
        spec, site = self._args.spec, self._args.site
        role = self._role(
            f"apply-{environment}", f"applies of {spec.repository}: {environment}", appliers(spec, environment), WRITES
        )
        # By pattern where a name would need the role that the policy is of.
        account = self._args.account_id
        foundation = {
            "issuer": self.provider.arn,
            "keys": self._storage_key.arn,
            "roles": pulumi.Output.format("arn:aws:iam::{0}:role/{1}-{2}-*", account, site.prefix, self._name),
            **{f"key-{each}": key.arn for each, key in self.keys.items()},
        }
        aws.iam.RolePolicy(
            f"{self._name}-apply-{environment}-bounds",
            role=role.name,
            policy=bounds(
                [*spec.regions, spec.state_region],
                foundation=foundation,
                bucket=self.state.bucket_arn,
                others=[self.keys[each].arn for each in sorted(self.keys) if each != environment],
            ),
            opts=child_options(self),
        )
        return role

    def _role(self, role: str, what: str, subjects: list[str], managed: str) -> aws.iam.Role:
        site = self._args.site
        made = aws.iam.Role(
            f"{self._name}-{role}",
            # Pipelines name it; and its name begins as the bounds say that nobody may touch.
            name=f"{site.prefix}-{self._name}-{role}",
            description=f"{site.prefix}: {what}",
            assume_role_policy=trust(self._args.spec, self.provider.arn, subjects),
            max_session_duration=SESSION_SECONDS,
            tags=site.tagged(),
            opts=child_options(self, protect=site.guards_anchor),
        )
        aws.iam.RolePolicyAttachment(
            f"{self._name}-{role}-policy", role=made.name, policy_arn=managed, opts=child_options(self)
        )
        return made

    def _quotas(self) -> None:
        for region, wanted in sorted(self._args.spec.quotas.items()):
            for code, quota in sorted(wanted.items()):
                service, _, number = code.partition("/")
                aws.servicequotas.ServiceQuota(
                    f"{self._name}-quota-{region}-{service}-{number}",
                    region=region,
                    service_code=service,
                    quota_code=number,
                    value=quota.value,
                    opts=child_options(self),
                )

    def _cost_tags(self) -> None:
        for tag in sorted(self._args.spec.cost_tags):
            aws.costexplorer.CostAllocationTag(
                f"{self._name}-cost-tag-{tag}", tag_key=tag, status="Active", opts=child_options(self)
            )
