"""`phaseup diff`: what a branch does to each stack, for the terminal, the pull request and a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperCommand

from phaseup.cli.common import Answers, AsJson, Debug, mistakes, print_json, show

if TYPE_CHECKING:
    from phaseup.climb.clock import Clock
    from phaseup.diff.report import DiffReport

EPILOG = """\
HEAD left out is the working tree with all that is in it, committed or not. The two are compared as a pull request is:
from where HEAD left BASE. Each side runs with its own code, in a side checkout of its own that is removed afterwards.

--markdown alone prints; a FILE ends in .md or .markdown, or begins with / or ./
"""

_STDOUT: Final = "-"
_OPTION: Final = "--markdown"


class Command(TyperCommand):
    """Lets `--markdown` stand alone: a name of a branch after it is none of a file."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The same arguments with the place that is meant written out."""
        end = args.index("--") if "--" in args else len(args)
        given = []
        for index, argument in enumerate(args):
            following = args[index + 1] if index + 1 < end else ""
            alone = argument == _OPTION and index < end and not _is_file(following)
            given.append(f"{_OPTION}={_STDOUT}" if alone else argument)
        return super().parse_args(ctx, given)


def _is_file(argument: str) -> bool:
    return argument == _STDOUT or argument.endswith((".md", ".markdown")) or argument.startswith(("/", "./", "../"))


def command(
    context: typer.Context,
    base: Annotated[str, typer.Argument(metavar="BASE", help="A branch, tag or commit, e.g. origin/main.")],
    head: Annotated[str, typer.Argument(metavar="HEAD", help="Likewise; else the working tree as it is.")] = "",
    exact: Annotated[
        bool, typer.Option("--exact", help="Compare with BASE as it is, not with where HEAD left it.")
    ] = False,
    markdown: Annotated[
        str, typer.Option("--markdown", metavar="[FILE]", help="The pull request's comment, on stdout or in FILE.")
    ] = "",
    html: Annotated[str, typer.Option("--html", metavar="FILE", help="Write a page that needs nothing else.")] = "",
    artifact: Annotated[
        str, typer.Option("--artifact", metavar="WHERE", help="Where the comment says that the whole report is.")
    ] = "",
    answers: Answers = "",
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Tell what a branch changes: config lines, blocks, steps, data at risk, cost, policy, and of which move it is."""
    with mistakes(debug):
        from phaseup.diff.compare import diff
        from phaseup.diff.verdict import exit_code
        from phaseup.record.errors import RecordError
        from phaseup.render.console import progress

        clock: Clock = context.obj
        if as_json and markdown == _STDOUT:
            raise RecordError("--json and --markdown exclude each other on stdout: give --markdown a FILE")
        for option, file in (("--markdown", markdown), ("--html", html)):
            if file and file != _STDOUT and not Path(file).absolute().parent.is_dir():
                raise RecordError(f"{option} {file}: no such folder as {Path(file).absolute().parent}")
        report = _with_progress(
            lambda announce: diff(base, head, exact=exact, answers=answers, clock=clock, announce=announce), progress
        )
        _write(report, markdown, html, artifact)
        if as_json:
            from phaseup.diff.document import to_json

            print_json(to_json(report))
        elif markdown != _STDOUT:
            from phaseup.render.diff import diff as rendered

            show(rendered(report))
        for file in (markdown, html):
            if file and file != _STDOUT and not as_json and markdown != _STDOUT:
                typer.echo(f"written: {file}")
        raise typer.Exit(exit_code(report))


def _with_progress(work: Any, progress: Any) -> DiffReport:
    """A bar that begins when it is known how many stacks there are to tell of."""
    from contextlib import ExitStack

    with ExitStack() as open_:
        return work(lambda total: open_.enter_context(progress("diff", total)))


def _write(report: DiffReport, markdown: str, html: str, artifact: str) -> None:
    if markdown:
        from phaseup.render.markdown_diff import comment

        text = comment(report, artifact=artifact)
        if markdown == _STDOUT:
            typer.echo(text)
        else:
            Path(markdown).write_text(text, encoding="utf-8")
    if html:
        from phaseup.page import diff_page

        Path(html).write_text(diff_page(report), encoding="utf-8")
