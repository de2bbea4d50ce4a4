"""table: a DynamoDB table, at home and in other regions."""

from components.table.component import Table, TableArgs, TableSpec
from components.table.copy import TableCopy, TableCopyArgs

__all__ = ["Table", "TableArgs", "TableCopy", "TableCopyArgs", "TableSpec"]
