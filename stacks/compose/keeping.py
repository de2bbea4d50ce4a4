"""What keeps copies: registries of images, and backups."""

from __future__ import annotations

from components.backup import Backup, BackupArgs, BackupSpec
from components.registry import Registry, RegistryArgs, RegistrySpec
from stacks.compose.context import Context


def registries(context: Context) -> None:
    """Image repositories, in every region that they are copied to."""
    for block, spec in context.of_kind("registry", RegistrySpec):
        context.registries[block.name] = Registry(
            block.name, RegistryArgs(spec, context.site_of(block), context.network.account_id)
        )


def backups(context: Context) -> None:
    """Vaults and plans over blocks of the stack, which their tags name."""
    kinds = {name: block.kind for name, block in context.effective.blocks.items()}
    for block, spec in context.of_kind("backup", BackupSpec):
        context.backups[block.name] = Backup(
            block.name, BackupArgs(spec, context.site_of(block), context.network.account_id, kinds)
        )
