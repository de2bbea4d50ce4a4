"""Steps that the engine refuses; each is tried alone, while the other cases stay where they were."""

import pulumi
from pulumi import Alias
from pulumi import ResourceOptions as Options

from .things import Group, Register, Thing

CASES = Register()


@CASES.case
def protected_leaves(step: int) -> None:
    """A protected resource leaves the program."""
    if step == 1:
        Thing("protected-leaves", Options(protect=True), value=1)


@CASES.case
def protected_replaced(step: int) -> None:
    """A protected resource would be replaced."""
    Thing("protected-replaced", Options(protect=True), replace_me=step)


@CASES.case
def protected_replaced_by_cascade(step: int) -> None:
    """A protected resource would be replaced because another one is."""
    root = Thing("protected-cascade-root", replace_me=step)
    Thing("protected-cascade-leaf", Options(protect=True), replace_from=root.id)


@CASES.case
def protected_deleted_first(step: int) -> None:
    """A protected dependant of a resource that is deleted before it is replaced."""
    root = Thing("protected-dbr-root", swap_me=step)
    Thing("protected-dbr-leaf", Options(protect=True), replace_from=root.id)


@CASES.case
def protected_renamed(step: int) -> None:
    """A protected resource is renamed and the alias forgotten."""
    Thing(f"protected-renamed-{step}", Options(protect=True), value=1)


@CASES.case
def protected_child(step: int) -> None:
    """A component leaves whose child is protected by inheritance."""
    if step == 1:
        group = Group("protected-group", Options(protect=True))
        Thing("protected-child", Options(parent=group), value=1)


@CASES.case
def unprotected_and_gone(step: int) -> None:
    """The engine judges by the old state: leaving with the protection lifted in the same step is refused too."""
    if step == 1:
        Thing("unprotected-and-gone", Options(protect=True, retain_on_delete=True), value=1)


@CASES.case
def same_name_twice(step: int) -> None:
    """Two resources of one type and name."""
    Thing("twice", value=1)
    if step > 1:
        Thing("twice", value=2)


@CASES.case
def refused_input(step: int) -> None:
    """The provider refuses an input."""
    Thing("refused-input", refuse=step > 1)


@CASES.case
def unanswered_call(step: int) -> None:
    """A function that nobody answers."""
    if step > 1:
        pulumi.runtime.invoke("fake:index:unanswered", {"a": 1})


@CASES.case
def read_missing(step: int) -> None:
    """`get` of what is not there."""
    if step > 1:
        Thing("read-missing", Options(id="gone"))


@CASES.case
def import_missing(step: int) -> None:
    """Importing what is not there."""
    if step > 1:
        Thing("import-missing", Options(import_="gone"), value=1)


@CASES.case
def alias_taken(step: int) -> None:
    """An alias of a resource that is still registered under its own name; which is first decides what is told."""
    taken = Thing("alias-taken", value=1)
    if step > 1:
        Thing("alias-taker", Options(aliases=[Alias(name="alias-taken")], depends_on=[taken]), value=1)


@CASES.case
def alias_contested(step: int) -> None:
    """Two resources claim one alias."""
    if step == 1:
        Thing("alias-contested", value=1)
    else:
        one = Thing("alias-claim-one", Options(aliases=[Alias(name="alias-contested")]), value=1)
        Thing("alias-claim-two", Options(aliases=[Alias(name="alias-contested")], depends_on=[one]), value=1)


@CASES.case
def program_fails(step: int) -> None:
    """The program itself raises."""
    Thing("program-fails", value=1)
    if step > 1:
        raise ValueError("no such shape")
