"""What the tests of components share: a site, a network, and the recorder."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from components.network import Network, NetworkArgs, NetworkSpec
from components.site import Site

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def site() -> Site:
    """A production site, where everything that can be protected is."""
    return Site(
        prefix="meal-prod",
        region="eu-west-1",
        tags={"system": "meal", "environment": "prod", "owner": "platform", "block": "x"},
        protect_data=True,
        protect_anchors=True,
    )


@pytest.fixture
def make_network(site: Site):
    """Makes a network inside a recorded program."""

    def make(**spec: object) -> Network:
        return Network("net", NetworkArgs(NetworkSpec(**spec), site, "10.0.0.0/16"))

    return make
