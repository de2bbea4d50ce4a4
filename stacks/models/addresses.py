"""The register of networks: one CIDR for each system × environment × region, none of which overlap."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network
from pathlib import Path
from typing import Final

from stacks.models.bad_input import plain
from stacks.models.paths import ADDRESSES
from stacks.models.yaml_file import Document, read

PREFIX: Final = 16
"""Every network has this size, so that the subnet plan is the same everywhere."""
_PRIVATE: Final = tuple(IPv4Network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_ENVIRONMENTS: Final = ("dev", "staging", "prod")


@dataclass(frozen=True)
class Addresses:
    """The register as read."""

    networks: Mapping[tuple[str, str, str], IPv4Network]
    """(system, environment, region) → its network."""
    document: Document

    def cidr(self, system: str, environment: str, region: str) -> str:
        """The network of one stack in one region, e.g. `10.0.0.0/16`; raises `BadInput` where none is registered."""
        found = self.networks.get((system, environment, region))
        if found is None:
            regions = [r for s, e, r in self.networks if (s, e) == (system, environment)]
            key = (system, environment, region)
            allowed = f"a /{PREFIX} of its own"
            raise self.document.bad(key, "nothing", f"{allowed}, or another region: {', '.join(regions) or 'none yet'}")
        return str(found)


def load_addresses(path: Path = ADDRESSES) -> Addresses:
    """Reads the register; raises `BadInput` for what is no private /16 and for overlaps."""
    # A climb resolves hundreds of configs against the one register.
    return _loaded(path, path.stat().st_mtime_ns if path.is_file() else 0)


@lru_cache(maxsize=8)
def _loaded(path: Path, changed: int) -> Addresses:
    del changed  # part of the key
    document = read(path, strict=True)
    networks: dict[tuple[str, str, str], IPv4Network] = {}
    owners: dict[IPv4Network, tuple[str, str, str]] = {}
    for system, environments in document.data.items():
        for environment, regions in _mapping(document, (system,), environments).items():
            if environment not in _ENVIRONMENTS:
                raise document.bad((system, environment), environment, list(_ENVIRONMENTS))
            for region, text in _mapping(document, (system, environment), regions).items():
                key = (system, environment, region)
                network = _network(document, key, text)
                if network in owners:  # networks of one size overlap only where they are the same
                    found = f"{network}, which overlaps {network} of {'.'.join(owners[network])}"
                    raise document.bad(key, found, "a network that no other entry touches")
                networks[key] = network
                owners[network] = key
    return Addresses(networks, document)


def _mapping(document: Document, path: tuple[str, ...], value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise document.bad(path, plain(value), "a mapping: system → environment → region → CIDR")
    return value


def _network(document: Document, path: tuple[str, ...], text: object) -> IPv4Network:
    allowed = f"a private IPv4 network of size /{PREFIX}, e.g. 10.0.0.0/{PREFIX}"
    try:
        network = ipaddress.IPv4Network(text) if isinstance(text, str) else None
    except ValueError:
        network = None
    if network is None or network.prefixlen != PREFIX or not any(network.subnet_of(each) for each in _PRIVATE):
        raise document.bad(path, plain(text), allowed)
    return network
