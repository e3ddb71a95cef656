"""Measure what a model's fast student settles, what that costs and what it saves.

    python -m scripts.cascade DATA [--model NAME] [--times N]

On DATA/eval, by the code that ships. A picture that the student settles gets no badge at any
policy; what the full model would have told of it at 1 % false positives is lost. Both are timed
in turns on the same pictures in one run. The pictures that the detector declines are counted by
class.
"""

import argparse
import time
from collections import Counter
from pathlib import Path

import numpy as np
from tqdm import tqdm

from scripts import figures
from scripts.cards import between
from scripts.quick import FALSE
from scripts.rows import Row, label_array, read_manifest
from scripts.scores import Floats, score_all
from scripts.transformations import ORIGINAL
from server import weights
from server.image import load
from server.models import Model, Quick, open_model
from server.verdict import POLICIES
from server.views import bounded, views


def settled(quick: Quick, scores: Floats) -> Floats:
    """Return 1 where the student's score settles a picture, else 0; NaN where it declined."""
    rates = np.array([quick.student.rate(float(score)) or 0 for score in scores])
    return np.where(np.isnan(scores), np.nan, rates >= quick.settles)


def lost(rows: list[Row], full: Floats, by_student: Floats) -> dict[str, figures.Interval]:
    """Return shares with intervals: settled of each class, and the recall lost at FALSE."""
    labels = label_array(rows)
    shown = np.nan_to_num(full, nan=-1.0)
    real = np.sort(shown[labels == 0])[::-1]
    limit = real[min(int(FALSE * len(real)), len(real) - 1)]
    done = by_student == 1
    found = (labels == 1) & (shown > limit)
    draws = figures.draw(rows)

    def of(part: Floats, whole: Floats) -> figures.Interval:
        return figures.intervals(
            lambda at: np.array([part[at].sum() / max(1, whole[at].sum())]), draws
        )[0]

    return {
        "real pictures settled": of(done & (labels == 0), labels == 0),
        "AI pictures settled": of(done & (labels == 1), labels == 1),
        f"recall at {FALSE:.0%} lost": of(found & done, labels == 1),
    }


def badges_lost(model: Model, full: Floats, by_student: Floats) -> dict[str, int]:
    """Return how many badges of each policy the student takes away, false ones included."""
    rates = np.array([1.0 if np.isnan(s) else model.rate(float(s)) or 0 for s in full])
    return {
        name: int(((rates <= limit) & (by_student == 1)).sum()) for name, limit in POLICIES.items()
    }


def times(folder: Path, rows: list[Row], model: Model, quick: Quick) -> tuple[float, float]:
    """Return the median milliseconds of the student and of the full model, pixels in hand."""
    spent: tuple[list[float], list[float]] = ([], [])
    for row in tqdm(rows, desc="times", unit="picture"):
        pixels = load((folder / row["file"]).read_bytes()).pixels
        for at, each in enumerate((quick.student, model)):
            started = time.perf_counter()
            each.score(views(bounded(pixels, each.input.limit), each.input))
            spent[at].append((time.perf_counter() - started) * 1000)
    return float(np.median(spent[0])), float(np.median(spent[1]))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Measure a model's fast student.")
    parser.add_argument("data", type=Path, help="folder with eval/manifest.jsonl and its images")
    parser.add_argument("--model", default=weights.registry()["default"], metavar="NAME")
    parser.add_argument("--times", type=int, default=60, metavar="N", help="pictures to time")
    arguments = parser.parse_args()
    folder = arguments.data / "eval"
    rows, model = read_manifest(folder), open_model(arguments.model)
    if model.quick is None:
        raise SystemExit(f"{model.name} has no fast student.")
    full = score_all(folder, rows, model)[ORIGINAL]
    student = score_all(folder, rows, model.quick.student)[ORIGINAL]
    declined = Counter(
        f"{row['label']} {row['cls']}"
        for row, score in zip(rows, full, strict=True)
        if np.isnan(score)
    )
    by_student = settled(model.quick, np.where(np.isnan(full), np.nan, student))
    for name, found in lost(rows, full, by_student).items():
        print(f"{name}: {between(found)}")
    print(f"badges lost: {badges_lost(model, full, by_student)}")
    print(f"declined: {sum(declined.values())} of {len(rows)}: {dict(declined)}")
    fast, slow = times(folder, rows[:: max(1, len(rows) // arguments.times)], model, model.quick)
    share = float(np.nanmean(by_student[label_array(rows) == 0]))
    mean = fast + (1 - share) * slow
    print(f"student {fast:.0f} ms, full {slow:.0f} ms: {slow / fast:.1f} times as long")
    print(f"a page of real pictures: {(fast + slow) / mean:.1f} times as fast as without settling")


if __name__ == "__main__":
    main()
