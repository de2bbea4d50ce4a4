"""What a host's user data writes, by path, as it is once unpacked."""

from __future__ import annotations

import base64
import bz2

import yaml


def host_files(user_data: str) -> dict[str, str]:
    """`user_data` is base64, as a launch template has it."""
    text = base64.b64decode(user_data).decode()
    assert text.startswith("#cloud-config\n")
    written = {file["path"]: file["content"] for file in yaml.safe_load(text)["write_files"]}
    return {
        path.removesuffix(".bz2"): unpacked(content) if path.endswith(".bz2") else content
        for path, content in written.items()
    }


def unpacked(content: str) -> str:
    """The text that `components.server.cloud_init.packed` made small."""
    return bz2.decompress(base64.b64decode(content)).decode()
