"""One engine stack a corner group for the whole session; everything here skips where `pulumi` is not on PATH."""

from __future__ import annotations

import shutil

import pytest

from phaseup.engine.run import Engine
from tests.engine.corners import Group, project


@pytest.fixture(scope="session")
def engine_root(tmp_path_factory):
    """A folder for generated projects, where there is an engine to run them."""
    if shutil.which("pulumi") is None:
        pytest.skip("the genuine engine's tests need `pulumi` on PATH")
    return tmp_path_factory.mktemp("engine")


@pytest.fixture(scope="session")
def corners(engine_root):
    shared = project(engine_root / "corner")
    groups: dict[str, Group] = {}

    def group(name: str) -> Group:
        if name not in groups:
            groups[name] = Group(Engine(shared, name), name)
        return groups[name]

    return group
