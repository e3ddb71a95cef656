"""The pictures of a part of the data: one row each, as its manifest has them."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
Row = dict[str, Any]
#: The label of what the detector is not made for: icons, charts, pages of text, line art.
OTHER = "other"


def read_manifest(folder: Path) -> list[Row]:
    """Return the rows of a part's manifest. Raises SystemExit with a clear word if absent."""
    path = folder / "manifest.jsonl"
    if not path.is_file():
        sys.exit(f"{path} is not there. Give the folder that holds train/ and eval/. Skipped.")
    return [json.loads(line) for line in path.read_text().splitlines() if line]


def label_array(rows: list[Row]) -> Labels:
    """Return 1 for AI, 0 for real."""
    return np.array([row["label"] == "ai" for row in rows], np.int64)


def repository_weights(rows: list[Row]) -> Doubles:
    """Weigh every repository equally within its class and both classes equally; mean 1."""
    keys = [(row["label"], row["repo"]) for row in rows]
    counts: dict[tuple[str, str], int] = {}
    for key in keys:
        counts[key] = counts.get(key, 0) + 1
    sources = {label: sum(key[0] == label for key in counts) for label in ("ai", "real")}
    found = np.array([1 / counts[key] / sources[key[0]] for key in keys])
    scaled: Doubles = found * len(found) / found.sum()
    return scaled
