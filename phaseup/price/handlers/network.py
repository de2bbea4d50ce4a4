"""What networks cost by the hour and by the gigabyte: NAT gateways and endpoints."""

from __future__ import annotations

from typing import Final

from phaseup.price.item import Item
from phaseup.price.sheet import Handler, Sheet


def nat(sheet: Sheet, item: Item) -> None:
    """A NAT gateway: hours, and every gigabyte through it; its address is an Elastic IP of its own."""
    sheet.add(item, "network", "NAT gateway", "nat:hour", sheet.month(item))
    sheet.used(item, "network", "through NAT", "nat:gb", "nat_gb")


def endpoint(sheet: Sheet, item: Item) -> None:
    """An interface endpoint costs an hour in each zone it stands in; a gateway endpoint costs nothing."""
    if item.text("vpcEndpointType") not in ("Interface", "GatewayLoadBalancer"):
        sheet.nothing(item, "gateway endpoints are free")
        return
    zones = max(len(item.entries("subnetIds")), 1)
    sheet.add(item, "network", f"endpoint in {zones} zones", "endpoint:hour", zones * sheet.month(item))
    sheet.used(item, "network", "through endpoints", "endpoint:gb", "endpoint_gb", _interface)


def _interface(item: Item) -> bool:
    return item.text("vpcEndpointType") == "Interface"


HANDLERS: Final[dict[str, Handler]] = {
    "aws:ec2/natGateway:NatGateway": nat,
    "aws:ec2/vpcEndpoint:VpcEndpoint": endpoint,
}
