"""The exit code of a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phaseup.cli.common import EXIT_OF_VERDICT, Exit

if TYPE_CHECKING:
    from phaseup.diff.report import DiffReport


def exit_code(report: DiffReport) -> Exit:
    """Bad input on the branch's side goes before all else: what it does is not known. A mistake of the base's is none
    of the branch's."""
    if any(stack.error_side == "head" for stack in report.stacks):
        return Exit.BAD_INPUT
    return EXIT_OF_VERDICT[report.verdict]
