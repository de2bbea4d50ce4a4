"""The event loop that programs run on: calls to the monitor are made at once, on the loop's own thread.

The SDK hands every call to a thread, because a real engine answers over the network. Our monitor answers in the same
process, so a thread only costs two context switches a registration and makes the order of registrations a matter of
chance. Whatever else a program sends to an executor still gets its thread.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

import grpc
from pulumi.runtime.settings import grpc_error_to_exception

_SDK_CALL = "pulumi.runtime._context"


class MonitorLoop(asyncio.SelectorEventLoop):
    """A monitor method may return a coroutine (a transform may have to be awaited); it is awaited for the caller."""

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
