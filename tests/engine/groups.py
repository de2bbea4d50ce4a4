"""Which worker asks a test of the engine, and whether it is asked at all without `--whole`."""

from __future__ import annotations

import pytest


def marks(*group: str, first: bool) -> list[pytest.MarkDecorator]:
    """One worker takes a group; what is not `first` is left to `--whole`, as it takes long."""
    return [pytest.mark.xdist_group("-".join(("engine", *group))), *([] if first else [pytest.mark.whole])]
