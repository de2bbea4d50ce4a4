"""Runs a program once, as the Python language host does, against a `Deployment` in place of the engine."""

from __future__ import annotations

import asyncio
import contextvars
import runpy
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
from google.protobuf import empty_pb2
from pulumi.runtime import settings as sdk_settings
from pulumi.runtime.config import set_all_config
from pulumi.runtime.proto import engine_pb2

from phaseup.graph.resource import Snapshot, urn_name
from phaseup.graph.values import Secret, Value
from phaseup.record import sdk
from phaseup.record.answers import Answers
from phaseup.record.errors import RecordError
from phaseup.record.failure import explained
from phaseup.record.features import deployment_info
from phaseup.record.isolate import isolated
from phaseup.record.loop import MonitorLoop
from phaseup.record.monitor import Monitor, Target
from phaseup.record.program import Program
from phaseup.simulate.provider import Providers, UnansweredCall

_SEVERITIES = {
    engine_pb2.DEBUG: "debug",
    engine_pb2.INFO: "info",
    engine_pb2.WARNING: "warning",
    engine_pb2.ERROR: "error",
}


@dataclass(frozen=True, slots=True)
class Message:
    """Something the program logged (`pulumi.log`); `urn` may be empty."""

    severity: str
    text: str
    urn: str = ""


@dataclass(slots=True)
class Run:
    """One recorded run. `outputs` are the stack's; `opaque` the URNs of remote components; `printed` what the program
    wrote to its standard output and error; `seconds` the wall time without imports of the SDK done before."""

    outcome: Any
    outputs: dict[str, Value]
    registrations: int
    seconds: float
    opaque: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    printed: str = ""


Deploy = Callable[..., Any]
"""Makes the deployment: `(old, providers, *, preview, config, stack_outputs)`."""


def run(
    program: Program,
    *,
    old: Snapshot | None = None,
    preview: bool = False,
    answers: Answers | None = None,
    providers: Providers | None = None,
    deploy: Deploy | None = None,
    shared: Collection[str] = (),
) -> Run:
    """Run the program with its config and return what came of it.

    `old` is the state it starts from (default: none); with `preview` values that are not known yet stay unknown.
    `shared` names the program's own top-level packages that are pure and may stay loaded between runs. Raises
    `RecordError` for whatever stops the program.
    """
    answers = answers or Answers()
    old = old or Snapshot(program.stack, program.project, organization=program.organization)
    config = _config(program, answers)
    deployed = {key: Secret(value) if key in program.secret_keys else value for key, value in config.items()}
    target = (deploy or _deployment)(
        old, providers or _simulators(), preview=preview, config=deployed, stack_outputs=_stack_outputs(answers)
    )
    monitor = Monitor(
        target,
        root=program.directory,
        preview=preview,
        answers=answers,
        old=old.by_urn(),
        info=deployment_info(
            project=program.project,
            stack=program.stack,
            organization=program.organization,
            config=config,
            configSecretKeys=sorted(program.secret_keys),
            dryRun=preview,
            parallel=1,
        ),
    )
    hidden = [value for key, value in answers.config.items() if key in program.secret_keys]
    engine = _Engine()
    sdk.patch()
    started = time.perf_counter()
    with isolated(program.main, shared) as output:
        contextvars.copy_context().run(_execute, program, config, monitor, engine, hidden)
    outcome = _finish(target)
    seconds = time.perf_counter() - started
    return Run(
        outcome,
        monitor.stack_outputs,
        monitor.registrations,
        seconds,
        monitor.opaque.urns,
        engine.messages,
        output.getvalue(),
    )


def _execute(program: Program, config: Mapping[str, str], monitor: Monitor, engine: _Engine, hidden: list[str]) -> None:
    """Everything between the language host's start and its exit, in a context and on an event loop of its own."""
    loop = MonitorLoop()
    asyncio.set_event_loop(loop)
    try:
        _configure(program, config, monitor, engine)
        loop.run_until_complete(pulumi.runtime.run_in_stack(lambda: _main(program.main)))
    except SystemExit as error:
        if error.code not in (None, 0):
            raise explained(error, program.directory, hidden) from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        opaque = [urn_name(urn) for urn in monitor.opaque.urns]
        raise explained(_first(error, monitor), program.directory, hidden, opaque) from None
    finally:
        _close(loop)


def _first(error: BaseException, monitor: Monitor) -> BaseException:
    """What went wrong first: the SDK raises the failure of whichever registration it awaits first."""
    return monitor.failure or sdk_settings.SETTINGS.rpc_manager.unhandled_exception or error


def _configure(program: Program, config: Mapping[str, str], monitor: Monitor, engine: _Engine) -> None:
    set_all_config(dict(config), sorted(program.secret_keys))
    sdk_settings.reset_options(
        project=program.project,
        stack=program.stack,
        root_directory=str(program.directory),
        parallel=1,
        preview=monitor.preview,
        organization=program.organization,
    )
    sdk_settings.SETTINGS.monitor = monitor
    sdk_settings.SETTINGS.engine = engine
    sdk_settings.SETTINGS.callbacks = monitor.callbacks


def _main(main: Path) -> None:
    runpy.run_path(str(main), run_name="__main__")


def _close(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.close()


def _finish(target: Target) -> Any:
    try:
        return target.finish()
    except RecordError:
        raise
    except ValueError as error:
        raise RecordError(str(error)) from error


def _config(program: Program, answers: Answers) -> dict[str, str]:
    given = {key if ":" in key else f"{program.project}:{key}": value for key, value in answers.config.items()}
    return {**program.config, **given}


def _stack_outputs(answers: Answers) -> Callable[[str], Mapping[str, Value]]:
    def outputs(name: str) -> Mapping[str, Value]:
        found = answers.stack(name)
        if found is None:
            raise UnansweredCall("pulumi:pulumi:StackReference", {"name": name})
        return found

    return outputs


def _deployment(*args: Any, **kwargs: Any) -> Any:
    from phaseup.plan.deployment import Deployment

    return Deployment(*args, **kwargs)


def _simulators() -> Providers:
    from phaseup.simulate.simulators import Simulators

    return Simulators()


class _Engine:
    """The engine's own service: it collects what the program logs."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def Log(self, request: Any) -> Any:  # noqa: N802
        severity = _SEVERITIES.get(request.severity, "info")
        if severity != "debug":
            self.messages.append(Message(severity, request.message, request.urn))
        return empty_pb2.Empty()

    def RequirePulumiVersion(self, request: Any) -> Any:  # noqa: N802, ARG002
        """Any range is met: there is no CLI here whose version could be wrong."""
        return engine_pb2.RequirePulumiVersionResponse()
