"""The `phaseup` command. This module imports nothing heavy, so that `--help` is quick."""

from __future__ import annotations


def main() -> None:
    """The entry point; ends the process with the exit code that README's table gives."""
    from phaseup.cli.app import run

    raise SystemExit(run())
