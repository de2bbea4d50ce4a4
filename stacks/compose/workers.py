"""Workers: their scripts, and which of their routes and crons this side of a move has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from components.bucket import BucketSpec
from components.worker import Worker, WorkerArgs, WorkerSpec
from components.worker.bindings import R2Name
from components.worker.component import MAIN
from components.zone import ZoneSpec
from stacks.compose.context import Context
from stacks.models.paths import ROOT, shown
from stacks.moves import EffectiveBlock

WORKERS: Final = ROOT / "workers"
"""A folder a script."""
SCRIPT_LIMIT: Final = 63
"""Characters of a script's name (Cloudflare API, "Upload Worker Module")."""
SIZE_LIMIT: Final = 10 * 2**20
"""Bytes of a script (Cloudflare Workers, "Limits": 10 MB compressed on the paid plan)."""


def script_file(block: EffectiveBlock, spec: WorkerSpec) -> Path:
    """Where a block's script is."""
    return WORKERS / (spec.script or block.name) / MAIN


def idle(context: Context, block: EffectiveBlock, field: str) -> frozenset[str]:
    """Keys of a worker's map that requests do not or no longer come to: the new side's below 100, and at 100 those that
    the new side lacks."""
    if context.effective.traffic is None:
        return frozenset()
    off = block.old if context.effective.traffic == 100 else block.new
    on = block.new if context.effective.traffic == 100 else block.old
    return frozenset(getattr(off, field, {})) - frozenset(getattr(on, field, {}))


def in_order(context: Context) -> Iterator[tuple[EffectiveBlock, WorkerSpec]]:
    """Every worker after those that it calls; raises `BadInput` for a circle."""
    left = {block.name: (block, spec) for block, spec in context.of_kind("worker", WorkerSpec)}
    while left:
        ready = [
            name for name, (_, spec) in left.items() if not any(bound.block in left for bound in spec.services.values())
        ]
        if not ready:
            name, (_, spec) = next(iter(left.items()))
            binding, bound = next((key, each) for key, each in spec.services.items() if each.block in left)
            raise context.bad(name, f"services.{binding}.block", bound.block, "a worker that does not call this one")
        for name in ready:
            yield left.pop(name)


def workers(context: Context) -> None:
    """Every worker, those first that others call."""
    zone = context.zone
    jurisdictions = {block.name: spec.jurisdiction for block, spec in context.of_kind("bucket", BucketSpec)}
    for block, spec in in_order(context):
        context.workers[block.name] = Worker(
            block.name,
            WorkerArgs(
                spec=spec,
                site=context.site_of(block),
                account_id=context.config.cloudflare_account_id,
                script=script_file(block, spec).read_text(encoding="utf-8"),
                domain=context.config.domain,
                zone_id=zone.zone_id if zone else None,
                buckets={
                    bound.block: R2Name(context.buckets[bound.block].bucket_name, jurisdictions[bound.block])
                    for bound in spec.buckets.values()
                },
                workers={
                    bound.block: context.workers[bound.block].script.script_name for bound in spec.services.values()
                },
                shared={
                    key: context.services[secret.of].values[key] for key, secret in spec.secrets.items() if secret.of
                },
                custom_hostnames=[
                    name for _, given in context.of_kind("zone", ZoneSpec) for name in given.custom_hostnames
                ],
                idle_routes=idle(context, block, "routes"),
                idle_crons=idle(context, block, "crons"),
            ),
        )


def described(file: Path) -> str:
    """The scripts that there are, for a message about one that is not."""
    there = sorted(path.parent.name for path in WORKERS.glob(f"*/{MAIN}"))
    return f"a script at {shown(file)}; there are {', '.join(there) or 'none'}"
