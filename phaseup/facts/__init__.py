"""What the change of a property does, and which resources hold data: data with sources, and the loaders."""

from phaseup.facts.stateful import Stateful, anchor, stateful
from phaseup.facts.types import FactsError, Change, Condition, Fact, TypeFacts, facts_for

__all__ = [
    "FactsError",
    "Change",
    "Condition",
    "Fact",
    "Stateful",
    "TypeFacts",
    "anchor",
    "facts_for",
    "stateful",
]
