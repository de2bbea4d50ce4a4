"""A stack file before and after each step of a move, as the lines that change; days are told as words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from stacks.models.paths import stack_file
from stacks.moves import changed_lines, rewrite

if TYPE_CHECKING:
    from stacks.models import StackConfig

DAY: Final = "YYYY-MM-DD"
"""Stands for the day until which a consent holds, which counts from the day the step is made."""
_UNTIL: Final = re.compile(r"(until: *['\"]?)\d{4}-\d{2}-\d{2}")


class StackText:
    """The text of one stack's file under each config that a ladder gives it."""

    def __init__(self, stack: StackConfig) -> None:
        """`stack` is the config as the file has it."""
        self._stack = stack
        self._text = stack_file(stack.name).read_text(encoding="utf-8")

    def under(self, config: StackConfig) -> str:
        """The whole file with this config, its comments kept."""
        return rewrite(self._text, self._stack, config)

    def lines(self, before: StackConfig, after: StackConfig) -> list[str]:
        """The lines that go and come, with `-` and `+`."""
        first = self.under(before)
        return [_UNTIL.sub(rf"\g<1>{DAY}", line) for line in changed_lines(first, rewrite(first, before, after))]
