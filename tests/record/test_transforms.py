"""Transforms: which run, in which order, and what they may change."""

from __future__ import annotations

import pytest

from phaseup.graph.values import UNKNOWN, Secret
from phaseup.record.answers import Answers, CallAnswer
from phaseup.record.errors import RecordError
from tests.record.harness import goals, record

MARK = """
def mark(word):
    def transform(args):
        props = dict(args.props)
        props["trail"] = [*props.get("trail", []), word]
        return pulumi.ResourceTransformResult(props=props, opts=args.opts)
    return transform
"""


def test_own_then_parents_outward_then_the_stack(tmp_path):
    run = record(
        tmp_path,
        MARK
        + """
pulumi.runtime.register_resource_transform(mark("stack-1"))
pulumi.runtime.register_resource_transform(mark("stack-2"))
outer = ComponentResource("my:index:Outer", "outer", None, ResourceOptions(transforms=[mark("outer")]))
inner = ComponentResource("my:index:Inner", "inner", None, ResourceOptions(parent=outer, transforms=[mark("inner")]))
Thing("leaf", opts=ResourceOptions(parent=inner, transforms=[mark("own-1"), mark("own-2")]))
Thing("side", opts=ResourceOptions(parent=outer))
Thing("top")
""",
    )
    trails = {name: goal.inputs.get("trail") for name, goal in goals(run).items()}
    assert trails == {
        "outer": ["outer", "stack-1", "stack-2"],
        "inner": ["inner", "outer", "stack-1", "stack-2"],
        "leaf": ["own-1", "own-2", "inner", "outer", "stack-1", "stack-2"],
        "side": ["outer", "stack-1", "stack-2"],
        "top": ["stack-1", "stack-2"],
    }


def test_a_stack_transform_touches_only_what_comes_after_it(tmp_path):
    run = record(
        tmp_path,
        MARK + 'Thing("before")\npulumi.runtime.register_resource_transform(mark("x"))\nThing("after")\n',
    )
    assert "trail" not in goals(run)["before"].inputs
    assert goals(run)["after"].inputs["trail"] == ["x"]


def test_async_transforms_and_those_that_decline(tmp_path):
    run = record(
        tmp_path,
        """
        import asyncio
        async def slow(args):
            await asyncio.sleep(0.01)
            return pulumi.ResourceTransformResult(props={**args.props, "slow": args.name}, opts=args.opts)
        Thing("one", a=1, opts=ResourceOptions(transforms=[slow, lambda args: None]))
        Thing("two", a=Output.secret("s"), opts=ResourceOptions(transforms=[slow]))
        """,
    )
    assert goals(run)["one"].inputs == {"a": 1, "slow": "one"}
    assert goals(run)["two"].inputs == {"a": Secret("s"), "slow": "two"}


def test_transforms_change_options(tmp_path):
    run = record(
        tmp_path,
        """
        other = Thing("other")
        prov = Prov("prov")
        def stricter(args):
            options = args.opts
            options.protect = True
            options.ignore_changes = [*(options.ignore_changes or []), "b"]
            options.depends_on = [other]
            options.aliases = [pulumi.Alias(name="was")]
            options.provider = prov
            options.custom_timeouts = pulumi.CustomTimeouts(create="1m")
            return pulumi.ResourceTransformResult(props=args.props, opts=options)
        Thing("it", a=1, opts=ResourceOptions(ignore_changes=["a"], transforms=[stricter]))
        """,
    )
    goal = goals(run)["it"]
    assert goal.protect is True
    assert goal.ignore_changes == ["a", "b"]
    assert goal.dependencies == ["urn:pulumi:dev::demo::pkg:index:Thing::other"]
    assert goal.aliases[0].name == "was"
    assert goal.provider.startswith("urn:pulumi:dev::demo::pulumi:providers:pkg::prov::")
    assert goal.timeouts.create == "1m"


def test_what_was_inherited_is_seen_by_a_transform(tmp_path):
    run = record(
        tmp_path,
        """
        seen = []
        def look(args):
            seen.append((args.type_, args.name, args.custom, args.opts.protect))
        group = Group("group", ResourceOptions(protect=True))
        thing = Thing("child", opts=ResourceOptions(parent=group, transforms=[look]))
        export("seen", thing.urn.apply(lambda _: [list(item) for item in seen]))
        """,
    )
    assert run.outputs["seen"] == [["pkg:index:Thing", "child", True, True]]


def test_properties_are_outputs_inside_a_transform(tmp_path):
    main = """
    maker = Thing("maker")
    def wrap(args):
        props = dict(args.props)
        props["b"] = Output.concat("<", props["a"], ">") if isinstance(props["a"], Output) else "plain"
        return pulumi.ResourceTransformResult(props=props, opts=args.opts)
    Thing("it", a=maker.result, opts=ResourceOptions(transforms=[wrap]))
    Thing("secret", a=Output.secret("s"), opts=ResourceOptions(transforms=[wrap]))
    """
    preview, update = record(tmp_path / "a", main, preview=True), record(tmp_path / "b", main)
    assert goals(preview)["it"].inputs == {"a": UNKNOWN, "b": UNKNOWN}
    assert goals(update)["it"].inputs == {"a": "maker.result", "b": "<maker.result>"}
    assert goals(update)["it"].dependencies == ["urn:pulumi:dev::demo::pkg:index:Thing::maker"]
    assert goals(update)["secret"].inputs == {"a": Secret("s"), "b": Secret("<s>")}


def test_a_declining_transform_keeps_property_dependencies(tmp_path):
    run = record(
        tmp_path,
        """
        maker = Thing("maker")
        Thing("it", a=maker.result, b=1, opts=ResourceOptions(transforms=[lambda args: None]))
        """,
    )
    maker = "urn:pulumi:dev::demo::pkg:index:Thing::maker"
    assert goals(run)["it"].property_dependencies == {"a": [maker], "b": []}
    assert goals(run)["it"].inputs == {"a": "maker.result", "b": 1}


def test_a_failing_transform_names_its_line(tmp_path):
    with pytest.raises(RecordError) as caught:
        record(
            tmp_path,
            """
            def bad(args):
                raise KeyError("tags")
            Thing("it", opts=ResourceOptions(transforms=[bad]))
            """,
        )
    message = str(caught.value)
    assert "__main__.py:" in message
    assert "a transform of pkg:index:Thing it failed: KeyError: 'tags'" in message
    assert "\n" not in message


def test_the_older_transformations_still_run(tmp_path):
    run = record(
        tmp_path,
        """
        def tag(args):
            return pulumi.ResourceTransformationResult(props={**args.props, "tag": args.name}, opts=args.opts)
        pulumi.runtime.register_stack_transformation(tag)
        Thing("it")
        """,
    )
    assert goals(run)["it"].inputs == {"tag": "it"}


def test_invoke_transforms_change_arguments(tmp_path):
    answers = Answers(calls=(CallAnswer("pkg:index:get", {"id": "x-1"}, {"region": "changed"}),))
    run = record(
        tmp_path,
        """
        async def change(args):
            return pulumi.InvokeTransformResult(args={**args.args, "region": "changed"}, opts=args.opts)
        pulumi.runtime.register_invoke_transform(change)
        export("id", pulumi.runtime.invoke("pkg:index:get", {"region": "asked"}).value["id"])
        export("later", pulumi.runtime.invoke_output("pkg:index:get", {"region": Output.from_input("asked")}))
        """,
        answers=answers,
    )
    assert run.outputs == {"id": "x-1", "later": {"id": "x-1"}}
