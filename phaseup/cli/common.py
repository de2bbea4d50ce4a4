"""What commands share: arguments and options, the exit codes, and one message per mistake."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

if TYPE_CHECKING:
    from rich.console import RenderableType


class Exit(IntEnum):
    """The exit codes of every command."""

    SAFE = 0
    BLOCKED = 1
    BAD_INPUT = 2
    NEEDS_APPROVAL = 3


INTERRUPTED = 130
"""As shells report SIGINT; 1 would mean blocked."""

EXIT_OF_VERDICT = {
    "safe": Exit.SAFE,
    "needs-approval": Exit.NEEDS_APPROVAL,
    "blocked": Exit.BLOCKED,
    "refused": Exit.BLOCKED,
}

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, and nothing else there.")]
Debug: TypeAlias = Annotated[bool, typer.Option("--debug", help="Show the Python traceback of an error.")]
StackOrSystem: TypeAlias = Annotated[
    str, typer.Argument(metavar="STACK|SYSTEM", help="A stack (meal-prod), its file, or a system.")
]
InEnvironment: TypeAlias = Annotated[
    str, typer.Option("--environment", metavar="NAME", help="With a system: in which environment.")
]
SetKeys: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change config in B; the value is YAML, null removes. A key without a namespace is the project's. "
        "Repeatable.",
    ),
]
AsIs: TypeAlias = Annotated[
    bool, typer.Option("--as-is", help="B is the config file as it is; only with --from-state.")
]
WithFile: TypeAlias = Annotated[
    str, typer.Option("--with", metavar="FILE", help="B's config is that of this stack file.")
]
OfSystem: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="[PHASE]", help="With a system, which needs one; a stack takes none: its file says it."),
]
FromState: TypeAlias = Annotated[
    str, typer.Option("--from-state", metavar="FILE", help="Take A from a `pulumi stack export`.")
]
Answers: TypeAlias = Annotated[
    str,
    typer.Option(
        "--answers",
        metavar="FILE",
        help="Answers to calls that no simulator knows (data sources, StackReferences), as YAML or JSON.",
    ),
]


@contextmanager
def mistakes(debug: bool) -> Generator[None]:
    """Turns a mistake into one message on stderr and exit code 2; `debug` lets the traceback through as well."""
    try:
        yield
    except (typer.Exit, typer.Abort):
        raise
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        # Whoever read our output has had enough (`| head`): no message, and nothing left to flush.
        sys.stderr.close()
        raise typer.Exit(Exit.SAFE) from None
    except Exception as error:
        message = message_of(error)
        if debug:
            trace = getattr(error, "trace", "")
            print(trace or _traceback(error), file=sys.stderr)
        print(f"error: {message}", file=sys.stderr)
        raise typer.Exit(Exit.BAD_INPUT) from None


def message_of(error: Exception) -> str:
    """The one message for a mistake, with no control character of whoever made it."""
    from phaseup.plan.steps import StepError
    from phaseup.record.errors import RecordError
    from phaseup.render.text import plain
    from phaseup.simulate.provider import UnansweredCall
    from stacks.models.bad_input import BadInput

    if isinstance(error, UnansweredCall):
        text = f"{error.token}: no simulator answers this call; give its result in a file with --answers"
    elif isinstance(error, (BadInput, RecordError, StepError)):
        text = str(error)
    elif isinstance(error, OSError) and error.filename:
        text = f"{error.filename}: {error.strerror}"
    else:
        text = f"{type(error).__name__}: {error} (a fault in phaseup itself: --debug shows where)"
    return "\n".join(plain(line) for line in text.splitlines())


def _traceback(error: Exception) -> str:
    import traceback

    return "".join(traceback.format_exception(error))


def print_json(document: Any) -> None:
    """The document on stdout, indented, keys in the order given."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def show(*parts: RenderableType) -> None:
    """Renderables on stdout; where that is no terminal, without the spaces that fill a line up to its width."""
    from phaseup.render.console import stdout

    console = stdout()
    if console.is_terminal:
        for part in parts:
            console.print(part)
        return
    with console.capture() as capture:
        for part in parts:
            console.print(part)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines()))
