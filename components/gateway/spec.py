"""The spec of the kind gateway, of both shapes.

Limits: API Gateway developer guide, "Quotas for configuring and running an HTTP API" and "Working with routes for HTTP
APIs" (2026-11).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Annotated, Literal

from pydantic import StringConstraints, model_validator

from components.balancer.waf import WafSpec
from components.gateway.rest_spec import (
    AuthorizerSpec,
    CacheSpec,
    CustomerName,
    CustomerSpec,
    PlanName,
    PlanSpec,
    RequiredSpec,
    RouteCacheSpec,
    UsageSpec,
)
from components.spec import Join, Keeps, Refused, RegionName, Spec, joined

RouteName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
Method = Literal["ANY", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
PATH = r"^/$|^(/([A-Za-z0-9._~-]+|\{[A-Za-z0-9_]+\}))*(/\{[A-Za-z0-9_]+\+\})?$"
MOST_ROUTES = 300


class ThrottleSpec(Spec):
    """Requests let through; what is above gets a 429."""

    rate: int = joined(Join.NOW, 1000, ge=1)
    """A second, over time."""
    burst: int = joined(Join.NOW, 500, ge=1)
    """At one moment."""


class RouteSpec(Spec):
    """One method and path, and who may call it."""

    method: Method = joined(Join.NOW, "ANY")
    path: str = joined(Join.NOW, pattern=PATH, min_length=1)
    """E.g. `/v1/products/{id}`, or `/v1/{proxy+}` for everything below; the most exact route wins."""
    auth: Literal["none", "jwt", "authorizer"] = joined(Join.NOW, "jwt")
    """`jwt`: only with a token that `jwt` of the gateway accepts. `authorizer`, of a REST API: only if its authorizer
    lets it pass."""
    throttle: ThrottleSpec | None = joined(Join.UNION, None)
    """Its own limits; else the gateway's."""
    key: bool = joined(Join.NOW, False)
    """Of a REST API: only with a customer's key in `X-Api-Key`, and counted in that customer's plan."""
    cache: RouteCacheSpec | None = joined(Join.UNION, None)
    """Of a REST API with a cache: its answers are kept."""
    require: RequiredSpec | None = joined(Join.UNION, None)
    """Of a REST API: what a request must have."""

    @property
    def key_of(self) -> str:
        """As an HTTP API names it."""
        return f"{self.method} {self.path}"

    def takes(self, method: str, path: str) -> bool:
        """Whether it is among the routes that a request may take."""
        pattern = "".join(
            part if not part.startswith("{") else ".+" if part.endswith("+}") else "[^/]+"
            for part in re.split(r"(\{[^}]*\})", re.sub(r"[.~]", r"\\\g<0>", self.path))
        )
        return self.method in ("ANY", method) and re.fullmatch(pattern, path) is not None

    def asks(self) -> bool:
        """Whether a request needs a token or a key."""
        return self.auth != "none" or self.key


class JwtSpec(Spec):
    """Whose tokens count. API Gateway reads `<issuer>/.well-known/openid-configuration` when the authorizer is made, so
    the issuer answers there before the gateway comes."""

    issuer: str = joined(Join.NOW, pattern=r"^https://[A-Za-z0-9@][A-Za-z0-9.@-]*(/[^\s?#]*)?$")
    """As in the tokens' `iss`, to the letter; `@` stands for the stack's own domain, e.g. `https://app.@/`."""
    audience: list[str] = joined(Join.NOW, min_length=1)
    """One of these is in a token's `aud`."""


class CorsSpec(Spec):
    """Which other sites' scripts may call it; the gateway answers preflights itself."""

    origins: list[str] = joined(Join.NOW, min_length=1)
    """e.g. `https://app.example.com`; `@` stands for the stack's own domain."""
    methods: list[Method] = joined(Join.NOW, lambda: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
    headers: list[str] = joined(Join.NOW, lambda: ["authorization", "content-type"])
    """That a request may carry."""
    credentials: bool = joined(Join.NOW, False)
    """Whether browsers send cookies along."""
    max_age: int = joined(Join.NOW, 600, ge=-1, le=86400)
    """Seconds for which a browser keeps the answer."""


class GatewayRegionSpec(Spec):
    """The same gateway in one more region."""


class GatewaySpec(Spec):
    """An API in front of the stack's balancer, which only Cloudflare may call: `http` for 1 USD a million requests,
    `rest` for 3.50 USD with plans, keys, a cache, an authorizer and a web ACL."""

    api: Literal["http", "rest"] = joined(Join.FIXED, "http")
    """API Gateway's kind of API, which never changes."""
    host: Annotated[str, StringConstraints(pattern=r"^(@|[a-z0-9]([a-z0-9-]*[a-z0-9])?)$")] | None = joined(
        Join.FIXED, None
    )
    """The one name that a REST API answers: it is part of what it asks the balancer for. An HTTP API has all names of
    the zone that point at it."""
    routes: dict[RouteName, RouteSpec] = joined(Join.UNION, min_length=1)
    """What may be called, by name; anything else is a 404, or a 403 from a REST API."""
    jwt: JwtSpec | None = joined(Join.UNION, None)
    """Whose tokens open routes with `auth: jwt`."""
    throttle: ThrottleSpec = joined(Join.NOW, ThrottleSpec)
    """Of every route that has none of its own. A region of an account lets 10,000 a second through unless AWS raised
    it."""
    cors: CorsSpec | None = joined(Join.UNION, None)
    timeout: int = joined(Join.NOW, 30, ge=1, le=30)
    """Seconds until a request to a host is given up; 30 is the most that there is, and 29 of a REST API."""
    log_days: Literal[30, 60, 90, 180, 365, 400, 731, 1827, 3653] = joined(Join.MAX, 90)
    """How long an HTTP API's access logs, one line a request, are kept; the values that CloudWatch Logs accepts."""
    regions: dict[RegionName, GatewayRegionSpec] = joined(Join.UNION, dict)
    """Regions beside the stack's own; the balancer stands there too, and the zone's load balancing in front. Of a REST
    API without plans and authorizer alone: keys, quotas and users are one region's."""
    plans: dict[PlanName, PlanSpec] = joined(Join.UNION, dict)
    """Of a REST API: what customers may do, by plan."""
    customers: dict[CustomerName, CustomerSpec] = joined(Join.UNION, dict)
    """Of a REST API: who has a key. They belong into a stack's overrides rather than into a phase."""
    cache: CacheSpec | None = joined(Join.UNION, None)
    """Of a REST API: keeps answers of routes with `cache`."""
    authorizer: AuthorizerSpec | None = joined(Join.UNION, None)
    """Of a REST API: who opens routes with `auth: authorizer`."""
    usage: UsageSpec = joined(Join.NOW, UsageSpec)
    """Of a REST API: the record for bills."""
    waf: WafSpec = joined(Join.NOW, WafSpec)
    """Of a REST API: its web ACL. Cloudflare's stands before it."""
    tracing: bool = joined(Join.NOW, True)
    """Of a REST API: traces to X-Ray."""

    @model_validator(mode="after")
    def _fits_together(self) -> GatewaySpec:
        keys: dict[str, str] = {}
        if len(self.routes) > MOST_ROUTES:
            raise Refused("routes", f"{len(self.routes)} routes", f"at most {MOST_ROUTES}")
        for name, route in self.routes.items():
            if route.key_of in keys:
                allowed = f"a method and path that {keys[route.key_of]} does not have"
                raise Refused(f"routes.{name}", route.key_of, allowed)
            keys[route.key_of] = name
        if self.api == "http":
            self._fits_http()
        else:
            self._fits_rest()
        return self

    def _fits_http(self) -> None:
        for field in ("host", "plans", "customers", "cache", "authorizer"):
            if getattr(self, field):
                raise Refused(field, "set", "nothing with api: http; rest has it")
        for name, route in self.routes.items():
            for field in ("key", "cache", "require"):
                if getattr(route, field):
                    raise Refused(f"routes.{name}.{field}", "set", "nothing with api: http; rest has it")
            if route.auth == "authorizer":
                raise Refused(f"routes.{name}.auth", "authorizer", "none or jwt with api: http")
            if route.auth == "jwt" and self.jwt is None:
                raise Refused(f"routes.{name}.auth", "jwt", "none, or jwt with an issuer: nothing could check a token")

    def _fits_rest(self) -> None:
        if self.host is None:
            raise Refused("host", None, "the label of the one name that a REST API answers")
        for field in ("jwt", "cors"):
            if getattr(self, field):
                raise Refused(field, "set", "nothing with api: rest; http has it")
        if self.regions and (self.plans or self.authorizer):
            own = "plans" if self.plans else "an authorizer"
            raise Refused("regions", ", ".join(sorted(self.regions)), f"none with {own}, which one region has")
        for customer, given in self.customers.items():
            if given.plan not in self.plans:
                allowed = f"one of plans: {', '.join(sorted(self.plans)) or 'none here'}"
                raise Refused(f"customers.{customer}.plan", given.plan, allowed)
        variables: dict[str, str] = {}
        for name, route in self.routes.items():
            self._fits_rest_route(f"routes.{name}", route)
            parent = ""
            for part in route.path.strip("/").split("/"):
                if part.startswith("{") and variables.setdefault(parent, part) != part:
                    allowed = f"{variables[parent]}, as another route has it there: a REST API knows one name a place"
                    raise Refused(f"routes.{name}.path", part, allowed)
                parent = f"{parent}/{part}"

    def _fits_rest_route(self, key: str, route: RouteSpec) -> None:
        if route.auth == "jwt":
            raise Refused(f"{key}.auth", "jwt", "none or authorizer with api: rest")
        if route.auth == "authorizer" and self.authorizer is None:
            raise Refused(f"{key}.auth", "authorizer", "none, or an authorizer: nothing could let it pass")
        if route.key and not self.plans:
            raise Refused(f"{key}.key", True, "false, or plans: a key without a plan opens nothing")
        if route.cache and self.cache is None:
            raise Refused(f"{key}.cache", "set", "nothing without cache of the gateway, where it would be kept")
        if route.cache and route.method != "GET":
            raise Refused(f"{key}.cache", route.method, "nothing but with method GET: others are never kept")
        if route.require and route.require.body is not None:
            if route.method in ("ANY", "GET", "HEAD", "DELETE", "OPTIONS"):
                raise Refused(f"{key}.require.body", route.method, "nothing but with method POST, PUT or PATCH")
            try:
                whole = json.loads(route.require.body)
            except json.JSONDecodeError as error:
                raise Refused(f"{key}.require.body", f"no JSON: {error}", "a JSON schema") from None
            if not isinstance(whole, dict):
                raise Refused(f"{key}.require.body", type(whole).__name__, "a JSON schema, which is an object")

    def check_among(self, kinds: Mapping[str, str]) -> None:
        """An authorizer is a function."""
        asked = self.authorizer.function if self.authorizer else None
        if asked is not None and asked in kinds and kinds[asked] != "function":
            able = ", ".join(sorted(block for block, kind in kinds.items() if kind == "function"))
            raise Refused("authorizer.function", asked, f"a function: {able or 'none here'}")

    @property
    def users(self) -> bool:
        """Whether it has users of its own."""
        return self.authorizer is not None and self.authorizer.cognito is not None

    def members(self, name: str) -> Collection[str]:
        """Customers' keys, which go one by one."""
        return {f"{name}-key-{customer}" for customer in self.customers}

    def keeps(self, lower: Spec) -> Keeps | None:
        """A customer's key outlives a way down, with the plan that it has."""
        assert isinstance(lower, GatewaySpec)
        gone = {name: given for name, given in self.customers.items() if name not in lower.customers}
        if not gone:
            return None
        plans = {given.plan: self.plans[given.plan] for given in gone.values() if given.plan not in lower.plans}
        fields = {
            field: {name: given.model_dump(mode="json", exclude_defaults=True) for name, given in held.items()}
            for field, held in (("customers", gone), ("plans", plans))
            if held
        }
        what = ", ".join(f"customers.{name}" for name in gone)
        return Keeps(fields, what, "customers use these keys; one goes by itself, with retire")

    def open_to(self, method: str, path: str) -> bool:
        """Whether some route takes such a request and asks for no token."""
        taking = [route for route in self.routes.values() if route.takes(method, path)]
        # The most exact one wins; with none that asks for a token, it is an open one.
        return bool(taking) and not min(taking, key=_vagueness).asks()


def _vagueness(route: RouteSpec) -> tuple[int, int]:
    """Whole paths before paths with variables before `{proxy+}`; a method before ANY (developer guide)."""
    greedy, variable = route.path.endswith("+}"), "{" in route.path
    return (2 if greedy else 1 if variable else 0, 1 if route.method == "ANY" else 0)
