"""Train the detector's heads on the frozen encoder's features.

    python -m scripts.train DATA [DATA ...] [--out FILE]

Each DATA holds train/manifest.jsonl and the images (see --help; scripts.gather makes such a
folder). A picture is one training row: the features of its whole view beside the mean of its
tiles'. Copies of some pictures, as the web makes them, are rows too. Every source repository
weighs the same, or the head would learn the big ones. Pictures of held-out repositories, scored
by heads that never saw them, give the calibration and teach the fast student (`scripts.quick`).
Features are kept in the home folder: a second run trains in minutes.
"""

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from tqdm import tqdm

from scripts import quick
from scripts.features import Array, Pictures, read_others, read_parts
from scripts.lines import Line, fitted
from scripts.rows import Doubles, Labels, Row, label_array, repository_weights
from server import home
from server.views import Input, read_input

#: The settings that say what the encoder is fed.
FED = ("size", "limit", "views", "mean", "std")
#: The classes of real pictures that look most like AI: digital paintings, renders, retouched faces.
HARDER = ("art", "render", "portrait")


@dataclass(frozen=True)
class Settings:
    """Everything that the result depends on besides the data; kept inside the head's file."""

    encoder: str = "clip-vit-b16"
    size: int = 224
    #: Training pictures have a longer side of 336 to 608 px; a larger one is brought there.
    limit: int = 512
    views: tuple[str, ...] = ("whole", "tiles")
    #: CLIP's own normalisation (openai/CLIP, clip.py).
    mean: tuple[float, ...] = (0.48145466, 0.4578275, 0.40821073)
    std: tuple[float, ...] = (0.26862954, 0.26130258, 0.27577711)
    #: What a real picture of the classes HARDER weighs more; chosen on held-out sources.
    harder: float = 3.0
    #: Inverse of the ridge penalty, for weights that sum to the number of rows.
    c: float = 2e-3
    folds: int = 5
    seed: int = 0
    #: Pictures of a repository and label that a copy is made of, at most (`scripts.copies`).
    copies: int = 8

    def input(self) -> Input:
        """Return what the encoder is fed."""
        return read_input({field: asdict(self)[field] for field in FED})


def training_weights(rows: list[Row], settings: Settings) -> Doubles:
    """Weigh as `repository_weights`, and what the false alarms come from more; mean 1."""
    harder = np.array([settings.harder if row["cls"] in HARDER else 1.0 for row in rows])
    labels = label_array(rows)
    found = repository_weights(rows) * np.where(labels == 0, harder, 1)
    for label in (0, 1):
        found[labels == label] *= len(rows) / 2 / found[labels == label].sum()
    return found


def fit(rows: Array, labels: Labels, row_weights: Doubles, settings: Settings) -> Line:
    """Fit on one row a picture; `rows`: as `scripts.features.pooled` makes them."""
    return fitted(LogisticRegression(C=settings.c, max_iter=2000), rows, labels, row_weights)


def fit_head(pictures: list[Row], rows: Array, settings: Settings) -> Line:
    """Fit on all pictures, each with its weight."""
    return fit(rows, label_array(pictures), training_weights(pictures, settings), settings)


def straighten(
    logits: Doubles,
    labels: Labels,
    row_weights: Doubles,
) -> tuple[float, float]:
    """Return slope and shift that make held-out logits log odds (Platt 1999).

    A head is surer of what it never saw than it should be; a score of 0.8 shall mean that of
    such pictures, both classes as frequent, 80 of 100 are AI.
    """
    model = LogisticRegression(C=np.inf)
    model.fit(logits[:, None], labels, sample_weight=row_weights)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def held_out_logits(pictures: list[Row], rows: Array, settings: Settings) -> Doubles:
    """Score every picture by a head that has seen nothing of its repository."""
    logits = np.zeros(len(pictures))
    for seen, unseen in tqdm(folds(pictures, settings), desc="held-out repositories", unit="fold"):
        head = fit_head([pictures[at] for at in seen], rows[seen], settings)
        logits[unseen] = head.logits(rows[unseen])
    return logits


def folds(pictures: list[Row], settings: Settings) -> list[tuple[Labels, Labels]]:
    """Return the places seen and unseen of each fold; no repository lies on both sides."""
    splitter = StratifiedGroupKFold(settings.folds, shuffle=True, random_state=settings.seed)
    groups = [picture["repo"] for picture in pictures]
    return list(splitter.split(np.zeros(len(pictures)), label_array(pictures), groups))


def main() -> None:
    """Train and save the head with its held-out scores and settings."""
    parser = argparse.ArgumentParser(description="Train the detector's head.")
    parser.add_argument(
        "data", type=Path, nargs="+", help="folders with train/manifest.jsonl and its images"
    )
    default = home.folder() / "train" / "head.npz"
    parser.add_argument("--out", type=Path, default=default, help=f"default: {default.name}")
    arguments = parser.parse_args()
    settings = Settings()
    wanted = settings.input()
    pictures = read_parts(arguments.data, settings.encoder, wanted, settings.copies)
    small = quick.small(wanted)
    shown = read_parts(arguments.data, settings.encoder, small, settings.copies)
    others = read_others(arguments.data, settings.encoder, small)
    found = train(pictures, settings)
    splits = folds(pictures.rows, settings)
    taught = quick.train(shown, others, found["held_out"], splits)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez(arguments.out, allow_pickle=False, **(found | taught))
    sources = len({picture["repo"] for picture in pictures.rows})
    originals = sum("copy" not in picture for picture in pictures.rows)
    print(quick.declined(taught, found["classes"]))
    print(f"{arguments.out}: {originals} pictures, {sources} sources")


def train(pictures: Pictures, settings: Settings) -> dict[str, npt.NDArray[Any]]:
    """Return the head, its held-out logits and the settings, as the head's file keeps them."""
    labels = label_array(pictures.rows)
    held_out = held_out_logits(pictures.rows, pictures.table, settings)
    slope, shift = straighten(held_out, labels, repository_weights(pictures.rows))
    head = fit_head(pictures.rows, pictures.table, settings)
    found = {
        "weight": head.weight * slope,
        "bias": head.bias * slope + shift,
        "held_out": held_out * slope + shift,
        "labels": labels,
        "classes": np.array([picture["cls"] for picture in pictures.rows]),
        "copies": np.array(["copy" in picture for picture in pictures.rows]),
        "repos": np.array([picture["repo"] for picture in pictures.rows]),
        "settings": json.dumps(asdict(settings)),
    }
    return {name: np.asarray(value) for name, value in found.items()}


if __name__ == "__main__":
    main()
