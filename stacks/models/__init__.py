"""Files → validated models. Pure: nothing here imports the SDK, but a kind's spec lives beside its component."""

from stacks.models.addresses import Addresses, load_addresses
from stacks.models.bad_input import BadInput
from stacks.models.blueprint import Block, Blueprint, Budget, Phase, Trigger
from stacks.models.kinds import INSTALLED, GivenKinds, Kinds
from stacks.models.load_blueprint import load_blueprint, systems
from stacks.models.load_stack import REMOVE, changed, load_stack, stack_from_values, values_for_engine
from stacks.models.resolve import resolve
from stacks.models.setting import set_value
from stacks.models.stack import PHASEUP_KEYS, READ_KEYS, Alerts, Moving, Retire, Slack, StackConfig

__all__ = [
    "INSTALLED",
    "PHASEUP_KEYS",
    "READ_KEYS",
    "REMOVE",
    "Addresses",
    "Alerts",
    "BadInput",
    "Block",
    "Blueprint",
    "Budget",
    "GivenKinds",
    "Kinds",
    "Moving",
    "Phase",
    "Retire",
    "Slack",
    "StackConfig",
    "Trigger",
    "changed",
    "load_addresses",
    "load_blueprint",
    "load_stack",
    "resolve",
    "set_value",
    "stack_from_values",
    "systems",
    "values_for_engine",
]
