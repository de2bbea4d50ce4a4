"""Which SDK members a program uses, by its text; what cannot be read or imported is left to the program."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from phaseup.climb.sdk_modules import preload, used_names


def names(folder: Path, text: str) -> set[str]:
    (folder / "main.py").write_text(textwrap.dedent(text), encoding="utf-8")
    return set(used_names([folder]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import pulumi_aws as aws\naws.rds.Instance('x')\n", {"pulumi_aws", "pulumi_aws.rds.Instance"}),
        ("import pulumi_aws\npulumi_aws.s3.Bucket('x')\n", {"pulumi_aws", "pulumi_aws.s3.Bucket"}),
        ("import os, pulumi_aws as aws, sys\naws.kms.Key('x')\n", {"pulumi_aws", "pulumi_aws.kms.Key"}),
        (
            "from pulumi_aws import ec2, s3 as b\nb.Bucket('x')\n",
            {"pulumi_aws.ec2", "pulumi_aws.s3", "pulumi_aws.s3.Bucket"},
        ),
        (
            "from pulumi_kubernetes.apps.v1 import (\n    Deployment,  # (of pods)\n    DaemonSet,\n)\n",
            {"pulumi_kubernetes.apps.v1.Deployment", "pulumi_kubernetes.apps.v1.DaemonSet"},
        ),
        ("import pulumi_aws.lb as lb\nlb.Listener('x')\n", {"pulumi_aws.lb", "pulumi_aws.lb.Listener"}),
        (
            "def f(bucket: 'aws.s3.Bucket'): ...\nif True:\n    import pulumi_aws as aws\n",
            {"pulumi_aws", "pulumi_aws.s3.Bucket"},
        ),
        ("import pulumi_aws; import os\n", {"pulumi_aws"}),
        ("import os\nos.path.join('pulumi')\n", set()),
        ("from . import pulumi_parts\nfrom .pulumi_parts import aws\naws.s3.Bucket\n", set()),
        ("from pulumi_aws import *\n", set()),
        ("laws.s3.Bucket\nimport pulumi_aws as aws\nx.aws.s3.Bucket\n", {"pulumi_aws"}),
        (
            "import pulumi_aws as (broken\nimport pulumi_random as r\nr.RandomPet\n",
            {"pulumi_random", "pulumi_random.RandomPet"},
        ),
    ],
)
def test_names_of_a_text(tmp_path: Path, text: str, expected: set[str]) -> None:
    assert names(tmp_path, text) == expected


def test_folders_that_are_no_program_are_left_out(tmp_path: Path) -> None:
    for folder in ("app", "tests", ".git", "venv", "site-packages"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.py").write_text(f"import pulumi_{folder.strip('.').replace('-', '_')}\n")
    (tmp_path / "app" / "odd.py").write_bytes(b"import pulumi_odd \xff\n")
    assert set(used_names([tmp_path])) == {"pulumi_app"}
    assert set(used_names([tmp_path / "tests"])) == {"pulumi_tests"}


def test_what_is_not_there_is_left_to_the_program(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import pulumi_nowhere as n\nimport pulumi_random\npulumi_random.Nothing.at_all\n")
    preload([tmp_path, tmp_path / "missing.py"])


def test_preloaded_modules_are_there_before_the_program_asks(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import pulumi_aws as aws\naws.rds.Instance('x')\n")
    script = (
        "import sys; from pathlib import Path; from phaseup.climb.sdk_modules import preload;"
        f"preload([Path({str(tmp_path)!r})]);"
        "sys.exit(not ('pulumi_aws.rds.instance' in sys.modules and 'pulumi_aws.eks.cluster' not in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
