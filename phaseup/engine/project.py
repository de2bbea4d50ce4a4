"""A generated project that runs any Pulumi Python program under the genuine engine with simulated providers.

Everything lies in one folder of its own: state, stack config, plugins' launchers, the CLI's home. The program stays
where it is and is never written to: the engine rewrites stack config files, so it gets a copy.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import shlex
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from phaseup.record.configvalue import encode

PASSPHRASE = "rehearsal"
"""No secret: what it encrypts are placeholders in a folder that is thrown away."""

_CREDENTIAL_PREFIXES = (
    "AWS_", "CLOUDFLARE_", "CF_API_", "GOOGLE_", "GCP_", "AZURE_", "ARM_", "KUBE", "DIGITALOCEAN_", "FASTLY_",
    "PULUMI_", "VAULT_", "GITHUB_TOKEN", "PAGERDUTY_", "SLACK_",
)  # fmt: skip


class EngineError(Exception):
    """The engine cannot run at all, in one line: no `pulumi` on PATH, no Pulumi.yaml, …"""


@dataclass(frozen=True)
class Project:
    """One generated folder. `environment()` is all that a `pulumi` process in it may see."""

    root: Path
    program: Path
    name: str
    packages: tuple[str, ...]
    environment_extra: Mapping[str, str] = field(default_factory=dict)

    def stack_file(self, stack: str) -> Path:
        """Where the engine looks for the stack's config: beside the generated Pulumi.yaml."""
        return self.root / f"Pulumi.{stack}.yaml"

    def configure(self, stack: str, config: Mapping[str, Any] | Path) -> dict[str, str]:
        """Write a stack's config: a mapping of `namespace:key` to value, or a stack file to take it from.

        Returns the values that must be secret, under placeholders: what is `secure` was encrypted for a passphrase that
        nobody here has. What an earlier run has encrypted, and its salt, are kept.
        """
        yaml = _yaml()
        target = self.stack_file(stack)
        values = (yaml.load(config.read_text()) or {}).get("config") or {} if isinstance(config, Path) else config
        before = (yaml.load(target.read_text()) or {}) if target.exists() else {}
        encrypted = before.get("config") or {}
        secrets: dict[str, str] = {}
        plain: dict[str, Any] = {}
        for key, value in values.items():
            encoded = encode(key, value)
            if not encoded.secret:
                plain[key] = value
            elif isinstance(encrypted.get(key), Mapping) and list(encrypted[key]) == ["secure"]:
                plain[key] = encrypted[key]  # a placeholder follows from its key alone, so it is still the same
            else:
                secrets[key] = encoded.text
        with target.open("w") as stream:
            yaml.dump({**before, "config": plain}, stream)
        return secrets

    def environment(self) -> dict[str, str]:
        """No credentials, no account, no network, this interpreter first on PATH."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(_CREDENTIAL_PREFIXES)}
        interpreter = str(Path(sys.executable).parent)
        return {
            **kept,
            "PATH": os.pathsep.join([interpreter, kept.get("PATH", os.defpath)]),
            "VIRTUAL_ENV": str(Path(sys.prefix)),
            "PULUMI_HOME": str(self.root / "home"),
            "PULUMI_BACKEND_URL": (self.root / "state").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_SKIP_CHECKPOINTS": "true",
            "PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
            "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_COLOR": "1",
            **self.environment_extra,
        }


def installed_packages() -> tuple[str, ...]:
    """The Pulumi packages whose Python SDK is installed and has a provider: `aws`, `cloudflare`, …, no `pulumi`."""
    names: set[str] = set()
    for distribution in importlib.metadata.distributions():
        name = (distribution.metadata["Name"] or "").lower().replace("_", "-")
        if name.startswith("pulumi-") and _has_provider(distribution, name):
            names.add(name.removeprefix("pulumi-"))
    return tuple(sorted(names))


def _has_provider(distribution: importlib.metadata.Distribution, name: str) -> bool:
    """As its SDK says itself (`pulumi-plugin.json`): `pulumi-policy` has none."""
    said = Path(str(distribution.locate_file(f"{name.replace('-', '_')}/pulumi-plugin.json")))
    return not said.is_file() or json.loads(said.read_text()).get("resource") is not False


def pulumi_binary() -> str:
    """The `pulumi` on PATH; raises `EngineError` where there is none."""
    found = shutil.which("pulumi")
    if found is None:
        raise EngineError(
            "pulumi: not found on PATH; install the Pulumi CLI to run the genuine engine (the rehearsal needs none)"
        )
    return found


def make_project(
    root: Path,
    program: Path,
    *,
    packages: Iterable[str] = (),
    main: str | None = None,
    name: str | None = None,
    environment: Mapping[str, str] | None = None,
    plugin: str = "phaseup.engine.plugin",
) -> Project:
    """Generate the project in `root` for the program in the folder `program` (which holds a Pulumi.yaml, or `name`
    says what its project is called). `packages` are simulated besides those whose SDK is installed; `main` overrides
    the program's own entry point (a path relative to it). `plugin` is the module that is run as each package's plugin
    (with `--package NAME`)."""
    root = root.resolve()
    program = program.resolve()
    settings = _project_file(program, name)
    entry = program / (main or settings.get("main") or ".")
    if not entry.exists():
        raise EngineError(f"{program}: main: found {entry.name!r}, which is not there")
    names = tuple(sorted({*installed_packages(), *packages}))
    for folder in ("state", "home", "plugins"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for package in names:
        _launcher(root / "plugins" / f"pulumi-resource-{package}", package, plugin)
    settings.pop("stackConfigDir", None)  # the copy lies beside the generated file
    settings.pop("backend", None)
    settings["runtime"] = "python"
    settings["main"] = str(entry)
    settings["plugins"] = {"providers": [{"name": package, "path": "plugins"} for package in names]}
    with (root / "Pulumi.yaml").open("w") as stream:
        _yaml().dump(settings, stream)
    return Project(root, program, str(settings["name"]), names, dict(environment or {}))


def _project_file(program: Path, name: str | None) -> dict[str, Any]:
    path = program / "Pulumi.yaml"
    if not path.exists():
        if name is None:
            raise EngineError(f"{path}: not found; a program's folder holds its Pulumi.yaml")
        return {"name": name}
    settings = _yaml().load(path.read_text()) or {}
    runtime = settings.get("runtime", "python")
    language = runtime.get("name") if isinstance(runtime, Mapping) else runtime
    if language != "python":
        raise EngineError(f"{path}: runtime: found {language!r}, allowed: python")
    return {**settings, **({"name": name} if name else {})}


def _launcher(path: Path, package: str, module: str) -> None:
    """The executable that the engine looks for; `exec`, so that the engine's child is the plugin itself."""
    root = Path(__file__).resolve().parents[2]
    path.write_text(
        "#!/bin/sh\n"
        f'PYTHONPATH={shlex.quote(str(root))}"${{PYTHONPATH:+:$PYTHONPATH}}" '
        f'exec {shlex.quote(sys.executable)} -m {module} --package {shlex.quote(package)} "$@"\n'
    )
    path.chmod(0o755)


def _yaml() -> YAML:
    yaml = YAML()  # YAML 1.2, round trip: keeps `on`, `1e3` and quotes as they are
    yaml.preserve_quotes = True
    yaml.width = 4096
    return yaml
