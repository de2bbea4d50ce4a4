"""Runs the corner cases of one group at one step.

`corner:advance` takes a single case one step further than the others; `corner:only` leaves the others out.
"""

import importlib
import sys
from pathlib import Path

import pulumi

sys.path.insert(0, str(Path(__file__).parent))

config = pulumi.Config()
step = config.require_int("step")
advance = config.get("advance")
only = config.get("only")
group = importlib.import_module(f"cases.{config.require('group')}")
for name, body in group.CASES.items():
    if only in (None, name):
        body(step + (name == advance))
