"""Edits a checkpoint as an interrupted or an older engine would have left it."""

from __future__ import annotations

import copy
from typing import Any


def edited(checkpoint: dict[str, Any]) -> dict[str, Any]:
    """A copy with everything that the cases of `cases/leftovers.py` are named after."""
    checkpoint = copy.deepcopy(checkpoint)
    resources = checkpoint["deployment"]["resources"]
    for resource in list(resources):
        name = resource["urn"].rsplit("::", 1)[-1]
        if name.startswith("pending-delete-"):
            resources.append({**copy.deepcopy(resource), "id": f"{name}-old", "delete": True})
        elif name.startswith("pending-replacement-"):
            resource["pendingReplacement"] = True
        elif name.startswith("init-errors-"):
            resource["initErrors"] = ["never became ready"]
        elif name == "taint-root":
            resource["taint"] = True
        elif name == "missing-inputs":
            resource["inputs"] = {}
        elif name == "forgotten-leaf":
            resource.pop("dependencies", None)
            resource.pop("propertyDependencies", None)
    return checkpoint
