"""Cycles among dependencies: found exactly where the SDK's own walk finds them."""

from __future__ import annotations

import importlib
import importlib.util
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from phaseup.record import cycles


class Resource:
    """All that the walk looks at is who a resource is."""


def fresh():
    """The SDK's module as it is, whatever has been patched in this process."""
    name = "pulumi.runtime.resource_cycle_breaker"
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def replace(module, name, make):
    setattr(module, name, make(getattr(module, name)))


def patched():
    module = fresh()
    rpc = SimpleNamespace(declare_dependency=module.declare_dependency)
    cycles.patch(module, rpc, replace)
    assert rpc.declare_dependency is module.declare_dependency
    return module


@given(st.integers(1, 7).flatmap(lambda n: st.lists(st.tuples(st.integers(0, n), st.integers(0, n)), max_size=40)))
def test_every_answer_is_the_sdk_s(edges):
    answers = []
    for module in (fresh(), patched()):
        resources = [Resource() for _ in range(8)]
        told = [module.declare_dependency(resources[a], resources[b]) for a, b in edges]
        kept = [{resources.index(each) for each in module._deps(resource)} for resource in resources]
        answers.append((told, kept))
    assert answers[0] == answers[1]


def test_a_long_chain_and_the_edge_that_closes_it():
    module = patched()
    chain = [Resource() for _ in range(3000)]
    for later, earlier in zip(chain[1:], chain, strict=False):
        assert module.declare_dependency(later, earlier)
    assert not module.declare_dependency(chain[0], chain[-1])
    assert module.declare_dependency(chain[-1], chain[0])
    assert not module.declare_dependency(chain[5], chain[5])


def test_an_sdk_that_has_it_otherwise_is_left_alone():
    other, rpc = SimpleNamespace(declare_dependency=1), SimpleNamespace(declare_dependency=1)
    cycles.patch(other, rpc, replace)
    assert (other.declare_dependency, rpc.declare_dependency) == (1, 1)
