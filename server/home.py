"""Where Touchstone keeps what is not in git: weights, trust lists, the store."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def folder() -> Path:
    """Return `TOUCHSTONE_HOME`, or `.touchstone` beside the code."""
    return Path(os.environ.get("TOUCHSTONE_HOME") or ROOT / ".touchstone")
