"""Where the project keeps its files."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
STACKS: Final = ROOT / "stacks"
BLUEPRINTS: Final = STACKS / "blueprints"
ADDRESSES: Final = STACKS / "addresses.yaml"
SCHEMAS: Final = STACKS / "schemas"


def shown(path: Path) -> str:
    """The path as a message names it: from the project's root where it lies there, else as it was given."""
    resolved = path.resolve()
    return str(resolved.relative_to(ROOT)) if resolved.is_relative_to(ROOT) else str(path)


def stack_file(name_or_path: str | Path, directory: Path = STACKS) -> Path:
    """`meal-prod` → `stacks/Pulumi.meal-prod.yaml`; what already is a YAML path stays itself."""
    text = str(name_or_path)
    return Path(text) if text.endswith((".yaml", ".yml")) or "/" in text else directory / f"Pulumi.{text}.yaml"


def stack_name(path: Path) -> str:
    """`stacks/Pulumi.meal-prod.yaml` → `meal-prod`."""
    return path.name.removeprefix("Pulumi.").removesuffix(".yaml").removesuffix(".yml")
