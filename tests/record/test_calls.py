"""What is asked of the outside: other stacks, data sources, methods, remote components."""

from __future__ import annotations

import json

import pytest

from phaseup.graph.values import UNKNOWN, Secret
from phaseup.record.answers import Answers, CallAnswer, load_answers
from phaseup.record.errors import RecordError
from tests.record.harness import goals, record

URN = "urn:pulumi:dev::demo::"


def test_stack_references_are_answered_with_their_secrets(tmp_path):
    answers = Answers(stacks={"acme/net/prod": {"vpc": "vpc-1", "token": Secret("t"), "subnets": ["a", "b"]}})
    run = record(
        tmp_path,
        """
        net = pulumi.StackReference("acme/net/prod")
        export("vpc", net.get_output("vpc"))
        export("token", net.require_output("token"))
        export("first", net.get_output("subnets")[0])
        export("none", net.get_output("nothing"))
        Thing("user", vpc=net.get_output("vpc"))
        """,
        answers=answers,
        deploy=None,
    )
    assert run.outputs["vpc"] == "vpc-1"
    assert run.outputs["token"] == Secret("t")
    assert run.outputs["first"] == "a"
    state = next(s for s in run.outcome.snapshot if s.type == "pulumi:pulumi:StackReference")
    assert state.external
    assert state.id == "acme/net/prod"


@pytest.mark.parametrize("known", ["prod", "net/prod", "acme/net/prod"])
def test_a_stack_may_be_named_shorter_or_longer(known):
    answers = Answers(stacks={known: {"a": 1}, "acme/other/staging": {}})
    assert answers.stack("acme/net/prod") == {"a": 1}
    assert answers.stack("prod") == {"a": 1}
    assert answers.stack("acme/net/dev") is None


def test_a_missing_stack_is_named_with_the_line_and_the_cure(tmp_path):
    with pytest.raises(RecordError) as caught:
        record(tmp_path, 'pulumi.StackReference("acme/net/prod")', deploy=None)
    message = str(caught.value)
    assert "__main__.py:" in message
    assert "stacks: {acme/net/prod: {output: value}}" in message
    assert "\n" not in message


def test_invokes_are_answered_by_the_first_answer_that_fits(tmp_path):
    answers = Answers(
        calls=(
            CallAnswer("pkg:index:get", {"v": "big"}, {"size": 3, "deep": {"x": [1]}}),
            CallAnswer("pkg:index:get", {"v": "any"}),
            CallAnswer("pkg:index:secret", {"v": Secret("s")}),
        )
    )
    run = record(
        tmp_path,
        """
        def get(**args):
            return pulumi.runtime.invoke("pkg:index:get", args).value["v"]
        export("big", get(size=3, deep={"x": [1]}, more=True))
        export("any", get(size=4, deep={"x": [1]}))
        export("out", pulumi.runtime.invoke_output("pkg:index:get", {"size": Output.from_input(3), "deep": {"x": [1]}}))
        export("secret", pulumi.runtime.invoke_output("pkg:index:secret", {}))
        """,
        answers=answers,
    )
    assert run.outputs["big"] == "big"
    assert run.outputs["any"] == "any"
    assert run.outputs["out"] == {"v": "big"}
    assert run.outputs["secret"] == Secret({"v": "s"})


def test_an_unanswered_invoke_says_how_to_answer_it(tmp_path):
    with pytest.raises(RecordError) as caught:
        record(
            tmp_path,
            """
            def deep():
                return pulumi.runtime.invoke("pkg:index:get", {"b": ["x"], "a": 1})
            deep()
            """,
            answers=Answers(source="my.yaml"),
        )
    message = str(caught.value)
    assert message.startswith("__main__.py:")
    assert "pkg:index:get" in message
    assert '{"a": 1, "b": ["x"]}' in message
    assert "my.yaml" in message
    assert "\n" not in message


def test_secret_arguments_of_an_unanswered_call_are_not_shown(tmp_path):
    invoke = """
    pulumi.runtime.invoke("pkg:index:get", {"plain": {"x": 1}, "hidden": {"deep": [Output.secret("ses" + "ame")]}})
    """
    call = """
    pulumi.runtime.call("pkg:index:f", {"plain": 1, "hidden": Output.secret("ses" + "ame")})
    """
    for folder, main in (("invoke", invoke), ("call", call)):
        with pytest.raises(RecordError, match="hidden") as caught:
            record(tmp_path / folder, main)
        assert "sesame" not in str(caught.value) + caught.value.trace


def test_invokes_on_what_is_not_known_yet_are_not_asked(tmp_path):
    main = """
    maker = Thing("maker")
    group = Group("group")
    child = Thing("child", opts=ResourceOptions(parent=group))
    token = "pkg:index:get"
    export("by-arg", pulumi.runtime.invoke_output(token, {"a": maker.result}))
    export("by-dep", pulumi.runtime.invoke_output(token, {}, pulumi.InvokeOutputOptions(depends_on=[maker])))
    export("by-component", pulumi.runtime.invoke_output(token, {}, pulumi.InvokeOutputOptions(depends_on=[group])))
    """
    run = record(tmp_path / "a", main, preview=True)
    assert run.outputs == {"by-arg": UNKNOWN, "by-dep": UNKNOWN, "by-component": UNKNOWN}
    assert run.outcome.invokes == []
    answers = Answers(calls=(CallAnswer("pkg:index:get", {"v": 1}),))
    run = record(tmp_path / "b", main, answers=answers)
    assert run.outputs["by-dep"] == run.outputs["by-component"] == {"v": 1}


def test_invokes_carry_their_provider(tmp_path):
    run = record(
        tmp_path,
        """
        prov = Prov("prov")
        try:
            pulumi.runtime.invoke("pkg:index:get", {}, pulumi.InvokeOptions(provider=prov))
        except Exception:
            pass
        """,
    )
    ((token, args, provider),) = run.outcome.invokes
    assert (token, args) == ("pkg:index:get", {})
    assert provider.startswith(f"{URN}pulumi:providers:pkg::prov::")


def test_methods_are_answered_like_invokes(tmp_path):
    main = """
    thing = Thing("thing")
    class Answer(dict):
        pass
    export("answer", pulumi.runtime.call("pkg:index:Thing/describe", {"__self__": thing, "depth": 2}, thing))
    """
    answers = Answers(calls=(CallAnswer("pkg:index:Thing/describe", {"text": "well"}, {"depth": 2}),))
    assert record(tmp_path, main, answers=answers).outputs == {"answer": {"text": "well"}}
    with pytest.raises(RecordError, match=r'pkg:index:Thing/describe.*"depth": 2'):
        record(tmp_path, main)


def test_remote_components_are_opaque_with_outputs_of_their_own(tmp_path):
    main = """
    class Cluster(ComponentResource):
        kubeconfig: Output[str]
        size: Output[int]
        def __init__(self, name, **props):
            super().__init__("far:index:Cluster", name, {"kubeconfig": None, "size": None, **props}, None, remote=True)
    cluster = Cluster("main", version="1.31")
    Thing("user", config=cluster.kubeconfig)
    export("config", cluster.kubeconfig)
    """
    update = record(tmp_path / "a", main, deploy=None)
    urn = f"{URN}far:index:Cluster::main"
    assert update.opaque == [urn]
    assert isinstance(update.outputs["config"], str)
    assert update.outputs["config"]
    again = record(tmp_path / "b", main, deploy=None)
    assert again.outputs == update.outputs
    user = update.outcome.snapshot.by_urn()[f"{URN}pkg:index:Thing::user"]
    assert user.dependencies == [urn]
    assert record(tmp_path / "c", main, deploy=None, preview=True).outputs == {"config": UNKNOWN}
    same = record(tmp_path / "d", main, deploy=None, preview=True, old=update.outcome.snapshot)
    assert same.outputs == update.outputs
    assert {step.op for step in same.outcome.steps} == {"same"}


FAR = """
import pulumi

class Net(pulumi.CustomResource):
    pulumi_type = "far:index:Net"
    def __init__(self, name, cidr=None, opts=None):
        super().__init__("far:index:Net", name, {"cidr": cidr}, opts)
    @property
    @pulumi.getter
    def cidr(self) -> pulumi.Output[str]:
        return pulumi.get(self, "cidr")

class Cluster(pulumi.ComponentResource):
    pulumi_type = "far:index:Cluster"
    def __init__(self, name, version=None, opts=None):
        props = {"net": None, "zones": None, "size": None, "ready": None, "version": version}
        super().__init__("far:index:Cluster", name, props, opts, remote=True)
    @property
    @pulumi.getter
    def net(self) -> pulumi.Output['Net']:
        return pulumi.get(self, "net")
    @property
    @pulumi.getter
    def zones(self) -> pulumi.Output[list[str]]:
        return pulumi.get(self, "zones")
    @property
    @pulumi.getter
    def size(self) -> pulumi.Output[int]:
        return pulumi.get(self, "size")
    @property
    @pulumi.getter
    def ready(self) -> pulumi.Output[bool]:
        return pulumi.get(self, "ready")
    @property
    @pulumi.getter
    def version(self) -> pulumi.Output[str]:
        return pulumi.get(self, "version")

class Module(pulumi.runtime.rpc.ResourceModule):
    def version(self):
        return None
    def construct(self, name, typ, urn):
        return Net(name, opts=pulumi.ResourceOptions(urn=urn))
pulumi.runtime.register_resource_module("far", "index", Module())
"""


def test_outputs_of_remote_components_have_their_types(tmp_path):
    main = """
    import pulumi_far
    cluster = pulumi_far.Cluster("main", version="1.31")
    Thing("user", net=cluster.net.id, cidr=cluster.net.cidr, zone=cluster.zones[2],
          size=cluster.size.apply(lambda size: size + 1))
    export("cidr", cluster.net.cidr)
    export("ready", cluster.ready)
    export("version", cluster.version)
    """
    files = {"pulumi_far/__init__.py": FAR}
    run = record(tmp_path, main, files, deploy=None)
    states = run.outcome.snapshot.by_urn()
    user, component = states[f"{URN}pkg:index:Thing::user"], f"{URN}far:index:Cluster::main"
    assert user.dependencies == [component]
    assert user.property_dependencies["cidr"] == [component]
    assert user.inputs["size"] == 2
    assert isinstance(user.inputs["zone"], str)
    assert user.inputs["net"] != user.inputs["cidr"]
    assert run.outputs["version"] == "1.31"
    assert run.outputs["ready"] is False
    again = record(tmp_path, main, files, deploy=None, preview=True, old=run.outcome.snapshot)
    assert {step.op for step in again.outcome.steps} == {"same"}
    assert again.outputs == run.outputs


def test_answers_give_outputs_of_remote_components(tmp_path):
    main = """
    import pulumi_far
    export("zones", pulumi_far.Cluster("main").zones.apply(lambda zones: zones[5]))
    """
    files = {"pulumi_far/__init__.py": FAR}
    with pytest.raises(RecordError, match=r"__main__.py:\d+: IndexError: .*remote components are invented here: main;"):
        record(tmp_path / "a", main, files, deploy=None)
    answers = Answers(components={"main": {"zones": list("abcdef")}})
    assert record(tmp_path / "b", main, files, deploy=None, answers=answers).outputs == {"zones": "f"}


def test_programs_may_tell_previews_apart(tmp_path):
    main = """
    if pulumi.runtime.is_dry_run():
        Thing("it", a=1)
    else:
        Thing("it", a=2)
    """
    old = record(tmp_path / "a", main, deploy=None).outcome.snapshot
    steps = record(tmp_path / "b", main, deploy=None, preview=True, old=old).outcome.steps
    assert [step.op for step in steps if step.type == "pkg:index:Thing"] == ["update"]


def test_get_resource_rehydrates_references(tmp_path):
    run = record(
        tmp_path,
        """
        class Held(CustomResource):
            def __init__(self, name, props=None, opts=None):
                super().__init__("pkg:index:Thing", name, props or {"size": None}, opts)
        first = Held("first", {"size": 4})
        again = first.urn.apply(lambda urn: Held("again", None, ResourceOptions(urn=urn)))
        export("size", again.apply(lambda held: held.size))
        """,
    )
    assert run.outputs == {"size": 4}
    assert list(goals(run)) == ["first"]


def test_answers_come_from_yaml_and_json(tmp_path):
    document = {
        "stacks": {"prod": {"a": 1, "b": {"secure": "x"}}},
        "calls": [{"token": "p:i:f", "args": {"k": "v"}, "result": {"r": [{"secure": "y"}]}}],
        "config": {"demo:password": "real"},
    }
    path = tmp_path / "answers.json"
    path.write_text(json.dumps(document))
    answers = load_answers(path)
    assert answers.stack("prod") == {"a": 1, "b": Secret("x")}
    assert answers.call("p:i:f", {"k": "v", "other": 1}) == {"r": [Secret("y")]}
    assert answers.call("p:i:f", {"k": "w"}) is None
    stack = "config: {password: {secure: AAA}}"
    main = 'export("p", pulumi.Config().require_secret("password"))'
    run = record(tmp_path / "p", main, {"Pulumi.dev.yaml": stack}, answers=answers)
    assert run.outputs == {"p": Secret("real")}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stack: {}", ["stack", "unknown key", "stacks, calls, components, config"]),
        ("calls: {a: b}", ["calls", "a list", "a mapping"]),
        ("calls: [{token: x}]", ["calls[0]", "result"]),
        ("calls: [{result: {}}]", ["calls[0]", "token"]),
        ("calls: [{token: x, result: 3}]", ["calls[0]: result", "an integer"]),
        ("calls: [{token: x, result: {}, arg: {}}]", ["calls[0]", "arg", "unknown key"]),
        ("stacks: {prod: [1]}", ["stacks: prod", "a list"]),
        ("config: {a: 3}", ["config: a", "an integer"]),
        ("stacks: [", ["not valid YAML"]),
    ],
)
def test_a_wrong_answers_file_is_named_with_its_key(tmp_path, text, words):
    path = tmp_path / "answers.yaml"
    path.write_text(text)
    with pytest.raises(RecordError) as caught:
        load_answers(path)
    for word in [str(path), *words]:
        assert word in str(caught.value)
