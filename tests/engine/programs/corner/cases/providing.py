"""Explicit and default providers, and what their changes drag along."""

from pulumi import Alias
from pulumi import ResourceOptions as Options

from .things import Group, Maker, Register, Thing

CASES = Register()


@CASES.case
def config_updated(step: int) -> None:
    """A provider's config changes in place."""
    maker = Maker("config-updated", value=str(step))
    Thing("config-updated-thing", Options(provider=maker), value=1)


@CASES.case
def config_replaced(step: int) -> None:
    """A provider's config changes so that it is replaced: its resources go along."""
    maker = Maker("config-replaced", replace_me=str(step))
    root = Thing("config-replaced-thing", Options(provider=maker), value=1)
    Thing("config-replaced-leaf", replace_from=root.id)


@CASES.case
def to_explicit(step: int) -> None:
    """From the default provider to an explicit one of the same config, and back."""
    maker = Maker("to-explicit")
    Thing("to-explicit-in", Options(provider=maker if step > 1 else None), value=1)
    Thing("to-explicit-out", Options(provider=maker if step == 1 else None), value=1)


@CASES.case
def to_other(step: int) -> None:
    """From one explicit provider to another: alike, and of another config."""
    one, two, other = Maker("to-other-one"), Maker("to-other-two"), Maker("to-other-other", replace_me="x")
    Thing("to-other-alike", Options(provider=one if step == 1 else two), value=1)
    Thing("to-other-unlike", Options(provider=one if step == 1 else other), value=1)


@CASES.case
def renamed(step: int) -> None:
    """A provider under a new name with an alias."""
    if step == 1:
        maker = Maker("provider-old", value="x")
    else:
        maker = Maker("provider-new", Options(aliases=[Alias(name="provider-old")]), value="x")
    Thing("provider-renamed-thing", Options(provider=maker), value=1)


@CASES.case
def inherited(step: int) -> None:
    """A component hands its providers down."""
    maker = Maker("inherited-maker", value=str(step))
    group = Group("inherited", Options(providers={"fake": maker}))
    Thing("inherited-child", Options(parent=group), value=1)


@CASES.case
def unknown_config(step: int) -> None:
    """A provider whose config is not known in the preview: nothing can be diffed."""
    root = Thing("unknown-config-root", replace_me=step)
    maker = Maker("unknown-config", value=root.id)
    Thing("unknown-config-thing", Options(provider=maker), value=1)
    Thing("unknown-config-changed", Options(provider=maker), value=step)


@CASES.case
def unknown_replacing_config(step: int) -> None:
    """The same, where the unknown replaces the provider."""
    root = Thing("unknown-replacing-root", replace_me=step)
    maker = Maker("unknown-replacing", replace_by=root.id)
    Thing("unknown-replacing-thing", Options(provider=maker), value=1)


@CASES.case
def leaves(step: int) -> None:
    """A provider leaves together with its resource."""
    if step == 1:
        Thing("leaves-thing", Options(provider=Maker("leaves-maker")), value=1)


@CASES.case
def protected(step: int) -> None:
    """An explicit provider that is unprotected."""
    Maker("protected-maker", Options(protect=step == 1), value="x")
