"""Train the detector's head on the frozen encoder's features.

    python -m scripts.train DATA [DATA ...] [--out FILE]

Each DATA holds train/manifest.jsonl and the images (see --help; scripts.gather makes such a
folder). A picture is one training row: the features of its whole view beside the mean of its
tiles'. Every source repository weighs the same, or the head would learn the big ones. Pictures of
held-out repositories, scored by heads that never saw them, give the calibration. Features are
kept in the home folder: a second run trains in minutes.
"""

import argparse
import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from tqdm import tqdm

from server import home, weights
from server.image import load
from server.views import Input, bounded, read_input, views

Array = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Row = dict[str, Any]
#: The settings that say what the encoder is fed.
FED = ("size", "limit", "views", "mean", "std")
#: The classes of pictures that were made, not taken.
MADE = ("art", "render", "graphic", "screenshot")
#: How fast a picture counts as made around even odds.
SHARPNESS = 2.0
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
    #: Brings real art to the scores of real photographs; chosen on held-out sources.
    guard: float = 1.0
    #: Inverse of the ridge penalty, for weights that sum to the number of rows.
    c: float = 2e-3
    folds: int = 5
    seed: int = 0


def read_manifest(folder: Path) -> list[Row]:
    """Return the rows of a part's manifest. Raises SystemExit with a clear word if absent."""
    path = folder / "manifest.jsonl"
    if not path.is_file():
        sys.exit(f"{path} is not there. Give the folder that holds train/ and eval/. Skipped.")
    return [json.loads(line) for line in path.read_text().splitlines() if line]


def features(folder: Path, rows: list[Row], settings: Settings) -> Array:
    """Return the features, shape (pictures, views, features), by the code that ships."""
    wanted = read_input({field: asdict(settings)[field] for field in FED})
    encoder = weights.registry()["encoders"][settings.encoder]
    parts = [
        encoder["sha256"],
        json.dumps({field: getattr(wanted, field) for field in FED}),
        *(row["sha256"] for row in rows),
    ]
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    path = home.folder() / "features" / f"{key}.npy"
    if path.is_file():
        return np.asarray(np.load(path), np.float32)
    found = _extract(folder, rows, settings.encoder, wanted)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, found)
    return found


def _extract(folder: Path, rows: list[Row], encoder_name: str, wanted: Input) -> Array:
    encoder = weights.load_encoder(encoder_name)
    found = []
    for row in tqdm(rows, desc=f"features of {folder.name}", unit="picture"):
        pixels = bounded(load((folder / row["file"]).read_bytes()).pixels, wanted.limit)
        found.append(encoder.features(views(pixels, wanted)))
    return np.stack(found)


def training_weights(rows: list[Row], settings: Settings) -> Doubles:
    """Weigh as `repository_weights`, and what the false alarms come from more; mean 1."""
    harder = np.array([settings.harder if row["cls"] in HARDER else 1.0 for row in rows])
    labels = label_array(rows)
    found = repository_weights(rows) * np.where(labels == 0, harder, 1)
    for label in (0, 1):
        found[labels == label] *= len(rows) / 2 / found[labels == label].sum()
    return found


def repository_weights(rows: list[Row]) -> Doubles:
    """Weigh every repository equally within its class and both classes equally; mean 1."""
    keys = [(row["label"], row["repo"]) for row in rows]
    counts = {key: keys.count(key) for key in set(keys)}
    sources = {label: sum(key[0] == label for key in counts) for label in ("ai", "real")}
    found = np.array([1 / counts[key] / sources[key[0]] for key in keys])
    scaled: Doubles = found * len(found) / found.sum()
    return scaled


def pooled(found: Array) -> Array:
    """Return the head's row of each picture: its first view, and the mean of the others.

    `found`: (pictures, views, features); the answer: (pictures, 2 * features).
    """
    return np.concatenate([found[:, 0], found[:, 1:].mean(axis=1)], axis=1)


@dataclass(frozen=True)
class Line:
    """A logistic regression on standardised features, folded into one weight and one bias."""

    weight: Doubles
    bias: float

    def logits(self, rows: Array) -> Doubles:
        """Return one logit a picture; `rows`: as `pooled` makes them."""
        found: Doubles = rows.astype(np.float64) @ self.weight + self.bias
        return found


@dataclass(frozen=True)
class Head:
    """Says how much a picture looks like AI, and asks more where it looks like something made.

    Human art comes nearer to AI than photographs do. By one limit for all, either art would give
    most false alarms or photographs would hardly ever be told.
    """

    ai: Line
    #: Made (art, render, graphic, screenshot) or taken (photo, portrait).
    made: Line
    #: What the logit of a made picture is lowered by.
    guard: float

    def logits(self, rows: Array) -> Doubles:
        """Return one logit a picture; `rows`: as `pooled` makes them."""
        return guarded(self.ai.logits(rows), self.made.logits(rows), self.guard)

    def scaled(self, slope: float, shift: float) -> "Head":
        """Return the head that gives slope * logit + shift."""
        ai = Line(self.ai.weight * slope, self.ai.bias * slope + shift)
        return Head(ai, self.made, self.guard * slope)


def guarded(ai: Doubles, made: Doubles, guard: float) -> Doubles:
    """Lower the logits of pictures that look made; the sure ones by all of `guard`."""
    found: Doubles = ai - guard / (1 + np.exp(-SHARPNESS * made))
    return found


def fit(
    rows: Array,
    labels: npt.NDArray[np.int64],
    row_weights: Doubles,
    settings: Settings,
) -> Line:
    """Fit on one row a picture; `rows`: as `pooled` makes them."""
    mean = np.average(rows, axis=0, weights=row_weights).astype(np.float32)
    variance = np.average((rows - mean) ** 2, axis=0, weights=row_weights)
    scale = np.sqrt(variance).astype(np.float32) + np.float32(1e-6)
    model = LogisticRegression(C=settings.c, max_iter=2000)
    model.fit((rows - mean) / scale, labels, sample_weight=row_weights)
    weight = model.coef_[0].astype(np.float64) / scale
    return Line(weight, float(model.intercept_[0] - mean @ weight))


def fit_head(pictures: list[Row], rows: Array, settings: Settings) -> Head:
    """Fit both lines on all pictures."""
    made = np.array([picture["cls"] in MADE for picture in pictures], np.int64)
    return Head(
        fit(rows, label_array(pictures), training_weights(pictures, settings), settings),
        fit(rows, made, repository_weights(pictures), settings),
        settings.guard,
    )


def straighten(
    logits: Doubles,
    labels: npt.NDArray[np.int64],
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
    labels = label_array(pictures)
    groups = [picture["repo"] for picture in pictures]
    logits = np.zeros(len(pictures))
    splitter = StratifiedGroupKFold(settings.folds, shuffle=True, random_state=settings.seed)
    splits = list(splitter.split(rows, labels, groups))
    for seen, unseen in tqdm(splits, desc="held-out repositories", unit="fold"):
        head = fit_head([pictures[at] for at in seen], rows[seen], settings)
        logits[unseen] = head.logits(rows[unseen])
    return logits


def label_array(rows: list[Row]) -> npt.NDArray[np.int64]:
    """Return 1 for AI, 0 for real."""
    return np.array([row["label"] == "ai" for row in rows], np.int64)


def read_parts(folders: list[Path], settings: Settings) -> tuple[list[Row], Array]:
    """Return the pictures of all folders and their pooled features.

    Ends the program where one source lies in two folders: it would weigh twice.
    """
    pictures: list[Row] = []
    parts = []
    for data in folders:
        folder = data / "train"
        found = read_manifest(folder)
        twice = {row["repo"] for row in found} & {row["repo"] for row in pictures}
        if twice:
            sys.exit(f"{', '.join(sorted(twice))}: in {data} and in a folder before it.")
        pictures += found
        parts.append(pooled(features(folder, found, settings)))
    return pictures, np.concatenate(parts)


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
    pictures, rows = read_parts(arguments.data, settings)
    labels = label_array(pictures)
    held_out = held_out_logits(pictures, rows, settings)
    slope, shift = straighten(held_out, labels, repository_weights(pictures))
    head = fit_head(pictures, rows, settings).scaled(slope, shift)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        arguments.out,
        weight=head.ai.weight,
        bias=head.ai.bias,
        made_weight=head.made.weight,
        made_bias=head.made.bias,
        guard=head.guard,
        held_out=held_out * slope + shift,
        labels=labels,
        classes=np.array([picture["cls"] for picture in pictures]),
        repos=np.array([picture["repo"] for picture in pictures]),
        settings=json.dumps(asdict(settings)),
    )
    sources = len({picture["repo"] for picture in pictures})
    print(f"{arguments.out}: {len(pictures)} pictures, {sources} sources")


if __name__ == "__main__":
    main()
