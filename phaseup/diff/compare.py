"""`phaseup diff` as a function: from two names of commits to the report of what lies between them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from phaseup.diff.checkout import checkouts
from phaseup.diff.git import Repository, changed_paths, commit_of, merge_base, repository
from phaseup.diff.lines import config_lines
from phaseup.diff.processes import Pair, pair
from phaseup.diff.report import SEVERITY, DiffReport, StackDiff
from phaseup.diff.select import Looked, select
from phaseup.diff.trees import CommitTree, FolderTree, StackFile, Tree, is_own, stack_files

if TYPE_CHECKING:
    from phaseup.climb.clock import Clock

WORKING_TREE: Final = "working tree"
SDKS: Final = "its requirements change; both sides were recorded with the SDKs that are installed here"

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Sides:
    """What is compared: two commits, or a commit and the working tree (`head` is None)."""

    repo: Repository
    base: str
    head: str | None
    base_tree: Tree
    head_tree: Tree
    base_files: Mapping[str, StackFile]
    head_files: Mapping[str, StackFile]

    @property
    def own(self) -> bool:
        """Whether either side's program has phases."""
        return any(is_own(tree, self.repo.project) for tree in (self.base_tree, self.head_tree))


def diff(
    base: str,
    head: str = "",
    *,
    exact: bool = False,
    folder: Path | None = None,
    answers: str = "",
    clock: Clock | None = None,
    announce: Callable[[int], Advance] = lambda _total: lambda _stacks: None,
) -> DiffReport:
    """What `head` (empty: the working tree with all that is in it) does to each stack, seen from where it left `base`,
    or with `exact` from `base` itself. `announce` is told how many stacks there are to tell of.

    Raises `RecordError` for what cannot be compared; a mistake in one stack is that stack's.
    """
    from phaseup.climb.clock import Clock, cores

    clock = clock or Clock()
    sides = _sides(repository(folder or Path.cwd()), base, head, exact=exact)
    changed = changed_paths(sides.repo, sides.base, sides.head)
    looked = select(changed, sides.base_files, sides.head_files, project=sides.repo.project, own=sides.own)
    told: list[StackDiff] = []
    same = {*sides.head_files} - {each.stack for each in looked}
    if looked:
        found, imported = _told(sides, looked, answers, announce(len(looked)), clock)
        notes = (SDKS,) if any(_requires(path) for path in changed) else ()
        for each, (stack, is_same) in zip(looked, found, strict=True):
            if is_same and "config" not in each.causes:
                same.add(each.stack)
            else:
                told.append(_whole(each, stack, notes))
    else:
        imported = 0.0
    return DiffReport(
        base=sides.base[:12],
        head=sides.head[:12] if sides.head else WORKING_TREE,
        stacks=tuple(sorted(told, key=lambda each: (-SEVERITY.index(each.verdict), each.stack))),
        unchanged=tuple(sorted(same)),
        seconds=clock.seconds,
        import_seconds=imported,
        registrations=clock.registrations,
        cores=cores(),
    )


def _sides(repo: Repository, base: str, head: str, *, exact: bool) -> Sides:
    start = commit_of(repo, base)
    end = commit_of(repo, head or "HEAD")
    if not exact:
        start = merge_base(repo, start, end, (base, head or "HEAD"))
    base_tree = CommitTree(repo.top, start)
    head_tree = CommitTree(repo.top, end) if head else FolderTree(repo.top)
    return Sides(
        repo,
        start,
        end if head else None,
        base_tree,
        head_tree,
        stack_files(base_tree, repo.project),
        stack_files(head_tree, repo.project),
    )


def _told(
    sides: Sides, looked: Sequence[Looked], answers: str, advance: Advance, clock: Clock
) -> tuple[list[tuple[StackDiff, bool]], float]:
    """Each stack as the head's process tells it, with whether it stays the same; and what its imports took."""
    from phaseup.diff.child import Ended
    from phaseup.diff.head import Told

    in_base = [each.stack for each in looked if each.base is not None]
    with ExitStack() as open_:
        made = open_.enter_context(checkouts(sides.repo))
        both = open_.enter_context(pair())
        base_project = made.place("base") / sides.repo.project
        request = {
            "stacks": [each.stack for each in looked],
            "in_base": in_base,
            "in_head": [each.stack for each in looked if each.head is not None],
            "base_project": str(base_project) if in_base else "",
            "answers": os.path.abspath(answers) if answers else "",
            "aside": sides.head is not None,
        }
        top = made.add("head", sides.head) if sides.head is not None else sides.repo.top
        if in_base:
            both.join()
        project = top / sides.repo.project
        # Where the branch takes the whole project away, there is no program to run, and stacks to tell of all the same.
        both.start_head(project if project.is_dir() else top, request)
        if in_base:
            made.add("base", sides.base)
            both.start_base(base_project, {"stacks": in_base, "answers": request["answers"]})
        return _heard(both, len(looked), advance, clock, Told, Ended)


def _heard(
    both: Pair, count: int, advance: Advance, clock: Clock, told: type, ended: type
) -> tuple[list[tuple[StackDiff, bool]], float]:
    found: list[tuple[StackDiff, bool]] = []
    for answer in both.answers():
        if isinstance(answer, ended):
            if len(found) == count:
                return found, answer.import_seconds
        elif isinstance(answer, told):
            found.append((answer.diff, answer.same))
            clock.registrations += answer.registrations
            advance(1)
    raise both.death()


def _whole(looked: Looked, told: StackDiff, notes: tuple[str, ...]) -> StackDiff:
    """With what the files say: where the stack's is, why it was looked at, and its lines."""
    old, new = (each.text if each is not None else None for each in (looked.base, looked.head))
    return replace(
        told,
        file=looked.file,
        causes=looked.causes,
        config=config_lines(old, new) if old != new else (),
        notes=(*told.notes, *notes),
    )


def _requires(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.startswith("requirements") or name == "pyproject.toml"
