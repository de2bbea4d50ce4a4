"""A program that fails is told in one message with its own file and line; the trace is there for those who ask."""

from __future__ import annotations

import pytest

from phaseup.record.answers import Answers
from phaseup.record.errors import RecordError
from tests.record.harness import HEAD_LINES, goals, record


def failure(tmp_path, main, files=None, **kwargs):
    with pytest.raises(RecordError) as caught:
        record(tmp_path, main, files, **kwargs)
    error = caught.value
    assert "\n" not in str(error)
    assert "Traceback" not in str(error)
    return error


LINE = HEAD_LINES + 2


@pytest.mark.parametrize(
    ("main", "message"),
    [
        ("\nraise ValueError('no size')\n", f"__main__.py:{LINE}: ValueError: no size"),
        ("\n{}['missing']\n", f"__main__.py:{LINE}: KeyError: 'missing'"),
        ("\nassert 1 == 2\n", f"__main__.py:{LINE}: AssertionError()"),
        (
            "\nimport nothing_like_that\n",
            f"__main__.py:{LINE}: ModuleNotFoundError: No module named 'nothing_like_that'",
        ),
        ("\nThing('x', a=object())\n", "unexpected input of type object for a in Thing"),
        ("\nOutput.from_input(1).apply(lambda v: v / 0)\n", f"__main__.py:{LINE}: ZeroDivisionError: division by zero"),
        ("\nraise pulumi.RunError('size must be 1 to 5')\n", "size must be 1 to 5"),
        ("\npulumi.Config().require('size')\n", "Missing required configuration variable 'demo:size'"),
        ("\nraise SystemExit(3)\n", f"__main__.py:{LINE}: the program exited with 3"),
        ("\nimport sys; sys.exit('stop')\n", f"__main__.py:{LINE}: the program exited with 'stop'"),
    ],
)
def test_the_programs_own_line_is_named(tmp_path, main, message):
    error = failure(tmp_path, main)
    assert message in str(error)
    assert "Traceback" in error.trace


@pytest.mark.parametrize(
    ("main", "message"),
    [
        ("\nexport('x', Output.from_input({'a': 1})['b'])\n", f"__main__.py:{LINE}: an output: KeyError: 'b'"),
        ("\nexport('x', Output.from_input([1])[3])\n", f"__main__.py:{LINE}: an output: IndexError:"),
        ("\nexport('x', Thing('t').result.size)\n", f"__main__.py:{LINE}: an output: AttributeError:"),
        ("\nThing('ok')\nThing('t', a=Output.from_input({})['b'])\n", f"__main__.py:{LINE + 1}: an output: KeyError"),
        ("\nThing('ok')\nThing('t', a=b'raw')\n", f"__main__.py:{LINE + 1}: pkg:index:Thing t: ValueError:"),
        ("\nt = Thing('t', a=b'raw')\nThing('u', b=t.result)\n", f"__main__.py:{LINE}: pkg:index:Thing t: "),
    ],
)
def test_a_failure_in_the_sdks_own_frames_names_the_line_that_led_there(tmp_path, main, message):
    assert str(failure(tmp_path, main)).startswith(message)


def test_a_failure_in_a_module_of_the_program_names_that_module(tmp_path):
    error = failure(
        tmp_path, "import lib.sizes\n", {"lib/__init__.py": "", "lib/sizes.py": "\n\nSIZE = int('x')\n"}, head=False
    )
    assert str(error).startswith("lib/sizes.py:3: ValueError: invalid literal")


def test_a_syntax_error_names_its_file(tmp_path):
    assert str(failure(tmp_path, "def f(:\n    pass\n", head=False)).startswith("__main__.py:1: SyntaxError:")
    error = failure(tmp_path, "import lib\n", {"lib.py": "x = 1\ny = (\n"}, head=False)
    assert str(error).startswith("lib.py:2: SyntaxError:")


def test_exiting_well_is_no_failure(tmp_path):
    run = record(tmp_path, 'Thing("a")\nraise SystemExit(0)\n')
    assert list(goals(run)) == ["a"]


def test_a_refused_registration_names_the_resource_and_its_line(tmp_path):
    error = failure(tmp_path, '\nThing("a")\nThing("b", twin=1)\nThing("a")\n', deploy=None)
    assert str(error).startswith(f"__main__.py:{LINE + 2}: pkg:index:Thing a: ")
    assert "urn:pulumi:dev::demo::pkg:index:Thing::a" in str(error).replace("Duplicate", "duplicate")


def test_the_first_of_many_failures_is_told(tmp_path):
    error = failure(
        tmp_path,
        """
        thing = Thing("good")
        Thing("good")
        for i in range(20):
            Thing(f"after-{i}", a=thing.result)
        """,
        deploy=None,
    )
    assert f"__main__.py:{LINE + 1}:" in str(error)
    assert "the run has stopped" not in str(error)


def test_dependency_cycles_end_in_a_message(tmp_path):
    error = failure(
        tmp_path,
        """
        a = Group("a")
        b = Thing("b", opts=ResourceOptions(parent=a, depends_on=[a]))
        """,
    )
    assert "circular" in str(error) or "cycle" in str(error)


def test_secrets_given_by_answers_are_not_shown(tmp_path):
    error = failure(
        tmp_path,
        'pulumi.Config().require_secret("key").apply(lambda key: int(key))\n',
        {"Pulumi.dev.yaml": "config: {key: {secure: AAA}}"},
        answers=Answers(config={"demo:key": "hunter2"}),
    )
    assert "hunter2" not in str(error)
    assert "hunter2" not in error.trace
    assert "[secret]" in str(error)


def test_a_program_that_waits_for_nothing_still_ends(tmp_path):
    run = record(
        tmp_path,
        """
        import asyncio
        never = asyncio.Future()
        async def main():
            Thing("in-main")
            await asyncio.sleep(0)
            return {"done": True, "text": await asyncio.to_thread(lambda: "threaded")}
        pulumi.run(main)
        """,
    )
    assert run.outputs == {"done": True, "text": "threaded"}
    assert "in-main" in goals(run)


def test_an_async_main_may_fail(tmp_path):
    error = failure(tmp_path, "\nasync def main():\n    raise ValueError('late')\npulumi.run(main)\n")
    assert str(error) == f"__main__.py:{LINE + 1}: ValueError: late"


def test_errors_travel_between_processes_with_their_trace():
    import pickle

    error = RecordError("broken", trace="trace", where="file:1")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.trace, bool(again.where)) == ("file:1: broken", "trace", True)
