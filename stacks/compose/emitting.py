"""What each block will emit, known from its spec before anything is built: by which names its members and what stands
behind them will be told apart. An alarm that nothing feeds is refused here, and not half-way through an apply."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final, get_args

from components.alarms import AlarmsSpec
from components.alarms.metrics import readable, refusal
from components.alarms.objectives import one_run_rings
from components.alarms.spec import ObjectiveSpec
from components.aurora import AuroraSpec
from components.broker import BrokerSpec
from components.cache import CacheSpec
from components.cdn import CdnSpec
from components.emitter import Emitter
from components.events.spec import rules_of
from components.function import FunctionSpec
from components.postgres import PostgresSpec
from components.spec import Spec
from components.telemetry.spec import CheckSpec, TelemetrySpec
from stacks.compose.context import EDGE_REGION, Context
from stacks.models.blueprint import Trigger
from stacks.moves import EffectiveBlock

Names = tuple[Collection[str], Collection[str]]
"""Members, and followers."""
Parts = Mapping[str, Collection[str]]
EVERY_CHOICES: Final = get_args(CheckSpec.model_fields["every"].annotation)
"""Minutes from one run of a check to the next, of which it may have one."""


def _postgres(spec: PostgresSpec, _: Context) -> Names:
    behind = [
        replica if shard == spec.first else f"{shard}-{replica}"
        for shard in (spec.first, *spec.others)
        for replica in spec.shape(shard).replicas
    ]
    return ["primary", *spec.others], behind


def _aurora(spec: AuroraSpec, _: Context) -> Names:
    behind = [
        name if shard == spec.first else f"{shard}-{name}"
        for shard in (spec.first, *spec.others)
        for name in spec.seats(shard)
    ]
    return ["cluster", *spec.others], behind


def _aurora_parts(spec: AuroraSpec) -> Parts:
    return {"poolers": _poolers(spec), "behind": ["cluster", *spec.others] if spec.regions else []}


def _poolers(spec: PostgresSpec | AuroraSpec) -> list[str]:
    return ["pooler", *spec.others] if spec.pooler else []


def _balancer(_: Any, context: Context) -> Names:
    served = [
        f"{block.name}-on-{host}"
        for block in context.effective.blocks.values()
        if block.kind == "service" and getattr(block.spec, "hosts", None)
        for host in getattr(block.spec, "on", ())
    ]
    return ["group"], served


def _cache(spec: CacheSpec, _: Context) -> Names:
    return [f"{number + 1:03d}" for number in range(spec.shards * spec.nodes)], []


def _function(spec: FunctionSpec, _: Context) -> Names:
    return ["function"], ["dead_letters", *(["queue"] if spec.queue else [])]


def _broker_parts(spec: BrokerSpec) -> Parts:
    if spec.engine == "sqs":
        return {"queues": spec.queues, "dead_letters": spec.queues}
    return {"brokers": [str(number + 1) for number in range(spec.brokers or 0)], "lag": spec.lag}


def _cdn(spec: CdnSpec, _: Context) -> Names:
    names = list(spec.hosts) if spec.provider == "cloudfront" else []
    return names, names if spec.metrics else []


def _one(member: str, *followers: str) -> Callable[[Any, Context], Names]:
    return lambda _spec, _context: ([member], followers)


NAMES: Final[Mapping[str, Callable[[Any, Context], Names]]] = {
    "postgres": _postgres,
    "aurora": _aurora,
    "cache": _cache,
    "hosted": _one("volume", "disk"),
    "search": _one("domain"),
    "broker": lambda spec, _: ({"rabbitmq": ["broker"], "kafka": ["cluster"]}.get(spec.engine, []), []),
    "cdn": _cdn,
    "events": lambda spec, _: (rules_of(spec), ["dead_letters"]),
    "table": lambda spec, _: (["table"], sorted(spec.regions)),
    "balancer": _balancer,
    "gateway": _one("group"),
    "server": _one("group"),
    "kubernetes": lambda spec, _: (["cluster"], list(spec.nodes)),
    "function": _function,
    "schedule": _one("group", "dead_letters"),
    "telemetry": lambda spec, _: (list(spec.on), list(spec.checks)),
    "backup": _one("vault"),
}
"""By kind; a kind that is not here emits nothing but lines."""

PARTS: Final[Mapping[str, Callable[[Any], Parts]]] = {
    "broker": _broker_parts,
    "aurora": _aurora_parts,
    "postgres": lambda spec: {"poolers": _poolers(spec)},
}
"""By kind, of those that have more than members and followers."""


def emitting(context: Context) -> dict[str, Emitter]:
    """What the blocks will emit at home, without the dimensions, which only what is built knows."""
    out: dict[str, Emitter] = {}
    for block in context.effective.blocks.values():
        # CloudFront's metrics are in one region; whoever is at home elsewhere watches none of them.
        if block.kind in NAMES and (block.kind != "cdn" or context.site.region == EDGE_REGION):
            members, followers = NAMES[block.kind](block.spec, context)
            out[block.name] = Emitter(
                "rest-gateway" if getattr(block.spec, "api", None) == "rest" else block.kind,  # ty: ignore[invalid-argument-type]
                members={name: {} for name in members},
                followers={name: {} for name in followers},
                parts=_parts(block),
            )
    return out


def _parts(block: EffectiveBlock) -> dict[str, dict[str, dict[str, str]]]:
    """As it stands, and as it will once every rung is taken: an alarm may be there before what it watches."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for spec in (block.spec, block.new):
        if block.kind in PARTS and spec is not None:
            for part, names in PARTS[block.kind](spec).items():
                found.setdefault(part, {}).update({name: {} for name in names})
    return found


def alarms_are_fed(context: Context) -> None:
    """Every alarm reads what some member of its block emits; raises `BadInput` for the first that does not. What is
    kept on the way down may have given up what followed it: its alarms stay, and watch what there is."""
    emitters = emitting(context)
    for block, spec in context.of_kind("alarms", AlarmsSpec):
        for name, alarm in spec.alarms.items():
            if alarm.block is not None and alarm.block in emitters:
                wrong = refusal(emitters[alarm.block], alarm.metric, alarm.member)
                if wrong is not None and alarm.block not in context.config.kept_whole:
                    raise context.bad(block.name, f"alarms.{name}.{wrong.key}", str(wrong.found), wrong.allowed)
        for name, objective in spec.objectives.items():
            checks = emitters[objective.block].followers
            if objective.check not in checks:
                allowed = f"a check of {objective.block}: {', '.join(checks) or 'none here'}"
                raise context.bad(block.name, f"objectives.{name}.check", objective.check, allowed)
            _is_asked_often(context, objective)


def _is_asked_often(context: Context, objective: ObjectiveSpec) -> None:
    """Raises `BadInput` for a check asked so seldom that one failed run is more than its objective's fast rate, where
    asking more often helps: every minute is the most there is, and what one run would still be is spared then."""
    watched = context.effective.blocks[objective.block].spec
    assert isinstance(watched, TelemetrySpec)
    every = watched.checks[objective.check].every
    if every > 1 and one_run_rings(objective.target, every):
        rare = [each for each in EVERY_CHOICES if each <= every and not one_run_rings(objective.target, each)]
        allowed = f"{max(rare, default=1)} at most: of an objective of {objective.target:g} % one failed run would page"
        raise context.bad(objective.block, f"checks.{objective.check}.every", str(every), allowed)


def unfed(triggers: Mapping[str, Trigger], emitters: Mapping[str, Emitter], specs: Collection[Spec]) -> Iterator[str]:
    """The triggers of a phase that nothing measures: a trigger names the block that emits its metric, or a metric that
    the phase's alarms read from logs, unless it is a figure of the business. `specs` are those of the phase's
    blocks."""
    from_logs = {name for spec in specs if isinstance(spec, AlarmsSpec) for name in spec.metrics}
    for name, trigger in triggers.items():
        if trigger.business:
            if trigger.metric in from_logs:
                yield f"{name}: {trigger.metric} is called the business's, and alarms read it from logs"
        elif trigger.block is None:
            if trigger.metric not in from_logs:
                yield f"{name}: {trigger.metric} is in no log that alarms read, and no block is named"
        elif trigger.block not in emitters or not readable(emitters[trigger.block], trigger.metric):
            yield f"{name}: {trigger.block} does not emit {trigger.metric}"


RULES = (alarms_are_fed,)
"""What only shows once the blocks stand beside each other."""
