"""What every component is told about where it stands; plain values, no phase, no system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pulumi


@dataclass(frozen=True)
class Site:
    """One block's surroundings. Physical names start with `prefix`; every taggable child carries `tags`."""

    prefix: str
    """Unique per stack, e.g. `meal-prod`; physical names that must be explicit are `<prefix>-<block>[-<role>]`."""
    region: str
    """Stated on every regional resource, so that a second region later moves nothing."""
    tags: Mapping[str, str] = field(default_factory=dict)
    protect_data: bool = False
    """Whether what holds data carries `protect` and the cloud's own deletion protection."""
    protect_anchors: bool = False
    """Whether balancer, scaling group, cluster and zone carry `protect`."""
    retiring: bool = False
    """The block is armed (docs/moving.md section 6): protection off, final copy configured."""

    @property
    def guards_data(self) -> bool:
        """`protect` for a stateful child."""
        return self.protect_data and not self.retiring

    @property
    def guards_anchor(self) -> bool:
        """`protect` for a serving anchor."""
        return self.protect_anchors and not self.retiring

    @property
    def log_metrics(self) -> str:
        """The CloudWatch namespace of metrics that services write into their logs."""
        return f"{self.prefix}/services"

    def tagged(self, **extra: str) -> dict[str, str]:
        """`tags` with more, for one resource."""
        return {**self.tags, **extra}

    def for_block(self, block: str, *, retiring: bool) -> Site:
        """The same site for one block, tagged with its name."""
        return replace(self, tags={**self.tags, "block": block}, retiring=retiring)


def child_options(
    parent: pulumi.Resource,
    *,
    protect: bool | None = None,
    retain_on_delete: bool | None = None,
    ignore_changes: list[str] | None = None,
    depends_on: list[pulumi.Resource] | None = None,
    delete_before_replace: bool | None = None,
    aliases: list[pulumi.Alias | str] | None = None,
    additional_secret_outputs: list[str] | None = None,
    provider: pulumi.ProviderResource | None = None,
) -> pulumi.ResourceOptions:
    """A child's options: its parent, and what it needs of its own; never the caller's options, which go to `super()`.

    Nested `ignore_changes` paths are wire names (`scalingConfig.desiredSize`): the SDK translates only top-level ones.
    """
    return pulumi.ResourceOptions(
        parent=parent,
        protect=protect,
        retain_on_delete=retain_on_delete,
        ignore_changes=ignore_changes,
        depends_on=depends_on,
        delete_before_replace=delete_before_replace,
        aliases=aliases,
        additional_secret_outputs=additional_secret_outputs,
        provider=provider,
    )
