"""The program: read the stack's config, resolve what runs in its phase, build it, export what others need."""

from __future__ import annotations

import pulumi

from stacks.binding import OUTPUT, binding
from stacks.compose import budget_of, compose
from stacks.models import READ_KEYS, BadInput, load_blueprint, stack_from_values
from stacks.moves import effective


def main() -> None:
    """One message and no traceback where the config is wrong; nothing is registered before it has been checked."""
    values = {key: value for key in READ_KEYS if (value := pulumi.runtime.get_config(key)) is not None}
    try:
        config = stack_from_values(pulumi.get_stack(), values)
        blueprint = load_blueprint(config.system)
        resolved = effective(config, blueprint)
        outputs = compose(resolved, config, budget=budget_of(resolved, blueprint))
    except BadInput as error:
        raise pulumi.RunError(str(error)) from None
    secret = [key for key in values if pulumi.runtime.is_config_secret(key)]
    outputs[OUTPUT] = binding(values, secret, config.retire)
    for name, value in outputs.items():
        pulumi.export(name, value)


main()
