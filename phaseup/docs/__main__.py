"""`python -m phaseup.docs [--check] [SYSTEM…]`: make the generated pages anew, of all systems or of those named; with
`--check` only say which are stale (exit code 1)."""

from __future__ import annotations

import sys

from phaseup.docs.pages import pages, stale, whole_climb, write
from stacks.models.load_blueprint import systems


def main(arguments: list[str]) -> int:
    """0 made, or nothing stale; 1 stale; 2 an argument that there is not."""
    check, named = "--check" in arguments, [each for each in arguments if each != "--check"]
    unknown = [each for each in named if each not in systems()]
    if unknown:
        print(f"found {unknown[0]}; allowed: --check, {', '.join(systems())}", file=sys.stderr)
        return 2
    wanted = pages(whole_climb(named or systems()))
    if check:
        found = stale(wanted)
        for name in found:
            print(f"docs/{name} is stale: run `make docs`")
        return 1 if found else 0
    for name in write(wanted):
        print(f"docs/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
