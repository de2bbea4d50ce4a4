"""The pack as a whole: what a team that adopts it can count on."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from pulumi_policy import EnforcementLevel, ResourceValidationPolicy, StackValidationPolicy

from policies.guard.catalogue import RULES
from policies.guard.policies import policies
from policies.guard.rule import Rule

PACK = Path("policies")
GROUPS = ("data", "network", "identity", "kubernetes", "cloudflare", "scale", "cost")
BEYOND = {"phaseup"}
"""What a module may import only where it can do without."""


def test_there_are_at_least_forty_rules_and_no_two_of_one_name() -> None:
    names = [rule.name for rule in RULES]
    assert len(names) >= 40
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_says_what_holds_and_how_to_mend_it(rule: Rule) -> None:
    assert re.fullmatch(rf"(?:{'|'.join(GROUPS)})-[a-z0-9]+(?:-[a-z0-9]+)*", rule.name)
    for said in (rule.description, rule.remedy):
        assert said.endswith("."), said
        assert len(said) > 20, said
    assert rule.types
    assert len(set(rule.types)) == len(rule.types)
    for framework in rule.frameworks:
        assert framework.name
        assert framework.reference
    for name, schema in rule.config.items():
        assert name not in ("exceptions", "enforcementLevel")
        assert {"type", "description"} <= set(schema), name


def test_every_rule_has_a_module_of_its_own() -> None:
    modules = {rule.check.__module__ for rule in RULES}
    assert len(modules) == len(RULES)
    for rule in RULES:
        assert rule.check.__module__.split(".")[2] == rule.name.split("-", 1)[0]


def test_every_module_that_makes_a_rule_is_in_the_catalogue() -> None:
    made = {path for path in PACK.glob("guard/*/*.py") if re.search(r"^RULE = ", path.read_text(), re.M)}
    listed = {Path(*rule.check.__module__.split(".")).with_suffix(".py") for rule in RULES}
    assert made == listed


@pytest.mark.parametrize("path", sorted(PACK.glob("guard/**/*.py")), ids=str)
def test_the_pack_stands_alone(path: Path) -> None:
    """A team copies the folder: nothing in it needs this project, but what does without."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and not node.level
            else []
        )
        for name in names:
            top = name.split(".")[0]
            assert top not in {"components", "stacks", "policies"}, (path, name)
            if top in BEYOND:
                assert node.col_offset > 0, f"{path} needs {name} at import"


def test_a_policy_for_each_rule_mandatory_by_itself_with_all_that_it_says() -> None:
    made = policies()
    assert [each.name for each in made] == [rule.name for rule in RULES]
    for policy, rule in zip(made, RULES, strict=True):
        assert isinstance(policy, StackValidationPolicy if rule.needs_stack else ResourceValidationPolicy)
        assert policy.enforcement_level is EnforcementLevel.MANDATORY
        assert policy.severity is not None
        assert policy.severity.value == rule.severity
        assert policy.remediation_steps == rule.remedy
        assert policy.config_schema is not None
        assert set(policy.config_schema.properties) == {*rule.config, "exceptions"}
