"""Registers the resources that a JSON file lists (`islands:spec`), in order, with every option that they have."""

import json
from pathlib import Path

import pulumi

OUTPUTS = ("computed", "seed", "value")


class Thing(pulumi.CustomResource):
    def __init__(self, kind, name, props, opts):
        super().__init__(f"fake:index:{kind}", name, {**dict.fromkeys(OUTPUTS), **props}, opts)


class Provider(pulumi.ProviderResource):
    def __init__(self, name, props, opts):
        super().__init__("fake", name, props, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, kind, name, props, opts):
        super().__init__(f"islands:index:{kind}", name, props, opts)
        self.register_outputs({"title": name})


made = {}


def value_of(value):
    if isinstance(value, dict):
        if "secret" in value:
            return pulumi.Output.secret(value_of(value["secret"]))
        if "of" in value:
            target = made[value["of"]]
            output = target.id if value["output"] == "id" else target.__dict__.get(value["output"])
            return output.apply(lambda found: f"<{found}>") if value.get("apply") else output
        return {key: value_of(item) for key, item in value.items()}
    if isinstance(value, list):
        return [value_of(item) for item in value]
    return value


def register(entry):
    props = {key: value_of(value) for key, value in entry["props"].items()}
    options = dict(entry["options"])
    for key in ("parent", "deleted_with", "provider"):
        if key in options:
            options[key] = made[options[key]]
    for key in ("depends_on", "replace_with"):
        if key in options:
            options[key] = [made[name] for name in options[key]]
    if "providers" in options:
        options["providers"] = [made[name] for name in options["providers"]]
    if "replacement_trigger" in options:
        options["replacement_trigger"] = value_of(options["replacement_trigger"])
    if "aliases" in options:
        options["aliases"] = [alias_of(alias) for alias in options["aliases"]]
    opts = pulumi.ResourceOptions(**options)
    kind, name = entry["kind"], entry["name"]
    if kind == "Provider":
        return Provider(name, props, opts)
    if kind.startswith("Group"):
        return Group(kind, name, props, opts)
    if kind == "Read":
        return pulumi.CustomResource(
            "fake:index:Thing",
            name,
            dict.fromkeys(OUTPUTS),
            pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=entry["id"])),
        )
    return Thing(kind, name, props, opts)


def alias_of(alias):
    parent = alias.get("parent", ...)
    given = {key: value for key, value in alias.items() if key != "parent"}
    if parent is None:
        return pulumi.Alias(**given, parent=None)
    if parent is not ...:
        given["parent"] = made[parent]
    return pulumi.Alias(**given)


for entry in json.loads(Path(pulumi.Config().require("spec")).read_text()):
    made[entry["key"]] = register(entry)
