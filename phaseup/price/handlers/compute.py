"""Hosts and nodes: Auto Scaling groups, EKS clusters and node groups, lone instances, volumes and addresses.

How many hosts run is the autoscaler's to say: the phase's `count` or `nodes`, else the least that is declared. What a
host brings with it (root volume, public address, detailed monitoring) is counted as often as the host.
"""

from __future__ import annotations

from typing import Final

from phaseup.price.handlers.volumes import disk
from phaseup.price.item import Item
from phaseup.price.sheet import Handler, Sheet

_DETAILED: Final = 7
"""Metrics that detailed monitoring sends for each instance, as Infracost counts them."""
TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"


def group(sheet: Sheet, item: Item) -> None:
    """An Auto Scaling group: its policy's pool, or its template's type; on demand first, then spot by per cent."""
    template = _template(sheet, item)
    pool = [
        str(each.get("instanceType")) for each in item.entries("mixedInstancesPolicy", "launchTemplate", "overrides")
    ]
    pool = [each for each in pool if each != "None"] or [template.text("instanceType") if template else ""]
    stated = sheet.figure(item, "count", ask=item.number("maxSize") > item.number("minSize"))
    running = item.number("minSize") if stated is None else float(stated)
    base, above = 0.0, 1.0
    distribution = ("mixedInstancesPolicy", "instancesDistribution")
    if item.at(*distribution) is not None:
        base = item.number(*distribution, "onDemandBaseCapacity")
        above = item.number(*distribution, "onDemandPercentageAboveBaseCapacity", default=100) / 100
    lasting = min(base, running) + max(running - base, 0) * above
    hosts(sheet, item, pool, lasting, running - lasting)
    _with_each(sheet, item, template, running)


def node_group(sheet: Sheet, item: Item) -> None:
    """An EKS managed node group, on demand or spot as a whole."""
    template = _template(sheet, item)
    pool = [str(each) for each in item.entries("instanceTypes") if each]
    pool = pool or [template.text("instanceType") if template else ""]
    name = item.text("labels", "node-group") or item.text("nodeGroupName")
    least, most = item.number("scalingConfig", "minSize"), item.number("scalingConfig", "maxSize")
    stated = (sheet.figure(item, "nodes", ask=most > least) or {}).get(name)
    running = least if stated is None else float(stated)
    spot = item.text("capacityType") == "SPOT"
    hosts(sheet, item, pool, 0.0 if spot else running, running if spot else 0.0)
    _with_each(sheet, item, template, running)


def hosts(sheet: Sheet, item: Item, pool: list[str], lasting: float, spot: float) -> None:
    """`lasting` hosts of the pool's first type, as they are bought, and `spot` hosts spread evenly over the pool."""
    if not pool or not pool[0]:
        sheet.miss(item, "its instance type is not known before it is applied")
        return
    month = sheet.month(item)
    if lasting > 0:
        sheet.hours(item, "compute", f"{lasting:g} × {pool[0]}", f"ec2:{pool[0]}", lasting * month, service="ec2")
    if spot > 0:
        rate = sheet.book.factor("spot", "ec2")
        if rate is None:
            sheet.miss(item, "no rate of spot for ec2")
            return
        each = spot / len(pool)
        for type_ in pool:
            what = f"{each:.2g} × {type_}, spot"
            sheet.add(item, "compute", what, f"ec2:{type_}", each * month, option="spot", factor=rate.factor)


def _with_each(sheet: Sheet, item: Item, template: Item | None, running: float) -> None:
    if template is None or running <= 0:
        return
    for mapping in template.entries("blockDeviceMappings"):
        ebs = mapping.get("ebs") or {}
        disk(sheet, item, ebs.get("volumeType") or "gp2", ebs.get("volumeSize"), ebs.get("iops"), running)
    month = sheet.month(item)
    if any(
        str(each.get("associatePublicIpAddress")).lower() == "true" for each in template.entries("networkInterfaces")
    ):
        sheet.add(item, "network", f"{running:g} × public IPv4", "ipv4", running * month)
    if template.flag("monitoring", "enabled"):
        sheet.add(item, "other", "detailed monitoring", "cloudwatch:metric", running * _DETAILED)


def _template(sheet: Sheet, item: Item) -> Item | None:
    for property_ in ("launchTemplate", "mixedInstancesPolicy"):
        found = sheet.items.referred(item, property_, TEMPLATE)
        if found is not None:
            return found
    specification = ("mixedInstancesPolicy", "launchTemplate", "launchTemplateSpecification", "launchTemplateId")
    id_ = item.text("launchTemplate", "id") or item.text(*specification)
    return sheet.items.by_value(TEMPLATE, id_) if id_ else None


def cluster(sheet: Sheet, item: Item) -> None:
    """EKS's control plane at the standard rate; versions out of standard support cost six times as much."""
    sheet.add(item, "compute", "control plane", "eks:cluster", sheet.month(item))


def instance(sheet: Sheet, item: Item) -> None:
    """A lone EC2 instance with its root volume."""
    hosts(sheet, item, [item.text("instanceType")], 1.0, 0.0)
    if item.at("rootBlockDevice") is not None:
        root = ("rootBlockDevice",)
        disk(sheet, item, item.text(*root, "volumeType") or "gp2", item.at(*root, "volumeSize"), None, 1)
    if item.flag("associatePublicIpAddress"):
        sheet.add(item, "network", "public IPv4", "ipv4", sheet.month(item))


def volume(sheet: Sheet, item: Item) -> None:
    """An EBS volume of its own."""
    disk(sheet, item, item.text("type") or "gp2", item.at("size"), item.at("iops"), 1, item.at("throughput"))


def address(sheet: Sheet, item: Item) -> None:
    """An Elastic IP, in use or not: each public IPv4 address costs by the hour."""
    sheet.add(item, "network", "public IPv4", "ipv4", sheet.month(item))


HANDLERS: Final[dict[str, Handler]] = {
    "aws:autoscaling/group:Group": group,
    "aws:eks/nodeGroup:NodeGroup": node_group,
    "aws:eks/cluster:Cluster": cluster,
    "aws:ec2/instance:Instance": instance,
    "aws:ebs/volume:Volume": volume,
    "aws:ec2/eip:Eip": address,
}
