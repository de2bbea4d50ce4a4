"""The foundation's program: an account's own stack, apart from the products' so that none of them can undo it."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pulumi_aws as aws
from pydantic import ValidationError

from components.foundation import Foundation, FoundationArgs, FoundationSpec
from components.site import Site
from stacks.models import BadInput
from stacks.models.spec_errors import first_mistake

KEYS = ("foundation:account", "foundation:owner", "aws:region")


def main() -> None:
    """One message and no traceback where the config is wrong."""
    file = f"foundation/Pulumi.{pulumi.get_stack()}.yaml"
    try:
        given = {key: _required(file, key) for key in KEYS}
        spec = _spec(file, given["foundation:account"])
    except BadInput as error:
        raise pulumi.RunError(str(error)) from None
    made = Foundation(
        "foundation",
        FoundationArgs(
            spec,
            Site(
                prefix=pulumi.get_stack(),
                region=given["aws:region"],
                tags={"system": "foundation", "owner": given["foundation:owner"], "block": "foundation"},
                protect_data=True,
                protect_anchors=True,
            ),
            aws.get_caller_identity_output().account_id,
        ),
    )
    pulumi.export("backend", made.backend)
    pulumi.export("secrets_providers", made.secrets_providers)
    pulumi.export("plan_role", made.planner.arn)
    pulumi.export("apply_roles", {environment: role.arn for environment, role in made.appliers.items()})


def _required(file: str, key: str) -> str:
    value = pulumi.runtime.get_config(key)
    if not value:
        raise BadInput(file, key, "nothing", "a value")
    return value


def _spec(file: str, text: str) -> FoundationSpec:
    try:
        keys: Any = json.loads(text)
        return FoundationSpec.model_validate(keys)
    except json.JSONDecodeError:
        raise BadInput(file, "foundation:account", text, "a mapping") from None
    except ValidationError as error:
        mistake = first_mistake(error, FoundationSpec)
        raise BadInput(file, ".".join(("foundation:account", *mistake.path)), mistake.found, mistake.allowed) from None


main()
