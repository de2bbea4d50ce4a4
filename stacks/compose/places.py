"""The regions in which a stack stands: each has a network, and names of its own for the roles."""

from __future__ import annotations

from dataclasses import dataclass

from components.network import Network
from components.service.endpoint import Names
from components.site import Site


@dataclass
class Place:
    """One region of the stack; the builders of the ground fill in network and names."""

    region: str
    home: bool
    """Whether it is the stack's own region (aws:region), where what exists once is."""
    site: Site
    cidr: str
    built: Network | None = None
    names: Names | None = None
    """The private zone that this region's network resolves."""

    def called(self, name: str) -> str:
        """A component's name here: the block's own at home, with the region elsewhere."""
        return name if self.home else f"{name}-{self.region}"

    @property
    def network(self) -> Network:
        """This region's network."""
        assert self.built is not None
        return self.built
