"""Calibrates a foreign model: score -> share of real pictures that score at least as high.

The real pictures of `train` are held out by nature, for the model was not trained on them here.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scripts.cards import own_names
from scripts.rows import Row, read_manifest, repository_weights
from scripts.scores import score_all
from scripts.tails import spread
from server import home, weights
from server.models import Model

Floats = npt.NDArray[np.float64]
DIGITS = 7


def curve(scores: Floats, row_weights: Floats) -> dict[str, list[float]]:
    """Return the falling curve of an entry: `scores` rising, `rates` falling.

    Equal scores count together, for many networks give 1 to many pictures. One picture is added
    to those above: a rate is never said to be lower than the data can show (the rule of
    succession of a permutation p-value; Davison and Hinkley 1997, section 4.2). Raises SystemExit
    where all scores are equal.
    """
    values, places = np.unique(np.round(scores, DIGITS), return_inverse=True)
    mass = np.bincount(places, weights=row_weights)
    above = np.cumsum(mass[::-1])[::-1]
    one = row_weights.mean()
    rates = (above + one) / (mass.sum() + one)
    if len(values) < 2:
        raise SystemExit(f"Every picture has the score {values[0]}: there is nothing to calibrate.")
    kept = sorted({0, *spread(rates, rates[0], rates[-1]), len(values) - 1})
    return {
        "scores": [round(float(values[at]), DIGITS) for at in kept],
        "rates": [round(float(rates[at]), DIGITS) for at in kept],
    }


def calibrate(folder: Path, model: Model, every: int = 1) -> dict[str, Any]:
    """Return the calibration of an entry, by the real pictures of `folder`/train.

    Declined pictures are left out: they get no rate. Raises WeightsError, and SystemExit for a
    model that was trained here: its training makes its calibration.
    """
    if "training" in weights.catalogue()["models"][model.name]:
        raise SystemExit(
            f"{model.name} was trained on these pictures: scripts.export makes its calibration."
        )
    rows = [row for row in read_manifest(folder / "train") if row["label"] == "real"][::every]
    scores = score_all(folder / "train", rows, model)["original"]
    scored: list[Row] = [row for row, s in zip(rows, scores, strict=True) if not np.isnan(s)]
    if len(scored) < 2:
        raise SystemExit(f"{folder / 'train'} has {len(scored)} usable real pictures; 2 at least.")
    sources = len({row["repo"] for row in scored})
    manifest = hashlib.sha256((folder / "train/manifest.jsonl").read_bytes()).hexdigest()
    return {
        "of": f"{len(scored)} real pictures of {sources} repositories, training part, manifest "
        f"SHA-256 {manifest}; the model was not trained on them here; repositories weigh the same"
    } | curve(scores[~np.isnan(scores)], repository_weights(scored))


def enter(name: str, found: dict[str, Any]) -> Path:
    """Write a calibration into the entry, wherever it stands; return the registry's file."""
    path = home.folder() / weights.OWN if name in own_names() else weights.MODELS / "registry.json"
    whole = json.loads(path.read_text())
    whole["models"][name]["calibration"] = found
    write_registry(path, whole)
    return path


def write_registry(path: Path, whole: dict[str, Any]) -> None:
    """Write a registry in the one form that its file has."""
    path.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n")
