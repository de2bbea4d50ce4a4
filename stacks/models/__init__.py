"""Files → validated models. Pure: nothing here imports the SDK, but a kind's spec lives beside its component."""

from stacks.models.bad_input import BadInput
from stacks.models.load_stack import REMOVE, changed, load_stack, stack_from_values, values_for_engine
from stacks.models.stack import PHASEUP_KEYS, READ_KEYS, Alerts, Moving, Retire, Slack, StackConfig

__all__ = [
    "PHASEUP_KEYS",
    "READ_KEYS",
    "REMOVE",
    "Alerts",
    "BadInput",
    "Moving",
    "Retire",
    "Slack",
    "StackConfig",
    "changed",
    "load_stack",
    "stack_from_values",
    "values_for_engine",
]
