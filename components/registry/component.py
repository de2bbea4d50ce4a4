"""The repositories of a stack, in its region and in every other that has copies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.keys import own_key
from components.registry.spec import RegistrySpec, RepositorySpec
from components.site import Site, child_options

PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]


@dataclass(frozen=True)
class RegistryArgs:
    """What repositories stand on."""

    spec: RegistrySpec
    site: Site
    account_id: pulumi.Input[str]


class Registry(pulumi.ComponentResource):
    """Repositories, their key and rules, and where they are copied to."""

    repositories: dict[str, aws.ecr.Repository]
    """In the stack's own region, by name."""

    def __init__(self, name: str, args: RegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Registry", name, None, opts)
        spec, site = args.spec, args.site
        self._name, self._args = name, args
        self.prefix = f"{site.prefix}-{name}/"
        if site.region in spec.replicas:
            raise ValueError(f"{name}.replicas.{site.region}: the registry's own region; allowed: another region")
        # Copies are made into repositories that are there before: made by replication itself, a repository has
        # AWS's key and tags that can move.
        copies = [
            repository
            for region in sorted(spec.replicas)
            for repository in self._region(f"{name}-{region}", region).values()
        ]
        self.repositories = self._region(name, site.region)
        if spec.replicas:
            self._replicate(copies)
        self.register_outputs({"urls": {each: made.repository_url for each, made in self.repositories.items()}})

    def _region(self, base: str, region: str) -> dict[str, aws.ecr.Repository]:
        spec, site = self._args.spec, self._args.site
        # A repository with images in it cannot be deleted: armed, it leaves the state and stays, and its key with it.
        kept = True if site.retiring else None
        key = own_key(
            self, f"{base}-key", site, self._args.account_id, purpose=f"{base}: images", region=region, retain=kept
        )
        made = {}
        for each, given in sorted(spec.repositories.items()):
            made[each] = aws.ecr.Repository(
                f"{base}-{each}",
                region=region,
                name=f"{self.prefix}{each}",
                image_tag_mutability="IMMUTABLE",
                image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
                encryption_configurations=[
                    aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="KMS", kms_key=key.arn)
                ],
                force_delete=False,
                tags=site.tagged(Name=f"{self.prefix}{each}"),
                opts=child_options(self, protect=site.guards_data, retain_on_delete=kept),
            )
            aws.ecr.LifecyclePolicy(
                f"{base}-{each}-expiry",
                region=region,
                repository=made[each].name,
                policy=_expiry(given),
                opts=child_options(self, retain_on_delete=kept),
            )
            statements = self._pullers(given, region)
            if statements:
                aws.ecr.RepositoryPolicy(
                    f"{base}-{each}-pullers",
                    region=region,
                    repository=made[each].name,
                    policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements}, sort_keys=True),
                    opts=child_options(self, retain_on_delete=kept),
                )
        return made

    def _pullers(self, given: RepositorySpec, region: str) -> list[dict[str, Any]]:
        statements: list[dict[str, Any]] = []
        if given.lambdas:
            statements.append(
                {
                    "Sid": "Lambda",
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                    "Condition": {
                        "ArnLike": {
                            "aws:SourceArn": pulumi.Output.format(
                                "arn:aws:lambda:{0}:{1}:function:*", region, self._args.account_id
                            )
                        }
                    },
                }
            )
        if self._args.spec.accounts:
            statements.append(
                {
                    "Sid": "Accounts",
                    "Effect": "Allow",
                    "Principal": {"AWS": [f"arn:aws:iam::{each}:root" for each in sorted(self._args.spec.accounts)]},
                    "Action": PULL,
                }
            )
        return statements

    def _replicate(self, copies: list[aws.ecr.Repository]) -> None:
        spec, site = self._args.spec, self._args.site
        aws.ecr.ReplicationConfiguration(
            f"{self._name}-replication",
            region=site.region,
            replication_configuration=aws.ecr.ReplicationConfigurationReplicationConfigurationArgs(
                rules=[
                    aws.ecr.ReplicationConfigurationReplicationConfigurationRuleArgs(
                        destinations=[
                            aws.ecr.ReplicationConfigurationReplicationConfigurationRuleDestinationArgs(
                                region=region, registry_id=self._args.account_id
                            )
                            for region in sorted(spec.replicas)
                        ],
                        repository_filters=[
                            aws.ecr.ReplicationConfigurationReplicationConfigurationRuleRepositoryFilterArgs(
                                filter=self.prefix, filter_type="PREFIX_MATCH"
                            )
                        ],
                    )
                ]
            ),
            opts=child_options(self, depends_on=list(copies)),
        )


def _expiry(given: RepositorySpec) -> str:
    rules = [
        {
            "rulePriority": 1,
            "description": "what no tag names",
            "selection": {
                "tagStatus": "untagged",
                "countType": "sinceImagePushed",
                "countUnit": "days",
                "countNumber": given.untagged_days,
            },
            "action": {"type": "expire"},
        },
        {
            "rulePriority": 2,
            "description": "all but the newest",
            "selection": {
                "tagStatus": "tagged",
                "tagPatternList": ["*"],
                "countType": "imageCountMoreThan",
                "countNumber": given.keep,
            },
            "action": {"type": "expire"},
        },
    ]
    return json.dumps({"rules": rules}, sort_keys=True)
