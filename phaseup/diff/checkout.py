"""Side checkouts in a temporary folder, taken away again however the comparison ends."""

from __future__ import annotations

import contextlib
import shutil
import signal
import tempfile
import threading
from collections.abc import Generator
from pathlib import Path
from types import FrameType
from typing import Final

from phaseup.diff.git import GitError, Repository, git

_ENDINGS: Final = ("SIGTERM", "SIGHUP")


class Checkouts:
    """Worktrees of one repository, by commit; `folder` is theirs alone."""

    def __init__(self, repo: Repository, folder: Path) -> None:
        self._repo = repo
        self._folder = folder
        self._made: list[Path] = []

    def place(self, name: str) -> Path:
        """Where a checkout of that name will be."""
        return self._folder / name

    def add(self, name: str, commit: str) -> Path:
        """Check a commit out; nothing of the user's checkout takes part in it."""
        path = self.place(name)
        self._made.append(path)
        git(self._repo.top, "worktree", "add", "--quiet", "--detach", "--force", str(path), commit)
        return path

    def remove(self) -> None:
        """Take all away, half-made ones too, and what git keeps about them; others' worktrees stay listed, also those
        that `git worktree prune` would drop."""
        for path in self._made:
            with contextlib.suppress(GitError):
                git(self._repo.top, "worktree", "remove", "--force", "--force", str(path))
        shutil.rmtree(self._folder, ignore_errors=True)
        for path in self._made:
            self._forget(path)

    def _forget(self, path: Path) -> None:
        try:
            common = git(self._repo.top, "rev-parse", "--git-common-dir").removesuffix("\n")
        except GitError:
            return
        kept = self._repo.top / common / "worktrees"
        for entry in kept.iterdir() if kept.is_dir() else ():
            with contextlib.suppress(OSError):
                if (entry / "gitdir").read_text().strip() == str(path / ".git"):
                    shutil.rmtree(entry, ignore_errors=True)


@contextlib.contextmanager
def checkouts(repo: Repository) -> Generator[Checkouts]:
    """Yields what makes side checkouts, and removes them: at an error, at Ctrl-C, and when asked to end."""
    with _endings_raise():
        folder = Path(tempfile.mkdtemp(prefix="phaseup-diff-")).resolve()
        made = Checkouts(repo, folder)
        try:
            yield made
        finally:
            with _undisturbed():
                made.remove()


@contextlib.contextmanager
def _endings_raise() -> Generator[None]:
    """SIGTERM and SIGHUP end the process as an exception does, so that whatever is open is closed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {}
    for name in _ENDINGS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            before[number] = signal.signal(number, leave)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _undisturbed() -> Generator[None]:
    """A second Ctrl-C waits until what the first one began is done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [number for name in ("SIGINT", *_ENDINGS) if (number := getattr(signal, name, None)) is not None]
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
