"""Nobody reaches a cache, search domain or broker without saying who they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..patience import in_turn
from ..reading import at, text
from ..resource import Resource
from ..rule import Framework, Rule
from .must import Must, given, on, some, told

GROUP: Final = "aws:elasticache/replicationGroup:ReplicationGroup"
SERVERLESS: Final = "aws:elasticache/serverlessCache:ServerlessCache"
USER: Final = "aws:elasticache/user:User"
MEMORYDB: Final = "aws:memorydb/cluster:Cluster"
DOMAINS: Final = ("aws:opensearch/domain:Domain", "aws:elasticsearch/domain:Domain")
KAFKA: Final = "aws:msk/cluster:Cluster"


def check(resource: Resource) -> Iterator[str]:
    """A group that joins a global datastore has its primary's token."""
    props, type_ = resource.props, resource.type
    if type_ == GROUP:
        token = given(props, "authToken") or given(props, "globalReplicationGroupId")
        if not token and not some(props, "userGroupIds"):
            yield told(("userGroupIds",), None, "a user group, or authToken")
    elif type_ == SERVERLESS:
        if not given(props, "userGroupId"):
            yield told(("userGroupId",), None, "a user group")
    elif type_ == USER:
        yield from _user(props)
    elif type_ == MEMORYDB:
        yield from Must(
            ("aclName",), "an access control list with users", lambda value: value != "open-access"
        ).breaches(props)
    elif type_ in DOMAINS:
        yield from Must(("advancedSecurityOptions", "enabled"), "true", on).breaches(props)
    else:
        yield from in_turn((_anonymous(props), _mechanism(props)))


def _user(props: Mapping[str, Any]) -> Iterator[str]:
    """One that is switched off may go without a password, as nobody can be it."""
    if text(at(props, "accessString")).split(" ")[0] == "off":
        return
    yield from in_turn(
        must.breaches(props)
        for must in (
            Must(("noPasswordRequired",), "false", lambda value: value is not True),
            Must(("authenticationMode", "type"), "password or iam", lambda value: value != "no-password-required"),
        )
    )


def _anonymous(props: Mapping[str, Any]) -> Iterator[str]:
    yield from Must(("clientAuthentication", "unauthenticated"), "false", lambda value: value is not True).breaches(
        props
    )


def _mechanism(props: Mapping[str, Any]) -> Iterator[str]:
    """Without a mechanism a cluster takes anybody."""
    if at(props, "clientAuthentication", "unauthenticated") is True:
        return
    sasl = (at(props, "clientAuthentication", "sasl", each) for each in ("iam", "scram"))
    if any(on(each) for each in sasl) or some(props, "clientAuthentication", "tls", "certificateAuthorityArns"):
        return
    yield told(("clientAuthentication",), None, "sasl.iam, sasl.scram or tls")


RULE = Rule(
    name="data-authenticated",
    severity="high",
    description="Caches, search domains and Kafka clusters let nobody in who does not authenticate.",
    remedy="Give caches a user group, search domains fine-grained access control, Kafka clusters SASL or client TLS.",
    types=(GROUP, SERVERLESS, USER, MEMORYDB, *DOMAINS, KAFKA),
    check=check,
    frameworks=(Framework("AWS FSBP", "", "Opensearch.7"), Framework("AWS FSBP", "", "MSK.6")),
)
