"""The event loop that programs run on: calls to the monitor are made at once, on the loop's own thread.

The SDK hands every call to a thread, because a real engine answers over the network. Our monitor answers in the same
process, so a thread only costs two context switches a registration and makes the order of registrations a matter of
chance. Whatever else a program sends to an executor still gets its thread.

Time on this loop stands still while anything can run, and leaps to the next timer when nothing can: which of two
coroutines comes first is then a matter of what they wait for, not of how busy the machine is, and `asyncio.sleep(30)`
takes no time. Where the world outside may still answer (a socket, a pipe, a thread), it gets the time on the wall.
"""

from __future__ import annotations

import asyncio
import inspect
import selectors
import threading
import time
from collections.abc import Callable
from typing import Any

import grpc
from pulumi.runtime.settings import grpc_error_to_exception

_SDK_CALL = "pulumi.runtime._context"


class MonitorLoop(asyncio.SelectorEventLoop):
    """A monitor method may return a coroutine (a transform may have to be awaited); it is awaited for the caller."""

    def __init__(self) -> None:
        self._leaping = _LeapingSelector()
        super().__init__(self._leaping)
        self._leaping.idle_watches = len(self._leaping.get_map())

    def time(self) -> float:
        """Seconds since the loop was made, as the programs on it see them."""
        return self._leaping.now

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        if executor is not None or getattr(func, "__module__", "") != _SDK_CALL:
            return super().run_in_executor(executor, func, *args)
        future: asyncio.Future[Any] = self.create_future()
        try:
            result = func(*args)
        except BaseException as error:
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            future.set_exception(error)
            return future
        if inspect.iscoroutine(result):
            return self.create_task(result)
        if isinstance(result, tuple) and result and inspect.iscoroutine(result[0]):
            return self.create_task(_first_awaited(result))
        future.set_result(result)
        return future


async def _first_awaited(result: tuple[Any, ...]) -> tuple[Any, ...]:
    """`runtime/invoke.py` pairs the monitor's answer with an error that only a gRPC client would raise."""
    try:
        return (await result[0], *result[1:])
    except grpc.RpcError as error:
        return None, grpc_error_to_exception(error)


class _LeapingSelector(selectors.DefaultSelector):
    """Keeps the loop's time: asked to wait until the next timer, it moves the time there, unless there is anybody who
    could end the wait before."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.idle_watches = 0
        """Files that the loop itself watches, so that threads can wake it."""
        self._known_threads = frozenset(threading.enumerate())

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        if self._somebody_outside():
            started = time.monotonic()
            ready = super().select(timeout)
            self.now += max(time.monotonic() - started, 0.0 if ready else timeout)
            return ready
        ready = super().select(0)
        if not ready:
            self.now += timeout
        return ready

    def _somebody_outside(self) -> bool:
        return len(self.get_map()) > self.idle_watches or not self._known_threads.issuperset(threading.enumerate())
