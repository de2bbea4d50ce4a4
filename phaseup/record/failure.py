"""A program's own failure as one message that names the program's own file and line."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from phaseup.record.errors import RecordError
from phaseup.record.sdk import NOTE


def explained(
    error: BaseException, folder: Path, hidden: Iterable[str] = (), opaque: Sequence[str] = ()
) -> RecordError:
    """The `RecordError` for whatever ended a program that lives in `folder`.

    `pulumi.RunError` says only its message, as under the engine. `hidden` are texts that must not be shown. `opaque`
    names remote components, whose invented outputs may be what the program could not take.
    """
    from pulumi import RunError

    trace = "".join(line for line in traceback.format_exception(error) if not line.startswith(NOTE))
    text = " ".join(str(error).split())
    if isinstance(error, RecordError):
        trace = error.trace or trace
        message = text if error.where else _at(error, folder) + text
    elif isinstance(error, RunError):
        message = text
    elif isinstance(error, SystemExit):
        message = f"{_at(error, folder)}the program exited with {error.code!r}"
    elif isinstance(error, SyntaxError) and error.filename:
        message = f"{_relative(error.filename, folder)}:{error.lineno}: {type(error).__name__}: {error.msg}"
    elif type(error) is Exception and text:
        message = _at(error, folder) + text
    else:
        message = f"{_at(error, folder)}{type(error).__name__}: {text}" if text else _at(error, folder) + repr(error)
    if opaque and isinstance(error, (LookupError, AttributeError, TypeError, ValueError, AssertionError)):
        message += (
            f" (outputs of remote components are invented here: {', '.join(opaque)}; an answers file may give them"
            " under components)"
        )
    for secret in hidden:
        if secret:
            message, trace = message.replace(secret, "[secret]"), trace.replace(secret, "[secret]")
    return RecordError(message, trace=trace, where=" ")


def _at(error: BaseException, folder: Path) -> str:
    """`file:line: ` of the innermost frame in the program's own files, over the whole chain of causes; where there is
    none, of the output or resource that failed."""
    for link in _chain(error):
        frames = [frame for frame in traceback.extract_tb(link.__traceback__) if _own(frame.filename, folder)]
        if frames:
            return f"{_relative(frames[-1].filename, folder)}:{frames[-1].lineno}: "
    for link in reversed(list(_chain(error))):
        for note in getattr(link, "__notes__", ()):
            if note.startswith(NOTE):
                filename, line, label = note.removeprefix(NOTE).split(":", 2)
                return f"{_relative(filename, folder)}:{line}: {label}: "
    return ""


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _own(filename: str, folder: Path) -> bool:
    return Path(filename).is_relative_to(folder) and "site-packages" not in filename


def _relative(filename: str, folder: Path) -> str:
    path = Path(filename)
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else filename
