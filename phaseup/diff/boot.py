"""Where a side's process begins, run by its path: phaseup is the running one, all else is the side's own.

`python -P boot.py <folder with phaseup> <the side's project> <request>`. An editable install finds `components` and
`stacks` of the checkout that it was made in, whatever the working directory is; so the side's own are looked up before
it, and where the side has none of that name, there is none.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Final

PACKAGES: Final = ("components", "stacks", "policies")
"""This project's packages beside phaseup: each side has its own."""


class Packages:
    """Part of the import system: finds `PACKAGES` in one folder; `only` there, or there as well."""

    def __init__(self, folder: str, *, only: bool) -> None:
        self.folder = folder
        self.only = only

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The package, or where there may be no other an error that says that there is none."""
        if name not in PACKAGES:
            return None
        spec = PathFinder.find_spec(name, [self.folder])
        if spec is None and self.only:
            raise ModuleNotFoundError(f"No module named {name!r} in this side's program", name=name)
        return spec


def main() -> None:
    """Bind phaseup to the running one, then everything else to the side."""
    tool, project, request = sys.argv[1:4]
    sys.path.insert(0, tool)
    import phaseup  # noqa: F401 (its folder is settled by this, and with it that of all its modules)

    sys.path.pop(0)
    if (Path(project) / "stacks" / "models").is_dir():
        sys.path.insert(0, project)
        sys.meta_path.insert(0, Packages(project, only=True))
    else:
        # Somebody else's program may have packages of these names, also without an `__init__.py`, and comes first; what
        # phaseup itself needs of ours comes after whatever is found otherwise.
        sys.meta_path.append(Packages(tool, only=False))
    from phaseup.diff.child import run

    run(Path(project), request)


if __name__ == "__main__":
    main()
