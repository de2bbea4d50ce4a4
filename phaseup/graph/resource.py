"""A registration (what the program asks for), a state (what the engine would remember), a snapshot (all states)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from phaseup.graph.values import Value

STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_PREFIX = "pulumi:providers:"


class AliasSpec(NamedTuple):
    """One alias of a registration: a whole URN, or the parts that differ from the current ones (None = unchanged)."""

    urn: str = ""
    name: str = ""
    type: str = ""
    stack: str = ""
    project: str = ""
    parent_urn: str = ""
    no_parent: bool = False


class Timeouts(NamedTuple):
    """Custom timeouts as the engine keeps them, e.g. `30m`; empty where not given."""

    create: str = ""
    update: str = ""
    delete: str = ""
    read: str = ""


NO_TIMEOUTS: Final = Timeouts()


@dataclass(slots=True)
class Goal:
    """One RegisterResource or ReadResource call, whole: after transforms, before any provider has seen it.

    `provider` is the engine's reference `<provider urn>::<id>`, empty for the package's default provider. Property
    names are the wire's (camelCase). `ignore_changes` and `replace_on_changes` are property paths as sent.
    """

    type: str
    name: str
    custom: bool
    inputs: dict[str, Value]
    parent: str = ""
    remote: bool = False
    provider: str = ""
    providers: dict[str, str] = field(default_factory=dict)
    dependencies: list[str] = field(default_factory=list)
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    protect: bool | None = None
    aliases: list[AliasSpec] = field(default_factory=list)
    ignore_changes: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    delete_before_replace: bool | None = None
    retain_on_delete: bool | None = None
    deleted_with: str = ""
    replace_with: list[str] = field(default_factory=list)
    replacement_trigger: Value = None
    additional_secret_outputs: list[str] = field(default_factory=list)
    import_id: str = ""
    read_id: Value = ""
    """Set for ReadResource: the id to read; UNKNOWN in a preview where the id is not known yet."""
    timeouts: Timeouts = NO_TIMEOUTS
    version: str = ""
    plugin_download_url: str = ""
    hide_diffs: list[str] = field(default_factory=list)
    source_position: str = ""
    """`project:///path/file.py#line,column`, or empty."""
    output_names: tuple[str, ...] = ()
    """Wire names of every property that the SDK class declares; empty where the class is not known."""

    @property
    def package(self) -> str:
        """`aws` of `aws:rds/instance:Instance`; for a provider resource the package that it configures."""
        if self.type.startswith(PROVIDER_PREFIX):
            return self.type.removeprefix(PROVIDER_PREFIX)
        return self.type.split(":", 1)[0]


@dataclass(slots=True)
class State:
    """One resource as a checkpoint holds it (`apitype.ResourceV3`)."""

    urn: str
    type: str
    custom: bool
    id: str = ""
    inputs: dict[str, Value] = field(default_factory=dict)
    outputs: dict[str, Value] = field(default_factory=dict)
    parent: str = ""
    provider: str = ""
    dependencies: list[str] = field(default_factory=list)
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    protect: bool = False
    external: bool = False
    retain_on_delete: bool = False
    deleted_with: str = ""
    replace_with: list[str] = field(default_factory=list)
    replacement_trigger: Value = None
    additional_secret_outputs: list[str] = field(default_factory=list)
    ignore_changes: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    delete_before_replace: bool | None = None
    hide_diffs: list[str] = field(default_factory=list)
    import_id: str = ""
    init_errors: list[str] = field(default_factory=list)
    delete: bool = False
    """Pending deletion: already replaced, its delete was still to come."""
    pending_replacement: bool = False
    aliases: list[str] = field(default_factory=list)
    timeouts: Timeouts = NO_TIMEOUTS
    source_position: str = ""
    created: str = ""
    modified: str = ""
    taint: bool = False

    @property
    def name(self) -> str:
        """The logical name: the URN's last part (which may itself contain `::`)."""
        return urn_name(self.urn)


class PendingOperation(NamedTuple):
    """An operation (`creating`, `updating`, …) whose end the engine never saw, on the state it started from."""

    type: str
    state: State


@dataclass(slots=True)
class Snapshot:
    """A stack's states in the order in which they were registered, dependencies first."""

    stack: str
    project: str
    resources: list[State] = field(default_factory=list)
    organization: str = "organization"
    pending_operations: list[PendingOperation] = field(default_factory=list)
    """What an interrupted update was doing when it stopped; empty after one that ended."""
    secrets_provider: dict[str, Any] = field(default_factory=dict)
    """The export's `secrets_providers`: type and state (a salt or key, encrypted); empty where there is none."""

    def __iter__(self) -> Iterator[State]:
        return iter(self.resources)

    def by_urn(self) -> dict[str, State]:
        """The live state of each URN; states pending deletion are left out."""
        return {state.urn: state for state in self.resources if not state.delete}


def make_urn(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """The URN the engine gives; children of the Stack carry no parent type (sdk/go/common/resource/urn, 3.260)."""
    if parent:
        parent_type = urn_qualified_type(parent)
        if parent_type != STACK_TYPE:
            type_ = f"{parent_type}${type_}"
    return f"urn:pulumi:{stack}::{project}::{type_}::{name}"


def urn_qualified_type(urn: str) -> str:
    """`parentType$childType` of a URN."""
    return urn.split("::", 3)[2]


def urn_type(urn: str) -> str:
    """The type token of a URN, without its parents."""
    return urn_qualified_type(urn).rsplit("$", 1)[-1]


def urn_name(urn: str) -> str:
    """The logical name of a URN."""
    return urn.split("::", 3)[3]
