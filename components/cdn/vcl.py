"""What a Fastly service does beyond its settings: snippets of VCL, each by its name at a place of its own.

Snippets run before what Fastly generates and before its boilerplate, so none returns early where that still counts:
backends, shielding and forced TLS come after `recv`'s. A TTL set in `fetch` is kept by the boilerplate only where a
header speaks of freshness, hence `Surrogate-Control`, which Fastly takes away before the client (Fastly documentation,
"Cache freshness and TTLs", "beresp.ttl", 2026).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from components.cdn.spec import CdnCacheSpec, CdnSpec

CLIENT_HEADER = "CF-Connecting-IP"
"""Under the name by which the origins and their web ACL know a client behind Cloudflare."""
DAY = 86400
TEXTS = (
    "application/javascript",
    "application/json",
    "application/manifest+json",
    "application/xml",
    "font/ttf",
    "image/svg+xml",
    "text/css",
    "text/html",
    "text/javascript",
    "text/plain",
    "text/xml",
)
"""What compression makes smaller."""
CACHE_FROM = 100
"""Priority of a rule for the shortest path; longer ones come later, and the last one counts."""


@dataclass(frozen=True)
class Snippet:
    """A piece of one subroutine; lower priorities run first."""

    subroutine: str
    priority: int
    content: str


def backend(name: str) -> str:
    """A backend's name in VCL: Fastly prefixes it and has no hyphens."""
    return f"F_{re.sub(r'[^A-Za-z0-9]', '_', name)}"


def asked_for(hostnames: Sequence[str]) -> str:
    """A condition: the request is for one of these names."""
    return " || ".join(f'req.http.host == "{name}"' for name in sorted(hostnames))


def credentials(cookies: Sequence[str]) -> str:
    """A condition: the request is somebody's."""
    return " || ".join(["req.http.Authorization", *(f"req.http.Cookie:{name}" for name in sorted(cookies))])


def turn_of(backends: Sequence[str], index: int) -> str:
    """A condition: of backends in order this one is asked, since it is the first that is well, or none is. Empty where
    there is no other."""
    if len(backends) == 1:
        return ""
    well = [f"backend.{backend(name)}.healthy" for name in backends]
    first = " && ".join([*(f"!{each}" for each in well[:index]), well[index]])
    none = " && ".join(f"!{each}" for each in well)
    return f"({first}) || ({none})" if index == 0 else f"({first})"


def snippets(spec: CdnSpec, domain: str) -> dict[str, Snippet]:
    """By name."""
    made = {
        "client": Snippet(
            "recv",
            10,
            # Whatever a client claims: only the first of Fastly's servers sees who it is.
            "if (fastly.ff.visits_this_service == 0 && req.restarts == 0) {\n"
            f"  set req.http.{CLIENT_HEADER} = client.ip;\n"
            "}\n",
        ),
        "keys": Snippet(
            "fetch",
            50,
            "if (!beresp.http.Surrogate-Key && beresp.http.Cache-Tag) {\n"
            '  set beresp.http.Surrogate-Key = regsuball(beresp.http.Cache-Tag, ",[ ]*", " ");\n'
            "}\n",
        ),
        "stale": Snippet(
            "fetch",
            20,
            'if (http_status_matches(beresp.status, "500,502,503,504") && stale.exists) {\n'
            "  return(deliver_stale);\n"
            "}\n",
        ),
        "stale-unreachable": Snippet(
            "error",
            20,
            "if (obj.status >= 500 && obj.status < 600 && stale.exists) {\n  return(deliver_stale);\n}\n",
        ),
        "headers": Snippet("deliver", 100, _headers(spec)),
    }
    for name, rule in spec.cache.items():
        made[f"cache-{name}"] = Snippet("fetch", CACHE_FROM + len(rule.path), _kept(rule, domain))
    if spec.brotli:
        made["compress"] = Snippet("fetch", 60, _compressed())
    return made


def _kept(rule: CdnCacheSpec, domain: str) -> str:
    where = f'req.http.host == "{rule.host}.{domain}" && req.url.path ~ "^{re.escape(rule.path)}"'
    said = f"max-age={rule.ttl}, stale-while-revalidate={rule.stale_revalidate}, stale-if-error={rule.stale_error}"
    mine = 'beresp.http.Set-Cookie || beresp.http.Cache-Control ~ "(?i)(private|no-store|no-cache)"'
    return (
        f"if ({where} && beresp.status == 200 && !({mine})) {{\n"
        f"  set beresp.ttl = {rule.ttl}s;\n"
        "  set beresp.ttl -= std.atoi(beresp.http.Age);\n"
        f"  set beresp.stale_while_revalidate = {rule.stale_revalidate}s;\n"
        f"  set beresp.stale_if_error = {rule.stale_error}s;\n"
        f'  set beresp.http.Surrogate-Control = "{said}";\n'
        f"{_keyed(rule.keys)}"
        "}\n"
    )


def _compressed() -> str:
    """Instead of the service's gzip setting, which knows no Brotli."""
    types = "|".join(re.escape(each) for each in TEXTS)
    return (
        f'if (beresp.status == 200 && beresp.http.Content-Type ~ "^(?:{types})\\s*(?:;|$)") {{\n'
        '  set beresp.http.Vary:Accept-Encoding = "";\n'
        '  if (req.http.Accept-Encoding == "br") {\n'
        "    set beresp.brotli = true;\n"
        '  } elsif (req.http.Accept-Encoding == "gzip") {\n'
        "    set beresp.gzip = true;\n"
        "  }\n"
        "}\n"
    )


def _keyed(keys: Sequence[str]) -> str:
    """Keys from the parts of a path; a path with fewer parts has none of them."""
    if not keys:
        return ""
    parts = max((int(number) for key in keys for number in re.findall(r"\{(\d)\}", key)), default=0)
    pattern = "^" + "/([^/]+)" * parts
    words = " ".join(keys)
    pieces = [f'" {words[: words.index("{")]}"' if "{" in words else f'" {words}"']
    for number, text in re.findall(r"\{(\d)\}([^{]*)", words):
        pieces.append(f"re.group.{number}")
        if text:
            pieces.append(f'"{text}"')
    return (
        f'  if (req.url.path ~ "{pattern}") {{\n'
        f"    set beresp.http.Surrogate-Key = beresp.http.Surrogate-Key {' '.join(pieces)};\n"
        "  }\n"
    )


def _headers(spec: CdnSpec) -> str:
    wanted: Mapping[str, str] = {
        **spec.response_headers,
        "X-Content-Type-Options": "nosniff",
        **(
            {"Strict-Transport-Security": f"max-age={spec.hsts_days * DAY}; includeSubDomains"}
            if spec.hsts_days
            else {}
        ),
    }
    lines = [f'set resp.http.{name} = "{value}";' for name, value in sorted(wanted.items())]
    # Between Fastly's own servers the tags are still needed.
    return "\n".join([*lines, "if (!req.http.Fastly-FF) {", "  unset resp.http.Cache-Tag;", "}", ""])
