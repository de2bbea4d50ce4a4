"""A table's replica in one region beside home, with its own key, recovery and protection."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.emitter import Emitter
from components.site import Site, child_options
from components.table.component import Table
from components.table.ground import items_key


@dataclass(frozen=True)
class TableCopyArgs:
    """`site` is that of the region, `of` the table at home."""

    site: Site
    of: Table
    account_id: pulumi.Input[str]


class TableCopy(pulumi.ComponentResource):
    """The replica: a resource of its own, as one in the table's list of them would be deleted by an update."""

    def __init__(self, name: str, args: TableCopyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:TableCopy", name, None, opts)
        site = args.site
        self.table_name = args.of.table_name
        self.key = items_key(self, name, site, args.account_id)
        self.replica = aws.dynamodb.TableReplica(
            f"{name}-replica",
            region=site.region,
            global_table_arn=args.of.table.arn,
            kms_key_arn=self.key.arn,
            point_in_time_recovery=True,
            deletion_protection_enabled=site.guards_data,
            tags=site.tagged(Name=self.table_name),
            opts=child_options(self, protect=site.guards_data),
        )
        self.register_outputs({"table": self.table_name, "arn": self.replica.arn})

    @property
    def emitter(self) -> Emitter:
        """What alarms can watch there."""
        return Emitter("table", members={"table": {"TableName": self.table_name}})

    @property
    def arn(self) -> pulumi.Output[str]:
        """The replica's."""
        return self.replica.arn
