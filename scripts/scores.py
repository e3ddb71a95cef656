"""Scores of pictures by a model, by the code that ships; each is computed once and kept.

They lie in the home folder, one file for all that a score depends on: the model's entry without
its calibration, its encoder's, and the code that cuts views and makes transformations.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image as PillowImage
from tqdm import tqdm

from scripts import transformations
from scripts.rows import Row
from scripts.transformations import ORIGINAL, TRANSFORMATIONS
from server import home, models, outputs, views, weights
from server.checks import detector
from server.errors import CheckUnavailable
from server.image import load
from server.models import Model

Floats = npt.NDArray[np.float64]
#: What of an entry changes no score.
SILENT = (
    *("calibration", "training", "licence", "note", "address", "source", "convert"),
    *("regions", "patches"),
)


def fingerprint(name: str) -> str:
    """Return a digest of all that a model's scores depend on. Raises WeightsError."""
    found = weights.catalogue()
    entry = _speaking(found["models"][name])
    encoder = found["encoders"].get(entry.get("encoder"))
    # What the student takes for unfamiliar has no score.
    student = _speaking(found["models"].get(entry.get("quick", {}).get("model"), {}))
    digest = hashlib.sha256(json.dumps([entry, encoder, student], sort_keys=True).encode())
    for module in (views, models, outputs, detector, transformations):
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()[:16]


def _speaking(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in SILENT}


class Kept:
    """The scores of one model that were computed before; null = the detector declined."""

    def __init__(self, name: str) -> None:
        self._path = home.folder() / "scores" / f"{name}-{fingerprint(name)}.jsonl"
        self._scores: dict[tuple[str, str], float | None] = {}
        if self._path.is_file():
            for line in self._path.read_text().splitlines():
                # A run that was broken off may have left half a line.
                if line.endswith("]"):
                    sha256, how, score = json.loads(line)
                    self._scores[sha256, how] = score
        self._path.parent.mkdir(parents=True, exist_ok=True)

    def score(self, data: bytes, how: str, model: Model) -> float | None:
        """Return the score of a file after a transformation. Raises ImageError, WeightsError."""
        key = hashlib.sha256(data).hexdigest(), how
        if key not in self._scores:
            image = load(data)
            if how != ORIGINAL:
                picture = PillowImage.fromarray(image.pixels)
                image = load(TRANSFORMATIONS[how](picture))
            try:
                self._scores[key] = detector.score(image, model)
            except CheckUnavailable:
                self._scores[key] = None
            with self._path.open("a") as file:
                file.write(json.dumps([*key, self._scores[key]]) + "\n")
        return self._scores[key]


def score_all(
    folder: Path, rows: Sequence[Row], model: Model, hows: Sequence[str] = (ORIGINAL,)
) -> dict[str, Floats]:
    """Return each picture's score by transformation; NaN = the detector declined.

    Raises ImageError, WeightsError, OSError.
    """
    kept = Kept(model.name)
    found: dict[str, list[Any]] = {how: [] for how in hows}
    for how in hows:
        for row in tqdm(rows, desc=f"{model.name}, {how}", unit="picture"):
            score = kept.score((folder / row["file"]).read_bytes(), how, model)
            found[how].append(np.nan if score is None else score)
    return {how: np.array(scores, np.float64) for how, scores in found.items()}
