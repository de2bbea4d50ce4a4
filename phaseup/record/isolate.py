"""Keeps one run apart from the process: working directory, module table, standard output, garbage collector."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import io
import logging
import os
import sys
import warnings
from collections.abc import Collection, Iterator
from pathlib import Path
from types import ModuleType


@contextlib.contextmanager
def isolated(main: Path, shared: Collection[str] = ()) -> Iterator[io.StringIO]:
    """Everything a program may find changed or may change; yields what it prints.

    Modules that belong to the program (`main`'s folder) are loaded afresh and forgotten afterwards, also where modules
    of the same names are loaded already. `shared` names top-level packages that may stay, for they are pure: those that
    are loaded from this very folder.
    """
    folder = main if main.is_dir() else main.parent
    output = io.StringIO()
    with contextlib.ExitStack() as stack:
        stack.enter_context(_directory(folder))
        stack.enter_context(_modules(folder, _kept(folder, shared)))
        stack.enter_context(_argv(main))
        stack.enter_context(_collector())
        stack.enter_context(_quiet_asyncio())
        stack.enter_context(_event_loop())
        stack.enter_context(warnings.catch_warnings())
        stack.enter_context(contextlib.redirect_stdout(output))
        stack.enter_context(contextlib.redirect_stderr(output))
        yield output


@contextlib.contextmanager
def _directory(folder: Path) -> Iterator[None]:
    before, path = Path.cwd(), list(sys.path)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path[:] = path
        os.chdir(before)


@contextlib.contextmanager
def _modules(folder: Path, kept: frozenset[str]) -> Iterator[None]:
    """Sets aside loaded modules that the program has its own version of, and drops the program's own at the end."""
    own = _own_names(folder) - kept - {"__main__"}
    aside = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in own}
    for name in aside:
        del sys.modules[name]
    main = sys.modules.get("__main__")
    before = set(sys.modules)
    try:
        yield
    finally:
        arrived = {name for name in set(sys.modules) - before if name.partition(".")[0] not in kept}
        dropped = {name for name in arrived if _lies_in(sys.modules[name], folder)}
        for name in dropped:
            del sys.modules[name]
        sys.modules.update(aside)
        if main is not None:
            sys.modules["__main__"] = main
        _unregister(dropped)


def _kept(folder: Path, shared: Collection[str]) -> frozenset[str]:
    """Top-level packages that are not touched; our own among them. Another checkout's are no use to this program."""
    elsewhere = {name for name in shared if name in sys.modules and not _lies_in(sys.modules[name], folder)}
    return frozenset(shared) - elsewhere | {__name__.partition(".")[0]}


def _own_names(folder: Path) -> set[str]:
    """Top-level module names that the folder provides."""
    names = {entry.stem for entry in folder.glob("*.py")}
    return names | {entry.name for entry in folder.iterdir() if entry.is_dir() and entry.name.isidentifier()}


def _lies_in(module: ModuleType | None, folder: Path) -> bool:
    places = [getattr(module, "__file__", None) or "", *list(getattr(module, "__path__", []))]
    return any(place.startswith(f"{folder}{os.sep}") and "site-packages" not in place for place in places if place)


def _unregister(modules: Collection[str]) -> None:
    """Takes a program's own SDK out of Pulumi's tables, which would refuse its next registration."""
    rpc = sys.modules.get("pulumi.runtime.rpc")
    for name in ("_RESOURCE_PACKAGES", "_RESOURCE_MODULES"):
        table = getattr(rpc, name, None)
        if not isinstance(table, dict):
            continue
        for key, entries in list(table.items()):
            table[key] = [entry for entry in entries if type(entry).__module__ not in modules]


@contextlib.contextmanager
def _argv(main: Path) -> Iterator[None]:
    before = sys.argv
    sys.argv = [str(main)]
    try:
        yield
    finally:
        sys.argv = before


@contextlib.contextmanager
def _collector() -> Iterator[None]:
    """Off while recording: the graph only grows, and collecting it over and over costs half of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextlib.contextmanager
def _event_loop() -> Iterator[None]:
    """The caller's own loop comes back; asking the policy for it would make one where there is none."""
    before = getattr(getattr(asyncio.get_event_loop_policy(), "_local", None), "_loop", None)
    try:
        yield
    finally:
        asyncio.set_event_loop(before)


@contextlib.contextmanager
def _quiet_asyncio() -> Iterator[None]:
    """A failed program leaves futures that nobody awaits; the language host silences asyncio's complaints too."""
    logger = logging.getLogger("asyncio")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)
