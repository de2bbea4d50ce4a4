"""`phaseup record`: the graph of any Pulumi Python program as a checkpoint."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from phaseup.cli.common import Answers, AsJson, Debug, mistakes, print_json, show


def command(
    directory: Annotated[str, typer.Argument(metavar="DIR", help="A folder with a Pulumi Python program.")],
    stack: Annotated[str, typer.Option("--stack", metavar="STACK", help="Whose config to use.")] = "",
    answers: Answers = "",
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Write the checkpoint there instead of to stdout.")
    ] = "",
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Record the resource graph of any Pulumi Python program, as `pulumi stack export` writes it.

    The program runs as it is, with simulated providers in place of clouds. Secrets are replaced by placeholders.
    """
    with mistakes(debug):
        import json
        from pathlib import Path

        from phaseup.cli.place import placed
        from phaseup.cli.target import load_answers_file, resolve
        from phaseup.climb.clock import Clock
        from phaseup.climb.rehearse import Wanted, run_all
        from phaseup.record import checkpoint
        from phaseup.render.console import stderr
        from phaseup.render.words import amount

        target = resolve(directory, stack)
        with placed(target.config):
            (run,) = run_all([Wanted(target.program, answers=load_answers_file(answers))], Clock())
        document = checkpoint.dump(run.outcome.snapshot)
        if not output:
            print_json(document)
            return
        Path(output).write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        number = len(run.outcome.snapshot.resources)
        summary: dict[str, Any] = {"file": output, "resources": number, "seconds": round(run.seconds, 3)}
        if as_json:
            print_json({**summary, "opaque": list(run.opaque), "notes": list(target.program.notes)})
            return
        show(f"{output}: {amount(number, 'resource')} of stack {target.program.stack}")
        for note in (
            *target.program.notes,
            *(f"{urn}: a component in another language, not looked into" for urn in run.opaque),
        ):
            stderr().print(note)
