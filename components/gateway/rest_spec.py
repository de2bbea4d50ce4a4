"""What only a REST API has: plans and customers' keys, a cache, an authorizer, checks of requests.

Limits: API Gateway developer guide, "Quotas for configuring and running a REST API" and "Usage plans and API keys for
REST APIs" (2026-11); Amazon Cognito developer guide, "Quotas in Amazon Cognito" (2026-11).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints, model_validator

from components.spec import BlockName, Join, Refused, Spec, joined

PlanName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
CustomerName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")]
ClientName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
CACHE_SIZES = ("0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237")
CacheSize = Literal["0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237"]
MOST_KEPT = 3600


class QuotaSpec(Spec):
    """How many requests a customer has in a period; what is above gets a 429."""

    requests: int = joined(Join.NOW, ge=1, le=2_000_000_000)
    per: Literal["day", "week", "month"] = joined(Join.NOW, "month")
    """Counted from the first moment of the day, of Sunday or of the first of the month, in UTC."""


class PlanSpec(Spec):
    """What each customer of this plan may do. AWS counts and throttles as best it can: a plan is no wall against load,
    which is what throttles and the web ACL are for."""

    rate: float = joined(Join.NOW, gt=0, le=10_000)
    """Requests a second, over time."""
    burst: int = joined(Join.NOW, ge=1, le=5_000)
    """At one moment."""
    quota: QuotaSpec | None = joined(Join.UNION, None)
    """Null counts, and refuses nobody."""


class CustomerSpec(Spec):
    """One customer's key. It is the customer's for as long as there is a contract: it leaves only by `retire`."""

    plan: PlanName = joined(Join.FIXED)
    """Of `plans`. A change gives the same key to the other plan; for a moment in between it has none and gets a 403."""


class CacheSpec(Spec):
    """The stage's cache: a node of its own, encrypted, paid by the hour whether it is used or not."""

    size: CacheSize = joined(Join.NOW, "0.5")
    """GB. A change empties it."""


class RouteCacheSpec(Spec):
    """That a route's answers are kept, the same for every caller: nothing personal, nothing that a plan decides."""

    ttl: int = joined(Join.NOW, 300, ge=1, le=MOST_KEPT)
    """Seconds."""
    query: list[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]+$")]] = joined(Join.NOW, list)
    """Query parameters that make another answer. Others reach the service, but do not tell answers apart."""


class RequiredSpec(Spec):
    """What a request must have to be handed on; else it gets a 400."""

    query: list[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]+$")]] = joined(Join.NOW, list)
    headers: list[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]+$")]] = joined(Join.NOW, list)
    body: str | None = joined(Join.NOW, None, min_length=2)
    """A JSON schema, draft 4, as text, of `application/json`."""


class ClientSpec(Spec):
    """A program that signs users in: a website or an app, which can keep no secret."""

    callbacks: list[str] = joined(Join.NOW, min_length=1, max_length=100)
    """Where a user comes back to, `https://…`; `@` stands for the stack's own domain."""
    logouts: list[str] = joined(Join.NOW, list, max_length=100)
    """Where one goes after signing out."""
    access_minutes: int = joined(Join.NOW, 60, ge=5, le=1440)
    """How long an access token is good."""
    refresh_days: int = joined(Join.NOW, 30, ge=1, le=3650)
    """How long it can be renewed without signing in."""


class CognitoSpec(Spec):
    """Users in a pool of the gateway's own, by their email address."""

    clients: dict[ClientName, ClientSpec] = joined(Join.UNION, min_length=1)
    """Programs that sign users in, by name."""
    scopes: list[str] = joined(Join.NOW, lambda: ["openid", "email"], min_length=1)
    """What a token may be good for; routes with `auth: authorizer` ask for one of them."""
    mfa: Literal["off", "optional", "on"] = joined(Join.NOW, "optional")
    """A second factor from an app."""
    password_length: int = joined(Join.NOW, 12, ge=8, le=99)
    sign_up: bool = joined(Join.NOW, False)
    """Whether users make their accounts themselves."""


class AuthorizerSpec(Spec):
    """Who says whether a request may pass: a function of ours, or a pool of users."""

    function: BlockName | None = joined(Join.NOW, None)
    """A function that is asked with the whole request, and answers with a policy."""
    cognito: CognitoSpec | None = joined(Join.UNION, None)
    ttl: int = joined(Join.NOW, 300, ge=0, le=3600)
    """Seconds for which the function's answer holds for the same `Authorization` header."""

    @model_validator(mode="after")
    def _one_of_both(self) -> AuthorizerSpec:
        if (self.function is None) is (self.cognito is None):
            raise Refused("function", self.function, "either function or cognito")
        return self


class UsageSpec(Spec):
    """The record of every request, for bills: who, what, when, in a bucket that nothing but time empties."""

    days: int = joined(Join.MAX, 731, ge=31, le=3653)
    """How long records are kept."""
    flush_seconds: int = joined(Join.NOW, 300, ge=60, le=900)
    """How long records are gathered before they are written."""
