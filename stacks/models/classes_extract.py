"""Regenerates `classes/*.json` from cfn-lint's data: `python -m stacks.models.classes_extract`.

cfn-lint is a development dependency; nothing reads it at run time.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from stacks.models.classes import FOLDER, family_of

_SOURCES = {
    "ec2": ("AWS::EC2::Instance InstanceType", "aws_ec2_instance/instancetype_enum.json"),
    "rds-postgres": ("AWS::RDS::DBInstance DBInstanceClass", "aws_rds_dbinstance/dbinstanceclass_enum.json"),
    "rds-aurora": ("AWS::RDS::DBInstance DBInstanceClass", "aws_rds_dbinstance/dbinstanceclass_enum.json"),
    "elasticache": (
        "AWS::ElastiCache::CacheCluster CacheNodeType",
        "aws_elasticache_cachecluster/cachenodetype_enum.json",
    ),
    "opensearch": (
        "AWS::OpenSearchService::Domain ClusterConfig.InstanceType",
        "aws_opensearchservice_domain/clusterconfig_instancetype_enum.json",
    ),
    "mq": ("AWS::AmazonMQ::Broker HostInstanceType", "aws_amazonmq_broker/instancetype_enum.json"),
}
_ENGINES = {"rds-postgres": "postgres", "rds-aurora": "aurora-postgresql"}
"""Of the services that share one list."""


def main() -> None:
    """Writes one file a service."""
    import cfnlint

    data = Path(cfnlint.__file__).parent / "data" / "schemas"
    date = json.loads((data / "version.json").read_text())["schema_date"][:10]
    for service, (what, path) in _SOURCES.items():
        regions = json.loads((data / "extensions" / path).read_text())
        offered = {
            region: sorted(set(_classes(service, rules)))
            for region, rules in regions.items()
            if region != "description"
        }
        content = {
            "what": what,
            "source": f"cfn-lint {metadata.version('cfn-lint')}, data/schemas/extensions/{path}",
            "date": date,
            "regions": sorted(offered),
            "offered": _compact(offered),
        }
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / f"{service}.json").write_text(json.dumps(content, indent=1, sort_keys=False) + "\n")


def _classes(service: str, rules: dict[str, Any]) -> Iterator[str]:
    if "enum" in rules:
        yield from rules["enum"]
    for rule in rules.get("allOf", ()):
        conditions = rule["if"]["properties"]
        if conditions.get("Engine") == {"const": _ENGINES.get(service, "")}:
            yield from rule["then"]["properties"]["DBInstanceClass"]["enum"]


def _compact(offered: Mapping[str, Iterable[str]]) -> dict[str, dict[str, str]]:
    """family → its sizes in one text → the regions that offer exactly these, in one text."""
    families: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for region in sorted(offered):
        sizes: dict[str, list[str]] = defaultdict(list)
        for name in offered[region]:
            family = family_of(name)
            sizes[family].append(name.removeprefix(f"{family}."))
        for family, names in sizes.items():
            families[family][" ".join(sorted(names))].append(region)
    return {family: {sizes: " ".join(at) for sizes, at in families[family].items()} for family in sorted(families)}


if __name__ == "__main__":
    main()
