"""Reads an offer file of AWS's price list bulk API and prints rows of the price book.

    python -m phaseup.price.importer AmazonRDS-index.json --region eu-west-1 --source rds-2026-12 > rows.csv

The files are those of AWS's guide to the price list bulk API, one for each service and region, as index.json or
index.csv. They are hundreds of megabytes for AmazonEC2; the CSV form is read row by row. Only on-demand prices in US
dollars are taken, each under the key that the book uses; what it has no key for is passed over and counted. Two
different prices for one key are an error, since one of them is of something else (a Multi-AZ add-on over Valkey's
price, a second record of Aurora): nothing is written.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from phaseup.price.offers import Offer, key_of

_PREAMBLE: Final = 5
"""Lines of an offer's CSV before its header: format, disclaimer, date, version, code."""
_COLUMNS: Final = {
    "productFamily": "Product Family",
    "servicecode": "serviceCode",
    "instanceType": "Instance Type",
    "operatingSystem": "Operating System",
    "tenancy": "Tenancy",
    "preInstalledSw": "Pre Installed S/W",
    "capacitystatus": "CapacityStatus",
    "licenseModel": "License Model",
    "databaseEngine": "Database Engine",
    "deploymentOption": "Deployment Option",
    "volumeType": "Volume Type",
    "volumeApiName": "Volume API Name",
    "cacheEngine": "Cache Engine",
    "usagetype": "usageType",
    "operation": "operation",
    "regionCode": "Region Code",
    "group": "Group",
    "storage": "Storage",
}
"""Attributes of the JSON form → columns of the CSV form."""


class BadOffer(Exception):  # noqa: N818 - what is reported
    """A file that is no offer, or that says two things of one key."""


class Row(NamedTuple):
    """One row of the book."""

    key: str
    region: str
    unit: str
    usd: float
    source: str


class Read(NamedTuple):
    """What a file gave."""

    rows: tuple[Row, ...]
    passed_over: int
    published: str
    """The offer's publication date, for its entry in sources.csv."""


def read(path: Path, region: str, source: str) -> Read:
    """The rows of one offer file, JSON or CSV by its name. Raises `BadOffer`."""
    offers, published = _csv(path) if path.suffix == ".csv" else _json(path)
    rows: dict[str, Row] = {}
    passed = 0
    for offer in offers:
        found = key_of(offer) if offer.attributes.get("regionCode", region) in (region, "") else None
        if found is None:
            passed += 1
            continue
        key, unit, usd = found
        former = rows.get(key)
        if former is not None and former.usd != usd:
            raise BadOffer(f"{path.name}: {key}: found {former.usd:g} and {usd:g}; allowed: one price for a key")
        rows[key] = Row(key, region, unit, usd, source)
    return Read(tuple(rows[key] for key in sorted(rows)), passed, published())


def _json(path: Path) -> tuple[Iterable[Offer], Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        products, terms = document["products"], document["terms"]["OnDemand"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadOffer(f"{path.name}: found no products and on-demand terms; allowed: an offer file") from error
    return list(_products(products, terms)), lambda: str(document.get("publicationDate", ""))[:10]


def _products(products: Mapping[str, Any], terms: Mapping[str, Any]) -> Iterator[Offer]:
    for sku, product in products.items():
        attributes = {"productFamily": product.get("productFamily", ""), **product.get("attributes", {})}
        for term in terms.get(sku, {}).values():
            for dimension in term["priceDimensions"].values():
                # Of a price in steps, the first: the book has one price for a key.
                if dimension.get("beginRange", "0") not in ("0", "") or "USD" not in dimension["pricePerUnit"]:
                    continue
                yield Offer(attributes, dimension["unit"], float(dimension["pricePerUnit"]["USD"]))


def _csv(path: Path) -> tuple[Iterable[Offer], Any]:
    published: list[str] = []

    def rows() -> Iterator[Offer]:
        with path.open(encoding="utf-8", newline="") as file:
            for _ in range(_PREAMBLE):
                line = next(csv.reader([file.readline()]), [])
                if line[:1] == ["Publication Date"]:
                    published.append(line[1][:10])
            reader = csv.DictReader(file)
            if "TermType" not in (reader.fieldnames or ()):
                raise BadOffer(f"{path.name}: found no column TermType; allowed: an offer file")
            for row in reader:
                if (
                    row["TermType"] != "OnDemand"
                    or row.get("Currency") != "USD"
                    or row["StartingRange"] not in ("0", "")
                ):
                    continue
                attributes = {name: row.get(column) or "" for name, column in _COLUMNS.items()}
                yield Offer(attributes, row["Unit"], float(row["PricePerUnit"]))

    return rows(), lambda: published[0] if published else ""


def main(arguments: list[str] | None = None) -> int:
    """Prints rows on stdout, and on stderr what to write into sources.csv."""
    parser = argparse.ArgumentParser(
        prog="python -m phaseup.price.importer", description="Offer file → price book rows."
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--region", required=True, help="The region that the file is of.")
    parser.add_argument("--source", required=True, help="The id that the rows' source has in sources.csv.")
    given = parser.parse_args(arguments)
    try:
        found = read(given.file, given.region, given.source)
    except (BadOffer, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["key", "region", "unit", "usd", "source", "stands_in"])
    out.writerows([row.key, row.region, row.unit, f"{row.usd:.10g}", row.source, ""] for row in found.rows)
    print(
        f"{len(found.rows)} prices, {found.passed_over} products without a key; for sources.csv: "
        f"{given.source},{found.published},{given.file.name} of AWS's price list",
        file=sys.stderr,
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
