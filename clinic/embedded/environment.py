"""Where the embedded servers of a running copy are, so that a second shell finds them. No Django here."""

import json
import os
from pathlib import Path


def adopt(var_dir: Path) -> bool:
    """Fill unset environment variables from ``var_dir/run/env.json``; False where no copy runs there."""
    try:
        found = json.loads((var_dir / "run" / "env.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    for name, value in found.items():
        os.environ.setdefault(name, value)
    return True
