"""Project and stack files: what config a program gets, and what is said of files that are wrong."""

from __future__ import annotations

import json

import pytest

from phaseup.record.errors import RecordError
from phaseup.record.program import load_program
from tests.record.harness import record, write_program


def load(tmp_path, files, stack="dev", **kwargs):
    return load_program(write_program(tmp_path, "", files), stack, **kwargs)


def test_config_reaches_the_program_as_the_engine_passes_it(tmp_path):
    stack = """
    config:
      plain: text
      demo:count: 3
      aws:region: eu-west-1
      demo:config:old: form
      flag: true
      share: 0.5
      whole: 2.0
      nothing:
      list: [b, {z: 1, a: "<&>"}]
      name: "on"
      word: yes
      version: "1.10"
    """
    program = load(tmp_path, {"Pulumi.dev.yaml": stack})
    assert program.config == {
        "demo:plain": "text",
        "demo:count": "3",
        "aws:region": "eu-west-1",
        "demo:old": "form",
        "demo:flag": "true",
        "demo:share": "0.5",
        "demo:whole": "2",
        "demo:nothing": "null",
        "demo:list": '["b",{"a":"\\u003c\\u0026\\u003e","z":1}]',
        "demo:name": "on",
        "demo:word": "yes",
        "demo:version": "1.10",
    }
    assert program.secret_keys == frozenset()
    assert (program.project, program.stack, program.organization) == ("demo", "dev", "organization")


def test_secure_values_become_placeholders_made_from_their_key(tmp_path):
    stack = """
    encryptionsalt: v1:abc
    config:
      password: {secure: AAABAJ0a}
      nested: {user: ada, logins: [{token: {secure: AAAB}}]}
      plain: x
    """
    program = load(tmp_path, {"Pulumi.dev.yaml": stack})
    assert program.secret_keys == {"demo:password", "demo:nested"}
    assert program.config["demo:password"] == "[secret demo:password]"
    nested = json.loads(program.config["demo:nested"])
    assert nested == {"user": "ada", "logins": [{"token": "[secret demo:nested.logins[0].token]"}]}
    again = load(tmp_path, {"Pulumi.dev.yaml": stack.replace("AAAB", "ZZZZ")})
    assert again.config == program.config


def test_project_defaults_apply_where_the_stack_says_nothing(tmp_path):
    project = """
    name: demo
    runtime: {name: python, options: {virtualenv: venv}}
    config:
      size: {type: integer, default: 4}
      color: blue
      hosts: [a]
      aws:region: eu-central-1
      aws:profile: {value: main}
      zone: {type: string}
    """
    program = load(tmp_path, {"Pulumi.yaml": project, "Pulumi.dev.yaml": "config: {zone: b, aws:region: eu-west-1}"})
    assert program.config == {
        "demo:size": "4",
        "demo:color": "blue",
        "demo:hosts": '["a"]',
        "aws:region": "eu-west-1",
        "aws:profile": "main",
        "demo:zone": "b",
    }


def test_given_settings_go_over_the_stack_file(tmp_path):
    program = load(
        tmp_path,
        {"Pulumi.dev.yaml": "config: {a: 1, b: 2}"},
        settings={"a": "9", "aws:region": "x", "c": {"secure": "s"}},
    )
    assert program.config == {"demo:a": "9", "demo:b": "2", "aws:region": "x", "demo:c": "[secret demo:c]"}
    assert program.secret_keys == {"demo:c"}


@pytest.mark.parametrize("folder", ["stacks", "/stacks"])
def test_stack_files_may_live_in_a_folder_of_their_own(tmp_path, folder):
    files = {
        "Pulumi.yaml": f"name: demo\nruntime: python\nstackConfigDir: {folder}\n",
        "stacks/Pulumi.dev.yaml": "config: {where: stacks}",
        "Pulumi.dev.yaml": "config: {where: root}",
    }
    assert load(tmp_path, files).config == {"demo:where": "stacks"}


def test_old_projects_name_the_folder_in_config(tmp_path):
    files = {
        "Pulumi.yaml": "name: demo\nruntime: python\nconfig: conf\n",
        "conf/Pulumi.dev.yaml": "config: {where: conf}",
    }
    assert load(tmp_path, files).config == {"demo:where": "conf"}


def test_the_only_stack_need_not_be_named(tmp_path):
    folder = write_program(tmp_path, "", {"Pulumi.dev.yaml": "config: {a: b}"})
    assert load_program(folder).stack == "dev"


def test_a_project_without_stack_files_runs_with_no_config(tmp_path):
    folder = write_program(tmp_path, "")
    (folder / "Pulumi.dev.yaml").unlink()
    assert load_program(folder, "acme/demo/prod").config == {}
    assert load_program(folder).stack == "dev"
    assert load_program(folder, "acme/demo/prod").organization == "acme"


def test_environments_elsewhere_are_noted(tmp_path):
    program = load(tmp_path, {"Pulumi.dev.yaml": "environment: [shared]\nconfig: {}\n"})
    assert len(program.notes) == 1
    assert "Pulumi.dev.yaml: environment:" in program.notes[0]


@pytest.mark.parametrize(
    ("files", "stack", "words"),
    [
        ({"Pulumi.yaml": "runtime: python\n"}, "dev", ["Pulumi.yaml", "name", "nothing"]),
        ({"Pulumi.yaml": "name: 3\nruntime: python\n"}, "dev", ["Pulumi.yaml", "name", "an integer"]),
        ({"Pulumi.yaml": "name: demo\nruntime: nodejs\n"}, "dev", ["Pulumi.yaml", "runtime", "'nodejs'", "python"]),
        ({"Pulumi.yaml": "name: demo\n"}, "dev", ["Pulumi.yaml", "runtime", "nothing"]),
        ({"Pulumi.yaml": "name: [demo\n"}, "dev", ["Pulumi.yaml:", "not valid YAML"]),
        ({"Pulumi.yaml": "- a\n"}, "dev", ["Pulumi.yaml", "a mapping", "a list"]),
        ({"Pulumi.yaml": "name: d\nruntime: python\nmain: src\n"}, "dev", ["Pulumi.yaml", "main", "src", "no such"]),
        ({"Pulumi.dev.yaml": "config: [a]\n"}, "dev", ["Pulumi.dev.yaml", "config", "a list"]),
        ({"Pulumi.dev.yaml": "config:\n  a: b: c\n"}, "dev", ["Pulumi.dev.yaml:2", "not valid YAML"]),
        ({"Pulumi.dev.yaml": "config: {a: 1, a: 2}\n"}, "dev", ["Pulumi.dev.yaml:1", "duplicate key"]),
        ({"Pulumi.dev.yaml": "config: {'a:b:c': 1}\n"}, "dev", ["Pulumi.dev.yaml", "a:b:c", "namespace:name"]),
        ({}, "prod", ["Pulumi.prod.yaml", "no such file", "dev"]),
        ({"Pulumi.prod.yaml": ""}, "", ["several stacks", "dev, prod"]),
        (
            {"Pulumi.yaml": "name: demo\nruntime: python\nconfig: {size: {type: integer}}\n"},
            "dev",
            ["Pulumi.dev.yaml", "demo:size", "Pulumi.yaml"],
        ),
        (
            {
                "Pulumi.yaml": "name: demo\nruntime: python\nconfig: {size: {type: integer}}\n",
                "Pulumi.dev.yaml": "config: {size: big}",
            },
            "dev",
            ["Pulumi.dev.yaml", "demo:size", "integer", "big"],
        ),
        (
            {
                "Pulumi.yaml": "name: demo\nruntime: python\nconfig: {key: {type: string, secret: true}}\n",
                "Pulumi.dev.yaml": "config: {key: plain}",
            },
            "dev",
            ["Pulumi.dev.yaml", "demo:key", "secure"],
        ),
        (
            {"Pulumi.yaml": "name: demo\nruntime: python\nconfig: {size: {type: float}}\n"},
            "dev",
            ["Pulumi.yaml", "size", "float", "integer"],
        ),
    ],
)
def test_a_wrong_file_is_named_with_its_key(tmp_path, files, stack, words):
    with pytest.raises(RecordError) as caught:
        load(tmp_path, files, stack)
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


def test_a_folder_without_a_project_or_a_program(tmp_path):
    with pytest.raises(RecordError, match=r"Pulumi\.yaml: no such file"):
        load_program(tmp_path, "dev")
    with pytest.raises(RecordError, match="no such directory"):
        load_program(tmp_path / "nowhere", "dev")
    write_program(tmp_path, "")
    (tmp_path / "__main__.py").unlink()
    with pytest.raises(RecordError, match=r"__main__\.py: no such file"):
        load_program(tmp_path, "dev")


def test_the_program_sees_config_secrets_and_its_surroundings(tmp_path):
    stack = """
    config:
      password: {secure: AAAB}
      login: {user: ada, pass: {secure: AAAB}}
      n: 3
      aws:region: eu-west-1
    """
    run = record(
        tmp_path,
        """
        import os
        config = pulumi.Config()
        export("n", config.require_int("n"))
        export("password", config.require_secret("password"))
        export("login", config.require_secret_object("login"))
        export("region", pulumi.Config("aws").get("region"))
        names = [pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization()]
        export("where", [*names, os.path.basename(os.getcwd())])
        export("root", os.path.basename(pulumi.runtime.get_root_directory()))
        export("dry", pulumi.runtime.is_dry_run())
        """,
        {"Pulumi.dev.yaml": stack},
    )
    outputs = run.outputs
    assert outputs["n"] == 3
    assert repr(outputs["password"]) == "[secret]"
    assert outputs["password"].value == "[secret demo:password]"
    assert outputs["login"].value == {"user": "ada", "pass": "[secret demo:login.pass]"}
    assert outputs["region"] == "eu-west-1"
    assert outputs["where"] == ["demo", "dev", "organization", tmp_path.name]
    assert outputs["root"] == tmp_path.name
    assert outputs["dry"] is False


def test_main_may_be_another_folder_or_a_file(tmp_path):
    folder = {
        "Pulumi.yaml": "name: demo\nruntime: python\nmain: src/\n",
        "src/__main__.py": "import pulumi, os, near\npulumi.export('x', [near.X, os.path.basename(os.getcwd())])\n",
        "src/near.py": "X = 1\n",
    }
    assert record(tmp_path / "a", "raise SystemExit('wrong file')", folder).outputs == {"x": [1, "src"]}
    file = {
        "Pulumi.yaml": "name: demo\nruntime: python\nmain: src/prog.py\n",
        "src/prog.py": "import pulumi, near\npulumi.export('x', near.X)\n",
        "src/near.py": "X = 2\n",
    }
    assert record(tmp_path / "b", "raise SystemExit('wrong file')", file).outputs == {"x": 2}
