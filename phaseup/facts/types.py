"""The facts of one resource type, read from `data/<package>/<module>.<Type>.yaml` when the type is first met.

A file lists property paths under the effect that their change has, and apart from that which of them are computed,
have a default, are unordered, and so on. Paths are the wire's; list elements are written `[*]`. A path without an entry
has no fact, which is said as `unknown` and never guessed.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, get_args

import yaml

from phaseup.graph.values import Value

Change = Literal["update", "replace", "update_reboot", "deferred", "ignored", "refused", "conditional", "unknown"]
CHANGES: Final[tuple[str, ...]] = get_args(Change)
SAME: Final = "same"
"""In a case of a conditional fact: the provider shows no change at all."""
DATA: Final = Path(__file__).parent / "data"

_INDEX = re.compile(r"\[[^\]]*\]")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_HEAD: Final = frozenset({"type", "source", "version", "date", "notes"})
_TABLES: Final = frozenset(
    {"computed", "default", "suppress", "set", "when", "recomputes", "identity", "second_opinion", "of", "birth"}
)


class FactsError(Exception):
    """A facts file that contradicts itself or is not of the form; names the file and the key."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One case of a conditional fact: the name of a condition (`facts/conditions.py`) and the effect where it holds."""

    name: str
    effect: str


class _NoDefault:
    def __repr__(self) -> str:
        return "NO_DEFAULT"

    def __bool__(self) -> bool:
        return False


NO_DEFAULT: Final = _NoDefault()


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of one property."""

    path: str
    effect: Change
    when: tuple[Condition, ...] = ()
    """Cases of a conditional effect, the first that holds decides; `otherwise` is the effect where none does."""
    otherwise: str = "update"
    computed: bool = False
    """Optional and computed: where the program is silent, the state's value stays in force."""
    default: Value = NO_DEFAULT
    """The value in force where the program is silent; `NO_DEFAULT` where there is none."""
    suppress: str = ""
    """The name of an equivalence (`facts/equivalence.py`) under which two values are no change."""
    set: bool = False
    """A list whose order means nothing."""
    birth: bool = False
    """Counts at creation only; later changes are not sent."""
    source: str = ""
    version: str = ""
    date: str = ""
    second_opinion: str = ""
    """What another source says, where it disagrees."""

    @property
    def case_effects(self) -> tuple[str, ...]:
        """The effects that a conditional fact can have; none of another fact."""
        return (*(case.effect for case in self.when), self.otherwise) if self.when else ()

    @property
    def citation(self) -> str:
        """`terraform-provider-aws 6.20 internal/service/rds/instance.go (2026-08)`."""
        return f"{self.source} {self.version} ({self.date})".replace("  ", " ")


@dataclass(frozen=True, slots=True)
class TypeFacts:
    """All facts of one type. `recomputes` maps an output to the properties whose change makes it unknown (`*`: any)."""

    type: str
    source: str
    version: str
    date: str
    properties: Mapping[str, Fact]
    recomputes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    identity: tuple[str, ...] = ()
    """Physical-name properties that must be unique, so that a replacement that keeps one deletes first."""
    inner: frozenset[str] = frozenset()
    """Paths that have facts below them."""
    rest: Fact | None = None
    """The fact of every path without one of its own; None: there is none, which is `unknown`."""

    def property(self, path: str) -> Fact | None:
        """The fact of a path; below a leaf (a tag, a JSON key, an element of a list of strings) the leaf's."""
        found = self.properties.get(path)
        return found if found is not None else _search(self, path) or self.rest

    def defaults(self) -> Iterator[tuple[str, Value]]:
        """Top-level properties that have a default, with it."""
        for path, fact in self.properties.items():
            if fact.default is not NO_DEFAULT and "." not in path and "[" not in path:
                yield path, fact.default


@functools.cache
def facts_for(type_: str) -> TypeFacts | None:
    """The facts of a type token, from its own file, else from its package's table; None where there is neither."""
    file = facts_file(type_)
    if file is None:
        return None
    return load(file) if file.is_file() else _from_package(type_, _package_table(file.parent / "_package.yaml"))


def facts_file(type_: str) -> Path | None:
    """Where a type's facts are: `aws:rds/instance:Instance` in `data/aws/rds.Instance.yaml`."""
    package, _, rest = type_.partition(":")
    module, _, name = rest.partition(":")
    if not name:
        return None
    return DATA / package / f"{module.rsplit('/', 1)[0].replace('/', '.')}.{name}.yaml"


def every_type() -> Iterator[TypeFacts]:
    """The facts of all types, in the order of their files."""
    for file in sorted(DATA.glob("*/[!_]*.yaml")):
        yield load(file)


@functools.cache
def _package_table(file: Path) -> Mapping[str, Any] | None:
    return _read(file) if file.is_file() else None


def _from_package(type_: str, table: Mapping[str, Any] | None) -> TypeFacts | None:
    if table is None:
        return None
    cited: dict[str, Any] = {key: str(table[key]) for key in ("source", "version", "date")}
    paths = [*table["every"], *table["types"].get(type_.split(":", 1)[1], ())]
    properties = {path: Fact(path, "replace", **cited) for path in paths}
    return TypeFacts(type_, **cited, properties=properties, rest=Fact("", table["otherwise"], **cited))


def _read(file: Path) -> Any:
    with file.open(encoding="utf-8") as stream:
        return yaml.load(stream, Loader=_LOADER)


def normal(path: str) -> str:
    """A property path with every index as `[*]`: `nodeGroups[0].slots` is `nodeGroups[*].slots`."""
    return _INDEX.sub("[*]", path) if "[" in path else path


def load(file: Path) -> TypeFacts:
    """Read and check one facts file; raises `FactsError`."""
    data = _read(file)
    where = f"{file.parent.name}/{file.name}"
    if not isinstance(data, dict):
        raise FactsError(f"{where}: a mapping is expected")
    for key in data:
        if key not in _HEAD and key not in _TABLES and key not in CHANGES:
            raise FactsError(f"{where}: {key}: not a key of a facts file")
    effects: dict[str, str] = {}
    for change in CHANGES:
        for path in data.get(change) or ():
            if path in effects:
                raise FactsError(f"{where}: {path}: both {effects[path]} and {change}")
            effects[path] = change
    when = data.get("when") or {}
    for path in when:
        if effects.setdefault(path, "conditional") != "conditional":
            raise FactsError(f"{where}: {path}: both {effects[path]} and conditional")
    tables = ("computed", "default", "suppress", "set", "second_opinion", "birth")
    listed = {table: data.get(table) or () for table in tables}
    listed["of"] = [path for group in data.get("of") or () for path in group["paths"]]
    for table, paths in listed.items():
        for path in paths:
            if path not in effects:
                raise FactsError(f"{where}: {table}: {path} has no effect")
    properties = {path: _fact(path, effect, data, when.get(path), where) for path, effect in effects.items()}
    inner = {path[: match.start()] for path in properties for match in re.finditer(r"\[\*\]|\.", path)}
    return TypeFacts(
        type=data["type"],
        source=data["source"],
        version=str(data["version"]),
        date=str(data["date"]),
        properties=properties,
        recomputes={output: tuple(paths) for output, paths in (data.get("recomputes") or {}).items()},
        identity=tuple(data.get("identity") or ()),
        inner=frozenset(inner),
    )


def _fact(path: str, effect: str, data: Mapping[str, Any], when: Any, where: str) -> Fact:
    own = next((group for group in data.get("of") or () if path in group["paths"]), {})
    cases: list[Condition] = []
    otherwise = "update"
    for case in when or ():
        ((name, result),) = case.items()
        if result not in (*CHANGES, SAME) or result == "conditional":
            raise FactsError(f"{where}: when: {path}: {result} is no effect")
        if name == "otherwise":
            otherwise = result
        else:
            cases.append(Condition(name, result))
    if effect == "conditional" and not cases:
        raise FactsError(f"{where}: {path}: conditional without cases")
    return Fact(
        path=path,
        effect=effect,  # ty: ignore[invalid-argument-type]
        when=tuple(cases),
        otherwise=otherwise,
        computed=path in (data.get("computed") or ()),
        default=(data.get("default") or {}).get(path, NO_DEFAULT),
        suppress=(data.get("suppress") or {}).get(path, ""),
        set=path in (data.get("set") or ()),
        birth=path in (data.get("birth") or ()),
        source=own.get("source", data["source"]),
        version=str(own.get("version", data["version"])),
        date=str(own.get("date", data["date"])),
        second_opinion=(data.get("second_opinion") or {}).get(path, ""),
    )


def _search(facts: TypeFacts, path: str) -> Fact | None:
    path = normal(path)
    found = facts.properties.get(path)
    while found is None and path:
        cut = max(path.rfind("."), path.rfind("[*]"))
        if cut < 0:
            return None
        path = path[:cut]
        if path in facts.inner and path not in facts.properties:
            return None
        found = facts.properties.get(path)
        if found is not None and path in facts.inner:
            return None
    return found
