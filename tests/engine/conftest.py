"""One engine stack a corner group for the whole session; everything here skips where `pulumi` is not on PATH."""

from __future__ import annotations

import shutil

import pytest

from phaseup.engine.attached import attached
from phaseup.engine.project import installed_packages, make_project
from phaseup.engine.run import Engine
from stacks.models.paths import ROOT
from tests.engine.corners import Group, project

SHARED_PLUGINS = sorted({"aws", "cloudflare", "fastly", "random"} & set(installed_packages()))
"""Packages without explicit providers, whose plugins serve every command; others the engine starts by itself."""


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


@pytest.fixture(scope="session")
def on_this_program(engine_root):
    """Makes an engine for a stack of this project, in a folder of its own."""
    with attached(SHARED_PLUGINS) as environment:
        yield lambda folder, stack: Engine(make_project(engine_root / folder, ROOT, environment=environment), stack)
