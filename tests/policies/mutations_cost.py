"""What breaks a phase's ceiling."""

from __future__ import annotations

from tests.policies.mutation import Mutation

MUTATIONS = {
    "a-database-of-a-terabyte-of-memory": Mutation(
        "cost-within-ceiling",
        "meal/mvp/prod",
        "aws:rds/instance:Instance",
        "db-primary",
        ("instanceClass",),
        "db.r7g.16xlarge",
        urn_name="phaseup-meal-prod",
    ),
}
