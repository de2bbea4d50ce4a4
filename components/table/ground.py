"""The key under which items lie, in each region its own."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.keys import own_key, through_statement
from components.site import Site


def items_key(parent: pulumi.Resource, name: str, site: Site, account_id: pulumi.Input[str]) -> aws.kms.Key:
    """Whoever may use the table may use the key through it, and so may the role that replicates."""
    return own_key(
        parent,
        f"{name}-key",
        site,
        account_id,
        purpose=f"{name}: items",
        statements=[through_statement("Items", "dynamodb", site, account_id)],
        # The last copy of a deleted table is kept for 35 days, and a key goes after 30.
        retain=True if site.retiring else None,
    )
