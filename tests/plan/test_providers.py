"""Default and explicit providers: how they are found, inherited, changed, and what that does to their resources."""

from __future__ import annotations

import pytest
from plan_kit import UNKNOWN, World, changes, errors, nothing, ops, sequence, stack, step

from phaseup.graph.values import Secret
from phaseup.plan.steps import StepError, is_counted, is_default_provider, net_ops


def names(world):
    return [state.name for state in world.state]


def test_one_default_provider_for_each_package_and_version():
    def program(s):
        s.res("a", version="1.0.0")
        s.res("b", version="1.0.0")
        s.res("c", version="2.0.0")
        s.res("d", "other:m:Thing")
        s.component("e")

    world = stack(program)
    assert names(world) == ["default_1_0_0", "a", "b", "default_2_0_0", "c", "default", "d", "e"]
    assert world.state.resources[0].urn == "urn:pulumi:dev::proj::pulumi:providers:pkg::default_1_0_0"
    assert world.state.resources[0].inputs == {"version": "1.0.0", "__internal": {}}
    assert world.state.resources[0].outputs == {"version": "1.0.0"}


def test_default_providers_are_not_counted():
    outcome = World().plan(lambda s: s.res("default-like"))
    counted = {urn.rpartition("::")[2]: is_counted(urn) for urn in net_ops(outcome.steps)}
    assert counted == {"default": False, "default-like": True}
    assert not is_default_provider("urn:pulumi:dev::proj::pulumi:providers:pkg::mine")


def test_default_provider_takes_its_packages_config_and_keeps_secrets():
    world = World({"pkg:size": "1", "pkg:token": Secret("t"), "other:x": "2", "proj:y": "3"})
    world.up(lambda s: s.res("a"))
    assert world.state.resources[0].inputs == {"size": "1", "token": Secret("t")}
    assert "t" not in repr(world.plan(lambda s: s.res("a")).steps[0].reasons)


def test_dynamic_providers_take_the_whole_config():
    world = World({"pkg:size": "1", "proj:y": "3"})
    world.up(lambda s: s.res("a", "pulumi-python:dynamic:Resource"))
    assert world.state.resources[0].inputs == {"pkg:size": "1", "proj:y": "3"}


def test_upgraded_default_provider_leaves_its_resources_alone():
    def program(version):
        return lambda s: s.res("a", version=version)

    world = stack(program("1.0.0"))
    outcome = world.up(program("2.0.0"))
    assert ops(outcome) == {"a": "same"}
    assert [(item.op, item.urn.rpartition("::")[2]) for item in outcome.steps] == [
        ("create", "default_2_0_0"),
        ("same", "a"),
        ("delete", "default_1_0_0"),
    ]
    assert [reason.path for reason in step(outcome, "a").reasons] == ["<provider>"]


def test_a_config_change_that_a_default_provider_takes():
    world = World({"pkg:size": "1"})
    world.up(lambda s: s.res("a"))
    world.config["pkg:size"] = "2"
    outcome = world.plan(lambda s: s.res("a"))
    assert [item.op for item in outcome.steps] == ["update", "same"]


def test_a_config_change_that_replaces_the_default_provider_replaces_everything():
    world = World({"pkg:key": "1"})
    world.up(lambda s: s.res("a"))
    world.config["pkg:key"] = "2"
    outcome = world.plan(lambda s: s.res("a"))
    assert ops(outcome) == {"a": "replace"}
    (reason,) = step(outcome, "a", "replace").reasons
    assert (reason.path, reason.effect) == ("<provider>", "replace")
    assert step(outcome, "a", "replace").replace_keys == ("provider",)
    assert ops(world.up(lambda s: s.res("a"))) == {"a": "replace"}
    assert set(ops(world.plan(lambda s: s.res("a"))).values()) == {"same"}


def test_explicit_provider_lifecycle():
    def program(**config):
        return lambda s: s.res("a", provider=s.provider("p", **config))

    assert changes(program(size="1"), program(size="1")) == {"p": "same", "a": "same"}
    assert changes(program(size="1"), program(size="2")) == {"p": "update", "a": "same"}
    assert changes(program(key="1"), program(key="2")) == {"p": "replace", "a": "replace"}


def test_from_default_to_explicit_provider():
    def default(s):
        s.res("a")

    def explicit(s):
        s.res("a", provider=s.provider("p"))

    assert changes(default, explicit) == {"p": "create", "a": "same"}
    assert changes(explicit, default) == {"p": "delete", "a": "same"}
    assert changes(default, lambda s: s.res("a", provider=s.provider("p", key="eu"))) == {"p": "create", "a": "replace"}


def test_renamed_provider_with_an_alias():
    from phaseup.graph.resource import AliasSpec

    def before(s):
        s.res("a", provider=s.provider("p", key="1"))

    def after(s):
        s.res("a", provider=s.provider("q", key="1", aliases=[AliasSpec(name="p")]))

    assert changes(before, after) == {"q": "same", "a": "same"}


def test_provider_of_a_component_reaches_its_children():
    def program(s):
        p, q = s.provider("p"), s.provider("q", package="other")
        outer = s.component("outer", providers={"pkg": p.ref, "other": q.ref})
        inner = s.component("inner", parent=outer)
        s.res("a", parent=inner)
        s.res("b", "other:m:Thing", parent=inner)
        s.res("c", parent=s.component("mine", parent=outer, providers={"pkg": s.provider("r").ref}))

    world = stack(program)
    used = {state.name: state.provider.split("::")[3] for state in world.state if state.provider}
    assert used == {"a": "p", "b": "q", "c": "r"}


def test_provider_of_a_custom_parent_is_inherited_by_its_package_only():
    def program(s):
        a = s.res("a", provider=s.provider("p"))
        s.res("b", parent=a)
        s.res("c", "other:m:Thing", parent=a)

    world = stack(program)
    used = {state.name: state.provider.split("::")[3] for state in world.state if state.provider}
    assert used == {"a": "p", "b": "p", "c": "default"}


def test_default_provider_of_a_custom_parent_is_inherited_whatever_the_version():
    world = stack(lambda s: s.res("b", parent=s.res("a", version="1.0.0"), version="2.0.0"))
    assert names(world) == ["default_1_0_0", "a", "b"]


def test_a_provider_that_is_new_has_no_id_in_a_preview_but_serves():
    world = World()
    handles = []

    def program(s):
        p = s.provider("p", size="1")
        handles.append(p)
        s.res("a", provider=p)

    outcome = world.plan(program)
    assert handles[0].answer.id == ""
    assert ops(outcome) == {"p": "create", "a": "create"}


def test_a_provider_whose_config_is_not_known_is_asked_nothing():
    def program(key):
        def run(s):
            a = s.res("a", key=key)
            p = s.provider("p", size=a["arn"])
            s.res("b", provider=p, key=1)
            s.res("n", provider=p, size=1) if key == 2 else None

        return run

    world = stack(program(1))
    handles = []
    outcome = world.plan(lambda s: (program(2)(s), handles.append(s.handles["n"])))
    assert ops(outcome) == {"a": "replace", "p": "update", "b": "update", "n": "create"}
    assert [item.severity for item in outcome.diagnostics] == ["warning"]
    assert handles[0]["anything"].value is UNKNOWN
    (reason,) = step(outcome, "b").reasons
    assert (reason.path, reason.effect) == ("<provider>", "unknown")
    assert [urn.rpartition("::")[2] for urn in reason.chain] == ["p", "a"]


def test_unknown_and_malformed_provider_references():
    world = World()
    urn = "urn:pulumi:dev::proj::pulumi:providers:pkg::p"
    with pytest.raises(StepError, match=f"unknown provider '{urn}::id' for resource"):
        world.plan(lambda s: s.res("a", provider=f"{urn}::id"))
    with pytest.raises(StepError, match=r"bad provider reference 'nonsense' for resource .*: expected '::'"):
        world.plan(lambda s: s.res("a", provider="nonsense"))


def test_provider_that_only_the_old_state_has_is_kept():
    world = stack(lambda s: s.res("a", provider=s.provider("p")))
    reference = world.state.resources[-1].provider
    assert ops(world.plan(lambda s: s.res("a", provider=reference))) == {"p": "same", "a": "same"}


def test_bad_provider_config():
    world = World()

    def program(s):
        with pytest.raises(StepError):
            s.provider("p", broken=True)

    assert errors(world.plan(program)) == [
        "pulumi:providers:pkg resource 'p': property broken value {true} has a problem: may not be set"
    ]


@pytest.mark.parametrize("denied", ['["pkg"]', '["*"]', '["other", " pkg "]'])
def test_disabled_default_providers(denied):
    world = World({"pulumi:disable-default-providers": denied})
    with pytest.raises(
        StepError, match=r"Default provider for 'pkg' disabled. 'urn:.*::a' must use an explicit provider"
    ):
        world.plan(lambda s: s.res("a"))
    assert ops(world.plan(lambda s: s.res("a", provider=s.provider("p")))) == {"p": "create", "a": "create"}


@pytest.mark.parametrize("denied", ["", '["other"]', "[]"])
def test_default_providers_that_are_not_disabled(denied):
    world = World({"pulumi:disable-default-providers": denied})
    assert ops(world.plan(lambda s: s.res("a"))) == {"a": "create"}


@pytest.mark.parametrize("denied", ["nonsense", '{"a": 1}', "[1]"])
def test_nonsense_in_disable_default_providers(denied):
    world = World({"pulumi:disable-default-providers": denied})
    with pytest.raises(StepError, match="pulumi:disable-default-providers"):
        world.plan(lambda s: s.res("a"))


def test_explicit_provider_keeps_its_version_and_download_url():
    world = stack(lambda s: s.provider("p", version="1.2.3", plugin_download_url="https://x"))
    assert world.state.resources[0].inputs == {"version": "1.2.3", "__internal": {"pluginDownloadURL": "https://x"}}
    assert world.state.resources[0].outputs == {"version": "1.2.3"}


def test_invokes_use_the_given_or_the_default_provider():
    world = World()
    found = []

    def program(s):
        found.append(s.deployment.invoke("pkg:m:lookup", {"id": "x"}))
        found.append(s.deployment.invoke("pkg:m:lookup", {"id": "y"}, s.provider("p").ref))

    outcome = world.plan(program)
    assert found == [{"found": "x"}, {"found": "y"}]
    assert sequence(outcome) == ["create p"]


def test_deleting_with_the_old_provider():
    world = stack(lambda s: s.res("a", provider=s.provider("p", size="1")))
    outcome = world.up(nothing)
    assert sequence(outcome) == ["delete a", "delete p"]
    assert world.providers.called("configure") == [("pkg", {"size": "1"})]


def test_provider_state_of_an_old_engine_has_its_inputs_as_outputs():
    world = stack(lambda s: s.res("a", provider=s.provider("p", size="1")))
    world.state.resources[0].outputs = {}
    assert ops(world.plan(lambda s: s.res("a", provider=s.provider("p", size="1")))) == {"p": "same", "a": "same"}
