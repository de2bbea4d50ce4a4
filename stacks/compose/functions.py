"""What runs without a host: functions, and the schedules that invoke them."""

from __future__ import annotations

from components.function import Function, FunctionArgs, FunctionSpec
from components.function.component import CodeBucket
from components.schedule import Schedule, ScheduleArgs, ScheduleSpec
from stacks.compose.buses import fed_by
from stacks.compose.context import Context
from stacks.compose.hosts import image_of, shared_env


def functions(context: Context) -> None:
    """Every function; on the side of a move that does not work, its queue and events wait."""
    for block, spec in context.of_kind("function", FunctionSpec):
        bucket = context.buckets[spec.bucket] if spec.bucket else None
        context.functions[block.name] = Function(
            block.name,
            FunctionArgs(
                spec=spec,
                site=context.site_of(block),
                network=context.network,
                code=image_of(context, block.name, spec),
                bucket=CodeBucket(bucket.bucket_name) if bucket else None,
                env=shared_env(context),
                fed_by=fed_by(context, block.name),
                runs=context.effective.work[block.name].runs[block.name] and not context.waits(spec),
            ),
        )


def schedules(context: Context) -> None:
    """Every schedule; of two sides of a move one alone is enabled."""
    for block, spec in context.of_kind("schedule", ScheduleSpec):
        context.schedules[block.name] = Schedule(
            block.name,
            ScheduleArgs(
                spec=spec,
                site=context.site_of(block),
                account_id=context.network.account_id,
                target_arn=context.functions[spec.target].alias.arn,
                runs=context.effective.work[block.name].runs[block.name],
            ),
        )
