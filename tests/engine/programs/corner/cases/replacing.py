"""Replacements: cascades, deletions first, options that replace."""

import pulumi
from pulumi import ResourceOptions as Options

from .things import Register, Thing

CASES = Register()


@CASES.case
def cascade(step: int) -> None:
    """A replaced id reaches a replacing, an updating, and a merely dependent resource."""
    root = Thing("cascade-root", replace_me=step)
    middle = Thing("cascade-middle", replace_from=root.id)
    Thing("cascade-leaf", replace_from=middle.id)
    Thing("cascade-updated", from_root=root.id)
    Thing("cascade-dependent", Options(depends_on=[root]), value=1)


@CASES.case
def known_output(step: int) -> None:
    """An output that the preview knows does not cascade, one that it does not know does."""
    root = Thing("known-output-root", seed="same", value=step)
    Thing("known-output-same", replace_from=root.computed)
    changed = Thing("known-output-changed", seed=f"s{step}")
    Thing("known-output-replaced", replace_from=changed.computed)


@CASES.case
def dbr(step: int) -> None:
    """Delete before replace by the provider, dragging what depends through a replacing property."""
    root = Thing("dbr-root", swap_me=step)
    middle = Thing("dbr-middle", replace_from=root.id)
    Thing("dbr-leaf", replace_from=middle.id)
    Thing("dbr-updated", from_root=root.id)
    Thing("dbr-dependent", Options(depends_on=[root]), value=1)


@CASES.case
def dbr_option(step: int) -> None:
    """Delete before replace asked for by the option; a dependant that only updates stays."""
    root = Thing("dbr-option-root", Options(delete_before_replace=True), replace_me=step)
    Thing("dbr-option-replaced", replace_from=root.id)
    Thing("dbr-option-updated", from_root=root.id)


@CASES.case
def dbr_denied(step: int) -> None:
    """`delete_before_replace=False` outweighs the provider's wish."""
    root = Thing("dbr-denied-root", Options(delete_before_replace=False), swap_me=step)
    Thing("dbr-denied-leaf", replace_from=root.id)


@CASES.case
def dbr_leaving(step: int) -> None:
    """A dependant that leaves the program in the same step."""
    root = Thing("dbr-leaving-root", swap_me=step)
    if step == 1:
        Thing("dbr-leaving-gone", replace_from=root.id)


@CASES.case
def dbr_dropped(step: int) -> None:
    """A dependant whose property lets go of its dependency in the very step: by the old state it still depends.

    Without `depends_on` the engine's answer is a matter of luck: `same` where the dependant is registered before the
    root is condemned, else a replacement.
    """
    root = Thing("dbr-dropped-root", swap_me=step)
    value = root.id if step == 1 else "dbr-dropped-root-id"
    Thing("dbr-dropped-free", Options(depends_on=[root]), replace_from=value)


@CASES.case
def dbr_chain(step: int) -> None:
    """Two delete-before-replace roots that share a dependant."""
    one = Thing("dbr-chain-one", swap_me=step)
    two = Thing("dbr-chain-two", Options(depends_on=[one]), swap_me=step)
    Thing("dbr-chain-shared", replace_a=one.id, replace_b=two.id)


@CASES.case
def replace_on_changes(step: int) -> None:
    """Plain properties that the program says replace: a key, a nested path, a wildcard, and one that misses."""
    Thing("replace-on-changes-key", Options(replace_on_changes=["value"]), value=step)
    Thing("replace-on-changes-nested", Options(replace_on_changes=["value.inner"]), value={"inner": step, "other": 1})
    Thing("replace-on-changes-beside", Options(replace_on_changes=["value.other"]), value={"inner": step, "other": 1})
    Thing("replace-on-changes-all", Options(replace_on_changes=["*"]), value=step)
    Thing("replace-on-changes-missed", Options(replace_on_changes=["other"]), value=step)


@CASES.case
def replace_on_added(step: int) -> None:
    """A property that appears, and one that goes, under `replace_on_changes`."""
    added = {"value": 1} if step > 1 else {}
    Thing("replace-on-added-in", Options(replace_on_changes=["value"]), other=1, **added)
    removed = {"value": 1} if step == 1 else {}
    Thing("replace-on-added-out", Options(replace_on_changes=["value"]), other=1, **removed)


@CASES.case
def trigger(step: int) -> None:
    """`replacement_trigger` that changes, stays, appears, goes."""
    Thing("trigger-changed", Options(replacement_trigger=step), value=1)
    Thing("trigger-same", Options(replacement_trigger="x"), value=step)
    Thing("trigger-added", Options(replacement_trigger="x" if step > 1 else None), value=1)
    Thing("trigger-removed", Options(replacement_trigger="x" if step == 1 else None), value=1)


@CASES.case
def trigger_unknown(step: int) -> None:
    """A trigger that is not known in the preview."""
    root = Thing("trigger-unknown-root", replace_me=step)
    Thing("trigger-unknown-leaf", Options(replacement_trigger=root.id), value=1)


@CASES.case
def replace_with(step: int) -> None:
    """`replace_with`: replaced along with another, also through a chain; an update drags nothing along."""
    root = Thing("replace-with-root", replace_me=step)
    along = Thing("replace-with-along", Options(replace_with=[root]), value=1)
    Thing("replace-with-chain", Options(replace_with=[along]), value=1)
    calm = Thing("replace-with-calm", value=step)
    Thing("replace-with-beside", Options(replace_with=[calm]), value=1)


@CASES.case
def deleted_with(step: int) -> None:
    """`deleted_with` a resource that is replaced, deleted first, or deleted."""
    root = Thing("deleted-with-root", replace_me=step)
    Thing("deleted-with-stays", Options(deleted_with=root), value=1)
    swapped = Thing("deleted-with-swapped", swap_me=step)
    Thing("deleted-with-along", Options(deleted_with=swapped), value=1)
    if step == 1:
        gone = Thing("deleted-with-gone", value=1)
        Thing("deleted-with-gone-too", Options(deleted_with=gone), value=1)


@CASES.case
def update_and_replace(step: int) -> None:
    """Replacing and updating changes at once, and a replacement whose dependant also changes itself."""
    root = Thing("both-root", replace_me=step, value=step)
    Thing("both-leaf", from_root=root.id, value=step)


@CASES.case
def diamond(step: int) -> None:
    """Two paths to one leaf, one of which replaces."""
    root = Thing("diamond-root", replace_me=step)
    left = Thing("diamond-left", replace_from=root.id)
    right = Thing("diamond-right", from_root=root.id)
    Thing("diamond-leaf", from_left=left.id, from_right=right.id)


@CASES.case
def unknown_inside(step: int) -> None:
    """An unknown inside a list, a map, a concatenation and a secret."""
    root = Thing("unknown-inside-root", replace_me=step)
    Thing("unknown-inside-list", replace_list=["a", root.id])
    Thing("unknown-inside-map", value={"a": root.id, "b": 1})
    Thing("unknown-inside-text", value=pulumi.Output.concat("id=", root.id))
    Thing("unknown-inside-secret", value=pulumi.Output.secret(root.id))
