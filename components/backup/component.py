"""Vaults, one plan, and a selection for each block; AWS Backup works under a role of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import pulumi
import pulumi_aws as aws

from components.backup.drill import restore_drill
from components.backup.spec import BackupSpec
from components.emitter import Emitter
from components.keys import own_key
from components.policy import service_trust
from components.postgres.shard import PRIMARY
from components.site import Site, child_options

MANAGED = {
    "backups": "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
    "restores": "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores",
    "s3-backups": "arn:aws:iam::aws:policy/AWSBackupServiceRolePolicyForS3Backup",
    "s3-restores": "arn:aws:iam::aws:policy/AWSBackupServiceRolePolicyForS3Restore",
}


class _Kept(Protocol):
    @property
    def days(self) -> int: ...
    @property
    def cold_days(self) -> int | None: ...


@dataclass(frozen=True)
class BackupArgs:
    """What is backed up."""

    spec: BackupSpec
    site: Site
    account_id: pulumi.Input[str]
    kinds: Mapping[str, str] = field(default_factory=dict)
    """The kind of each block in the spec."""


class Backup(pulumi.ComponentResource):
    """A vault in the stack's region and one in each region with copies, the plan, the role, the selections."""

    drill: str
    """How to prove that what was copied can be had back: Markdown."""

    def __init__(self, name: str, args: BackupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Backup", name, None, opts)
        spec, site = args.spec, args.site
        self._name, self._args = name, args
        if site.region in spec.regions:
            raise ValueError(f"{name}: copies in {site.region}, the stack's own region; allowed: another region")
        self.vault = self._vault(name, site.region)
        self.copies = {region: self._vault(f"{name}-{region}", region) for region in spec.regions}
        self.role = self._role()
        self.plan = aws.backup.Plan(
            f"{name}-plan",
            region=site.region,
            name=f"{site.prefix}-{name}",
            rules=[self._rule(rule) for rule in sorted(spec.rules)],
            tags=site.tagged(),
            opts=child_options(self),
        )
        for block in sorted(spec.blocks):
            self._selection(block)
        self.drill = restore_drill(spec, site, name, args.kinds)
        self.register_outputs({"vault": self.vault.name, "role_arn": self.role.arn, "drill": self.drill})

    @property
    def emitter(self) -> Emitter:
        """What alarms can watch: the jobs into the stack's own vault, which are those that copy onwards too."""
        return Emitter(kind="backup", members={"vault": {"BackupVaultName": self.vault.name}})

    def _vault(self, base: str, region: str) -> aws.backup.Vault:
        spec, site = self._args.spec, self._args.site
        # A vault with recovery points in it cannot be deleted: armed, it leaves the state and stays, its key with it.
        kept = True if site.retiring else None
        key = own_key(
            self,
            f"{base}-key",
            site,
            self._args.account_id,
            purpose=f"{base}: recovery points",
            region=region,
            retain=kept,
        )
        vault = aws.backup.Vault(
            f"{base}-vault",
            region=region,
            kms_key_arn=key.arn,
            force_destroy=False,
            tags=site.tagged(Name=f"{site.prefix}-{base}"),
            opts=child_options(self, protect=site.guards_data, retain_on_delete=kept),
        )
        if spec.lock:
            aws.backup.VaultLockConfiguration(
                f"{base}-lock",
                region=region,
                backup_vault_name=vault.name,
                min_retention_days=spec.lock.min_days,
                max_retention_days=spec.lock.max_days,
                changeable_for_days=spec.lock.compliance_after_days,
                opts=child_options(self, retain_on_delete=kept),
            )
        return vault

    def _role(self) -> aws.iam.Role:
        name, site = self._name, self._args.site
        role = aws.iam.Role(
            f"{name}-role",
            description=f"{site.prefix} {name}: backups and restores",
            assume_role_policy=service_trust("backup.amazonaws.com", account_id=self._args.account_id),
            tags=site.tagged(),
            opts=child_options(self),
        )
        self._ready: list[pulumi.Resource] = [
            aws.iam.RolePolicyAttachment(f"{name}-{what}", role=role.name, policy_arn=policy, opts=child_options(self))
            for what, policy in MANAGED.items()
        ]
        return role

    def _rule(self, rule: str) -> aws.backup.PlanRuleArgs:
        given = self._args.spec.rules[rule]
        return aws.backup.PlanRuleArgs(
            rule_name=rule,
            target_vault_name=self.vault.name,
            schedule=given.schedule,
            schedule_expression_timezone=given.timezone,
            start_window=given.start_minutes,
            completion_window=given.completion_minutes,
            enable_continuous_backup=given.continuous,
            lifecycle=aws.backup.PlanRuleLifecycleArgs(**_lifecycle(given)),
            recovery_point_tags=self._args.site.tagged(rule=rule),
            copy_actions=[
                aws.backup.PlanRuleCopyActionArgs(
                    destination_vault_arn=self.copies[region].arn,
                    lifecycle=aws.backup.PlanRuleCopyActionLifecycleArgs(**_lifecycle(copy)),
                )
                for region, copy in sorted(given.copies.items())
            ],
        )

    def _selection(self, block: str) -> None:
        name, site = self._name, self._args.site
        wanted = {**{key: site.tags[key] for key in ("system", "environment")}, "block": block}
        if self._args.kinds.get(block) == "postgres":
            # A replica carries its primary's other tags, and a copy of a copy is only paid for. Not by its identifier:
            # it changes with every replica, and a selection that changes is replaced.
            wanted["role"] = PRIMARY
        aws.backup.Selection(
            f"{name}-{block}",
            region=site.region,
            name=f"{site.prefix}-{block}",
            plan_id=self.plan.id,
            iam_role_arn=self.role.arn,
            # Tags in a condition all have to match; those in `selection_tags` would match one by one.
            resources=["*"],
            conditions=[
                aws.backup.SelectionConditionArgs(
                    string_equals=[
                        aws.backup.SelectionConditionStringEqualArgs(key=f"aws:ResourceTag/{key}", value=value)
                        for key, value in sorted(wanted.items())
                    ]
                )
            ],
            opts=child_options(self, depends_on=self._ready),
        )


def _lifecycle(kept: _Kept) -> dict[str, Any]:
    cold = {} if kept.cold_days is None else {"cold_storage_after": kept.cold_days}
    return {**cold, "delete_after": kept.days}
