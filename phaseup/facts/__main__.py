"""`python -m phaseup.facts`: what is known of a type, where sources disagree, and what is known of nothing.

python -m phaseup.facts aws:rds/instance:Instance    the facts of one type, a line a property
python -m phaseup.facts --disagreements              properties on which a second source says otherwise (Markdown)
python -m phaseup.facts --unknown                    properties that have an entry but no effect
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from phaseup.facts.types import NO_DEFAULT, Fact, every_type, facts_for


def main(arguments: list[str]) -> int:
    """Print what was asked for; 2 for a type that has no facts or arguments that are none."""
    if arguments == ["--disagreements"]:
        print("\n".join(disagreements()))
    elif arguments == ["--unknown"]:
        print("\n".join(unknown()))
    elif len(arguments) == 1 and not arguments[0].startswith("-"):
        facts = facts_for(arguments[0])
        if facts is None:
            print(f"{arguments[0]}: no facts; allowed: a type, e.g. aws:rds/instance:Instance", file=sys.stderr)
            return 2
        print("\n".join(line(fact) for fact in facts.properties.values()))
    else:
        print("allowed: a type token, --disagreements, --unknown", file=sys.stderr)
        return 2
    return 0


def line(fact: Fact) -> str:
    """One property in one line: path, effect with its cases, flags, citation, second opinion."""
    effect = fact.effect
    if fact.when:
        cases = ", ".join(f"{case.name}: {case.effect}" for case in fact.when)
        effect = f"conditional ({cases}, otherwise: {fact.otherwise})"  # type: ignore[assignment]
    flags = [name for name in ("computed", "set", "birth") if getattr(fact, name)]
    if fact.default is not NO_DEFAULT:
        flags.append(f"default {fact.default!r}")
    if fact.suppress:
        flags.append(fact.suppress)
    if fact.second_opinion:
        flags.append(f"but {fact.second_opinion}")
    return "  ".join([fact.path, effect, f"[{fact.citation}]", *flags])


def disagreements() -> Iterator[str]:
    """A Markdown page: the fact that counts, and what the other source says."""
    yield "# Where sources disagree"
    yield ""
    yield "Made by `python -m phaseup.facts --disagreements`. pulumi-aws runs the Terraform provider, so its source"
    yield "counts; CloudFormation's schemas (through cfn-lint) say what the AWS API itself cannot change."
    yield ""
    yield "| type | property | effect that counts | source | the other source |"
    yield "|---|---|---|---|---|"
    for facts in every_type():
        for path, fact in facts.properties.items():
            if fact.second_opinion:
                yield f"| {facts.type} | {path} | {fact.effect} | {fact.citation} | {fact.second_opinion} |"


def unknown() -> Iterator[str]:
    """Type and path of every property whose effect is said as unknown."""
    for facts in every_type():
        for path, fact in facts.properties.items():
            if fact.effect == "unknown":
                yield f"{facts.type}  {path}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
