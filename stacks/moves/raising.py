"""A version raised: one block and one step, in an apply of its own, between moves."""

from __future__ import annotations

from stacks.models import Blueprint, StackConfig, resolve
from stacks.models.versions import RAISING, is_major, refusal
from stacks.moves.regions import regions_of
from stacks.moves.step import Allows, Change, MoveStep

KEY = "phaseup:versions"


def raising(before: StackConfig, after: StackConfig, blueprint: Blueprint) -> MoveStep:
    """The step that a change of `phaseup:versions` is; `BadInput` where it is none that may be taken."""
    named = dict.fromkeys([*before.versions, *after.versions])
    changed = [name for name in named if before.versions.get(name) != after.versions.get(name)]
    if before.moving or after.moving or before.phase != after.phase:
        why = "a move and a version are applies of their own"
        raise after.bad(
            f"{KEY}.{changed[0]}", "a change in a move", "the same as before, until the move is over", why=why
        )
    if len(changed) > 1:
        raise after.bad(KEY, f"changes of {', '.join(changed)} in one apply", "one block an apply")
    others = [key for key in {**before.values, **after.values} if before.values.get(key) != after.values.get(key)]
    if others != [KEY]:
        beside = ", ".join(key for key in others if key != KEY)
        raise after.bad(f"{KEY}.{changed[0]}", f"a change together with {beside}", "the version alone in an apply")
    name = changed[0]
    sides = [resolve(blueprint, after.phase, config) for config in (before, after)]
    if name not in sides[0]:
        raise after.bad(f"{KEY}.{name}", name, [each for each in sides[0] if sides[0][each].kind in RAISING])
    kind = sides[0][name].kind
    old, new = (_version(side[name].spec) for side in sides)
    allowed = refusal(kind, old, new)
    if allowed:
        raise after.bad(f"{KEY}.{name}", new, allowed)
    given, final = RAISING[kind], is_major(kind, old, new)
    copies = regions_of(sides[0][name].spec) if final and kind == "postgres" else ()
    if copies:
        # Amazon RDS user guide, "How to perform a major version upgrade for RDS for PostgreSQL", cross-Region replicas.
        found, why = f"{new} with copies in {', '.join(copies)}", "RDS does not take copies in other regions along"
        raise after.bad(f"{KEY}.{name}", found, f"a minor of {old}, or no copies while it is raised", why=why)
    return MoveStep(
        kind="apply",
        config=after,
        from_=after.phase,
        to=after.phase,
        direction="up",
        allows=Allows("updates of one block, and parameter groups in exchange", create=True, only=frozenset({name})),
        block=name,
        precondition=given.precondition,
        check=given.check,
        consent=f"{name} goes from {old} to {new}, which has no way back but a restored snapshot" if final else "",
        changes=tuple(Change(key, before.values.get(key), after.values.get(key)) for key in others),
    )


def _version(spec: object) -> str:
    """What a block runs; a broker's own default where its spec says none."""
    return getattr(spec, "version", None) or str(getattr(spec, "runs", ""))
