"""postgres: RDS for PostgreSQL."""

from components.postgres.component import Postgres, PostgresArgs
from components.postgres.copies import PostgresCopies, PostgresCopiesArgs
from components.postgres.ground import Surroundings
from components.postgres.spec import PostgresSpec

__all__ = ["Postgres", "PostgresArgs", "PostgresCopies", "PostgresCopiesArgs", "PostgresSpec", "Surroundings"]
