"""What the change of a property does, and which resources hold data: data with sources, and the loaders."""

from phaseup.facts.stateful import Stateful, anchor, stateful
from phaseup.facts.types import Change, Condition, Fact, FactsError, TypeFacts, facts_for

__all__ = [
    "Change",
    "Condition",
    "Fact",
    "FactsError",
    "Stateful",
    "TypeFacts",
    "anchor",
    "facts_for",
    "stateful",
]
