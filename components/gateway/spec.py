"""The spec of the kind gateway.

Limits: API Gateway developer guide, "Quotas for configuring and running an HTTP API" and "Working with routes for HTTP
APIs" (2026-11).
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import StringConstraints, model_validator

from components.spec import Join, Refused, RegionName, Spec, joined

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
    auth: Literal["none", "jwt"] = joined(Join.NOW, "jwt")
    """`jwt`: only with a token that `jwt` of the gateway accepts."""
    throttle: ThrottleSpec | None = joined(Join.UNION, None)
    """Its own limits; else the gateway's."""

    @property
    def key(self) -> str:
        """As API Gateway names it."""
        return f"{self.method} {self.path}"

    def takes(self, method: str, path: str) -> bool:
        """Whether it is among the routes that a request may take."""
        pattern = "".join(
            part if not part.startswith("{") else ".+" if part.endswith("+}") else "[^/]+"
            for part in re.split(r"(\{[^}]*\})", re.sub(r"[.~]", r"\\\g<0>", self.path))
        )
        return self.method in ("ANY", method) and re.fullmatch(pattern, path) is not None


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
    """An HTTP API in front of the stack's balancer, which only Cloudflare may call; 1 USD for a million requests."""

    api: Literal["http"] = joined(Join.FIXED, "http")
    """API Gateway's kind of API, which never changes."""
    routes: dict[RouteName, RouteSpec] = joined(Join.UNION, min_length=1)
    """What may be called, by name; anything else is a 404."""
    jwt: JwtSpec | None = joined(Join.UNION, None)
    """Whose tokens open routes with `auth: jwt`."""
    throttle: ThrottleSpec = joined(Join.NOW, ThrottleSpec)
    """Of every route that has none of its own. A region of an account lets 10,000 a second through unless AWS raised
    it."""
    cors: CorsSpec | None = joined(Join.UNION, None)
    timeout: int = joined(Join.NOW, 30, ge=1, le=30)
    """Seconds until a request to a host is given up; 30 is the most that there is."""
    log_days: Literal[30, 60, 90, 180, 365, 400, 731, 1827, 3653] = joined(Join.MAX, 90)
    """How long access logs, one line a request, are kept; the values that CloudWatch Logs accepts."""
    regions: dict[RegionName, GatewayRegionSpec] = joined(Join.UNION, dict)
    """Regions beside the stack's own; the balancer stands there too, and the zone's load balancing in front."""

    @model_validator(mode="after")
    def _fits_together(self) -> GatewaySpec:
        keys: dict[str, str] = {}
        if len(self.routes) > MOST_ROUTES:
            raise Refused("routes", f"{len(self.routes)} routes", f"at most {MOST_ROUTES}")
        for name, route in self.routes.items():
            if route.key in keys:
                raise Refused(f"routes.{name}", route.key, f"a method and path that {keys[route.key]} does not have")
            keys[route.key] = name
            if route.auth == "jwt" and self.jwt is None:
                raise Refused(f"routes.{name}.auth", "jwt", "none, or jwt with an issuer: nothing could check a token")
        return self

    def open_to(self, method: str, path: str) -> bool:
        """Whether some route takes such a request and asks for no token."""
        taking = [route for route in self.routes.values() if route.takes(method, path)]
        # The most exact one wins; with none that asks for a token, it is an open one.
        return bool(taking) and min(taking, key=_vagueness).auth == "none"


def _vagueness(route: RouteSpec) -> tuple[int, int]:
    """Whole paths before paths with variables before `{proxy+}`; a method before ANY (developer guide)."""
    greedy, variable = route.path.endswith("+}"), "{" in route.path
    return (2 if greedy else 1 if variable else 0, 1 if route.method == "ANY" else 0)
