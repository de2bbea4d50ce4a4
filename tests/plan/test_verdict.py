"""What a plan is worth: safe, needs approval, or blocked; and its JSON."""

from __future__ import annotations

import json

import pytest
from plan_kit import Secret, World, nothing, stack

from phaseup.facts.stateful import Stateful
from phaseup.plan import verdict
from phaseup.plan.digest import counts, digest
from phaseup.plan.steps import Diagnostic, Reason, Step
from phaseup.plan.verdict import AtRisk, judge

DATA = "pkg:m:Data"
ANCHOR = "pkg:m:Anchor"
A = f"urn:pulumi:dev::proj::{DATA}::a"


@pytest.fixture(autouse=True)
def tables(monkeypatch):
    row = Stateful(DATA, "rows", "a snapshot", protection=("guard",))
    monkeypatch.setattr(verdict, "stateful", lambda type, _: row if type == DATA else None)
    monkeypatch.setattr(verdict, "anchor", lambda type: type == ANCHOR)


def plan(before, after, **options):
    outcome = stack(before).plan(after)
    return judge(outcome.steps, diagnostics=outcome.diagnostics, **options)


def test_creating_and_updating_is_safe():
    found = plan(lambda s: s.res("a", DATA, size=1), lambda s: (s.res("a", DATA, size=2), s.res("b", DATA)))
    assert (found.verdict, found.exit_code, found.reasons, found.at_risk) == ("safe", 0, (), ())


@pytest.mark.parametrize("type_", [DATA, ANCHOR])
@pytest.mark.parametrize(("prop", "op"), [("key", "replace"), ("pin", "replace"), (None, "delete")])
def test_losing_data_or_an_anchor_is_blocked(type_, prop, op):
    def program(value):
        return lambda s: s.res("a", type_, **{prop or "size": value})

    found = plan(program(1), program(2) if prop else nothing)
    assert (found.verdict, found.exit_code) == ("blocked", 1)
    assert [(risk.urn.rpartition("::")[2], risk.op) for risk in found.at_risk] == [("a", op)]
    if prop:
        assert f"{prop} (1 → 2) replaces it" in found.reasons[0]
    else:
        assert "no longer in the program; retire it by name first" in found.reasons[0]


def test_losing_anything_else_is_safe():
    assert plan(lambda s: (s.res("a", key=1), s.res("b")), lambda s: s.res("a", key=2)).verdict == "safe"


@pytest.mark.parametrize("retired", [[A], ["a"], ["block"]])
def test_retired_by_urn_name_or_block(retired):
    def before(s):
        block = s.component("block")
        s.res("a", DATA, parent=s.component("inner", parent=block))

    steps = stack(before).plan(lambda s: s.component("block")).steps
    urn = steps[-1].urn if steps[-1].urn.endswith("::a") else next(x.urn for x in steps if x.urn.endswith("::a"))
    found = judge(steps, retired=[urn] if retired == [A] else retired)
    assert (found.verdict, found.at_risk, found.retired) == ("safe", (), (urn,))


def test_another_retirement_does_not_cover_it():
    found = plan(lambda s: s.res("a", DATA), nothing, retired=["b", "aa", "Data"])
    assert found.verdict == "blocked"
    assert found.retired == ()


def test_data_that_was_only_read_is_not_ours_to_lose():
    assert plan(lambda s: s.read("a", "i-1", DATA), nothing).verdict == "safe"


def test_relinquishing_data_is_a_loss():
    found = plan(lambda s: s.res("a", DATA), lambda s: s.read("a", "i-1", DATA))
    assert found.verdict == "blocked"


def test_a_pending_delete_of_data_is_a_loss():
    world = stack(lambda s: s.res("a", DATA))
    world.state.resources[-1].delete = True
    found = judge(world.plan(nothing).steps)
    assert [(risk.op) for risk in found.at_risk] == ["delete"]


def test_unprotecting_needs_a_retirement():
    def program(protect):
        return lambda s: s.res("a", protect=protect)

    found = plan(program(True), program(False))
    assert (found.verdict, found.reasons) == ("blocked", ("a: protect is lifted, but nothing retires it",))
    found = plan(program(True), program(False), retired=["a"])
    assert (found.verdict, found.exit_code) == ("needs-approval", 3)
    assert plan(program(False), program(True)).verdict == "safe"


def test_what_is_unprotected_to_be_retired_is_one_reason_for_a_reader_and_in_the_order_of_names():
    def program(protect, names):
        def resources(s):
            for name in names:
                s.res(name, DATA, protect=protect, inputs={"forceDestroy": not protect})

        return resources

    found = plan(program(True, "ba"), program(False, "ba"), retired=["a", "b"])
    assert found.reasons == tuple(
        f"{name}: {guard} is lifted, for it is being retired" for name in "ab" for guard in ("protect", "forceDestroy")
    )
    assert found.brief == ("protection is lifted from a, b, which are being retired",)
    assert plan(program(True, "ab"), program(False, "ab"), retired=["a", "b"]) == found
    found = plan(program(True, "ba"), program(False, "ba"), retired=["a"])
    assert found.brief == (*found.reasons[:2], "protection is lifted from a, which is being retired")
    assert found.reasons[0] == "b: protect is lifted, but nothing retires it"


@pytest.mark.parametrize(
    ("before", "after", "lifted"),
    [
        ({"deletionProtection": True}, {"deletionProtection": False}, True),
        ({"deletionProtection": True}, {}, True),
        ({"deletionProtection": False}, {"deletionProtection": True}, False),
        ({"forceDestroy": False}, {"forceDestroy": True}, True),
        ({}, {"forceDestroy": True}, True),
        ({"forceDestroy": True}, {}, False),
        ({"guard": "on"}, {"guard": ""}, True),
        ({"guard": Secret("on")}, {"guard": Secret("other")}, False),
    ],
)
def test_the_clouds_own_protection(before, after, lifted):
    found = plan(lambda s: s.res("a", DATA, inputs=before), lambda s: s.res("a", DATA, inputs=after))
    assert found.verdict == ("blocked" if lifted else "safe")


def test_a_refusal_of_the_engine_blocks():
    found = plan(lambda s: s.res("a", protect=True), nothing)
    assert found.verdict == "blocked"
    assert found.reasons[0].startswith('the engine refuses: resource "urn:pulumi:dev::proj::pkg:m:Thing::a" cannot be')
    assert judge([], diagnostics=[Diagnostic("warning", "", "careful")]).verdict == "safe"


@pytest.mark.parametrize(
    ("effect", "stateful", "expected", "notes"),
    [
        ("unknown", True, "needs-approval", 0),
        ("unknown", False, "safe", 1),
        ("update_reboot", True, "safe", 1),
        ("deferred", True, "safe", 1),
        ("ignored", True, "safe", 1),
        ("update", True, "safe", 0),
    ],
)
def test_effects_of_updates(effect, stateful, expected, notes):
    state = stack(lambda s: s.res("a", DATA)).state.resources[-1]
    step = Step("update", A, DATA, state, state, (Reason("x", 1, 2, effect, "f"),), stateful)
    found = judge([step])
    assert (found.verdict, len(found.notes)) == (expected, notes)


@pytest.mark.parametrize(
    ("type_", "cloud"),
    [("aws:rds/instance:Instance", "AWS"), ("cloudflare:index/zone:Zone", "Cloudflare"), ("acme:m:Thing", "acme")],
)
@pytest.mark.parametrize("stateful", [True, False])
def test_what_the_cloud_refuses_is_blocked(type_, cloud, stateful):
    state = stack(lambda s: s.res("a", type_)).state.resources[-1]
    reasons = (Reason("size", 80, 40, "refused", "guide 1 (2026)"), Reason("kind", "x", "y", "update_reboot", "f"))
    found = judge([Step("update", A, type_, state, state, reasons, stateful)], retired=["a"])
    assert (found.verdict, found.exit_code, found.at_risk) == ("blocked", 1, ())
    assert found.reasons == (f"{cloud} refuses: a: size (80 → 40); guide 1 (2026)",)
    assert found.notes == ("a: the change of kind (x → y) restarts it",)


def test_a_refused_change_of_what_is_replaced_anyway_is_not_refused():
    state = stack(lambda s: s.res("a")).state.resources[-1]
    reasons = (Reason("size", 80, 40, "refused", "f"), Reason("key", 1, 2, "replace", "f"))
    assert judge([Step("replace", A, state.type, state, state, reasons, False)]).verdict == "safe"


def test_digest_has_the_agreed_shape_and_hides_secrets():
    def before(s):
        root = s.component("proj-dev", type="pulumi:pulumi:Stack")
        s.res("a", DATA, key=Secret("s3cret-1"), parent=root, source_position="project:///x.py#3,1")
        s.res("b", size=1)
        s.res("gone")

    def after(s):
        root = s.component("proj-dev", type="pulumi:pulumi:Stack")
        s.res("a", DATA, key=Secret("s3cret-2"), parent=root, source_position="project:///x.py#3,1")
        s.res("b", size=1)
        s.res("c", size=2)

    outcome = stack(before).plan(after)
    found = digest(outcome.steps, judge(outcome.steps), outcome.diagnostics)
    text = json.dumps(found)
    assert "s3cret" not in text
    assert [(item["op"], item["urn"].rpartition("::")[2]) for item in found["steps"]] == [
        ("replace", "a"),
        ("same", "b"),
        ("create", "c"),
        ("delete", "gone"),
    ]
    assert found["steps"][0] == {
        "op": "replace",
        "urn": A,
        "type": DATA,
        "reasons": [
            {
                "path": "key",
                "old": "[secret]",
                "new": "[secret]",
                "effect": "replace",
                "source": "fact of the tiny cloud",
                "because": [],
            }
        ],
        "stateful": True,
        "declared_at": "x.py:3",
        "delete_before_replace": False,
    }
    assert found["counts"] == {"create": 1, "update": 0, "replace": 1, "delete": 1, "same": 1}
    assert found["verdict"] == "blocked"
    assert [item["op"] for item in digest(outcome.steps, judge(outcome.steps), same=False)["steps"]] == [
        "replace",
        "create",
        "delete",
    ]


def test_counts_of_what_is_no_plain_operation():
    world = World()
    world.up(lambda s: (s.read("r", "i-1"), s.read("gone", "i-2"), s.res("m")))
    outcome = world.plan(lambda s: (s.read("r", "i-1"), s.res("i", size=1, import_id="i-3"), s.read("m", "i-9")))
    assert counts(outcome.steps) == {
        "create": 0, "update": 0, "replace": 1, "delete": 0, "same": 0, "read": 1, "import": 1, "discard": 1
    }  # fmt: skip


def test_at_risk_is_what_it_says():
    assert AtRisk("u", "delete", "r").op == "delete"
