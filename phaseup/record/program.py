"""A Pulumi project and stack as files: where the program is and which config it runs with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from phaseup.record.configvalue import ConfigValue, encode
from phaseup.record.errors import RecordError
from phaseup.record.yamlfile import kind_of, read_mapping

PROJECT_FILES = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")
_TYPES = {
    "string": lambda value: isinstance(value, (str, bool, int, float)),
    "integer": lambda value: _as_integer(value) is not None,
    "boolean": lambda value: isinstance(value, bool) or value in ("true", "false"),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


@dataclass(frozen=True, slots=True)
class Program:
    """What is needed to run one stack of a program; plain data, so that it can be sent to another process.

    `directory` holds Pulumi.yaml; `main` is the folder or file that is run. Config keys are `namespace:name`.
    """

    directory: Path
    project: str
    stack: str
    config: Mapping[str, str] = field(default_factory=dict)
    secret_keys: frozenset[str] = frozenset()
    main: Path = Path()
    organization: str = "organization"
    notes: tuple[str, ...] = ()
    """What could not be taken from the files, e.g. environments that live elsewhere."""


def load_program(directory: Path | str, stack: str = "", *, settings: Mapping[str, Any] | None = None) -> Program:
    """Read the project in `directory` and its stack file.

    `stack` may be `org/project/stack`; empty means `dev` where the project has no stack file, else the only one there
    is. `settings` (`namespace:name` or a bare name → value as in a stack file) go over the stack file's. Raises
    `RecordError` naming file and key.
    """
    root = Path(directory).absolute()
    project_file = _project_file(root)
    project = read_mapping(project_file)
    name = _text(project, "name", project_file, required=True)
    _check_runtime(project, project_file)
    organization, stack = _split_stack(stack)
    stack_dir = _stack_dir(project, project_file)
    stack_file, stack = _stack_file(stack_dir, stack, root)
    notes: list[str] = []
    given: dict[str, Any] = {}
    if stack_file is not None:
        document = read_mapping(stack_file)
        given = _config_section(document, stack_file)
        if document.get("environment"):
            notes.append(f"{stack_file}: environment: values of Pulumi ESC environments are not read")
    values = {_key(name, key, stack_file or project_file): value for key, value in given.items()}
    values |= {_key(name, key, project_file): value for key, value in (settings or {}).items()}
    declared = _declared(project, name, project_file)
    _merge_defaults(values, declared, name, stack, stack_file, project_file)
    encoded = {key: encode(key, value) for key, value in values.items()}
    _check_types(encoded, declared, stack_file or project_file)
    return Program(
        directory=root,
        project=name,
        stack=stack,
        config={key: item.text for key, item in encoded.items()},
        secret_keys=frozenset(key for key, item in encoded.items() if item.secret),
        main=_main(project, root, project_file),
        organization=organization,
        notes=tuple(notes),
    )


def _project_file(root: Path) -> Path:
    if not root.is_dir():
        raise RecordError(f"{root}: no such directory")
    for name in PROJECT_FILES:
        if (root / name).is_file():
            return root / name
    raise RecordError(f"{root / PROJECT_FILES[0]}: no such file; a Pulumi program has its project file there")


def _text(document: Mapping[str, Any], key: str, path: Path, *, required: bool = False) -> str:
    value = document.get(key)
    if value is None and not required:
        return ""
    if not isinstance(value, str) or not value:
        raise RecordError(f"{path}: {key}: expected a non-empty string, found {kind_of(value)}")
    return value


def _check_runtime(project: Mapping[str, Any], path: Path) -> None:
    runtime = project.get("runtime")
    name = runtime.get("name") if isinstance(runtime, dict) else runtime
    if name != "python":
        found = repr(name) if isinstance(name, str) else kind_of(name)
        raise RecordError(f"{path}: runtime: found {found}; only python programs can be recorded")


def _split_stack(stack: str) -> tuple[str, str]:
    parts = stack.split("/")
    organization = parts[0] if len(parts) > 1 else "organization"
    return organization, parts[-1]


def _stack_dir(project: Mapping[str, Any], path: Path) -> Path:
    """An absolute `stackConfigDir` is taken as relative, as the engine's filepath.Join does."""
    given = _text(project, "stackConfigDir", path)
    config = project.get("config")
    if isinstance(config, str):
        if given:
            raise RecordError(f"{path}: config: a folder name here and stackConfigDir exclude each other")
        given = config
    return path.parent / given.lstrip("/") if given else path.parent


def _stack_file(folder: Path, stack: str, root: Path) -> tuple[Path | None, str]:
    found = {}
    for ending in ("json", "yml", "yaml"):
        for path in sorted(folder.glob(f"Pulumi.*.{ending}")):
            found[path.name.removeprefix("Pulumi.").removesuffix(f".{ending}")] = path
    if stack in found:
        return found[stack], stack
    if not found:
        return None, stack or "dev"
    there = ", ".join(sorted(found))
    if stack:
        raise RecordError(f"{folder / f'Pulumi.{stack}.yaml'}: no such file; the stacks of {root} are: {there}")
    if len(found) > 1:
        raise RecordError(f"{folder}: several stacks ({there}); name one")
    (name, path), *_ = found.items()
    return path, name


def _config_section(document: Mapping[str, Any], path: Path) -> dict[str, Any]:
    config = document.get("config")
    if config is None:
        return {}
    if not isinstance(config, dict):
        raise RecordError(f"{path}: config: expected a mapping, found {kind_of(config)}")
    return config


def _key(project: str, key: str, path: Path) -> str:
    parts = key.split(":")
    if len(parts) == 1:
        return f"{project}:{key}"
    if len(parts) == 3 and parts[1] == "config":
        return f"{parts[0]}:{parts[2]}"
    if len(parts) != 2:
        raise RecordError(f"{path}: config: {key}: expected `name` or `namespace:name`")
    return key


def _declared(project: Mapping[str, Any], name: str, path: Path) -> dict[str, dict[str, Any]]:
    """The project file's `config`, each entry in its long form (`default`, `value`, `type`, `secret`, …)."""
    config = project.get("config")
    if config is None or isinstance(config, str):
        return {}
    if not isinstance(config, dict):
        raise RecordError(f"{path}: config: expected a mapping, found {kind_of(config)}")
    long: dict[str, dict[str, Any]] = {}
    for key, entry in config.items():
        full = _key(name, key, path)
        if isinstance(entry, dict):
            if entry.get("type") is not None and entry["type"] not in _TYPES:
                raise RecordError(
                    f"{path}: config: {key}: type: found {entry['type']!r}; allowed: {', '.join(sorted(_TYPES))}"
                )
            long[full] = entry
        elif full.startswith(f"{name}:"):
            long[full] = {"default": entry}
        else:
            long[full] = {"value": entry}
    return long


def _merge_defaults(
    values: dict[str, Any],
    declared: Mapping[str, dict[str, Any]],
    project: str,
    stack: str,
    stack_file: Path | None,
    project_file: Path,
) -> None:
    missing = []
    for key, entry in sorted(declared.items()):
        if key in values:
            continue
        default = entry.get("default", entry.get("value"))
        if default is not None:
            values[key] = default
        elif key.startswith(f"{project}:"):
            missing.append(key)
    if missing:
        where = f"{stack_file}: config" if stack_file else f"{project_file}: stack {stack} has no stack file"
        raise RecordError(f"{where}: no value for {', '.join(missing)}, which {project_file.name} declares")


def _check_types(values: Mapping[str, ConfigValue], declared: Mapping[str, dict[str, Any]], path: Path) -> None:
    for key, entry in declared.items():
        wanted = entry.get("type")
        if wanted is None or key not in values:
            continue
        text, secret, value = values[key]
        if entry.get("secret") and not secret and entry.get("default", entry.get("value")) is None:
            raise RecordError(f"{path}: config: {key}: expected a secure value, for the project declares it secret")
        whole_secret = secret and isinstance(value, str)
        if not whole_secret and not _TYPES[wanted](value):
            raise RecordError(f"{path}: config: {key}: expected {wanted}, found {kind_of(value)} ({text[:60]})")


def _as_integer(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    try:
        return int(value) if isinstance(value, (int, str)) else None
    except ValueError:
        return None


def _main(project: Mapping[str, Any], root: Path, path: Path) -> Path:
    given = _text(project, "main", path)
    main = (root / given).absolute() if given else root
    if main.is_dir():
        if not (main / "__main__.py").is_file():
            raise RecordError(f"{main / '__main__.py'}: no such file; the program starts there")
    elif not main.is_file():
        raise RecordError(f"{path}: main: {given}: no such file or folder")
    return main
