"""`docs/kinds.md`: every kind with every field of its spec: join, type, default, limits, and what it is for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from components.spec import Join, Spec
from phaseup.docs.fields import Field, fields, nested
from phaseup.docs.markdown import render
from stacks.models.kinds import INSTALLED, Kinds


@dataclass(frozen=True)
class Model:
    """One spec: a kind's own, or one inside it."""

    name: str
    about: str
    fields: Sequence[Field]


@dataclass(frozen=True)
class Kind:
    """A kind and the specs inside its spec."""

    name: str
    spec: Model
    inner: Sequence[Model]


def kinds_page(kinds: Kinds = INSTALLED) -> str:
    """The whole page."""
    found = [
        Kind(name, _model(kinds.spec(name)), [_model(each) for each in nested(kinds.spec(name))])
        for name in kinds.names
    ]
    return render("kinds.md.j2", kinds=found, joins={join.value: JOIN_WORDS[join] for join in Join})


def _model(spec: type[Spec]) -> Model:
    return Model(spec.__name__, " ".join((vars(spec).get("__doc__") or "").split()), fields(spec))


JOIN_WORDS = {
    Join.NOW: "the new value from the first step on",
    Join.MAX: "the larger value until contract",
    Join.UNION: "both sides' keys until contract",
    Join.LATE: "the old value until contract",
    Join.LADDER: "one rung an apply",
    Join.TRAFFIC: "the old value below traffic 100, the new one at 100",
    Join.FIXED: "equal in all phases",
}
"""How a field of each join moves, in a few words (docs/moving.md has the rule)."""
