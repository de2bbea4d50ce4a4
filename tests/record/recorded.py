"""What a run records, in a form that two runs can be compared in; as a program: without the SDK's patches, pickled."""

from __future__ import annotations

import pickle
import sys
from dataclasses import asdict
from pathlib import Path

from phaseup.record import late, sdk
from phaseup.record.program import load_program
from phaseup.record.run import run


def record(folder: Path, preview: bool, patched: bool) -> tuple:
    """States by URN, steps, stack outputs, and whether the SDK was patched."""
    if not patched:
        sdk.patch = lambda: None
    result = run(load_program(folder, "dev"), preview=preview)
    states = {state.urn: asdict(state) for state in result.outcome.snapshot}
    steps = [(step.op, step.urn) for step in result.outcome.steps]
    return states, sorted(steps), result.outputs, late.patched()


if __name__ == "__main__":
    sys.stdout.buffer.write(pickle.dumps(record(Path(sys.argv[1]), sys.argv[2] == "preview", False)))
