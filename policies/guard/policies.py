"""The rules as policies of `pulumi_policy`, for the engine; each only hands on what its rule finds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    PolicyConfigSchema,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from .catalogue import RULES
from .exceptions import KEY, SCHEMA, parse, weighed
from .resource import Resource
from .rule import NotApplicableError, Rule
from .stack import Stack
from .today import today


def policies(rules: Iterable[Rule] = RULES) -> list[Policy]:
    """One policy for each rule, mandatory unless the pack's config says otherwise."""
    return [_stack_policy(rule) if rule.needs_stack else _resource_policy(rule) for rule in rules]


def found(rule: Rule, resource: Resource, stack: Stack | None = None) -> tuple[list[str], UnknownValueError | None]:
    """What the rule says of a resource, and the unknown that ended it, if one did before anything was found. Raises
    `NotApplicableError`."""
    messages: list[str] = []
    try:
        for message in rule.breaches(resource, stack):
            messages.append(message)
    except UnknownValueError as unknown:
        if not messages:
            return [], unknown
    return weighed(messages, resource.urn, parse(resource.config.get(KEY)), today()), None


def _resource_policy(rule: Rule) -> ResourceValidationPolicy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if not rule.applies(args.resource_type):
            return
        given = args.get_config()
        try:
            messages, unknown = found(rule, _resource(args, given))
        except NotApplicableError as why:
            args.not_applicable(str(why))
            return
        for message in messages:
            report(message, None)
        if unknown is not None:
            raise unknown

    return ResourceValidationPolicy(validate=validate, **_told(rule))


def _stack_policy(rule: Rule) -> StackValidationPolicy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        given = args.get_config()
        stack = Stack(_stack_resource(each, given) for each in args.resources)
        first: UnknownValueError | None = None
        for resource in stack.resources:
            if not rule.applies(resource.type):
                continue
            try:
                messages, unknown = found(rule, resource, stack)
            except NotApplicableError as why:
                args.not_applicable(str(why))
                return
            for message in messages:
                report(message, resource.urn)
            first = first or unknown
        if first is not None:
            raise first

    return StackValidationPolicy(validate=validate, **_told(rule))


def _told(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "description": rule.description,
        "enforcement_level": EnforcementLevel.MANDATORY,
        "config_schema": PolicyConfigSchema({**{k: dict(v) for k, v in rule.config.items()}, KEY: dict(SCHEMA)}),
        "severity": Severity(rule.severity),
        "framework": _framework(rule),
        "tags": [rule.name.split("-", 1)[0]],
        "remediation_steps": rule.remedy,
        "url": rule.url or None,
    }


def _framework(rule: Rule) -> PolicyComplianceFramework | None:
    """The engine has room for one: the first, with the others as its specification."""
    if not rule.frameworks:
        return None
    first, *others = rule.frameworks
    beside = "; ".join(map(str, others))
    return PolicyComplianceFramework(first.name, first.version or None, first.reference, beside or None)


def _resource(args: ResourceValidationArgs, config: Mapping[str, Any]) -> Resource:
    return Resource(
        urn=args.urn,
        type=args.resource_type,
        name=args.name,
        props=args.props,
        protect=bool(args.opts.protect),
        ignore_changes=tuple(args.opts.ignore_changes or ()),
        parent=args.opts.parent or "",
        provider=args.provider.urn if args.provider else "",
        config=config,
    )


def _stack_resource(each: PolicyResource, config: Mapping[str, Any]) -> Resource:
    return Resource(
        urn=each.urn,
        type=each.resource_type,
        name=each.name,
        props=each.props,
        protect=bool(each.opts.protect),
        ignore_changes=tuple(each.opts.ignore_changes or ()),
        parent=each.parent.urn if each.parent else each.opts.parent or "",
        provider=each.provider.urn if each.provider else "",
        depends_on={key: tuple(of.urn for of in values) for key, values in each.property_dependencies.items()},
        config=config,
    )
