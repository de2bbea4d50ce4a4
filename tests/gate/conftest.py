"""Genuine previews (tests/data/previews), whole and damaged."""

from __future__ import annotations

import copy
import json
from datetime import date
from pathlib import Path

import pytest

from phaseup.gate.judge import gate
from phaseup.gate.read import parse

DATA = Path(__file__).parents[1] / "data" / "previews"
DAY = date(2026, 11, 22)


class Genuine:
    """Reads, edits and judges the previews by name."""

    def path(self, name):
        return DATA / f"{name}.json"

    def bytes(self, name):
        return self.path(name).read_bytes()

    def document(self, name):
        return copy.deepcopy(json.loads(self.bytes(name)))

    def step(self, document, name):
        (found,) = [step for step in document["steps"] if step["urn"].endswith(f"::{name}")]
        return found

    def parse(self, document):
        return parse(document if isinstance(document, bytes) else json.dumps(document).encode(), "p.json")

    def judge(self, document, **options):
        return gate(self.parse(document), today=options.pop("today", DAY), **options)


@pytest.fixture
def genuine():
    return Genuine()
