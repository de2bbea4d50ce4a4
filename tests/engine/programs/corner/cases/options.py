"""Resource options that change what the engine does, or only what it remembers."""

import pulumi
from pulumi import ResourceOptions as Options

from .things import Group, Register, Thing

CASES = Register()


@CASES.case
def protect(step: int) -> None:
    """Protecting, unprotecting, both with a change; unprotecting shows as `same`."""
    Thing("protect-on", Options(protect=step > 1), value=1)
    Thing("protect-off", Options(protect=step == 1), value=1)
    Thing("protect-kept", Options(protect=True), value=step)
    Thing("protect-off-updated", Options(protect=step == 1), value=step)
    Thing("protect-off-replaced", Options(protect=step == 1), replace_me=step)


@CASES.case
def protect_inherited(step: int) -> None:
    """A child takes its parent's `protect`, unless it says otherwise."""
    group = Group("protect-inherited", Options(protect=step == 1))
    Thing("protect-inherited-child", Options(parent=group), value=1)
    Thing("protect-inherited-own", Options(parent=group, protect=False), value=1)


@CASES.case
def retain(step: int) -> None:
    """`retain_on_delete` on what leaves and on what is replaced; first said in the step that replaces."""
    if step == 1:
        Thing("retain-leaves", Options(retain_on_delete=True), value=1)
    Thing("retain-replaced", Options(retain_on_delete=True), replace_me=step)
    Thing("retain-late", Options(retain_on_delete=step > 1), replace_me=step)
    Thing("retain-only", Options(retain_on_delete=step > 1), value=1)


@CASES.case
def ignore_changes(step: int) -> None:
    """Ignored keys: an update, a replacement, nested, an element, everything, an unignored one beside."""
    Thing("ignore-update", Options(ignore_changes=["value"]), value=step)
    Thing("ignore-replace", Options(ignore_changes=["replace_me"]), replace_me=step)
    Thing("ignore-nested", Options(ignore_changes=["value.inner"]), value={"inner": step, "other": 1})
    Thing("ignore-nested-other", Options(ignore_changes=["value.inner"]), value={"inner": 1, "other": step})
    Thing("ignore-element", Options(ignore_changes=["value[0]"]), value=[step, 1])
    Thing("ignore-wildcard", Options(ignore_changes=["value[*].a"]), value=[{"a": step}, {"a": step}])
    Thing("ignore-all", Options(ignore_changes=["*"]), value=step, replace_me=step)
    Thing("ignore-beside", Options(ignore_changes=["value"]), value=step, other=step)


@CASES.case
def ignore_never_input(_: int) -> None:
    """Ignoring what never was an input: an output, nothing at all, a key under a missing map."""
    Thing("ignore-output", Options(ignore_changes=["computed"]), seed="s", value=1)
    Thing("ignore-nothing", Options(ignore_changes=["nothing"]), value=1)
    Thing("ignore-missing-map", Options(ignore_changes=["missing.key"]), value=1)


@CASES.case
def ignore_added(step: int) -> None:
    """An ignored property that the program starts to state, or stops to state."""
    started = {"value": 1} if step > 1 else {}
    Thing("ignore-started", Options(ignore_changes=["value"]), other=1, **started)
    stopped = {"value": 1} if step == 1 else {}
    Thing("ignore-stopped", Options(ignore_changes=["value"]), other=1, **stopped)


@CASES.case
def ignore_begun(step: int) -> None:
    """`ignore_changes` begins, or ends, in the very step in which the value changes."""
    Thing("ignore-begun", Options(ignore_changes=["value"] if step > 1 else []), value=step)
    Thing("ignore-ended", Options(ignore_changes=["value"] if step == 1 else []), value=step)


@CASES.case
def ignore_unknown(step: int) -> None:
    """An ignored property that turns unknown keeps its old value."""
    root = Thing("ignore-unknown-root", replace_me=step)
    Thing("ignore-unknown-leaf", Options(ignore_changes=["replace_from"]), replace_from=root.id)


@CASES.case
def metadata(step: int) -> None:
    """Options that only the state remembers: no step may call them an update."""
    Thing("metadata-timeouts", Options(custom_timeouts=pulumi.CustomTimeouts(create=f"{step}m")), value=1)
    Thing("metadata-secrets", Options(additional_secret_outputs=["computed"] if step > 1 else []), seed="s")
    Thing("metadata-dbr", Options(delete_before_replace=step > 1), value=1)
    Thing("metadata-hidden", Options(hide_diffs=["value"]), value=step)


@CASES.case
def dependencies(step: int) -> None:
    """Dependencies that come and go without any change of an input."""
    root = Thing("dependencies-root", value=1)
    Thing("dependencies-dropped", Options(depends_on=[root] if step == 1 else []), value=1)
    Thing("dependencies-added", Options(depends_on=[root] if step > 1 else []), value=1)
    Thing("dependencies-literal", value=root.id if step == 1 else "dependencies-root-id")


@CASES.case
def leaving(step: int) -> None:
    """Resources that leave, with and without dependants that leave too, and one that arrives in their place."""
    if step == 1:
        root = Thing("leaving-root", value=1)
        Thing("leaving-leaf", value=root.id)
    else:
        Thing("leaving-arrived", value=1)


@CASES.case
def component_leaves(step: int) -> None:
    """A component with its children leaves; another stays while a child leaves."""
    if step == 1:
        gone = Group("component-leaves")
        Thing("component-leaves-child", Options(parent=gone), value=1)
    stays = Group("component-stays")
    if step == 1:
        Thing("component-stays-child", Options(parent=stays), value=1)
