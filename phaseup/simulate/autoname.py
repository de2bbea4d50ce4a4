"""Physical names that the provider makes up, and the names that make a replacement delete first."""

from __future__ import annotations

from collections.abc import Mapping

from phaseup.graph.resource import urn_name
from phaseup.graph.values import Value
from phaseup.simulate.rules import AutoName, Rules
from phaseup.simulate.schema import Schema
from phaseup.simulate.seed import digest

DEFAULTS = "__defaults"
_RANDOM = 7


def autoname_rule(rules: Rules, type_: str, schema: Schema | None) -> AutoName | None:
    """The rule for a type: its package's exception, else an optional `name` input."""
    if type_ in rules.autonames:
        return rules.autonames[type_]
    if (
        not (rules.bridged and rules.autonames_by_default)
        or schema is None
        or "name" not in schema.inputs
        or "name" in schema.required
    ):
        return None
    return AutoName("name")


class NameTooLongError(ValueError):
    """A logical name that leaves no room for the random part; the bridge refuses it too."""


def autoname(rule: AutoName, urn: str, olds: Mapping[str, Value], news: Mapping[str, Value], seed: bytes) -> str | None:
    """The name to fill in; None where the program states one or states a prefix instead. Raises `NameTooLongError`."""
    if news.get(rule.property) is not None or news.get(f"{rule.property}Prefix") is not None:
        return None
    old = olds.get(rule.property)
    if isinstance(old, str) and rule.property in (olds.get(DEFAULTS) or ()):
        return old
    base = urn_name(urn)
    if rule.lower:
        base = base.lower()
    base = f"{rule.prefix}{base}{rule.separator}"
    if len(base) + _RANDOM > rule.maximum:
        raise NameTooLongError(f"the name {base!r} and {_RANDOM} random characters exceed {rule.maximum} characters")
    return f"{base}{digest(seed.hex(), urn)[:_RANDOM]}"


def deletes_first(
    rule: AutoName | None, identity: tuple[str, ...], olds: Mapping[str, Value], news: Mapping[str, Value]
) -> bool:
    """Whether a replacement keeps a name that must be unique, so that the old resource has to go first.

    As the bridge decides it (pulumi-terraform-bridge pkg/tfbridge/schema.go `nameRequiresDeleteBeforeReplace`,
    2026-08): inputs without `__defaults` count as autonamed; where the type lists its unique names (`identity`), all of
    them unchanged and none autonamed; else an autonamable property that the program states.
    """
    defaults = news.get(DEFAULTS)
    if not isinstance(defaults, list):
        return False
    if identity:
        return all(olds.get(name) == news.get(name) and name not in defaults for name in identity)
    return rule is not None and rule.property in news and rule.property not in defaults
