"""Whether a dependency would close a cycle (a patch of the SDK, pulumi 3.272.0).

Before the SDK notes that one resource depends on another, it walks everything that the other depends on, by generators
within generators: with a thousand resources in long chains an eighth of the time of a run. A cycle needs somebody who
depends on the first resource already, and while a resource is being registered there is mostly nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

_DEPENDED_ON: Final = "_phaseup_depended_on"
_NEEDED: Final = ("_DEPENDENCIES_PROPERTY", "_reachable", "_add_dep", "declare_dependency")


def patch(breaker: Any, rpc: Any, replace: Callable[..., None]) -> None:
    """Replace the walk in `pulumi.runtime.resource_cycle_breaker`, which `pulumi.runtime.rpc` asks."""
    if not all(hasattr(breaker, name) for name in _NEEDED) or not hasattr(rpc, "declare_dependency"):
        return
    attribute: str = breaker._DEPENDENCIES_PROPERTY

    def _add_dep(from_resource: Any, to_resource: Any) -> None:
        from_resource.__dict__.setdefault(attribute, set()).add(to_resource)
        to_resource.__dict__[_DEPENDED_ON] = True

    def _reachable(from_resource: Any, to_resource: Any) -> bool:
        if from_resource is to_resource:
            return True
        if _DEPENDED_ON not in to_resource.__dict__:
            return False
        seen = {from_resource}
        ahead = [from_resource]
        while ahead:
            found = ahead.pop().__dict__.get(attribute, ())
            if to_resource in found:
                return True
            ahead += [each for each in found if each not in seen]
            seen.update(found)
        return False

    def declare_dependency(from_resource: Any, to_resource: Any) -> bool:
        if to_resource in from_resource.__dict__.get(attribute, ()):
            return True  # noted before, when it closed no cycle; nor did anything since
        if _reachable(to_resource, from_resource):
            return False
        _add_dep(from_resource, to_resource)
        return True

    for module in (breaker, rpc):
        replace(module, "declare_dependency", lambda _original: declare_dependency)
    replace(breaker, "_reachable", lambda _original: _reachable)
    replace(breaker, "_add_dep", lambda _original: _add_dep)
