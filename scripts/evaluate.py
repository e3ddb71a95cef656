"""Measure the detector that ships, through the code that ships, on pictures it never saw.

    python -m scripts.evaluate DATA [--json FILE]

DATA holds eval/manifest.jsonl and the images. Intervals are 95 %. AUC and recall: by a bootstrap
over repositories, for pictures of one repository are not independent. False positive rates: by
Wilson, which holds at 0 hits but takes pictures as independent, so it is a little narrow.
"""

import argparse
import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score
from tqdm import tqdm

from scripts.train import Row, label_array, read_manifest
from server import models
from server.checks import detector
from server.errors import CheckUnavailable
from server.image import load
from server.verdict import POLICIES

Floats = npt.NDArray[np.float64]
Interval = tuple[float, float, float]
#: Pictures of repositories drawn anew this often.
DRAWS = 1000


def estimates(folder: Path, rows: list[Row]) -> tuple[Floats, Floats, list[float]]:
    """Return each picture's score and false alarm rate, and the milliseconds of each check.

    A picture that the detector declines counts as score 0 and rate 1: it gets no badge.
    """
    scores, rates, times = np.zeros(len(rows)), np.ones(len(rows)), []
    for at, row in enumerate(tqdm(rows, desc="pictures", unit="picture")):
        image = load((folder / row["file"]).read_bytes())
        image.pixels  # noqa: B018 - decoding is not the detector's time
        begun = time.perf_counter()
        try:
            (found,) = detector.check(image)
        except CheckUnavailable as e:
            if e.code == "detector_no_weights":
                raise SystemExit("The weights are missing: make weights.") from e
            continue
        times.append((time.perf_counter() - begun) * 1000)
        scores[at] = float(found.params["score"])
        rates[at] = found.false_alarm_rate
    return scores, rates, times


def recall_at(share: float) -> Callable[[npt.NDArray[np.int64], Floats], float]:
    """Return a measure: the recall where this share of real pictures is above the limit."""

    def measure(labels: npt.NDArray[np.int64], scores: Floats) -> float:
        real = np.sort(scores[labels == 0])[::-1]
        limit = real[min(int(share * len(real)), len(real) - 1)]
        return float((scores[labels == 1] > limit).mean())

    return measure


def area(labels: npt.NDArray[np.int64], scores: Floats) -> float:
    """Return the area under the ROC curve."""
    return float(roc_auc_score(labels, scores))


def bootstrap(
    rows: list[Row],
    scores: Floats,
    measure: Callable[[npt.NDArray[np.int64], Floats], float],
) -> Interval:
    """Return (value, low, high) by drawing repositories with replacement."""
    labels = label_array(rows)
    members: dict[str, list[int]] = {}
    for at, row in enumerate(rows):
        members.setdefault(row["repo"], []).append(at)
    groups = [np.array(group) for group in members.values()]
    random = np.random.default_rng(0)
    values = []
    for _ in range(DRAWS):
        drawn = np.concatenate([groups[at] for at in random.integers(0, len(groups), len(groups))])
        if 0 < labels[drawn].sum() < len(drawn):
            values.append(measure(labels[drawn], scores[drawn]))
    low, high = np.quantile(values, (0.025, 0.975))
    return measure(labels, scores), float(low), float(high)


def wilson(hits: int, count: int) -> Interval:
    """Return (share, low, high) of a binomial (Wilson 1927), z = 1.96."""
    if not count:
        return 0.0, 0.0, 1.0
    z, share = 1.96, hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * np.sqrt(share * (1 - share) / count + z * z / (4 * count**2))
    return share, max(0.0, float(middle - half)), min(1.0, float(middle + half))


def by_class(rows: list[Row], rates: Floats, limit: float) -> dict[str, Any]:
    """Return the false positive rate of each class of real pictures at a policy's limit."""
    found = {}
    real = [at for at, row in enumerate(rows) if row["label"] == "real"]
    for name in ["all", *sorted({rows[at]["cls"] for at in real})]:
        part = [at for at in real if name in ("all", rows[at]["cls"])]
        hits = int((rates[part] <= limit).sum())
        found[name] = {"pictures": len(part), "false": hits, "rate": wilson(hits, len(part))}
    return found


def measure(rows: list[Row], scores: Floats, rates: Floats) -> dict[str, Any]:
    """Return every figure of the model card."""
    ai = label_array(rows) == 1
    return {
        "auc": bootstrap(rows, scores, area),
        "recall_at_1_percent": bootstrap(rows, scores, recall_at(0.01)),
        "recall_at_5_percent": bootstrap(rows, scores, recall_at(0.05)),
        "policies": {
            name: {
                "limit": limit,
                "recall": bootstrap(rows, (rates <= limit).astype(float), _share_of_ai),
                "false_positive_rate": by_class(rows, rates, limit),
            }
            for name, limit in POLICIES.items()
        },
        "families": {
            family: {"pictures": int(part.sum()), "recall_balanced": wilson(hits, int(part.sum()))}
            for family in sorted({row["family"] for row in rows if row["label"] == "ai"})
            for part in [ai & np.array([row.get("family") == family for row in rows])]
            for hits in [int((rates[part] <= POLICIES["balanced"]).sum())]
        },
    }


def _share_of_ai(labels: npt.NDArray[np.int64], flagged: Floats) -> float:
    return float(flagged[labels == 1].mean())


def table(figures: dict[str, Any]) -> str:
    """Write the figures as the tables of a model card (Markdown)."""
    lines = ["| figure | value | 95 % interval |", "|---|---|---|"]
    names = {
        "auc": "AUC",
        "recall_at_1_percent": "recall at 1 % false positives",
        "recall_at_5_percent": "recall at 5 % false positives",
    }
    for key, name in names.items():
        value, low, high = figures[key]
        lines.append(f"| {name} | {value:.3f} | {low:.3f} to {high:.3f} |")
    for name, policy in figures["policies"].items():
        value, low, high = policy["recall"]
        title = f"recall, policy {name} (limit {policy['limit']:.1%})"
        lines.append(f"| {title} | {value:.3f} | {low:.3f} to {high:.3f} |")
    lines += ["", f"| false positives | {' | '.join(figures['policies'])} |", "|---|---|---|---|"]
    for name in figures["policies"]["cautious"]["false_positive_rate"]:
        cells = []
        for policy in figures["policies"].values():
            cell = policy["false_positive_rate"][name]
            rate, low, high = cell["rate"]
            text = f"{cell['false']} of {cell['pictures']} = {rate:.1%} ({low:.1%} to {high:.1%})"
            cells.append(text)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += ["", "| generator family | pictures | recall, policy balanced |", "|---|---|---|"]
    for name, row in figures["families"].items():
        value, low, high = row["recall_balanced"]
        lines.append(f"| {name} | {row['pictures']} | {value:.2f} ({low:.2f} to {high:.2f}) |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description="Measure the detector on held-out pictures.")
    parser.add_argument("data", type=Path, help="folder with eval/manifest.jsonl and its images")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures here too")
    arguments = parser.parse_args()
    folder = arguments.data / "eval"
    rows = read_manifest(folder)
    scores, rates, times = estimates(folder, rows)
    figures = measure(rows, scores, rates) | {
        "model": models.version(),
        "manifest_sha256": hashlib.sha256((folder / "manifest.jsonl").read_bytes()).hexdigest(),
        "pictures": len(rows),
        "detector_ms_median": float(np.median(times)),
    }
    print(f"{figures['model']} on {len(rows)} pictures, manifest {figures['manifest_sha256']}\n")
    print(table(figures))
    print(f"\nDetector: median {figures['detector_ms_median']:.0f} ms an image, decoding apart.")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
