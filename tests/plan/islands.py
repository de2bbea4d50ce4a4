"""Random programs for the genuine engine: many small, separate graphs in one stack, each with a before and an after."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

Entry = dict[str, Any]
PLAIN = ("value", "size", "replaceKey", "swapKey", "seed", "note")
REPLACING = frozenset(
    [
        "replace_on_changes",
        "deleted_with",
        "replace_with",
        "provider",
        "replaceKey",
        "swapKey",
        "replaceLink",
        "swapLink",
    ]
)
LINKS = ("link", "replaceLink", "swapLink", "seed")


def programs(seed: int, islands: int) -> tuple[list[Entry], list[Entry]]:
    """Two programs; the second has every island of the first changed somehow, reordered, or gone."""
    random = Random(seed)
    before: list[Entry] = []
    after: list[Entry] = []
    for number in range(islands):
        first = _island(random, f"i{number}")
        second = _changed(random, first)
        before += first
        after += second
    return before, after


def _island(random: Random, name: str) -> list[Entry]:
    entries: list[Entry] = []
    for index in range(random.randint(2, 6)):
        kind = random.choices(["Thing", "Group", "Provider", "Read"], [8, 3, 1.5, 0.5])[0]
        key = f"{name}-{index}"
        entry: Entry = {"key": key, "name": key, "kind": kind, "props": {}, "options": {}}
        if kind == "Read":
            entry["id"] = random.choice(["cloud-1", "cloud-2"])
        _props(random, entry, entries)
        _options(random, entry, entries)
        names = {other["key"]: other["name"] for other in entries if other["kind"] == "Group"}
        if entry["options"].get("parent") in names and random.random() < 0.5:
            entry["name"] = f"{names[entry['options']['parent']]}-child{index}"
        entries.append(entry)
    return _without_waiting_in_circles(entries)


def _without_waiting_in_circles(entries: list[Entry]) -> list[Entry]:
    """Nothing joins a component that something already waits for: the SDK then means all children, later ones too."""
    parents: dict[str, str] = {}
    closed: set[str] = set()
    for entry in entries:
        options = entry["options"]
        above = options.get("parent", "")
        while above and above not in closed:
            above = parents.get(above, "")
        if above:
            del options["parent"]
        parents[entry["key"]] = options.get("parent", "")
        closed |= set(options.get("depends_on", ()))
    return entries


def _props(random: Random, entry: Entry, before: list[Entry]) -> None:
    if entry["kind"] == "Read":
        return
    if entry["kind"] == "Provider":
        entry["props"] = {random.choice(["endpoint", "replaceRegion", "swapAccount"]): random.choice("ab")}
        return
    props = entry["props"]
    for prop in random.sample(PLAIN, random.randint(0, 3)):
        value: Any = random.choice("abc")
        if random.random() < 0.15:
            value = {"secret": value}
        if prop == "note" and random.random() < 0.5:
            value = {"deep": [value, {"x": random.choice("ab")}]}
        props[prop] = value
    if random.random() < 0.15 and entry["kind"] == "Thing":
        props["auto"] = ""
    sources = [other for other in before if other["kind"] in ("Thing", "Read")]
    for prop in random.sample(LINKS, random.randint(0, 2)):
        if sources:
            link: Any = {
                "of": random.choice(sources)["key"],
                "output": random.choice(["id", "computed", "value", "seed"]),
            }
            if random.random() < 0.3:
                link["apply"] = True
            if random.random() < 0.1:
                link = {"secret": link}
            props[prop] = {"in": [link, "x"]} if random.random() < 0.2 else link


def _options(random: Random, entry: Entry, before: list[Entry]) -> None:
    options = entry["options"]
    kinds = {other["key"]: other["kind"] for other in before}
    groups = [key for key, kind in kinds.items() if kind == "Group"]
    customs = [key for key, kind in kinds.items() if kind == "Thing"]
    providers = [key for key, kind in kinds.items() if kind == "Provider"]
    parents = [*groups, *groups, *customs]
    if parents and random.random() < 0.5:
        options["parent"] = random.choice(parents)
    # What a resource stands in cannot be what it waits for.
    above = _above(options.get("parent"), before)
    free = [key for key in kinds if key not in above]
    if free and random.random() < 0.3:
        options["depends_on"] = random.sample(free, min(len(free), random.randint(1, 2)))
    if entry["kind"] == "Group":
        if providers and random.random() < 0.5:
            options["providers"] = [random.choice(providers)]
        return
    if entry["kind"] in ("Provider", "Read"):
        return
    if providers and random.random() < 0.4:
        options["provider"] = random.choice(providers)
    if customs and random.random() < 0.12:
        options["deleted_with"] = random.choice(customs)
    if customs and random.random() < 0.12:
        options["replace_with"] = [random.choice(customs)]
    if random.random() < 0.15:
        options["delete_before_replace"] = random.random() < 0.5
    if random.random() < 0.15:
        options["ignore_changes"] = [random.choice([*PLAIN, "link", "note.deep[0]", "note.deep[*].x", "*", "never"])]
    if random.random() < 0.15:
        options["replace_on_changes"] = [random.choice([*PLAIN, "link", "note.deep", "*"])]
    if random.random() < 0.1:
        options["retain_on_delete"] = True
    if random.random() < 0.1:
        options["replacement_trigger"] = random.choice("ab")
    if random.random() < 0.1:
        options["additional_secret_outputs"] = [random.choice(["computed", "value"])]
    # What is imported and must be replaced at once is refused.
    if random.random() < 0.05 and not REPLACING & {*options, *entry["props"]}:
        options["import_"] = f"imported-{entry['key']}"


def _above(key: str | None, entries: list[Entry]) -> set[str]:
    found: set[str] = set()
    by_key = {entry["key"]: entry for entry in entries}
    while key:
        found.add(key)
        key = by_key[key]["options"].get("parent") if key in by_key else None
    return found


def _changed(random: Random, first: list[Entry]) -> list[Entry]:
    if random.random() < 0.1:
        return copy.deepcopy(first)
    if random.random() < 0.05:
        return []
    second: list[Entry] = []
    dropped: set[str] = set()
    renamed: dict[str, tuple[str, str]] = {}
    for entry in copy.deepcopy(first):
        was = entry["name"]
        if (change := renamed.get(entry["options"].get("parent", ""))) and was.startswith(change[0]):
            # A component's children are named after it and follow its renaming.
            entry["name"] = change[1] + was.removeprefix(change[0])
        if random.random() < 0.12:
            dropped.add(entry["key"])
            continue
        if _names(entry) & dropped:
            dropped.add(entry["key"])
            if random.random() < 0.5:
                continue
            dropped.discard(entry["key"])
            _redo(random, entry, second)
        elif random.random() < 0.25:
            _touch(random, entry)
        elif random.random() < 0.15:
            _redo(random, entry, second)
        elif random.random() < 0.2 and entry["kind"] in ("Thing", "Group"):
            _rename(random, entry)
        if entry["name"] != was:
            renamed[entry["key"]] = (was, entry["name"])
        second.append(entry)
    return _without_waiting_in_circles(second)


def _redo(random: Random, entry: Entry, before: list[Entry]) -> None:
    entry["props"], entry["options"] = {}, {}
    _props(random, entry, before)
    _options(random, entry, before)
    entry["options"].pop("import_", None)


def _touch(random: Random, entry: Entry) -> None:
    if entry["kind"] == "Read":
        entry["id"] = random.choice(["cloud-1", "cloud-2"])
        return
    entry["options"].pop("import_", None)
    plain = [prop for prop, value in entry["props"].items() if isinstance(value, str) and prop != "auto"]
    if plain:
        prop = random.choice(plain)
        entry["props"][prop] = random.choice(["a", "b", "c", {"secret": entry["props"][prop]}])
    elif entry["kind"] != "Provider":
        entry["props"][random.choice(PLAIN)] = random.choice("abc")
    if entry["options"].get("replacement_trigger"):
        entry["options"]["replacement_trigger"] = random.choice("ab")


def _rename(random: Random, entry: Entry) -> None:
    if random.random() < 0.3:
        package = "islands" if entry["kind"] == "Group" else "fake"
        entry["options"]["aliases"] = [{"type_": f"{package}:index:{entry['kind']}"}]
        entry["kind"] += "Newer"
        return
    alias: Entry = {"name": entry["name"]}
    entry["name"] = f"renamed-{entry['name']}"
    if random.random() < 0.3 and "parent" in entry["options"]:
        alias["parent"] = entry["options"].pop("parent")
    if random.random() < 0.8:
        entry["options"]["aliases"] = [alias]


def _names(entry: Entry) -> set[str]:
    found: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "of" in value:
                found.add(value["of"])
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    walk(entry["props"])
    options = entry["options"]
    for key in ("parent", "deleted_with", "provider"):
        if key in options:
            found.add(options[key])
    for key in ("depends_on", "replace_with", "providers"):
        found |= set(options.get(key, ()))
    return found
