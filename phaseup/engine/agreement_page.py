"""The page docs/agreement.md, made from what the engine's tests noted; it holds nothing that no test has compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from phaseup.engine.noted import Measured

NOTES: Final = """\
## What the engine taught

- A `delete` of a protected resource fails the preview by the *old* state's protection; unprotecting it in the same
  step does not help, nor does a `retain_on_delete` that is first said there.
- `pulumi destroy` refuses protected resources in its preview, before anything is deleted. With `--skip-preview` it
  deletes everything that is neither protected nor needed by what is, and only then fails.
- A replacement that deletes first also takes down what depended on it *in the old state*. A dependant that lets go of
  it in the same step is kept if the program happens to register it earlier: the engine's own answer is a matter of
  timing, unless `depends_on` orders the two. The rehearsal registers in program order.
- `remove-pending-replace` is a step that the engine takes and never shows; it is left out of the comparison.
- SDK 3.272 takes the id of a resource that is only read as unknown in previews under an engine that does not answer
  it, as 3.260 does not: what uses that id shows as changed in every preview.
"""


_KINDS: Final = (
    ("ladder", "config", "meal's ladder with every way back, plan from config"),
    ("ladder", "state", "meal's ladder with every way back, plan from the engine's state"),
    ("system", "config", "the other systems' ladders, from the recorded state imported"),
    ("born", "state", "their phases: the state that the engine made, beside the recorded one"),
    ("corner", "config", "corner cases, plan from config"),
    ("corner", "state", "corner cases, plan from the engine's state"),
    ("refusal", "config", "refused steps"),
)
_TITLES: Final = (
    ("ladder", "meal's ladder"),
    ("system", "The other systems' ladders"),
    ("born", "Phases made by the engine"),
    ("corner", "Corner cases"),
    ("refusal", "Steps that both refuse"),
)


def render(found: Measured) -> str:
    """The page, as Markdown."""
    lines = [
        "# Rehearsal and engine, side by side",
        "",
        "Made by `python -m phaseup.engine.agreement`; never edited by hand. The genuine `pulumi` ran the same",
        "programs on the same simulated providers, and for each URN the operations were compared: with the plan from",
        "config (state A recorded), and with the plan from the engine's own `stack export`. The other systems' steps",
        "begin at the recorded state, which the engine imports; of their phases, which it makes, states are compared.",
        "",
        f"- Measured {_days(found.notes)}, Pulumi CLI {found.engine}, Python {found.python}",
        "- SDKs: " + ", ".join(f"{name} {version}" for name, version in found.sdks.items()),
        *([] if found.whole else ["- In parts: of each comparison the newest is shown, and nothing is said of what "
                                  "has no row"]),
        "",
        "| | steps or cases | URN × step | agree | |",
        "|---|---:|---:|---:|---:|",
    ]  # fmt: skip
    for kind, source, title in _KINDS:
        own = [note for note in found.notes if (note["kind"], note["source"]) == (kind, source)]
        total = sum(note["urns"] for note in own)
        agreed = total - sum(len(note["disagreements"]) for note in own)
        share = f"{100 * agreed / total:.2f} %" if total else "–"
        lines.append(f"| {title} | {len(own)} | {total} | {agreed} | {share} |")
    told = [f"- {note['name']} ({note['source']}): {text}" for note in found.notes for text in note["disagreements"]]
    lines += ["", "## Disagreements", "", *(told or ["None."])]
    if found.failed:
        lines += ["", "## Tests that failed", "", *(f"- `{name}`" for name in found.failed)]
    lines += ["", NOTES]
    for kind, title in _TITLES:
        own = [note for note in found.notes if note["kind"] == kind]
        lines += [
            f"## {title}",
            "",
            "| | URNs | agree from config | agree from state | day |",
            "|---|---:|---:|---:|---|",
        ]
        lines += [_row(name, [note for note in own if note["name"] == name])
                  for name in dict.fromkeys(note["name"] for note in own)]  # fmt: skip
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _days(notes: Iterable[Mapping[str, Any]]) -> str:
    days = sorted({note["day"] for note in notes})
    if not days:
        return "nothing yet"
    return f"on {days[0]}" if days[0] == days[-1] else f"from {days[0]} to {days[-1]}"


def _row(name: str, notes: Sequence[Mapping[str, Any]]) -> str:
    by_source = {note["source"]: note for note in notes}
    agreed = [
        str(by_source[source]["urns"] - len(by_source[source]["disagreements"])) if source in by_source else "–"
        for source in ("config", "state")
    ]
    urns, day = max(note["urns"] for note in notes), min(note["day"] for note in notes)
    return f"| {name} | {urns} | {agreed[0]} | {agreed[1]} | {day} |"
