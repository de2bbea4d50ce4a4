"""What the pack is told of a stack: levels and exceptions from its file, figures from its blueprint."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from components.spec import REGION
from phaseup.graph.values import to_json
from phaseup.policy.ceiling import ceiling_of, phases_of
from phaseup.policy.let_off import let_off
from policies.guard.catalogue import RULES
from policies.guard.exceptions import KEY

if TYPE_CHECKING:
    from phaseup.policy.judge import PackConfig
    from stacks.models import Blueprint, StackConfig
    from stacks.moves import Effective


def pack_config(config: StackConfig, blueprint: Blueprint) -> PackConfig:
    """What `--policy-pack-config` takes for a stack as configured. Raises `BadInput` for a rule that is not there."""
    from stacks.moves import effective

    resolved = effective(config, blueprint)
    names = [rule.name for rule in RULES]
    properties: dict[str, dict[str, Any]] = {
        name: found for name, found in _figures(config, blueprint, resolved) if name in names
    }
    for rule, level in config.policies.levels.items():
        if rule not in ("all", *names):
            raise config.bad(f"phaseup:policies.levels.{rule}", rule, _known(rule, names))
        if rule != "all":
            properties.setdefault(rule, {})["enforcementLevel"] = level
    for number, each in enumerate(config.policies.exceptions):
        if each.rule not in names:
            raise config.bad(f"phaseup:policies.exceptions.{number}.rule", each.rule, _known(each.rule, names))
        for phase in each.phases:
            if phase not in blueprint.names:
                raise config.bad(f"phaseup:policies.exceptions.{number}.phases", phase, blueprint.names)
        if each.phases and not {*each.phases} & {*phases_of(config)}:
            continue
        known = {"urn": each.urn, "reason": each.reason, "until": each.until.isoformat()}
        properties.setdefault(each.rule, {}).setdefault(KEY, []).append(known)
    for rule, known in let_off(config, blueprint, resolved):
        properties.setdefault(rule, {}).setdefault(KEY, []).append(known)
    everywhere = config.policies.levels.get("all", "advisory" if config.environment == "dev" else "mandatory")
    return {"all": everywhere, **{name: properties[name] for name in names if name in properties}}


def _figures(config: StackConfig, blueprint: Blueprint, resolved: Effective) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rule and what it is told."""
    from phaseup.price.assumptions import of_stack
    from stacks.moves import seat_of

    ceiling = ceiling_of(config, blueprint)
    if ceiling is not None:
        assumed = of_stack(config, blueprint)
        told = {"home": assumed.home, "usage": to_json(assumed.usage), "purchase": to_json(assumed.purchase)}
        yield "cost-within-ceiling", {"ceiling": ceiling, **told}
    specs = {name: block.spec for name, block in resolved.blocks.items()}
    named = {region for spec in specs.values() for region in _regions(spec.model_dump(mode="json"))}
    seats = {name: seat for name, spec in specs.items() if (seat := seat_of(spec)) is not None}
    yield "network-regions", {"regions": sorted({config.region, *resolved.cidrs, *named})}
    if seats:
        yield "network-residency", {"residency": {name: [seat] for name, seat in sorted(seats.items())}}
    promised = [blueprint.phases[phase].serves.get("availability") for phase in phases_of(config)]
    kept = [each for each in promised if isinstance(each, int | float)]
    if len(kept) == len(promised):
        # On the way to a phase that promises more, the stack keeps no more than what it left.
        yield "data-standby", {"availability": min(kept)}


def _regions(value: Any) -> Iterator[str]:
    """Every region that a spec names: of copies, replicas, members, its seat."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _regions(key)
            yield from _regions(each)
    elif isinstance(value, list):
        for each in value:
            yield from _regions(each)
    elif isinstance(value, str) and re.fullmatch(REGION, value):
        yield value


def _known(rule: str, names: list[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(rule, names, 3)
    return f"a rule of the pack, e.g. {', '.join(close or names[:3])}; phaseup check --rules lists all {len(names)}"
