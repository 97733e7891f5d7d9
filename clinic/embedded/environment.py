"""Where the embedded servers of a running copy are, so that a second shell finds them. No Django here."""

import json
import os
from pathlib import Path

from clinic.embedded.processes import started


def environment(var_dir: Path) -> dict[str, str] | None:
    """What a copy that is running on this VAR_DIR gives its own processes; None where none is running."""
    try:
        found = json.loads((Path(var_dir) / "run" / "env.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    keeper = found["keeper"]
    return found["variables"] if started(keeper["pid"]) == keeper["started"] else None


def adopt(var_dir: Path) -> bool:
    """Fill unset environment variables from the copy running on this VAR_DIR; False where none is."""
    found = environment(var_dir)
    for name, value in (found or {}).items():
        os.environ.setdefault(name, value)
    return found is not None
