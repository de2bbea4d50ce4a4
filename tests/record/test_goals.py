"""Every registration is kept whole, and children take over what the engine lets them inherit."""

from __future__ import annotations

from phaseup.graph.resource import AliasSpec, Timeouts
from phaseup.graph.values import UNKNOWN, Secret
from tests.record.harness import HEAD_LINES, goals, record

URN = "urn:pulumi:dev::demo::"


def test_every_option_of_a_resource_is_kept(tmp_path):
    run = record(
        tmp_path,
        """
        first = Thing("first")
        group = Group("group")
        Thing(
            "full",
            a=1,
            nested={"deep": [Output.secret("s"), first.result]},
            opts=ResourceOptions(
                parent=group,
                depends_on=[first],
                protect=True,
                delete_before_replace=False,
                ignore_changes=["a", "nested.deep[0]"],
                replace_on_changes=["nested"],
                version="1.2.3",
                plugin_download_url="https://example.org",
                aliases=["urn:pulumi:dev::demo::pkg:index:Thing::former", pulumi.Alias(name="old", parent=None),
                         pulumi.Alias(type_="pkg:index:Was", stack="other", project="p"), pulumi.Alias(parent=first)],
                additional_secret_outputs=["result"],
                custom_timeouts=pulumi.CustomTimeouts(create="30m", update="1h", delete="5s"),
                import_="i-123",
                retain_on_delete=False,
                deleted_with=first,
                replace_with=[first],
                replacement_trigger=Output.secret({"v": 7}),
                hide_diffs=["a"],
            ),
        )
        """,
    )
    goal = goals(run)["full"]
    first, group = f"{URN}pkg:index:Thing::first", f"{URN}my:index:Group::group"
    assert goal.inputs == {"a": 1, "nested": {"deep": [Secret("s"), "first.result"]}}
    assert goal.parent == group
    assert goal.dependencies == [first]
    assert goal.property_dependencies == {"a": [], "nested": [first]}
    assert goal.protect is True
    assert goal.delete_before_replace is False
    assert goal.ignore_changes == ["a", "nested.deep[0]"]
    assert goal.replace_on_changes == ["nested"]
    assert (goal.version, goal.plugin_download_url) == ("1.2.3", "https://example.org")
    assert goal.aliases == [
        AliasSpec(urn="urn:pulumi:dev::demo::pkg:index:Thing::former"),
        AliasSpec(name="old", no_parent=True),
        AliasSpec(type="pkg:index:Was", stack="other", project="p"),
        AliasSpec(parent_urn=first),
    ]
    assert goal.additional_secret_outputs == ["result"]
    assert goal.timeouts == Timeouts(create="30m", update="1h", delete="5s")
    assert goal.import_id == "i-123"
    assert goal.retain_on_delete is False
    assert goal.deleted_with == first
    assert goal.replace_with == [first]
    assert goal.replacement_trigger == Secret({"v": 7})
    assert goal.hide_diffs == ["a"]


def test_what_is_not_said_stays_unsaid(tmp_path):
    goal = goals(record(tmp_path, 'Thing("bare", gone=None)'))["bare"]
    assert goal.inputs == {}
    assert (goal.protect, goal.retain_on_delete, goal.delete_before_replace) == (None, None, None)
    assert goal.provider == ""
    assert goal.aliases == []
    assert goal.replacement_trigger is None
    assert goal.timeouts == Timeouts()
    assert goal.parent == f"{URN}pulumi:pulumi:Stack::demo-dev"


def test_children_inherit_through_components_and_may_say_otherwise(tmp_path):
    run = record(
        tmp_path,
        """
        owner = Thing("owner")
        outer = Group("outer", ResourceOptions(protect=True, retain_on_delete=True, deleted_with=owner))
        inner = Group("inner", ResourceOptions(parent=outer))
        Thing("child", opts=ResourceOptions(parent=inner))
        Thing("free", opts=ResourceOptions(parent=inner, protect=False, retain_on_delete=False))
        """,
    )
    child, free = goals(run)["child"], goals(run)["free"]
    assert (child.protect, child.retain_on_delete, child.deleted_with) == (True, True, f"{URN}pkg:index:Thing::owner")
    assert (free.protect, free.retain_on_delete) == (False, False)


def test_providers_reach_children_by_package_only(tmp_path):
    run = record(
        tmp_path,
        """
        mine, other = Prov("mine", region="eu-west-1"), Prov("other", package="oth")
        group = Group("group", ResourceOptions(providers=[mine, other]))
        inner = Group("inner", ResourceOptions(parent=group))
        Thing("of-group", opts=ResourceOptions(parent=inner))
        Thing("of-other", type_="oth:index:Thing", opts=ResourceOptions(parent=inner))
        Thing("of-none", type_="third:index:Thing", opts=ResourceOptions(parent=inner))
        parent = Thing("parent", opts=ResourceOptions(provider=mine))
        Thing("of-parent", opts=ResourceOptions(parent=parent))
        Thing("default")
        """,
    )
    found = goals(run)
    urns = {goal.name: urn for urn, goal in run.outcome.goals.items()}
    ids = {state.urn: state.id for state in run.outcome.snapshot}
    mine = f"{urns['mine']}::{ids[urns['mine']]}"
    assert found["mine"].type == "pulumi:providers:pkg"
    assert found["of-group"].provider == mine
    assert found["of-parent"].provider == mine
    assert found["of-other"].provider.startswith(urns["other"] + "::")
    assert found["of-none"].provider == found["default"].provider == ""
    assert set(found["inner"].providers) == {"pkg", "oth"}


def test_one_provider_per_region_and_preview_ids(tmp_path):
    main = """
    for region in ("eu-west-1", "us-east-1"):
        Thing(f"in-{region}", opts=ResourceOptions(provider=Prov(region, region=region)))
    """
    found = goals(record(tmp_path, main, preview=True))
    for region in ("eu-west-1", "us-east-1"):
        reference = found[f"in-{region}"].provider
        assert reference.startswith(f"{URN}pulumi:providers:pkg::{region}::")
        assert found[region].inputs == {"region": region}


def test_dependencies_are_exact_and_in_a_fixed_order(tmp_path):
    run = record(
        tmp_path,
        """
        a, b, c = Thing("a"), Thing("b"), Thing("c")
        group = Group("group")
        d = Thing("d", opts=ResourceOptions(parent=group))
        Thing("e", opts=ResourceOptions(parent=d))
        both = Output.all(c.result, a.result).apply(lambda pair: "-".join(pair))
        Thing("last", one=both, two=b.result, three="plain", opts=ResourceOptions(depends_on=[group]))
        """,
    )
    goal = goals(run)["last"]
    a, b, c = (f"{URN}pkg:index:Thing::{name}" for name in "abc")
    d = f"{URN}my:index:Group$pkg:index:Thing::d"
    assert goal.property_dependencies == {"one": [a, c], "two": [b], "three": []}
    assert goal.dependencies == sorted([a, b, c, d])


def test_source_positions_point_at_the_declaring_line(tmp_path):
    run = record(
        tmp_path,
        """
        import lib.parts as parts
        Thing("here")
        def make():
            return Thing("in-function")
        make()
        parts.Pair("pair")
        pulumi.Output.from_input(1).apply(lambda _: Thing("late"))
        """,
        {
            "lib/__init__.py": "",
            "lib/parts.py": """
                import pulumi
                class Part(pulumi.CustomResource):
                    def __init__(self, name, opts=None):
                        super().__init__("pkg:index:Part", name, {}, opts)
                class Pair(pulumi.ComponentResource):
                    def __init__(self, name):
                        super().__init__("my:index:Pair", name)
                        Part(f"{name}-one", pulumi.ResourceOptions(parent=self))
                """,
        },
    )
    at = {name: goal.source_position for name, goal in goals(run).items()}
    line = HEAD_LINES
    assert at == {
        "here": f"project:///__main__.py#{line + 3}",
        "in-function": f"project:///__main__.py#{line + 5}",
        "pair": f"project:///__main__.py#{line + 7}",
        "pair-one": "project:///lib/parts.py#9",
        "late": f"project:///__main__.py#{line + 8}",
    }


def test_files_outside_the_project_are_relative_to_it(tmp_path):
    (tmp_path / "shared.py").write_text(
        "import pulumi\nclass P(pulumi.CustomResource):\n    def __init__(self, n):\n"
        '        super().__init__("pkg:index:P", n, {})\ndef make():\n    P("far")\n'
    )
    run = record(tmp_path / "project", "import sys\nsys.path.append('..')\nimport shared\nshared.make()\n", head=False)
    assert goals(run)["far"].source_position == "project:///../shared.py#6"


def test_reads_keep_their_id(tmp_path):
    main = """
    maker = Thing("maker")
    known = Thing("known", opts=ResourceOptions(id="i-1"), hint="x")
    late = Thing("late", opts=ResourceOptions(id=maker.id))
    export("known", known.result)
    export("id", known.id)
    export("late", late.result)
    """
    found = goals(record(tmp_path / "a", main, preview=True))
    assert found["known"].read_id == "i-1"
    assert found["known"].inputs == {"hint": "x"}
    assert found["late"].read_id is UNKNOWN
    assert found["maker"].read_id == ""
    run = record(tmp_path / "b", main)
    assert run.outputs["id"] == "i-1"
    assert goals(run)["late"].read_id not in ("", UNKNOWN)


def test_output_names_are_those_of_the_class(tmp_path):
    run = record(
        tmp_path,
        """
        import pulumi_random as random
        random.RandomPet("pet")

        class Typed(CustomResource):
            size: Output[int]
            @property
            @pulumi.getter(name="fullName")
            def full_name(self) -> Output[str]:
                return pulumi.get(self, "full_name")
            def __init__(self, name):
                super().__init__("pkg:index:Typed", name, {"full_name": None, "size": None})
        Typed("typed")
        Thing("plain", size_gb=1)
        Group("group")
        """,
    )
    found = goals(run)
    assert set(found["pet"].output_names) == {"keepers", "length", "prefix", "separator"}
    assert set(found["typed"].output_names) == {"fullName", "size"}
    assert set(found["plain"].output_names) == {"result", "size_gb"}
    assert found["group"].output_names == ()


def test_dynamic_resources(tmp_path):
    main = """
    import pulumi.dynamic as dynamic

    class Provider(dynamic.ResourceProvider):
        def create(self, props):
            raise AssertionError("nothing is created here")

    class Row(dynamic.Resource):
        table: Output[str]
        def __init__(self, name, **props):
            super().__init__(Provider(), name, {"key": None, **props})

    row = Row("row", table="t")
    Thing("user", key=row.key)
    """
    one, two = goals(record(tmp_path, main)), goals(record(tmp_path, main))
    goal = one["row"]
    assert goal.type == "pulumi-python:dynamic:Resource"
    assert goal.inputs["table"] == "t"
    assert isinstance(goal.inputs["__provider"], Secret)
    assert goal.inputs == two["row"].inputs
    assert one["user"].dependencies == [f"{URN}pulumi-python:dynamic:Resource::row"]


def test_hooks_are_registered_and_never_run(tmp_path):
    run = record(
        tmp_path,
        """
        def hook(args):
            raise AssertionError("ran")
        named = pulumi.ResourceHook("named", hook)
        binding = pulumi.ResourceHookBinding(before_create=[hook], after_delete=[named])
        Thing("hooked", opts=ResourceOptions(hooks=binding))
        """,
    )
    assert "hooked" in goals(run)


def test_secret_and_resource_inputs(tmp_path):
    run = record(
        tmp_path,
        """
        thing = Thing("thing")
        group = Group("group")
        Thing("user", whole=Output.secret({"a": [1]}), part={"k": Output.secret("v")}, ref=thing, comp=group)
        """,
    )
    inputs = goals(run)["user"].inputs
    assert inputs["whole"] == Secret({"a": [1]})
    assert inputs["part"] == {"k": Secret("v")}
    assert inputs["ref"]["urn"] == f"{URN}pkg:index:Thing::thing"
    assert inputs["comp"]["urn"] == f"{URN}my:index:Group::group"
    assert "id" in inputs["ref"]
    assert "id" not in inputs["comp"]
