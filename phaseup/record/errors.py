"""The one exception of the recorder."""

from __future__ import annotations


class RecordError(Exception):
    """A mistake in what was given to the recorder: project, stack file, answers or the program itself.

    `str(error)` is one message that names file and key or line; `trace` holds the whole Python traceback where the
    program itself failed, for those who ask for it. `where` is not empty where the message names a place already.
    """

    def __init__(self, message: str, *, trace: str = "", where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where.strip() else message)
        self.trace = trace
        self.where = where

    def __reduce__(self) -> tuple[object, ...]:
        return _restored, (str(self), self.trace)


def _restored(message: str, trace: str) -> RecordError:
    return RecordError(message, trace=trace, where=" ")
