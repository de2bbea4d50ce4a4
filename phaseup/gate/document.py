"""What `pulumi preview --json` wrote, as data: its digest, or with PULUMI_ENABLE_STREAMING_JSON_PREVIEW its events.

Source: pkg/display/json.go and pkg/backend/display/json.go, Pulumi 3.260 (2026-08). It always holds the Stack; what
stays the same only where its `protect` changes or `--show-sames` asks for it; the parts of a replacement only with
`--show-replacement-steps`. Secrets are the text `[secret]`. Of the Stack's outputs it holds those of the last apply
alone; the events hold the new ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError

Urn = Annotated[str, Field(pattern=r"^urn:pulumi:[^:]+::[^:]+::[^:].*::")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class PreviewState(_Part):
    """A resource before or after a step (`apitype.ResourceV3`): what must be of its form to be judged."""

    urn: Urn
    type: str
    custom: StrictBool = False
    id: str = ""
    inputs: dict[str, Any] | None = None
    outputs: dict[str, Any] | None = None
    parent: str = ""
    provider: str = ""
    dependencies: list[str] | None = None
    propertyDependencies: dict[str, list[str] | None] | None = None  # noqa: N815
    protect: StrictBool = False
    external: StrictBool = False
    delete: StrictBool = False
    retainOnDelete: StrictBool = False  # noqa: N815


class PropertyChange(_Part):
    """How one property differs: add, update, delete, or one of these with `-replace`."""

    kind: str = ""


class PreviewStep(_Part):
    """One step."""

    op: str
    urn: Urn
    old: PreviewState | None = Field(default=None, alias="oldState")
    new: PreviewState | None = Field(default=None, alias="newState")
    diff_reasons: list[str] | None = Field(default=None, alias="diffReasons")
    replace_reasons: list[str] | None = Field(default=None, alias="replaceReasons")
    detailed: dict[str, PropertyChange] | None = Field(default=None, alias="detailedDiff")


class Said(_Part):
    """A diagnostic."""

    severity: str = ""
    message: str = ""
    urn: str = ""


class Digest(_Part):
    """The whole. What newer engines add is let through."""

    config: dict[str, str] | None = None
    steps: list[PreviewStep] | None = None
    diagnostics: list[Said] | None = None
    summary: dict[str, Annotated[int, Field(strict=True, ge=0)]] | None = Field(default=None, alias="changeSummary")
    corrupt: StrictBool = Field(default=False, alias="maybeCorrupt")


@dataclass(frozen=True, slots=True)
class Preview:
    """A preview as far as it could be read; `faults` say why it cannot be relied on, and are empty where it can."""

    source: str
    config: dict[str, str] = field(default_factory=dict)
    steps: tuple[PreviewStep, ...] = ()
    said: tuple[Said, ...] = ()
    summary: dict[str, int] | None = None
    faults: tuple[str, ...] = ()
    outputs: dict[str, Any] | None = None
    """The Stack's new outputs; None where they are not told, as in a digest."""

    @property
    def errors(self) -> tuple[Said, ...]:
        """Diagnostics that the engine fails for."""
        return tuple(each for each in self.said if each.severity == "error")


def from_digest(document: dict[str, Any], source: str, *, outputs: dict[str, Any] | None = None) -> Preview:
    """The preview in a digest; what is not of its form is a fault, told by its path and without its value."""
    try:
        digest = Digest.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
        return Preview(source, faults=(f"{where}: {first['msg'][:1].lower()}{first['msg'][1:]}",))
    faults = [] if digest.steps is not None else ["steps: not there, so the preview did not come to its first resource"]
    if digest.corrupt:
        faults.append("maybeCorrupt: the engine itself does not trust what it found")
    return Preview(
        source,
        dict(digest.config or {}),
        tuple(digest.steps or ()),
        tuple(digest.diagnostics or ()),
        digest.summary,
        tuple(faults),
        outputs,
    )
