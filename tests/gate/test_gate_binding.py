"""Which plan a preview belongs to: what changes the hashes and what must not."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import date

import pytest

from phaseup.diff.binding import Binding, bind, code_hash, config_hash, facts_hash, ops_hash, plan_hash, short
from phaseup.gate.bound import Plan, foreign, read_plan
from phaseup.gate.convert import convert
from phaseup.gate.difference import words
from phaseup.graph.resource import Snapshot, State, Timeouts
from phaseup.graph.values import UNKNOWN, Secret
from phaseup.record.configvalue import encode
from phaseup.record.errors import RecordError
from phaseup.record.program import Program
from stacks.binding import binding
from stacks.models import Retire
from stacks.models.paths import ROOT

DB = "urn:pulumi:dev::p::aws:rds/instance:Instance::db"
NET = "urn:pulumi:dev::p::my:index:Net::net"


def db(**changes):
    given = {
        "inputs": {"size": 20, "password": Secret("hunter2"), "subnet": UNKNOWN, "tags": {"a": "1", "b": "2"}},
        "parent": NET,
        "provider": "urn:pulumi:dev::p::pulumi:providers:aws::eu::id-1",
        "dependencies": [NET, "urn:pulumi:dev::p::t:i:T::x"],
        "protect": True,
    }
    return State(DB, "aws:rds/instance:Instance", True, "db-1", **(given | changes))


def net():
    return State(NET, "my:index:Net", False)


def graph(*states):
    return Snapshot("dev", "p", list(states or (net(), db())))


def hashed(after, before=None, **changes):
    given = {"config_before": "b", "config_after": "c", "facts": "f", "code": "d"} | changes
    return plan_hash(before, after, given["config_before"], given["config_after"], given["facts"], given["code"])


def test_a_plan_hash_is_the_same_for_the_same_plan_however_it_was_written_down():
    reordered = db(
        inputs=dict(reversed(list(db().inputs.items()))),
        dependencies=list(reversed(db().dependencies)),
        source_position="project:///elsewhere.py#1,2",
        created="2026-01-01",
        modified="2026-01-02",
        outputs={"endpoint": "x"},
        provider="urn:pulumi:dev::p::pulumi:providers:aws::eu::id-2",
    )
    reordered.id = "db-2"
    assert hashed(graph(reordered, net())) == hashed(graph())
    stack = State("urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev", "pulumi:pulumi:Stack", False, outputs={"a": 1})
    assert hashed(graph(stack, net(), db())) == hashed(graph())


def test_it_is_the_same_on_every_machine():
    assert hashed(graph(net())) == "29e65ba6f55876d86ae6f134bbe1a7b4aa637a09d53a7608703c9976b1f27691"
    assert short("0123456789abcdef") == "0123456789ab"


@pytest.mark.parametrize(
    "changed",
    [
        {"inputs": {"size": 21, "password": Secret("hunter2"), "subnet": UNKNOWN, "tags": {"a": "1", "b": "2"}}},
        {"inputs": {"size": 20, "subnet": UNKNOWN, "tags": {"a": "1", "b": "2"}}},
        {"inputs": {"size": 20, "password": "hunter2", "subnet": UNKNOWN, "tags": {"a": "1", "b": "2"}}},
        {"inputs": {"size": 20, "password": Secret("x"), "subnet": "known", "tags": {"a": "1", "b": "2"}}},
        {"protect": False},
        {"parent": ""},
        {"dependencies": [NET]},
        {"provider": "urn:pulumi:dev::p::pulumi:providers:aws::us::id-1"},
        {"retain_on_delete": True},
        {"ignore_changes": ["size"]},
        {"property_dependencies": {"size": [NET]}},
        {"timeouts": Timeouts(create="30m")},
    ],
)
def test_whatever_the_program_asks_for_counts(changed):
    assert hashed(graph(net(), db(**changed))) != hashed(graph())


def test_the_order_of_two_sides_and_every_part_counts():
    one, two = graph(net()), graph()
    hashes = {
        hashed(two, one),
        hashed(one, two),
        hashed(two),
        *(hashed(two, one, **{part: "other"}) for part in ("config_before", "config_after", "facts", "code")),
    }
    assert len(hashes) == 7


def test_a_secret_counts_as_being_there_and_does_not_leak():
    values = {hashed(graph(net(), db(inputs={"pin": Secret(f"{pin:04}")}))) for pin in range(0, 10_000, 997)}
    assert len(values) == 1
    texts = {config_hash({"a:pin": f"{pin:04}"}, ["a:pin"]) for pin in range(0, 10_000, 997)}
    assert len(texts) == 1


def test_config_as_the_file_the_program_and_a_preview_have_it():
    """A person's YAML, the engine's text, and a digest's, where secrets are blinded inside objects too."""
    raw = {
        "phaseup:system": "meal",
        "phaseup:retire": {"lb": {"reason": "r", "until": "2027-01-31"}},
        "phaseup:alerts": {"email": "a@b.c", "pagerduty": {"secure": "AAA"}},
        "aws:region": "eu-west-1",
        "aws:profile": "somebody's own",
    }
    encoded = {key: encode(key, value) for key, value in raw.items()}
    file = config_hash(
        {key: value.text for key, value in encoded.items()}, [key for key, value in encoded.items() if value.secret]
    )
    program = {
        "phaseup:alerts": '{"email":"a@b.c","pagerduty":"https://key"}',
        "phaseup:retire": '{"lb":{"until":"2027-01-31T00:00:00Z","reason":"r"}}',
        "aws:region": "eu-west-1",
        "phaseup:system": "meal",
    }
    digest = program | {
        "phaseup:alerts": '{"email":"a@b.c","pagerduty":"[secret]"}',
        "aws:profile": "another's",
    }
    assert config_hash(program, ["phaseup:alerts"]) == file == config_hash(digest)
    assert config_hash(digest | {"aws:region": "eu-central-1"}) != file
    assert config_hash(digest | {"phaseup:phase": "growth"}) != file
    assert config_hash({key: value for key, value in digest.items() if key != "phaseup:alerts"}) != file


@pytest.mark.parametrize(("one", "two"), [("1.0", "1"), ("1e3", "1000"), ('{"a":1,"b":2}', '{ "b": 2.0, "a": 1 }')])
def test_one_value_written_in_two_ways(one, two):
    assert config_hash({"x:y": one}) == config_hash({"x:y": two})


@pytest.mark.parametrize(("one", "two"), [("1.10", "1.1x"), ("true", '"true"'), ("a", "b"), ("[1,2]", "[2,1]")])
def test_two_values(one, two):
    assert config_hash({"x:y": one}) != config_hash({"x:y": two})


def program(folder, **files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def tree(folder, more=()):
    files = {
        "__main__.py": b"main()\n",
        "components/a.py": b"x = 1\n",
        "stacks/blueprints/meal.yaml": b"system: meal\n",
        "workers/edge/worker.js": b"go()\n",
        **dict(more),
    }
    names = list(files)
    random.Random(3).shuffle(names)
    return program(folder, **{name: files[name] for name in names})


def test_code_is_what_the_program_reads(tmp_path):
    first = code_hash(tree(tmp_path / "a"))
    beside = {
        "stacks/Pulumi.meal-prod.yaml": b"config: {}\n",
        "components/__pycache__/a.cpython-311.pyc": b"x",
        "components/.a.py.swp": b"x",
        "components/a.py~": b"x",
        "stacks/schemas/stack.schema.json": b"{}",
        "workers/edge/worker.test.js": b"x",
        "README.md": b"x",
        "phaseup/cli/plan.py": b"x",
        "docs/a.py": b"x",
    }
    assert code_hash(tree(tmp_path / "b", beside)) == first
    assert code_hash(tree(tmp_path / "c", {"components/a.py": b"x = 1\r\n"})) == first


@pytest.mark.parametrize(
    "change",
    [
        {"components/a.py": b"x = 2\n"},
        {"components/b.py": b""},
        {"stacks/blueprints/meal.yaml": b"system: melon\n"},
        {"workers/edge/worker.js": b"stop()\n"},
        {"__main__.py": b"main()\n#\n"},
    ],
)
def test_every_file_of_it_counts(tmp_path, change):
    assert code_hash(tree(tmp_path / "a")) != code_hash(tree(tmp_path / "b", change))


def test_a_renamed_file_counts(tmp_path):
    one = tree(tmp_path / "a", {"components/b.py": b"same"})
    two = tree(tmp_path / "b", {"components/c.py": b"same"})
    assert code_hash(one) != code_hash(two)


def test_code_is_hashed_once_a_process(tmp_path):
    folder = tree(tmp_path / "a")
    first = code_hash(folder)
    (folder / "components" / "a.py").write_text("changed")
    assert code_hash(folder) == first


def test_facts_count_by_what_they_say():
    assert facts_hash(["aws:rds/instance:Instance"]) != facts_hash(["aws:s3/bucket:Bucket"])
    assert facts_hash(["a:b:C", "aws:s3/bucket:Bucket"]) == facts_hash(["aws:s3/bucket:Bucket", "a:b:C", "a:b:C"])


def test_ops_are_told_by_urn_and_without_what_stays():
    assert ops_hash({"a": "create", "b": "same", "c": "read"}) == ops_hash({"a": "create"})
    assert ops_hash({"a": "create"}) != ops_hash({"a": "update"}) != ops_hash({"b": "update"})


def test_the_stacks_output_says_what_was_built_and_what_may_go():
    values = {"phaseup:system": "meal"}
    plain = binding(values, [], {})
    assert plain == {"config": config_hash(values), "code": code_hash(ROOT)}
    consent = Retire(reason="r", until=date(2027, 1, 31))
    assert binding(values, [], {"lb": consent}) == plain | {"retire": {"lb": "2027-01-31"}}


# Belonging ------------------------------------------------------------------------------------------------------------


def plan_of(genuine, document, **changes):
    preview = genuine.parse(document)
    steps = convert(preview).steps
    told = words(steps)
    bound = Binding("p" * 64, config_hash(preview.config), "", ops_hash(told), "c" * 64)
    return Plan(replace(bound, **changes), told)


@pytest.mark.parametrize("name", ["same", "update", "delete", "replace", "replace-whole", "replace-events"])
def test_a_preview_belongs_to_its_plan(genuine, name):
    data = genuine.bytes(name)
    found = genuine.judge(data, plan=plan_of(genuine, data))
    assert found.foreign == ()
    assert found.reasons == genuine.judge(data).reasons


def test_one_preview_told_in_three_ways_is_one_plan(genuine):
    plans = {plan_of(genuine, genuine.bytes(f"replace{end}")).binding for end in ("", "-whole", "-events")}
    assert len(plans) == 1


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"config": "e" * 64}, "its config is {config}, the plan's eeeeeeeeeeee"),
        ({"base": "e" * 64}, "the plan starts from config eeeeeeeeeeee, and cccccccccccc is deployed"),
        ({"ops": "e" * 64}, "it does other things than the plan"),
    ],
)
def test_another_plan_is_refused(genuine, changes, why):
    data = genuine.bytes("update")
    plan = plan_of(genuine, data, **changes)
    found = genuine.judge(data, plan=plan)
    why = why.format(config=short(config_hash(genuine.parse(data).config)))
    assert (found.verdict, found.foreign) == ("blocked", (why,))
    assert found.reasons[0] == f"belongs to another plan: {why}"


def test_the_code_is_that_of_the_events_or_that_which_lies_here(genuine):
    events, digest = genuine.bytes("replace-events"), genuine.bytes("replace")
    for data, own, said in ((events, "d" * 64, "its code is"), (digest, code_hash(ROOT), "the code here is")):
        assert foreign_of(genuine, data, code=own) == ()
        assert foreign_of(genuine, data, code="e" * 64) == (f"{said} {short(own)}, the plan's eeeeeeeeeeee",)


def foreign_of(genuine, data, **changes):
    preview = genuine.parse(data)
    return foreign(preview, convert(preview).steps, plan_of(genuine, data, **changes))


def test_a_stack_that_says_nothing_of_itself_is_not_asked_where_it_stands(genuine):
    document = genuine.document("update")
    del document["steps"][0]["oldState"]["outputs"]
    assert genuine.judge(document, plan=plan_of(genuine, document, base="e" * 64)).foreign == ()


def test_other_steps_name_one_that_differs(genuine):
    plan = plan_of(genuine, genuine.bytes("update"))
    (why,) = [why for why in genuine.judge(genuine.bytes("delete"), plan=plan).foreign if "other things" in why]
    assert why.startswith("it does other things than the plan, e.g. delete urn:pulumi:dev::guarded::")
    assert why.endswith("::disk, planned nothing")


def test_a_plan_file(tmp_path):
    bound = {"plan": "p", "config": "c", "code": "", "ops": "o", "base": "b"}
    file = tmp_path / "plan.json"
    steps = [{"urn": "u", "op": "create"}, {"urn": 3}, None]
    file.write_text(json.dumps({"binding": bound, "steps": steps}))
    assert read_plan(str(file), "dev") == Plan(Binding("p", "c", "", "o", "b"), {"u": "create"})
    file.write_text(json.dumps({"stacks": [{"stack": "other"}, {"stack": "dev", "binding": bound}]}))
    assert read_plan(str(file), "dev").binding.config == "c"
    with pytest.raises(RecordError) as raised:
        read_plan(str(file), "prod")
    assert str(raised.value) == f"{file}: stacks: found other, dev; the preview is of prod"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", "{}", '{"binding": {}}', '{"binding": {"plan": 3}}', '{"stacks": []}']
)
def test_what_is_no_plan(tmp_path, text):
    file = tmp_path / "plan.json"
    file.write_text(text)
    with pytest.raises(RecordError) as raised:
        read_plan(str(file), "dev")
    assert str(raised.value).startswith(f"{file}: ")


def test_a_plan_binds_both_sides(tmp_path):
    old, new = (Program(tmp_path, "p", "dev", config={"p:a": value}) for value in ("1", "2"))
    found = bind(graph(), graph(net()), [], (old, new), code="d")
    assert (found.base, found.config, found.code) == (config_hash(old.config), config_hash(new.config), "d")
    assert bind(graph(), graph(net()), [], (None, new)).base == ""
