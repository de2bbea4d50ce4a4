"""One stack: what a person wrote in `stacks/Pulumi.<stack>.yaml`, checked as far as it can be without a blueprint."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StrictInt,
    model_validator,
)

from components.docstrings import Documented
from components.spec import REGION
from stacks.models.bad_input import BadInput

PHASEUP: Final = "phaseup:"
ENGINE_KEYS: Final = ("encryptionsalt", "secretsprovider", "encryptedkey", "environment")
"""Top-level keys of a stack file that the engine owns (Pulumi CLI 3.272, sdk/go/common/workspace/project.go)."""
PROVIDER_PREFIXES: Final = ("aws:", "cloudflare:", "fastly:", "pulumi:")
PROVIDER_SECRETS: Final = ("aws:secretKey", "aws:token", "cloudflare:apiKey", "cloudflare:apiToken", "fastly:apiKey")
"""Settings of providers that never stand in a file as they are."""
GUARDED: Final = ("staging", "prod")
"""Environments where the AWS accounts that may be touched must be named."""

_DIGEST: Final = re.compile(r"[a-z0-9][a-z0-9._/:-]*@sha256:[0-9a-f]{64}\Z")
_DOMAIN: Final = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}\Z")
_NAME: Final = r"^[a-z]([a-z0-9-]{0,29}[a-z0-9])?$"


def _digest(text: str) -> str:
    if not _DIGEST.match(text):
        raise ValueError("an image by digest, name@sha256:<64 hex digits>; a tag can come to mean another image")
    return text


def _domain(text: str) -> str:
    if not _DOMAIN.match(text):
        raise ValueError("an apex domain in lower case, e.g. mealplanner.es")
    return text


def _day(value: object) -> object:
    """The engine hands a YAML date on as a timestamp at midnight."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}T00:00:00(?:\.0+)?(?:Z|\+00:00)", value):
        return value[:10]
    if isinstance(value, int | float):
        raise ValueError("a date as YYYY-MM-DD")
    return value


def _secret(value: object) -> object:
    """`{secure: …}` is the file's form; the engine hands the program the plain text."""
    if isinstance(value, dict) and set(value) == {"secure"} and isinstance(value["secure"], str):
        return "[secret]"
    return value


Digest = Annotated[str, AfterValidator(_digest)]
Day = Annotated[date, BeforeValidator(_day)]
SlackChannel = Annotated[str, Field(pattern=r"^[CG][A-Z0-9]{6,20}$")]
"""A channel's id."""
Secret = Annotated[SecretStr, BeforeValidator(_secret, json_schema_input_type=dict[Literal["secure"], str])]


class Part(Documented):
    """A closed, frozen piece of stack config."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Moving(Part):
    """The stack is between two phases: `phaseup:phase` is where it goes."""

    from_: str = Field(alias="from", pattern=_NAME)
    """The phase it comes from."""
    traffic: StrictInt = Field(ge=0, le=100)
    """Per cent of the way from the old distribution of requests to the new one."""
    data: dict[str, str] = Field(default_factory=dict)
    """The rung that each block with a ladder stands on; a block that is not named stands before its first."""
    restore: str | None = None
    """The entry of `phaseup:restore` that is on its way in; `from` is then the phase itself."""


class Restore(Part):
    """A block that stands in for another since a snapshot of that was restored."""

    of: str = Field(pattern=_NAME)
    """The block that it stands in for: one of the blueprint's, or one that was restored before."""
    snapshot: str = Field(min_length=1)
    """What it is born from, as AWS names it."""


class Retire(Part):
    """Consent to lose one block: its protection is lifted and its final copy configured."""

    reason: str = Field(min_length=1)
    """Why it may go."""
    until: Day
    """The last day on which the consent holds."""


class Exempted(Part):
    """One breach of the policy pack that is known and holds until a day."""

    rule: str = Field(min_length=1)
    """The rule's name, e.g. `data-standby`."""
    urn: str = Field(min_length=1)
    """Whom it concerns: a URN, or a pattern with `*` for any text, e.g. `*::db-primary`."""
    reason: str = Field(min_length=1)
    """Why it may be so."""
    until: Day
    """The last day on which it holds."""
    phases: tuple[str, ...] = ()
    """The phases in which it holds, and on the way into and out of which; empty, in all."""


class Policies(Part):
    """What the policy pack is told of this stack, beside what its environment and its blueprint say."""

    levels: dict[str, Literal["advisory", "mandatory", "disabled"]] = Field(default_factory=dict)
    """By rule, or `all`; unstated, advisory in dev and mandatory elsewhere."""
    exceptions: tuple[Exempted, ...] = ()
    """Breaches that are known."""


class Slack(Part):
    """Slack channels that the account's AWS Chatbot may write to: one for each use, or one for all."""

    workspace: str = Field(pattern=r"^T[A-Z0-9]{6,20}$")
    """The workspace's id."""
    alerts: SlackChannel | None = None
    """Where somebody answers: what gets louder if nobody does."""
    ops: SlackChannel | None = None
    """Where it is read in time."""
    channel: SlackChannel | None = None
    """One for whatever has none of its own."""

    @model_validator(mode="after")
    def _somewhere(self) -> Slack:
        if not self.channels:
            raise ValueError("a channel: alerts, ops, or channel for both")
        return self

    @property
    def channels(self) -> dict[str, str]:
        """By use; a use without a channel is mailed."""
        given = {"alerts": self.alerts or self.channel, "ops": self.ops or self.channel}
        return {use: channel for use, channel in given.items() if channel is not None}


class Alerts(Part):
    """Who hears of trouble."""

    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
    """Always told."""
    pagerduty: Secret | None = None
    """The integration's URL, which is a key: set with `pulumi config set --secret --path`."""
    slack: Slack | None = None
    """Where the lower severities go."""


class StackConfig(Part):
    """A stack as configured. `values` is the whole `config:` mapping, from which changed copies are made."""

    system: str = Field(alias="phaseup:system", pattern=_NAME)
    """The product; its blueprint is `stacks/blueprints/<system>.yaml`."""
    environment: Literal["dev", "staging", "prod"] = Field(alias="phaseup:environment")
    """Which of the product's environments this stack is."""
    phase: str = Field(alias="phaseup:phase", pattern=_NAME)
    """The phase it is in, or while moving the phase it goes to."""
    moving: Moving | None = Field(default=None, alias="phaseup:moving")
    """Present only between two phases."""
    restore: dict[Annotated[str, Field(pattern=_NAME)], Restore] = Field(default_factory=dict, alias="phaseup:restore")
    """Blocks born from snapshots, by their own names; they stay here for as long as they stand."""
    retire: dict[str, Retire] = Field(default_factory=dict, alias="phaseup:retire")
    """The blocks that may be lost, by name."""
    overrides: dict[str, dict[str, Any]] = Field(default_factory=dict, alias="phaseup:overrides")
    """What this stack states differently from its blueprint, in the shape of the blueprint's blocks."""
    versions: dict[str, str] = Field(default_factory=dict, alias="phaseup:versions")
    """What a block runs where that is not what its blueprint says, by block; raised one at a time, outside moves."""
    images: dict[str, Digest] = Field(default_factory=dict, alias="phaseup:images")
    """Container images by service, by digest; written by the applications' CI."""
    policies: Policies = Field(default_factory=Policies, alias="phaseup:policies")
    """Levels and exceptions of the policy pack."""
    domain: Annotated[str, AfterValidator(_domain)] = Field(alias="phaseup:domain")
    """The apex domain of its zone, which no other stack may own."""
    cloudflare_account_id: str = Field(alias="phaseup:cloudflareAccountId", pattern=r"^[0-9a-f]{32}$")
    """The Cloudflare account that holds the zone."""
    owner: str = Field(alias="phaseup:owner", pattern=r"^[A-Za-z0-9 _.:/=+@-]{1,128}$")
    """The team that answers for it; a tag on every resource."""
    alerts: Alerts = Field(alias="phaseup:alerts")
    """Who hears of trouble."""
    region: str = Field(alias="aws:region", pattern=f"^{REGION}$")
    """The home region."""
    allowed_account_ids: tuple[Annotated[str, Field(pattern=r"^\d{12}$")], ...] = Field(
        default=(), alias="aws:allowedAccountIds"
    )
    """The only AWS accounts the provider may touch."""
    name: str = Field(default="", exclude=True)
    """The stack's name, e.g. `meal-prod`."""
    file: str = Field(default="", exclude=True)
    """Its file as messages name it."""
    values: dict[str, Any] = Field(default_factory=dict, exclude=True, repr=False)
    """The `config:` mapping as written, engine-owned keys included."""
    document: Any = Field(default=None, exclude=True, repr=False)
    """The `Document` it was read from, for the lines of later errors."""

    def bad(self, key: str, found: str, allowed: Any, *, why: str = "") -> BadInput:
        """The error for one of its keys, e.g. `phaseup:moving.traffic`."""
        if self.document is None:
            return BadInput(self.file, key, found, allowed, why=why)
        return self.document.bad(("config", *key.split(".")), found, allowed, key=key, why=why)

    @property
    def settled(self) -> bool:
        """Whether it stands in one phase."""
        return self.moving is None

    @property
    def kept_whole(self) -> frozenset[str]:
        """The blocks that overrides keep where the phase lacks them: their kind is repeated there."""
        return frozenset(name for name, override in self.overrides.items() if "kind" in override)

    @property
    def prefix(self) -> str:
        """Starts every physical name: `meal-prod`."""
        return f"{self.system}-{self.environment}"

    @property
    def guarded(self) -> bool:
        """Whether data and serving anchors carry `protect` here."""
        return self.environment == "prod"


PHASEUP_KEYS: Final = tuple(
    field.alias for field in StackConfig.model_fields.values() if field.alias and field.alias.startswith(PHASEUP)
)
"""Every `phaseup:*` key."""
READ_KEYS: Final = (*PHASEUP_KEYS, "aws:region", "aws:allowedAccountIds")
"""Every key that the models read; `__main__` need fetch no others."""


def written(values: Mapping[str, Any]) -> dict[str, Any]:
    """Only what the models read, by alias."""
    return {key: value for key, value in values.items() if key in READ_KEYS}
