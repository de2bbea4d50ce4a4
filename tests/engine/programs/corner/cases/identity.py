"""Who is who across steps: aliases, renames, moves, other parents, other types."""

import pulumi
from pulumi import Alias
from pulumi import ResourceOptions as Options

from .things import Group, Register, Thing

CASES = Register()


@CASES.case
def renamed(step: int) -> None:
    """A new name with an alias, without one, with a change, with a replacing change."""
    if step == 1:
        Thing("renamed-old", value=1)
        Thing("renamed-lost-old", value=1)
        Thing("renamed-updated-old", value=1)
        Thing("renamed-replaced-old", replace_me=1)
    else:
        Thing("renamed-new", Options(aliases=[Alias(name="renamed-old")]), value=1)
        Thing("renamed-lost-new", value=1)
        Thing("renamed-updated-new", Options(aliases=[Alias(name="renamed-updated-old")]), value=2)
        Thing("renamed-replaced-new", Options(aliases=[Alias(name="renamed-replaced-old")]), replace_me=2)


@CASES.case
def renamed_depended_on(step: int) -> None:
    """A renamed resource whose dependants stay: their recorded dependencies follow."""
    if step == 1:
        root = Thing("renamed-root-old", value=1)
    else:
        root = Thing("renamed-root-new", Options(aliases=[Alias(name="renamed-root-old")]), value=1)
    Thing("renamed-root-leaf", replace_from=root.id)
    Thing("renamed-root-dependent", Options(depends_on=[root]), value=1)


@CASES.case
def retyped(step: int) -> None:
    """Another type token with an alias."""
    if step == 1:
        Thing("retyped", token="Thing", value=1)
    else:
        Thing("retyped", Options(aliases=[Alias(type_="fake:index:Thing")]), token="Item", value=1)


@CASES.case
def whole_urn(step: int) -> None:
    """An alias that is a whole URN, and one that matches nothing."""
    urn = f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::fake:index:Thing::whole-urn-old"
    if step == 1:
        Thing("whole-urn-old", value=1)
    else:
        Thing("whole-urn-new", Options(aliases=[urn]), value=1)
    Thing("whole-urn-idle", Options(aliases=[Alias(name="never-there")]), value=1)


@CASES.case
def adopted(step: int) -> None:
    """From the stack into a component, with an alias and without."""
    if step == 1:
        Thing("adopted", value=1)
        Thing("adopted-lost", value=1)
    else:
        group = Group("adopted-group")
        Thing("adopted", Options(parent=group, aliases=[Alias(parent=pulumi.ROOT_STACK_RESOURCE)]), value=1)
        Thing("adopted-lost", Options(parent=group), value=1)


@CASES.case
def released(step: int) -> None:
    """Out of a component that goes, with an alias."""
    urn = f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::corner:index:Group::released-group"
    if step == 1:
        Thing("released", Options(parent=Group("released-group")), value=1)
    else:
        Thing("released", Options(aliases=[Alias(parent=urn)]), value=1)


@CASES.case
def component_renamed(step: int) -> None:
    """A component under a new name: its children follow by inherited aliases, also those named after it."""
    name = "component-renamed-old" if step == 1 else "component-renamed-new"
    group = Group(name, Options(aliases=[Alias(name="component-renamed-old")] if step > 1 else []))
    Thing(f"{name}-child", Options(parent=group), value=1)
    Thing("component-renamed-plain", Options(parent=group), value=step)
    inner = Group(f"{name}-inner", Options(parent=group))
    Thing(f"{name}-inner-child", Options(parent=inner), value=1)


@CASES.case
def component_retyped(step: int) -> None:
    """A component of another type: the children's URNs hold its type."""
    token = "Group" if step == 1 else "Bundle"
    aliases = [Alias(type_="corner:index:Group")] if step > 1 else []
    group = Group("component-retyped", Options(aliases=aliases), token=token)
    Thing("component-retyped-child", Options(parent=group), value=1)


@CASES.case
def component_moved(step: int) -> None:
    """A component with children moves under another component."""
    outer = Group("component-moved-outer")
    parent = {} if step == 1 else {"parent": outer, "aliases": [Alias(parent=pulumi.ROOT_STACK_RESOURCE)]}
    group = Group("component-moved", Options(**parent))
    Thing("component-moved-child", Options(parent=group), value=1)


@CASES.case
def swapped_parents(step: int) -> None:
    """A child goes from one component to a sibling of the same type: the URN stays, the parent changes."""
    one, two = Group("swapped-one"), Group("swapped-two")
    Thing("swapped-child", Options(parent=one if step == 1 else two), value=1)


@CASES.case
def swapped_names(step: int) -> None:
    """Two resources that trade values, and with them everything but their names."""
    Thing("swapped-a", replace_me=step)
    Thing("swapped-b", replace_me=3 - step)


@CASES.case
def alias_kept(step: int) -> None:
    """An alias that goes on being stated after the rename."""
    Thing("alias-kept", Options(aliases=[Alias(name="alias-kept-once")]), value=step)


@CASES.case
def parent_replaced(step: int) -> None:
    """A custom resource as a parent is replaced: the child does not follow by that alone."""
    parent = Thing("parent-replaced", replace_me=step)
    Thing("parent-replaced-child", Options(parent=parent), value=1)


@CASES.case
def parent_dbr(step: int) -> None:
    """A custom resource as a parent is deleted first: its children are dependants."""
    parent = Thing("parent-dbr", swap_me=step)
    Thing("parent-dbr-child", Options(parent=parent), value=1)
    Thing("parent-dbr-user", Options(parent=parent), replace_from=parent.id)
