"""Databases refuse connections without TLS: a parameter of theirs, whose default depends on engine and version."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from ..reading import at, items, number, text
from ..resource import Resource
from ..rule import Framework, Rule
from .must import follows, given, told

FORCE_SSL: Final = "rds.force_ssl"
SECURE: Final = "require_secure_transport"

PARAMETERS: Final[Mapping[str, str]] = {
    "postgres": FORCE_SSL,
    "sqlserver": FORCE_SSL,
    "mysql": SECURE,
    "mariadb": SECURE,
    "aurora-postgresql": FORCE_SSL,
    "aurora-mysql": SECURE,
    "docdb": "tls",
    "redshift": "require_ssl",
}
"""By engine, as parameter group families name it, the parameter that does it."""

ON: Final = ("on", "true", "enabled", "tls1.2+", "tls1.3+", "fips-140-3")
"""What switches one on beside 1; the last four are DocumentDB's."""

POSTGRES_DEFAULT_ON: Final = 15
"""From this version RDS for PostgreSQL asks for TLS unless told otherwise (RDS user guide, "Requiring an SSL connection
to a PostgreSQL DB instance", 2026-11)."""

INSTANCE: Final = "aws:rds/instance:Instance"
INSTANCE_GROUP: Final = "aws:rds/parameterGroup:ParameterGroup"


def check(resource: Resource) -> Iterator[str]:
    """Asked of parameter groups, and of instances without one of their own. Aurora has it in its clusters' groups."""
    if resource.type == INSTANCE:
        yield from _without_group(resource)
        return
    family = text(at(resource.props, "family"))
    engine, version = _parted(family)
    parameter = PARAMETERS.get(engine)
    if parameter is None or (resource.type == INSTANCE_GROUP and engine.startswith("aurora-")):
        return
    values = [
        (index, at(each, "value"))
        for index, each in enumerate(items(at(resource.props, "parameters")))
        if at(each, "name") == parameter
    ]
    if not values and not _default_on(engine, version):
        yield f"parameters: found no {parameter}; allowed: {parameter} on, which {family} has off unless set"
    for index, value in values:
        if number(value) != 1 and str(value).lower() not in ON:
            yield told(("parameters", index, "value"), value, f"1 for {parameter}")


def _without_group(resource: Resource) -> Iterator[str]:
    props = resource.props
    if given(props, "parameterGroupName") or follows(props):
        return
    engine = text(at(props, "engine"))
    version = _major(text(at(props, "engineVersion")))
    family = "sqlserver" if engine.startswith("sqlserver-") else engine
    if family in PARAMETERS and not _default_on(family, version):
        yield told(("parameterGroupName",), None, f"a group with {PARAMETERS[family]} on, which {engine} has off")


def _parted(family: str) -> tuple[str, int | None]:
    """`postgres17` is PostgreSQL 17, `sqlserver-se-15.0` SQL Server 15.0."""
    found = re.fullmatch(r"(sqlserver|aurora-[a-z]+|[a-z]+)(?:-[a-z]+)?-?(\d+)?.*", family)
    return (found[1], int(found[2]) if found[2] else None) if found else (family, None)


def _major(version: str) -> int | None:
    found = re.match(r"\d+", version)
    return int(found[0]) if found else None


def _default_on(engine: str, version: int | None) -> bool:
    """Without a version it is the newest. DocumentDB's is on as well."""
    return engine == "docdb" or (engine == "postgres" and (version is None or version >= POSTGRES_DEFAULT_ON))


RULE = Rule(
    name="data-database-tls",
    severity="high",
    description="Parameter groups make databases refuse connections without TLS.",
    remedy="Set `rds.force_ssl` (PostgreSQL, SQL Server) or `require_secure_transport` (MySQL, MariaDB) to 1.",
    types=(
        INSTANCE_GROUP,
        INSTANCE,
        "aws:rds/clusterParameterGroup:ClusterParameterGroup",
        "aws:docdb/clusterParameterGroup:ClusterParameterGroup",
        "aws:redshift/parameterGroup:ParameterGroup",
    ),
    check=check,
    frameworks=(
        Framework("AWS FSBP", "", "RDS.38"),
        Framework("AWS FSBP", "", "RDS.39"),
        Framework("AWS FSBP", "", "Redshift.2"),
    ),
)
