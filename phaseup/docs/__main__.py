"""`python -m phaseup.docs`: make the generated pages anew; with `--check` only say which are stale (exit code 1)."""

from __future__ import annotations

import sys

from phaseup.docs.pages import pages, stale, whole_climb, write


def main(arguments: list[str]) -> int:
    """0 made, or nothing stale; 1 stale; 2 an argument that there is not."""
    if arguments not in ([], ["--check"]):
        print("usage: python -m phaseup.docs [--check]", file=sys.stderr)
        return 2
    wanted = pages(whole_climb())
    if arguments:
        found = stale(wanted)
        for name in found:
            print(f"docs/{name} is stale: run `make docs`")
        return 1 if found else 0
    for name in write(wanted):
        print(f"docs/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
