"""A changed file behind an asset is a changed property."""

from __future__ import annotations

import hashlib

import pytest

from phaseup.graph.values import ARCHIVE_SIGNATURE, ASSET_SIGNATURE, SIGNATURE, Secret
from phaseup.record.assets import hashed
from phaseup.record.errors import RecordError
from tests.record.harness import goals, record

ASSET, ARCHIVE = {SIGNATURE: ASSET_SIGNATURE}, {SIGNATURE: ARCHIVE_SIGNATURE}


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def test_files_texts_and_remote_assets(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    values = {
        "file": {**ASSET, "path": "a.txt"},
        "text": [{"deep": {**ASSET, "text": "hello"}}],
        "remote": {**ASSET, "uri": "https://example.org/x"},
        "secret": Secret({**ASSET, "text": "s"}),
        "other": {"path": "a.txt"},
    }
    made = hashed(values, tmp_path)
    assert made["file"]["hash"] == made["text"][0]["deep"]["hash"] == digest("hello")
    assert "hash" not in made["remote"]
    assert made["secret"].value["hash"] == digest("s")
    assert made["other"] == {"path": "a.txt"}
    assert "hash" not in values["file"]


def test_values_without_assets_are_the_very_same(tmp_path):
    values = {"a": [1, {"b": Secret("c")}]}
    assert hashed(values, tmp_path) is values


def test_archives_change_with_any_file_in_them(tmp_path):
    folder = tmp_path / "code" / "sub"
    folder.mkdir(parents=True)
    (tmp_path / "code" / "b.py").write_text("b")
    (folder / "a.py").write_text("a")
    archive = {"code": {**ARCHIVE, "path": "code"}}
    first = hashed(archive, tmp_path)["code"]["hash"]
    assert hashed(archive, tmp_path)["code"]["hash"] == first
    as_map = {
        **ARCHIVE,
        "assets": {"b.py": {**ASSET, "text": "b"}, "sub": {**ARCHIVE, "assets": {"a.py": {**ASSET, "text": "a"}}}},
    }
    assert hashed({"code": as_map}, tmp_path)["code"]["hash"] == first
    (folder / "a.py").write_text("changed")
    assert hashed(archive, tmp_path)["code"]["hash"] != first


def test_packed_archives_are_hashed_as_they_are(tmp_path):
    (tmp_path / "x.zip").write_bytes(b"zip")
    assert hashed({"a": {**ARCHIVE, "path": "x.zip"}}, tmp_path)["a"]["hash"] == digest("zip")


def test_what_cannot_be_read_is_named(tmp_path):
    with pytest.raises(RecordError, match=r"gone\.txt: an asset that cannot be read: No such file"):
        hashed({"a": {**ASSET, "path": "gone.txt"}}, tmp_path)
    with pytest.raises(RecordError, match=r"gone: an archive must be a folder or one of"):
        hashed({"a": {**ARCHIVE, "path": "gone"}}, tmp_path)


def test_a_program_s_assets_have_hashes(tmp_path):
    run = record(
        tmp_path,
        """
        parts = {"main.py": pulumi.FileAsset("__main__.py"), "x": pulumi.StringAsset("x")}
        Thing("it", code=pulumi.AssetArchive(parts))
        """,
    )
    code = goals(run)["it"].inputs["code"]
    assert len(code["hash"]) == 64
    assert code["assets"]["x"]["hash"] == digest("x")
    assert code["assets"]["main.py"]["path"] == "__main__.py"
