"""What an interrupted update leaves in the state (`tests/engine/leftovers.py` edits it in), and the next step."""

from pulumi import ResourceOptions as Options

from .things import Register, Thing

CASES = Register()


@CASES.case
def pending_delete(step: int) -> None:
    """Already replaced, the old one still to be deleted; in the program, changed, and no longer in the program."""
    Thing("pending-delete-kept", value=1)
    Thing("pending-delete-updated", value=step)
    Thing("pending-delete-replaced", replace_me=step)
    if step == 1:
        Thing("pending-delete-gone", value=1)


@CASES.case
def pending_replacement(step: int) -> None:
    """Deleted already, its replacement still to be created; in the program, and no longer in the program."""
    Thing("pending-replacement-kept", value=1)
    if step == 1:
        Thing("pending-replacement-gone", value=1)


@CASES.case
def init_errors(step: int) -> None:
    """Created, but never ready."""
    Thing("init-errors-kept", value=1)
    Thing("init-errors-updated", value=step)


@CASES.case
def taint(step: int) -> None:
    """Marked for replacement with `pulumi state taint`."""
    root = Thing("taint-root", value=1)
    Thing("taint-leaf", replace_from=root.id)
    Thing("taint-protected", value=step)


@CASES.case
def missing_inputs(_: int) -> None:
    """A state whose inputs lack what its outputs hold, as some imports leave it."""
    Thing("missing-inputs", value=1)


@CASES.case
def forgotten_dependencies(step: int) -> None:
    """A state without dependencies, as older engines wrote it: nothing cascades before the new ones are known."""
    root = Thing("forgotten-root", swap_me=step)
    Thing("forgotten-leaf", Options(depends_on=[root]), replace_from=root.id)
