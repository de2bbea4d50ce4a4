"""Images are named by what is in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ..reading import text
from ..resource import Resource
from ..rule import Rule
from .pods import WITH_PODS, Spec, each_container

DIGEST: Final = re.compile(r"[^@\s]+@sha256:[0-9a-f]{64}")
SECRET: Final = "[secret]"
"""What a checkpoint shows in place of a secret, which cannot be judged."""


def check(resource: Resource) -> Iterator[str]:
    """A tag beside the digest is a comment."""
    yield from each_container(resource, _container)


def _container(path: str, container: Spec, _pod: Spec) -> Iterator[str]:
    image = text(container.get("image"))
    if image != SECRET and not DIGEST.fullmatch(image):
        yield f"{path}.image: found {image or None}; allowed: an image by its digest, name@sha256:…"


RULE = Rule(
    name="kubernetes-image-digest",
    severity="medium",
    description="Every container, init containers too, names its image by digest: what was tested is what runs, on "
    "every node and after every restart.",
    remedy="Let the pipeline write `image@sha256:…`, as the registry answered the push.",
    types=WITH_PODS,
    check=check,
)
