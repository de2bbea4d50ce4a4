"""Runs every corner case of one group at one step; `corner:advance` takes a single case one step further."""

import importlib
import sys
from pathlib import Path

import pulumi

sys.path.insert(0, str(Path(__file__).parent))

config = pulumi.Config()
step = config.require_int("step")
advance = config.get("advance")
group = importlib.import_module(f"cases.{config.require('group')}")
for name, body in group.CASES.items():
    body(step + (name == advance))
