"""A run leaves nothing behind: modules, directory, output, event loop, SDK settings, garbage collector."""

from __future__ import annotations

import asyncio
import gc
import os
import sys

import pulumi

from phaseup.record.program import load_program
from phaseup.record.run import run
from tests.record.fakes import FakeDeployment
from tests.record.harness import HEAD, in_child, record, write_program

COUNTER = "count = 0\ndef up():\n    global count\n    count += 1\n    return count\n"
MAIN = "import pulumi, shared\npulumi.export('x', [shared.NAME, shared.helper.up()])\n"


def runs(*folders, **kwargs):
    return in_child(lambda: [run(load_program(f, "dev"), deploy=FakeDeployment, **kwargs).outputs for f in folders])


def test_modules_of_two_programs_do_not_meet(tmp_path):
    files = {"shared/helper.py": COUNTER}
    a = write_program(
        tmp_path / "a", MAIN, {**files, "shared/__init__.py": "from . import helper\nNAME = 'a'\n"}, head=False
    )
    b = write_program(
        tmp_path / "b", MAIN, {**files, "shared/__init__.py": "from . import helper\nNAME = 'b'\n"}, head=False
    )
    assert runs(a, b, a) == [{"x": ["a", 1]}, {"x": ["b", 1]}, {"x": ["a", 1]}]


def test_loaded_modules_of_the_same_name_come_back(tmp_path):
    folder = write_program(
        tmp_path, "import json, pulumi\npulumi.export('x', json.MINE)\n", {"json/__init__.py": "MINE = 1\n"}, head=False
    )

    def work():
        import json

        outputs = run(load_program(folder, "dev"), deploy=FakeDeployment).outputs
        return outputs, sys.modules["json"] is json, json.dumps([1])

    assert in_child(work) == ({"x": 1}, True, "[1]")


def test_pure_packages_may_be_shared(tmp_path):
    files = {"shared/__init__.py": "from . import helper\nNAME = 'a'\n", "shared/helper.py": COUNTER}
    folder = write_program(tmp_path, MAIN, files, head=False)
    assert runs(folder, folder, shared=("shared",)) == [{"x": ["a", 1]}, {"x": ["a", 2]}]


def test_pure_packages_of_another_checkout_are_not_shared(tmp_path):
    files = {"shared/helper.py": COUNTER}
    text = "from . import helper\nNAME = '{}'\n"
    a, b = (
        write_program(tmp_path / name, MAIN, {**files, "shared/__init__.py": text.format(name)}, head=False)
        for name in "ab"
    )
    assert runs(a, b, a, shared=("shared",)) == [{"x": ["a", 1]}, {"x": ["b", 1]}, {"x": ["a", 2]}]


def test_the_process_is_as_before(tmp_path):
    folder = write_program(
        tmp_path,
        HEAD
        + "import os, sys\nsys.path.append('/nowhere')\nos.chdir('/')\nprint('hello')\nThing('a')\n"
        + "import warnings; warnings.simplefilter('ignore'); pulumi.log.warn('careful')\n",
        head=False,
    )

    def work():
        gc.enable()

        def surroundings():
            settings = pulumi.runtime.settings
            return (
                os.getcwd(), list(sys.argv), sys.modules["__main__"], gc.isenabled(), sys.stdout, sys.stderr,
                settings.get_project(), settings.get_monitor(), settings.get_root_resource(),
                dict(pulumi.runtime.config.CONFIG.get()),
            )  # fmt: skip

        before = surroundings()
        result = run(load_program(folder, "dev"), deploy=FakeDeployment)
        return (
            before == surroundings(),
            {str(folder), "/nowhere"} & set(sys.path),
            [(m.severity, m.text) for m in result.messages],
            result.printed,
        )

    same, in_path, messages, printed = in_child(work)
    assert same
    assert in_path == set()
    assert messages == [("warning", "careful")]
    assert printed == "hello\n"


def test_an_event_loop_of_the_caller_is_left_alone(tmp_path):
    folder = write_program(tmp_path, 'Thing("a")\n')

    def work():
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        run(load_program(folder, "dev"), deploy=FakeDeployment)
        return asyncio.get_event_loop() is loop and not loop.is_closed()

    assert in_child(work)


def test_output_of_child_processes_stays_away_from_ours(tmp_path, capfd):
    result = record(
        tmp_path, "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'print(\"loud\")'])\nprint('soft')\n"
    )
    assert result.printed == "soft\n"
    captured = capfd.readouterr()
    assert "loud" not in captured.out + captured.err


def test_logs_keep_their_severity_and_resource(tmp_path):
    result = record(
        tmp_path,
        """
        thing = Thing("a")
        pulumi.info("fine", thing)
        pulumi.error("bad")
        pulumi.debug("unseen")
        """,
    )
    assert {(m.severity, m.text, m.urn.rpartition("::")[2]) for m in result.messages} == {
        ("info", "fine", "a"),
        ("error", "bad", ""),
    }


def test_an_installed_sdk_stays_registered(tmp_path):
    folder = write_program(
        tmp_path,
        "import pulumi, pulumi_random as random\nfrom pulumi.runtime import rpc\nrandom.RandomPet('pet')\n"
        "pulumi.export('known', rpc.get_resource_module('random', 'index/randomPet', '') is not None)\n",
        head=False,
    )
    assert runs(folder, folder) == [{"known": True}] * 2


def test_a_programs_own_sdk_may_be_loaded_twice(tmp_path):
    files = {
        "sdk/__init__.py": (
            "import pulumi\nfrom semver import VersionInfo as V\n"
            "class P(pulumi.runtime.rpc.ResourcePackage):\n    def version(self): return V.parse('1.0.0')\n"
            "    def construct_provider(self, name, typ, urn): raise NotImplementedError\n"
            "pulumi.runtime.register_resource_package('own', P())\n"
        )
    }
    folder = write_program(tmp_path, "import sdk, pulumi\npulumi.export('x', 1)\n", files, head=False)
    assert runs(folder, folder) == [{"x": 1}, {"x": 1}]
