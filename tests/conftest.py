"""Every test stands alone: no cloud's environment, no network, an event loop and SDK settings of its own."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from policies.guard.today import TODAY

# Nothing is timed in a test: a busy machine would fail it.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

DAY = "2026-11-22"
"""On which the policy pack judges: versions fall out of support and exceptions expire, and no test with them."""
CLOUD_VARIABLES = ("AWS_", "CLOUDFLARE_", "PULUMI_", "KUBECONFIG", "PHASEUP_")
KEPT_VARIABLES = frozenset({"PULUMI_SKIP_UPDATE_CHECK"})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="the engine over the whole ladders too: it takes hours")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--whole"):
        for item in items:
            if item.get_closest_marker("whole"):
                item.add_marker(
                    pytest.mark.skip(reason="asked with --whole, as python -m phaseup.engine.agreement does")
                )


@pytest.fixture(autouse=True)
def _no_cloud_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine's own credentials, regions or stacks can change a result."""
    for name in list(os.environ):
        if name.startswith(CLOUD_VARIABLES) and name not in KEPT_VARIABLES:
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv(TODAY, DAY)
    monkeypatch.delenv("FORCE_COLOR", raising=False)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anything but this machine is an error, in whatever library it is tried."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if host not in {"", "localhost", "127.0.0.1", "::1"}:
            raise AssertionError(f"a test tried to reach {host}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _own_event_loop() -> Iterator[None]:
    """Work that one test leaves behind cannot end up in the next one's mocks."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    sdk_settings = sys.modules.get("pulumi.runtime.settings")
    if sdk_settings is not None:
        sdk_settings.reset_options()
    for task in asyncio.all_tasks(loop):
        task.cancel()
    if not loop.is_closed():
        loop.close()
    asyncio.set_event_loop(None)
