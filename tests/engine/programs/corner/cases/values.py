"""Values: secrets, autonames and defaults, unknowns that decide what there is, reads and imports."""

import pulumi
from pulumi import ResourceOptions as Options

from .things import Register, Thing

CASES = Register()


@CASES.case
def secrets(step: int) -> None:
    """A secret that stays, changes, becomes public, becomes secret: only the value counts."""
    Thing("secret-same", value=pulumi.Output.secret("x"))
    Thing("secret-changed", value=pulumi.Output.secret(f"x{step}"))
    Thing("secret-published", value=pulumi.Output.secret("x") if step == 1 else "x")
    Thing("secret-hidden", value="x" if step == 1 else pulumi.Output.secret("x"))
    Thing("secret-replaced", replace_me=pulumi.Output.secret(f"x{step}"))
    Thing("secret-nested", value={"a": pulumi.Output.secret(f"x{step}"), "b": [1, pulumi.Output.secret(2)]})


@CASES.case
def secret_outputs(step: int) -> None:
    """A secret reaches another resource through an output."""
    root = Thing("secret-outputs-root", seed=pulumi.Output.secret("s"), value=step)
    Thing("secret-outputs-leaf", value=root.computed, other=root.value)


@CASES.case
def autonames(step: int) -> None:
    """An autoname is kept; stated or unstated later, and new where the resource is replaced."""
    Thing("autoname-kept", auto="", value=step)
    Thing("autoname-replaced", auto="", replace_me=step)
    Thing("autoname-stated", auto="" if step == 1 else "by-hand")
    Thing("autoname-unstated", auto="by-hand" if step == 1 else "")


@CASES.case
def applied(step: int) -> None:
    """Resources created inside `apply`: of a known value, and of one that a replacement makes unknown."""
    calm = Thing("applied-calm", value=1)
    calm.id.apply(lambda _: Thing("applied-calm-child", value=step))
    root = Thing("applied-root", replace_me=step)
    root.id.apply(lambda _: Thing("applied-root-child", value=1))


@CASES.case
def shapes(step: int) -> None:
    """Values of every shape that change shape."""
    before, after = {"a": [1, {"b": None}], "c": 1.5, "d": True}, {"a": [1, {"b": 2}], "c": 1, "d": False}
    Thing("shape-changed", value=before if step == 1 else after)
    Thing("shape-kind", value="1" if step == 1 else 1)
    Thing("shape-emptied", value=[1, 2] if step == 1 else [])
    Thing("shape-none", other=1, value=1 if step == 1 else None)
    Thing("shape-unicode", value="Zürich — ☃ \u0000 \n" if step == 1 else "Zürich — ☃ \u0001 \n")
    Thing("shape-big", value=2**53 if step == 1 else 2**53 + 2)


@CASES.case
def conditional(step: int) -> None:
    """What there is follows from an output."""
    root = Thing("conditional-root", seed="s", value=step)
    root.value.apply(lambda value: Thing("conditional-two", value=1) if value == 2 else None)


@CASES.case
def read(step: int) -> None:
    """`get`: the same id, another id, a read that becomes managed, one that goes, an id that is not known."""
    Thing("read-same", Options(id="one"))
    Thing("read-other", Options(id=f"id{step}"))
    if step == 1:
        Thing("read-gone", Options(id="one"))
    Thing("read-managed", Options(id="one") if step == 1 else Options(), value="read-one")
    Thing("read-released", Options() if step == 1 else Options(id="one"), value="x")
    root = Thing("read-root", replace_me=step)
    unknown = Thing("read-unknown", Options(id=root.id))
    Thing("read-user", replace_from=unknown.value)


@CASES.case
def imports(step: int) -> None:
    """`import_`: on arrival, when already there, with another id, and no longer stated."""
    Thing("import-there", Options(import_="one"), value="read-one")
    Thing("import-other", Options(import_=f"id{step}"), value=f"read-id{step}")
    Thing("import-dropped", Options(import_="one" if step == 1 else None), value="read-one")
    Thing("import-managed", Options(import_="import-managed-id" if step > 1 else None), value="x")
    if step > 1:
        Thing("import-arrives", Options(import_="two"), value="read-two")


@CASES.case
def outputs(step: int) -> None:
    """Stack outputs change nothing but the stack."""
    pulumi.export("number", step)
    pulumi.export("secret", pulumi.Output.secret(step))
