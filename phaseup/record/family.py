"""Who is whose parent, and what follows from it: providers of components, transforms, what has not been made yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from phaseup.graph.resource import Goal


class Family:
    """The registered resources of one run, by URN."""

    def __init__(self) -> None:
        self.goals: dict[str, Goal] = {}
        self._children: dict[str, list[str]] = {}
        self._transforms: dict[str, list[str]] = {}
        self._providers: dict[str, dict[str, str]] = {}
        self._unknown: set[str] = set()

    def add(self, goal: Goal, urn: str, transforms: list[str], *, known: bool) -> None:
        """A registration that has been answered; `known` says whether with an id."""
        self.goals[urn] = goal
        self._children.setdefault(goal.parent, []).append(urn)
        if transforms:
            self._transforms[urn] = transforms
        if not goal.custom:
            self._providers[urn] = goal.providers
        elif not known:
            self._unknown.add(urn)

    def component_providers(self, urn: str) -> Mapping[str, str]:
        """Provider references by package that a component hands to its children."""
        return self._providers.get(urn, {})

    def provider_for(self, provider: str, providers: Mapping[str, str], parent: str, package: str) -> str:
        """The reference that a registration or call uses: its own, else its parent component's; empty for the default
        provider (`resolveProvider`)."""
        return provider or providers.get(package) or self.component_providers(parent).get(package, "")

    def transforms_above(self, parent: str) -> list[str]:
        """Transforms of the parent, then of its parent, and so on."""
        found: list[str] = []
        while self._transforms and parent:
            found += self._transforms.get(parent, ())
            parent = self.goals[parent].parent if parent in self.goals else ""
        return found

    def unresolved(self, urns: Iterable[str]) -> bool:
        """Whether a custom resource among these, or below a component among these, has no id yet
        (resourcetracker/tracker.go)."""
        frontier, seen = list(urns), set()
        while frontier:
            urn = frontier.pop()
            if urn in self._unknown:
                return True
            goal = self.goals.get(urn)
            if goal is not None and not goal.custom and urn not in seen:
                seen.add(urn)
                frontier.extend(self._children.get(urn, ()))
        return False
