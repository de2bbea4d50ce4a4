"""Every rule of the pack, group by group."""

from __future__ import annotations

from . import cloudflare, cost, data, identity, kubernetes, network, scale
from .rule import Rule

RULES: tuple[Rule, ...] = (
    *data.RULES,
    *network.RULES,
    *identity.RULES,
    *kubernetes.RULES,
    *cloudflare.RULES,
    *scale.RULES,
    *cost.RULES,
)
