"""`phaseup check`: the policy pack on the recorded graph of stacks, with no cloud and no engine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phaseup.cli.common import AsJson, Debug, Exit, mistakes, print_json, show

if TYPE_CHECKING:
    from stacks.models import StackConfig

EPILOG = """\
The same pack at its other doors: `pulumi preview --policy-pack policies --policy-pack-config FILE`, with the FILE that
--write-config writes, and `pulumi policy analyze --file CHECKPOINT --policy-pack policies` on what `phaseup record`
writes.
"""


def command(
    context: typer.Context,
    stacks: Annotated[
        list[str] | None, typer.Argument(metavar="[STACK]...", help="Stacks (meal-prod) or their files; none: all.")
    ] = None,
    phase: Annotated[
        str, typer.Option("--phase", metavar="PHASE", help="As if settled in this phase; `all` for each of them.")
    ] = "",
    rules: Annotated[bool, typer.Option("--rules", help="List the rules of the pack, and check nothing.")] = False,
    write_config: Annotated[
        str,
        typer.Option(
            "--write-config",
            metavar="STACK",
            help="Write what --policy-pack-config takes for a stack, and check nothing.",
        ),
    ] = "",
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where the config or SARIF goes instead of stdout.")
    ] = "",
    as_sarif: Annotated[bool, typer.Option("--sarif", help="Print SARIF 2.1.0, for code scanning.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Judge stacks by the policy pack: encryption, backups, reach, identity, Kubernetes, edge, scale and cost.

    Exit code 1 if a mandatory rule is broken. Exceptions and levels stand in the stack's file under `phaseup:policies`.
    """
    with mistakes(debug):
        from phaseup.cli.place import placed
        from phaseup.policy.check import check
        from phaseup.record.errors import RecordError
        from phaseup.render import check as rendered

        if rules and write_config:
            raise RecordError("--rules and --write-config exclude each other")
        told = [name for name, given in (("--rules", rules), ("--write-config", write_config)) if given]
        if told and stacks:
            raise RecordError(f"{told[0]} checks nothing: name no stack beside it")
        if as_sarif and as_json:
            raise RecordError("--sarif and --json exclude each other")
        if rules:
            from phaseup.policy.report import rules_json

            print_json(rules_json()) if as_json else show(rendered.rules())
            return
        if write_config:
            _write(_config(write_config), output)
            return
        configs = _configs(stacks or [], phase)
        with placed(*configs):
            report = check(configs, clock=context.obj)
        if as_sarif:
            from phaseup.policy.sarif import sarif

            _write(sarif(report), output)
        elif as_json:
            print_json(report.to_json())
        else:
            show(rendered.check(report))
        raise typer.Exit(Exit.BLOCKED if report.mandatory else Exit.SAFE)


def _configs(stacks: list[str], phase: str) -> list[StackConfig]:
    from phaseup.cli.target import no_system
    from phaseup.climb.phases import born, check_phase
    from stacks.models import load_stack
    from stacks.models.load_blueprint import load_blueprint
    from stacks.models.paths import STACKS

    names = stacks or [str(path) for path in sorted(STACKS.glob("Pulumi.*.yaml"))]
    for name in names:
        no_system(name)
    configs = [load_stack(name) for name in names]
    if not phase:
        return configs
    if phase == "all":
        return [born(config, each) for config in configs for each in load_blueprint(config.system).names]
    for config in configs:
        check_phase(config.system, phase)
    return [born(config, phase) for config in configs]


def _config(stack: str) -> object:
    from phaseup.policy.config import pack_config
    from stacks.models import load_stack
    from stacks.models.load_blueprint import load_blueprint

    config = load_stack(stack)
    return pack_config(config, load_blueprint(config.system))


def _write(document: object, output: str) -> None:
    if not output:
        print_json(document)
        return
    import json

    Path(output).write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    typer.echo(f"{output}: written")
