"""Tests of compose use the recorder of the components' tests."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
for folder in (HERE, HERE.parent / "components"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
