"""Two phases → effective blocks, and the steps of a move between them. Pure: no SDK, no cloud."""

from stacks.moves.blocks import EffectiveBlock, role_of
from stacks.moves.effective import Effective, effective
from stacks.moves.joins import Between, join_specs
from stacks.moves.ladders import LADDERS, Ladder, Rung
from stacks.moves.regions import lost_regions, regions_of, seat_of
from stacks.moves.rewrite import changed_lines, rewrite
from stacks.moves.step import Allows, Change, Kept, MoveStep, Refusal
from stacks.moves.steps import next_step, steps, told
from stacks.moves.takeover import following, predecessor, taken_from
from stacks.moves.transition import transition
from stacks.moves.work import Work

__all__ = [
    "LADDERS",
    "Allows",
    "Between",
    "Change",
    "Effective",
    "EffectiveBlock",
    "Kept",
    "Ladder",
    "MoveStep",
    "Refusal",
    "Rung",
    "Work",
    "changed_lines",
    "effective",
    "following",
    "join_specs",
    "lost_regions",
    "next_step",
    "predecessor",
    "regions_of",
    "rewrite",
    "role_of",
    "seat_of",
    "steps",
    "taken_from",
    "told",
    "transition",
]
