"""Rules on identities: who may do what, by what proof, and where secrets are."""

from __future__ import annotations

from ..rule import Rule
from . import (
    hosts_have_roles,
    no_full_rights,
    no_long_lived_keys,
    no_plain_secrets,
    no_public_principal,
    node_roles_bare,
    oidc_subject,
    pass_role,
    secret_recovery,
    trust_confined,
)

RULES: tuple[Rule, ...] = (
    no_full_rights.RULE,
    no_public_principal.RULE,
    no_long_lived_keys.RULE,
    hosts_have_roles.RULE,
    node_roles_bare.RULE,
    trust_confined.RULE,
    oidc_subject.RULE,
    pass_role.RULE,
    no_plain_secrets.RULE,
    secret_recovery.RULE,
)
