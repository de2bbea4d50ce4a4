"""What comes by plain HTTP is sent to HTTPS and served nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from ..patience import each, over
from ..reading import at, text
from ..resource import Resource
from ..rule import Framework, Rule
from ..stack import Stack

LISTENERS: Final = ("aws:lb/listener:Listener", "aws:alb/listener:Listener")
LISTENER_RULES: Final = ("aws:lb/listenerRule:ListenerRule", "aws:alb/listenerRule:ListenerRule")
DISTRIBUTION: Final = "aws:cloudfront/distribution:Distribution"
PLAIN: Final = ("http-only", "match-viewer")


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """Without `protocol` a listener is a gateway balancer's, which speaks no HTTP."""
    props = resource.props
    if resource.type in LISTENERS:
        if props.get("protocol") == "HTTP":
            yield from over(props.get("defaultActions"), partial(_action, "defaultActions"))
    elif resource.type in LISTENER_RULES:
        listeners = [stack.get(urn) for urn in resource.depends_on.get("listenerArn", ())]
        if any(each is not None and each.props.get("protocol") == "HTTP" for each in listeners):
            yield from over(props.get("actions"), partial(_action, "actions"))
    else:
        yield from each(
            lambda: _viewers("defaultCacheBehavior", props.get("defaultCacheBehavior") or {}),
            lambda: over(
                props.get("orderedCacheBehaviors"), lambda at, it: _viewers(f"orderedCacheBehaviors[{at}]", it)
            ),
            lambda: over(props.get("origins"), _origin),
        )


def _action(path: str, index: int, action: Mapping[str, Any]) -> Iterator[str]:
    """A redirect without a protocol keeps the request's; a refusal gives nothing away."""
    kind = text(action.get("type"))
    if kind == "redirect":
        if (protocol := at(action, "redirect", "protocol")) != "HTTPS":
            yield f"{path}[{index}].redirect.protocol: found {protocol}; allowed: HTTPS"
    elif not (kind == "fixed-response" and text(at(action, "fixedResponse", "statusCode")).startswith("4")):
        yield f"{path}[{index}].type: found {kind} of plain HTTP; allowed: redirect, or a fixed response of 4xx"


def _viewers(path: str, behavior: Mapping[str, Any]) -> Iterator[str]:
    if (found := behavior.get("viewerProtocolPolicy")) not in ("https-only", "redirect-to-https"):
        yield f"{path}.viewerProtocolPolicy: found {found}; allowed: https-only or redirect-to-https"


def _origin(index: int, origin: Mapping[str, Any]) -> Iterator[str]:
    if (found := at(origin, "customOriginConfig", "originProtocolPolicy")) in PLAIN:
        yield f"origins[{index}].customOriginConfig.originProtocolPolicy: found {found}; allowed: https-only"


RULE = Rule(
    name="network-https-only",
    severity="high",
    description="Listeners for HTTP only redirect to HTTPS; distributions serve by HTTPS alone and ask origins by it.",
    remedy="Redirect to HTTPS with 301, `viewerProtocolPolicy: redirect-to-https`, `originProtocolPolicy: https-only`.",
    types=(*LISTENERS, *LISTENER_RULES, DISTRIBUTION),
    check=check,
    needs_stack=True,
    frameworks=(
        Framework("AWS FSBP", "", "ELB.1"),
        Framework("AWS FSBP", "", "CloudFront.3"),
        Framework("AWS FSBP", "", "CloudFront.9"),
    ),
)
