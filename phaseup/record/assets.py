"""Hashes of assets and archives, as the engine adds them to inputs: a changed file is then a changed property.

Source: sdk/go/common/resource/{asset,archive}, Pulumi 3.260. An archive that is a folder or a map is hashed as the tar
stream that Go's archive/tar writes for it (USTAR, mode 0600, no times or owners).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from phaseup.graph.values import ARCHIVE_SIGNATURE, ASSET_SIGNATURE, SIGNATURE, Secret, Value
from phaseup.record.errors import RecordError

_ARCHIVES = (".tar", ".tgz", ".tar.gz", ".zip", ".jar")
_BLOCK = 512


def hashed(values: dict[str, Value], root: Path) -> dict[str, Value]:
    """`values` with `hash` in every asset and archive; paths are relative to `root`. Untouched where there are none.

    Remote assets (a URI) keep no hash, for nothing is fetched here.
    """
    if not any(_holds_asset(value) for value in values.values()):
        return values
    return {key: _hash(value, root) for key, value in values.items()}


def _holds_asset(value: Value) -> bool:
    if isinstance(value, dict):
        if value.get(SIGNATURE) in (ASSET_SIGNATURE, ARCHIVE_SIGNATURE):
            return True
        return any(_holds_asset(item) for item in value.values())
    if isinstance(value, list):
        return any(_holds_asset(item) for item in value)
    return isinstance(value, Secret) and _holds_asset(value.value)


def _hash(value: Value, root: Path) -> Value:
    if isinstance(value, Secret):
        return Secret(_hash(value.value, root))
    if isinstance(value, list):
        return [_hash(item, root) for item in value]
    if not isinstance(value, dict):
        return value
    signature = value.get(SIGNATURE)
    if signature not in (ASSET_SIGNATURE, ARCHIVE_SIGNATURE):
        return {key: _hash(item, root) for key, item in value.items()}
    if value.get("hash"):
        return value
    try:
        digest = _asset_hash(value, root) if signature == ASSET_SIGNATURE else _archive_hash(value, root)
    except OSError as error:
        raise RecordError(f"{error.filename}: an asset that cannot be read: {error.strerror}") from None
    if signature == ARCHIVE_SIGNATURE and isinstance(value.get("assets"), dict):
        value = {**value, "assets": {name: _hash(item, root) for name, item in value["assets"].items()}}
    return {**value, "hash": digest} if digest else value


def _asset_hash(asset: Mapping[str, Any], root: Path) -> str:
    if "uri" in asset:
        return ""
    return hashlib.sha256(_asset_bytes(asset, root)).hexdigest()


def _asset_bytes(asset: Mapping[str, Any], root: Path) -> bytes:
    if asset.get("path"):
        return (root / asset["path"]).read_bytes()
    return str(asset.get("text", "")).encode()


def _archive_hash(archive: Mapping[str, Any], root: Path) -> str:
    path = archive.get("path")
    if path and str(path).endswith(_ARCHIVES):
        return hashlib.sha256((root / path).read_bytes()).hexdigest()
    if "uri" in archive:
        return ""
    stream = hashlib.sha256()
    seen = set()
    for name, data in _members(archive, root):
        if name not in seen:
            seen.add(name)
            stream.update(_header(name, len(data)) + data + bytes(-len(data) % _BLOCK))
    stream.update(bytes(2 * _BLOCK))
    return stream.hexdigest()


def _members(archive: Mapping[str, Any], root: Path) -> Iterator[tuple[str, bytes]]:
    """Every file in the order in which the engine walks: names sorted, folders in depth."""
    path = archive.get("path")
    if path:
        folder = root / path
        if not folder.is_dir():
            raise RecordError(f"{folder}: an archive must be a folder or one of {', '.join(_ARCHIVES)}")
        for file in _walk(folder):
            yield file.relative_to(folder).as_posix(), file.read_bytes()
        return
    for name, item in sorted((archive.get("assets") or {}).items()):
        if item.get(SIGNATURE) == ARCHIVE_SIGNATURE:
            for inner, data in _members(item, root):
                yield f"{name}/{inner}", data
        elif "uri" not in item:
            yield name, _asset_bytes(item, root)


def _walk(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.is_dir() and entry.name != ".pulumi":
            yield from _walk(entry)
        elif entry.is_file():
            yield entry


def _header(name: str, size: int) -> bytes:
    """One USTAR header block."""
    encoded = name.encode()
    prefix = b""
    if len(encoded) > 100:
        cut = encoded.rfind(b"/", 0, 156)
        prefix, encoded = encoded[:cut], encoded[cut + 1 :]
    head = b"".join(
        (
            encoded.ljust(100, b"\0"),
            b"0000600\0",
            b"0000000\0" * 2,
            b"%011o\0" % size,
            b"00000000000\0",
            b" " * 8,
            b"0",
            bytes(100),
            b"ustar\x0000",
            bytes(64),
            b"0000000\0" * 2,
            prefix.ljust(155, b"\0"),
            bytes(12),
        )
    )
    checksum = b"%06o\0 " % sum(head)
    return head[:148] + checksum + head[156:]
