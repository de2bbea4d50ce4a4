"""Keys, secrets, parameters, firewalls, hosted zones: a dollar here and there, for each of many."""

from __future__ import annotations

from typing import Final

from phaseup.price.item import Item
from phaseup.price.sheet import Handler, Sheet


def key(sheet: Sheet, item: Item) -> None:
    """A customer-managed KMS key; what it is asked is counted neither here nor on most bills."""
    sheet.add(item, "other", "key", "kms:key", 1)


def secret(sheet: Sheet, item: Item) -> None:
    """A secret, once in each region it is copied to."""
    for region in (item.region, *(str(each.get("region")) for each in item.entries("replicas"))):
        sheet.add(item, "other", "secret", "secrets:secret", 1, region=region)


def parameter(sheet: Sheet, item: Item) -> None:
    """A Systems Manager parameter: only the advanced tier costs."""
    if item.text("tier") == "Advanced":
        sheet.add(item, "other", "advanced parameter", "ssm:advanced", 1)
    else:
        sheet.nothing(item, "standard parameters are free")


def firewall(sheet: Sheet, item: Item) -> None:
    """A web ACL, its rules, and the requests that pass it."""
    sheet.add(item, "edge", "web ACL", "waf:acl", 1)
    rules = len(item.entries("rules"))
    if rules:
        sheet.add(item, "edge", f"{rules} rules", "waf:rule", rules)
    sheet.used(item, "edge", "inspected requests", "waf:request", "million_requests")


def rule_group(sheet: Sheet, item: Item) -> None:
    """A group of rules of one's own."""
    sheet.add(item, "edge", "rule group", "waf:rule", 1)


def zone(sheet: Sheet, item: Item) -> None:
    """A hosted zone; queries of private zones are below the cent that they would be shown as, unless stated."""
    sheet.add(item, "network", "hosted zone", "route53:zone", 1)
    sheet.used(item, "network", "queries", "route53:query", "million_queries", ask=False)


HANDLERS: Final[dict[str, Handler]] = {
    "aws:kms/key:Key": key,
    "aws:kms/replicaKey:ReplicaKey": key,
    "aws:secretsmanager/secret:Secret": secret,
    "aws:ssm/parameter:Parameter": parameter,
    "aws:wafv2/webAcl:WebAcl": firewall,
    "aws:wafv2/ruleGroup:RuleGroup": rule_group,
    "aws:route53/zone:Zone": zone,
}
