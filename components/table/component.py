"""table: a DynamoDB table with its key, and what scales it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from components.emitter import Emitter
from components.site import Site, child_options
from components.table.ground import items_key
from components.table.scaling import scale
from components.table.spec import IndexSpec, TableSpec

__all__ = ["Table", "TableArgs", "TableSpec"]

PROJECTIONS: Final = {"all": "ALL", "keys": "KEYS_ONLY", "some": "INCLUDE"}
CLASSES: Final = {"standard": "STANDARD", "infrequent": "STANDARD_INFREQUENT_ACCESS"}


@dataclass(frozen=True)
class TableArgs:
    """What a table stands on."""

    spec: TableSpec
    site: Site
    account_id: pulumi.Input[str]


class Table(pulumi.ComponentResource):
    """The table at home; what it is in other regions stands beside it."""

    def __init__(self, name: str, args: TableArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Table", name, None, opts)
        spec, site = args.spec, args.site
        self._spec = spec
        self.table_name = f"{site.prefix}-{name}"
        self.key = items_key(self, name, site, args.account_id)
        provisioned = spec.capacity is not None
        self.table = aws.dynamodb.Table(
            f"{name}-table",
            region=site.region,
            name=self.table_name,
            hash_key=spec.hash.name,
            range_key=spec.range.name if spec.range else None,
            attributes=[{"name": key, "type": type_} for key, type_ in spec.attributes().items()],
            global_secondary_indexes=[self._index(index, spec.indexes[index]) for index in sorted(spec.indexes)],
            billing_mode="PROVISIONED" if provisioned else "PAY_PER_REQUEST",
            read_capacity=spec.capacity.min if spec.capacity else None,
            write_capacity=spec.capacity.min if spec.capacity else None,
            table_class=CLASSES[spec.storage],
            ttl={"attribute_name": spec.ttl, "enabled": True} if spec.ttl else None,
            # Also what makes DynamoDB keep a last copy of a deleted table, for 35 days.
            point_in_time_recovery={"enabled": True, "recovery_period_in_days": spec.recovery_days},
            server_side_encryption={"enabled": True, "kms_key_arn": self.key.arn},
            # Replicas need exactly this one, and nobody who reads none pays for it.
            stream_enabled=True,
            stream_view_type="NEW_AND_OLD_IMAGES",
            deletion_protection_enabled=site.guards_data,
            tags=site.tagged(Name=self.table_name),
            opts=child_options(
                self,
                protect=site.guards_data,
                # Replicas are resources of their own: taken out of a list here, one would be deleted by an update.
                ignore_changes=["replicas", *(_scaled(spec) if provisioned else ())],
            ),
        )
        if spec.capacity:
            scale(self, name, site, self.table, spec.capacity, sorted(spec.indexes))
        self.register_outputs({"table": self.table_name, "arn": self.table.arn, "stream": self.table.stream_arn})

    @property
    def emitter(self) -> Emitter:
        """What alarms can watch: the table at home, and how far each of its replicas is behind."""
        dimensions = {"TableName": self.table.name}
        return Emitter(
            "table",
            members={"table": dimensions},
            followers={region: {**dimensions, "ReceivingRegion": region} for region in sorted(self._spec.regions)},
        )

    @property
    def arn(self) -> pulumi.Output[str]:
        """The table's at home."""
        return self.table.arn

    def _index(self, name: str, spec: IndexSpec) -> Any:
        capacity = self._spec.capacity
        made: dict[str, Any] = {
            "name": name,
            "hash_key": spec.hash.name,
            "projection_type": PROJECTIONS[spec.carries],
        }
        if spec.range:
            made["range_key"] = spec.range.name
        if spec.attributes:
            made["non_key_attributes"] = sorted(spec.attributes)
        if capacity:
            made |= {"read_capacity": capacity.min, "write_capacity": capacity.min}
        return made


def _scaled(spec: TableSpec) -> Iterator[str]:
    """What the scaler owns after birth. The table and each of its indexes begin at the same figure, so it does not
    matter that a list remembers by position."""
    yield from ("read_capacity", "write_capacity")
    if spec.indexes:
        yield from ("globalSecondaryIndexes[*].readCapacity", "globalSecondaryIndexes[*].writeCapacity")
