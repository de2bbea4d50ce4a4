"""Runs `pulumi` in a generated project and reads what it answers."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from phaseup.engine.project import EngineError, Project, pulumi_binary

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class CommandError(Exception):
    """A `pulumi` command that ended with an error. `text` is all it printed, `errors` its diagnostics of that kind."""

    def __init__(self, command: Sequence[str], code: int, text: str, errors: Sequence[str]) -> None:
        summary = "; ".join(errors) or text.strip()[-2000:]
        super().__init__(f"pulumi {' '.join(command)}: exit {code}: {summary}")
        self.code = code
        self.text = text
        self.errors = tuple(errors)


@dataclass(frozen=True)
class PreviewStep:
    """One step of the engine's `PreviewDigest` (sdk/go/common/display/json.go, 3.260)."""

    op: str
    urn: str
    type: str
    provider: str = ""
    diff_reasons: tuple[str, ...] = ()
    replace_reasons: tuple[str, ...] = ()
    detailed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Preview:
    """A whole preview: its steps in the engine's order, its diagnostics, its change summary."""

    steps: tuple[PreviewStep, ...]
    summary: dict[str, int]
    diagnostics: tuple[tuple[str, str], ...]
    """(severity, message) pairs."""

    def errors(self) -> list[str]:
        """The error diagnostics' messages."""
        return [message for severity, message in self.diagnostics if severity == "error"]


class Engine:
    """The CLI in one generated project. Every method is one `pulumi` process, and raises `CommandError`."""

    def __init__(self, project: Project, stack: str) -> None:
        self.project = project
        self.stack = stack
        self._binary = pulumi_binary()

    def init(self) -> None:
        """Create the stack; it may exist."""
        if not self._state_file().exists():
            self._call(["stack", "init", self.stack, "--secrets-provider", "passphrase"])

    def configure(self, config: Mapping[str, Any] | Path) -> None:
        """Set the stack's whole config, as `Project.configure`; secret values go in on stdin, encrypted."""
        for key, value in self.project.configure(self.stack, config).items():
            self._call(["config", "set", key, "--secret", "--stack", self.stack], stdin=value)

    def up(self, *arguments: str) -> str:
        """`pulumi up --skip-preview`; returns what it printed."""
        return self._call(["up", "--yes", "--skip-preview", *self._common(), *arguments])

    def preview(self, *arguments: str) -> Preview:
        """`pulumi preview --json`; a preview that the engine fails raises with its error diagnostics."""
        command = ["preview", "--json", *self._selected(), *arguments]
        done = self._process(command)
        preview = parse_preview(done.stdout) if done.stdout.lstrip().startswith("{") else None
        if done.returncode != 0:
            errors = preview.errors() if preview else []
            raise CommandError(command, done.returncode, done.stdout + done.stderr, errors)
        if preview is None:
            raise CommandError(command, done.returncode, done.stdout + done.stderr, ["no JSON on stdout"])
        return preview

    def refresh(self, *arguments: str) -> str:
        """`pulumi refresh`; `--expect-no-changes` makes it fail where the cloud differs."""
        return self._call(["refresh", "--yes", "--skip-preview", *self._common(), *arguments])

    def destroy(self, *arguments: str) -> str:
        """`pulumi destroy`, with its preview: there a protected resource makes it fail before anything is deleted.

        With `--skip-preview` the engine deletes all that is not protected, nor depended on by what is, and then fails.
        """
        return self._call(["destroy", "--yes", *self._common(), *arguments])

    def export_stack(self) -> dict[str, Any]:
        """`pulumi stack export --show-secrets` as parsed JSON."""
        return json.loads(self._call(["stack", "export", "--show-secrets", "--stack", self.stack]))

    def import_stack(self, deployment: dict[str, Any]) -> None:
        """`pulumi stack import` of what `export_stack` gave; replaces the stack's whole state."""
        self._call(["stack", "import", "--force", "--stack", self.stack], stdin=json.dumps(deployment))

    def _common(self) -> list[str]:
        return [*self._selected(), "--color", "never", "--suppress-outputs"]

    def _selected(self) -> list[str]:
        return ["--stack", self.stack, "--non-interactive"]

    def _state_file(self) -> Path:
        return self.project.root / "state" / ".pulumi" / "stacks" / self.project.name / f"{self.stack}.json"

    def _call(self, command: Sequence[str], stdin: str | None = None) -> str:
        done = self._process(command, stdin)
        if done.returncode != 0:
            text = _ANSI.sub("", done.stdout + done.stderr)
            raise CommandError(command, done.returncode, text, _error_lines(text))
        return _ANSI.sub("", done.stdout)

    def _process(self, command: Sequence[str], stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                [self._binary, *command],
                cwd=self.project.root,
                env=self.project.environment(),
                input=stdin if stdin is not None else "",
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError as error:
            raise EngineError(f"{self._binary}: {error.strerror}") from error


def engine_version() -> str:
    """As `pulumi version` prints it, e.g. `v3.260.0`."""
    try:
        done = subprocess.run([pulumi_binary(), "version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise EngineError(f"pulumi: version: {error}") from error
    return done.stdout.strip()


def parse_preview(text: str) -> Preview:
    """The `PreviewDigest` that `pulumi preview --json` prints."""
    digest = json.loads(text)
    steps = tuple(_step(raw) for raw in digest.get("steps") or [])
    diagnostics = tuple(
        (str(entry.get("severity", "")), _ANSI.sub("", str(entry.get("message", ""))).strip())
        for entry in digest.get("diagnostics") or []
    )
    return Preview(steps, dict(digest.get("changeSummary") or {}), diagnostics)


def _step(raw: dict[str, Any]) -> PreviewStep:
    state = raw.get("newState") or raw.get("oldState") or {}
    detailed = raw.get("detailedDiff") or {}
    return PreviewStep(
        op=raw["op"],
        urn=raw["urn"],
        type=state.get("type", ""),
        provider=raw.get("provider", ""),
        diff_reasons=tuple(raw.get("diffReasons") or ()),
        replace_reasons=tuple(raw.get("replaceReasons") or ()),
        detailed={path: str(entry.get("kind", "")) for path, entry in detailed.items()},
    )


def _error_lines(text: str) -> list[str]:
    return [line.strip().removeprefix("error: ") for line in text.splitlines() if line.strip().startswith("error:")]
