# ruff: noqa: E501 - a product stands on one line
"""AWS's offer files as rows of the book: what is meant, in both forms, and nothing where two prices claim a key."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from phaseup.price.importer import BadOffer, main, read

Product = tuple[str, dict[str, str], str, str]
"""Family, attributes, unit, dollars."""

NAT: list[Product] = [
    ("NAT Gateway", {"usagetype": "EU-NatGateway-Hours", "operation": "NatGateway"}, "Hrs", "0.0480000000"),
    ("NAT Gateway", {"usagetype": "EU-NatGateway-Bytes", "operation": "NatGateway"}, "GB", "0.0480000000"),
    ("NAT Gateway", {"usagetype": "EU-NatGateway-Prvd-Bytes", "operation": "NatGateway"}, "GB", "0.0200000000"),
    (
        "NAT Gateway",
        {"usagetype": "EU-RegionalNatGateway-Hours", "operation": "RegionalNatGateway"},
        "Hrs",
        "0.0480000000",
    ),
]


def host(type_: str, usd: str, **more: str) -> Product:
    plain = {
        "instanceType": type_,
        "operatingSystem": "Linux",
        "tenancy": "Shared",
        "preInstalledSw": "NA",
        "capacitystatus": "Used",
        "operation": "RunInstances",
        "usagetype": f"EU-BoxUsage:{type_}",
    }
    return "Compute Instance", {**plain, **more}, "Hrs", usd


def node(type_: str, engine: str, usd: str, usage: str = "") -> Product:
    return (
        "Cache Instance",
        {"instanceType": type_, "cacheEngine": engine, "usagetype": usage or f"EU-NodeUsage:{type_}"},
        "Hrs",
        usd,
    )


def db(type_: str, deployment: str, usd: str, **more: str) -> Product:
    usage = "Multi-AZUsage" if deployment == "Multi-AZ" else "InstanceUsage"
    plain = {
        "instanceType": type_,
        "databaseEngine": "PostgreSQL",
        "deploymentOption": deployment,
        "usagetype": f"EU-{usage}:{type_}",
    }
    return "Database Instance", {**plain, **more}, "Hrs", usd


def offer(tmp_path: Path, products: list[Product], region: str = "eu-west-1") -> Path:
    """The JSON form, with a term for each product and the reserved terms that the real files have too."""
    document: dict[str, Any] = {
        "formatVersion": "v1.0",
        "publicationDate": "2026-09-25T17:45:21Z",
        "products": {},
        "terms": {"OnDemand": {}, "Reserved": {}},
    }
    for number, (family, attributes, unit, usd) in enumerate(products):
        sku = f"SKU{number}"
        document["products"][sku] = {
            "sku": sku,
            "productFamily": family,
            "attributes": {"regionCode": region, **attributes},
        }
        rate = {"unit": unit, "beginRange": "0", "endRange": "Inf", "pricePerUnit": {"USD": usd}}
        document["terms"]["OnDemand"][sku] = {f"{sku}.T": {"priceDimensions": {f"{sku}.T.R": rate}}}
        document["terms"]["Reserved"][sku] = {
            f"{sku}.Y": {"priceDimensions": {f"{sku}.Y.R": {**rate, "pricePerUnit": {"USD": "0.01"}}}}
        }
    path = tmp_path / "index.json"
    path.write_text(json.dumps(document))
    return path


def sheet(tmp_path: Path, products: list[Product], region: str = "eu-west-1") -> Path:
    """The CSV form: five lines, then a header and a row for each price."""
    columns = {
        "productFamily": "Product Family", "instanceType": "Instance Type", "operatingSystem": "Operating System",
        "tenancy": "Tenancy", "preInstalledSw": "Pre Installed S/W", "capacitystatus": "CapacityStatus",
        "databaseEngine": "Database Engine", "deploymentOption": "Deployment Option", "volumeType": "Volume Type",
        "volumeApiName": "Volume API Name", "cacheEngine": "Cache Engine", "usagetype": "usageType",
        "operation": "operation", "regionCode": "Region Code",
    }  # fmt: skip
    head = ["SKU", "TermType", "StartingRange", "EndingRange", "Unit", "PricePerUnit", "Currency", *columns.values()]
    path = tmp_path / "index.csv"
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        for line in (
            ["FormatVersion", "v1.0"],
            ["Disclaimer", "…"],
            ["Publication Date", "2026-09-25T17:45:21Z"],
            ["Version", "1"],
            ["OfferCode", "X"],
        ):
            out.writerow(line)
        out.writerow(head)
        for number, (family, attributes, unit, usd) in enumerate(products):
            whole = {"productFamily": family, "regionCode": region, **attributes}
            cells = [whole.get(name, "") for name in columns]
            out.writerow([f"SKU{number}", "OnDemand", "0", "Inf", unit, usd, "USD", *cells])
            out.writerow([f"SKU{number}", "Reserved", "", "", unit, "0.01", "USD", *cells])
            out.writerow([f"SKU{number}", "OnDemand", "100", "Inf", unit, "0.02", "USD", *cells])
    return path


PRODUCTS: list[Product] = [
    *NAT,
    host("m7g.large", "0.0910000000"),
    host("m7g.large", "0.1830000000", operatingSystem="Windows"),
    host("m7g.large", "0.0950000000", tenancy="Dedicated"),
    host("m7g.large", "0.2000000000", preInstalledSw="SQL Std"),
    host("m7g.large", "0.0910000001", capacitystatus="UnusedCapacityReservation"),
    host("t4g.micro", "0.0000000000"),
    db("db.m7g.large", "Single-AZ", "0.1860000000"),
    db("db.m7g.large", "Multi-AZ", "0.3720000000"),
    db("db.m7g.large", "Multi-AZ (readable standbys)", "0.5580000000"),
    db("db.m7g.large", "Single-AZ", "0.9990000000", databaseEngine="Oracle"),
    db("db.r7g.large", "Single-AZ", "0.3000000000", databaseEngine="Aurora PostgreSQL"),
    db("db.r7g.large", "Single-AZ", "0.3900000000", databaseEngine="Aurora PostgreSQL", usagetype="EU-InstanceUsageIOOptimized:db.r7g.large"),
    (
        "Database Storage",
        {"volumeType": "General Purpose-GP3", "deploymentOption": "Single-AZ", "databaseEngine": "PostgreSQL", "usagetype": "EU-RDS:GP3-Storage"},
        "GB-Mo",
        "0.1270000000",
    ),
    node("cache.r7g.large", "Redis", "0.2430000000"),
    node("cache.r7g.large", "Valkey", "0.1944000000"),
    node("cache.r7g.large", "Valkey", "0.0500000000", "EU-ExtendedSupportYr1_Yr2-NodeUsage:cache.r7g.large"),
    ("Load Balancer-Application", {"usagetype": "EU-LoadBalancerUsage"}, "Hrs", "0.0252000000"),
    ("Load Balancer-Application", {"usagetype": "EU-LCUUsage"}, "LCU-Hrs", "0.0080000000"),
    ("Load Balancer-Application", {"usagetype": "EU-ReservedLCUUsage"}, "LCU-Hrs", "0.0070000000"),
    ("Storage", {"volumeApiName": "gp3", "usagetype": "EU-EBS:VolumeUsage.gp3"}, "GB-Mo", "0.0880000000"),
]  # fmt: skip

ROWS = {
    "alb:hour": ("h", 0.0252),
    "alb:lcu": ("LCU-h", 0.008),
    "aurora:postgres:db.r7g.large": ("h", 0.3),
    "ebs:gp3": ("GB-month", 0.088),
    "ec2:m7g.large": ("h", 0.091),
    "elasticache:redis:cache.r7g.large": ("h", 0.243),
    "elasticache:valkey:cache.r7g.large": ("h", 0.1944),
    "nat:gb": ("GB", 0.048),
    "nat:hour": ("h", 0.048),
    "rds:gp3": ("GB-month", 0.127),
    "rds:postgres:db.m7g.large": ("h", 0.186),
    "rds:postgres:multi-az:db.m7g.large": ("h", 0.372),
}


@pytest.mark.parametrize("made", [offer, sheet])
def test_rows_of_an_offer_in_either_form(tmp_path: Path, made: Any) -> None:
    found = read(made(tmp_path, PRODUCTS), "eu-west-1", "new")
    assert {row.key: (row.unit, row.usd) for row in found.rows} == ROWS
    assert {(row.region, row.source) for row in found.rows} == {("eu-west-1", "new")}
    assert found.published == "2026-09-25"
    assert found.passed_over == len(PRODUCTS) - len(ROWS)


@pytest.mark.parametrize("made", [offer, sheet])
def test_two_prices_for_one_key_are_an_error(tmp_path: Path, made: Any) -> None:
    """What overwrote Valkey's price elsewhere: a second record with the same attributes."""
    products = [node("cache.r7g.large", "Valkey", "0.1944"), node("cache.r7g.large", "Valkey", "0.3888")]
    with pytest.raises(BadOffer, match=r"elasticache:valkey:cache\.r7g\.large: found 0\.1944 and 0\.3888"):
        read(made(tmp_path, products), "eu-west-1", "new")
    same = [node("cache.r7g.large", "Valkey", "0.1944"), node("cache.r7g.large", "Valkey", "0.1944")]
    assert len(read(made(tmp_path, same), "eu-west-1", "new").rows) == 1


@pytest.mark.parametrize("made", [offer, sheet])
def test_another_region_s_products_are_passed_over(tmp_path: Path, made: Any) -> None:
    found = read(made(tmp_path, PRODUCTS, "eu-west-2"), "eu-west-1", "new")
    assert found.rows == ()
    assert found.passed_over == len(PRODUCTS)


def test_what_it_prints_is_a_file_of_the_book(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from phaseup.price.book import load

    assert main([str(offer(tmp_path, PRODUCTS)), "--region", "eu-west-1", "--source", "new"]) == 0
    printed = capsys.readouterr()
    folder = tmp_path / "book"
    folder.mkdir()
    (folder / "ireland.csv").write_text(printed.out)
    (folder / "sources.csv").write_text("id,date,what\nnew,2026-09-25,offers\n")
    (folder / "options.csv").write_text("option,service,factor,source\n")
    (folder / "allowances.csv").write_text("key,quantity,source\n")
    price = load(folder).price("nat:hour", "eu-west-1")
    assert price is not None
    assert (price.usd, price.estimate) == (0.048, "")
    assert "12 prices" in printed.err
    assert "new,2026-09-25,index.json" in printed.err


def test_a_file_that_is_no_offer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in (("a.json", "{}"), ("b.json", "not json"), ("c.csv", "x\n" * 9)):
        (tmp_path / name).write_text(text)
        assert main([str(tmp_path / name), "--region", "eu-west-1", "--source", "new"]) == 2
    assert main([str(tmp_path / "none.json"), "--region", "eu-west-1", "--source", "new"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.strip().splitlines()) == 4
    assert all(line.startswith("error: ") for line in printed.err.strip().splitlines())
