"""What CloudFront keeps and hands on: its policies, and from them a behaviour for each path of a name."""

from __future__ import annotations

from typing import Any, Final

import pulumi
import pulumi_aws as aws

from components.cdn.spec import CdnCacheSpec, CdnSpec
from components.site import child_options

YEAR: Final = 31536000
DAY: Final = 86400
CACHE_BY: Final = "x-cache-by"
"""The header by which somebody's own request is kept apart (workers/cloudfront/viewer.js)."""
READS: Final = ["GET", "HEAD", "OPTIONS"]
ALL: Final = [*READS, "DELETE", "PATCH", "POST", "PUT"]
REFERRER: Final = "Referrer-Policy"
FRAMES: Final = "X-Frame-Options"


class Policies:
    """A cache policy for each rule, one for what no rule fits, and what goes to origins and browsers."""

    def __init__(self, parent: pulumi.Resource, name: str, spec: CdnSpec) -> None:
        self._parent, self._name, self._spec = parent, name, spec
        self.rest = self._cache("rest", 0, 0, YEAR)
        self.rules = {
            rule: self._cache(f"cache-{rule}", of.ttl, of.ttl, of.ttl) for rule, of in sorted(spec.cache.items())
        }
        self.to_origin = aws.cloudfront.OriginRequestPolicy(
            f"{name}-to-origin",
            comment=f"{name}: everything, the host's name too, as balancers tell by it who is asked",
            headers_config={"header_behavior": "allViewer"},
            cookies_config={"cookie_behavior": "all"},
            query_strings_config={"query_string_behavior": "all"},
            opts=child_options(parent),
        )
        self.headers = self._headers("headers", shared=False)
        self.shared_headers = self._headers("headers-shared", shared=True)

    def _cache(self, role: str, least: int, unsaid: int, most: int) -> aws.cloudfront.CachePolicy:
        # What is never kept is kept under nothing (CreateCachePolicy, CloudFront API reference).
        keeps = most > 0
        return aws.cloudfront.CachePolicy(
            f"{self._name}-{role}",
            comment=f"{self._name}: {role}",
            min_ttl=least,
            default_ttl=unsaid,
            max_ttl=most,
            parameters_in_cache_key_and_forwarded_to_origin={
                "cookies_config": {"cookie_behavior": "none"},
                "headers_config": {"header_behavior": "whitelist", "headers": {"items": [CACHE_BY]}}
                if keeps
                else {"header_behavior": "none"},
                "query_strings_config": {"query_string_behavior": "all" if keeps else "none"},
                "enable_accept_encoding_brotli": keeps,
                "enable_accept_encoding_gzip": keeps,
            },
            opts=child_options(self._parent),
        )

    def _headers(self, role: str, *, shared: bool) -> aws.cloudfront.ResponseHeadersPolicy:
        spec = self._spec
        given = dict(sorted(spec.response_headers.items()))
        security: Any = {"content_type_options": {"override": True}}
        if spec.hsts_days:
            security["strict_transport_security"] = {
                "access_control_max_age_sec": spec.hsts_days * DAY,
                "include_subdomains": True,
                "override": True,
            }
        # These two have a place of their own, and are refused among the others.
        if REFERRER in given:
            security["referrer_policy"] = {"referrer_policy": given.pop(REFERRER), "override": True}
        if FRAMES in given:
            security["frame_options"] = {"frame_option": given.pop(FRAMES), "override": True}
        custom = [{"header": header, "value": value, "override": True} for header, value in given.items()]
        return aws.cloudfront.ResponseHeadersPolicy(
            f"{self._name}-{role}",
            comment=f"{self._name}: {role}",
            security_headers_config=security,
            custom_headers_config=_items(custom),
            # What many are answered with opens nobody's session.
            remove_headers_config=_items([{"header": "Set-Cookie"}] if shared else []),
            opts=child_options(self._parent),
        )


def _items(given: list[Any]) -> Any:
    return {"items": given} if given else None


def behaviours(
    policies: Policies,
    spec: CdnSpec,
    label: str,
    *,
    origin: str,
    private: bool,
    viewer: aws.cloudfront.Function,
    edge: aws.lambda_.Function | None,
) -> tuple[Any, list[Any]]:
    """What is done with requests for one name: of most paths, and by path, the longest first."""
    rules = {rule: of for rule, of in spec.cache.items() if of.host == label}

    def behaviour(rule: str | None) -> dict[str, Any]:
        kept: CdnCacheSpec | None = rules[rule] if rule else None
        shared = kept is not None and kept.ttl > 0
        return {
            "target_origin_id": origin,
            "viewer_protocol_policy": "redirect-to-https",
            "allowed_methods": READS if private else ALL,
            "cached_methods": ["GET", "HEAD"],
            "compress": True,
            "cache_policy_id": policies.rules[rule].id if rule else policies.rest.id,
            # S3 is asked by its own name, and signs by it.
            "origin_request_policy_id": None if private else policies.to_origin.id,
            "response_headers_policy_id": (policies.shared_headers if shared else policies.headers).id,
            "function_associations": [
                {"event_type": event, "function_arn": viewer.arn} for event in ("viewer-request", "viewer-response")
            ],
            "lambda_function_associations": [
                {"event_type": event, "lambda_arn": edge.qualified_arn, "include_body": False}
                for event in ("origin-request", "origin-response")
            ]
            if edge is not None
            else [],
        }

    whole = next((rule for rule, of in rules.items() if of.path == "/"), None)
    narrow = sorted((rule for rule in rules if rule != whole), key=lambda rule: (-len(rules[rule].path), rule))
    return behaviour(whole), [{"path_pattern": f"{rules[rule].path}*", **behaviour(rule)} for rule in narrow]
