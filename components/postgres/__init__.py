"""postgres: RDS for PostgreSQL."""

from components.postgres.component import Postgres, PostgresArgs, PostgresSpec

__all__ = ["Postgres", "PostgresArgs", "PostgresSpec"]
