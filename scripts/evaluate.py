"""Measure models, through the code that ships, on pictures that they never saw.

    python -m scripts.evaluate DATA                          the default model's tables
    python -m scripts.evaluate DATA --copy "JPEG q70 + 0.5 ×"   and of a kind of copy
    python -m scripts.evaluate DATA --model A --model B --page FILE.html
    python -m scripts.evaluate DATA --model NAME --calibrate --card      a foreign model

DATA holds eval/manifest.jsonl and the images (and train/, for --calibrate). The page has all
figures of every model on the same files, also after what the web does to pictures. Scores are
kept in the home folder: a second run takes seconds. See docs/models.md.
"""

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from scripts import calibration, cards, figures
from scripts.figures import Draws, Floats, Sample
from scripts.page import page
from scripts.rows import Row, label_array, read_manifest
from scripts.scores import score_all
from scripts.transformations import ORIGINAL, TRANSFORMATIONS
from server import weights
from server.errors import TouchstoneError
from server.models import Calibration, Model, open_model


def sample(rows: Sequence[Row], raw: Floats, found: Calibration) -> Sample:
    """Join pictures and scores with the false alarm rates of a calibration."""
    rates = [1.0 if np.isnan(score) else found.false_alarm_rate(float(score)) for score in raw]
    return Sample(rows, raw, np.array(rates))


def worst(of: Sample, label: int) -> list[dict[str, Any]]:
    """Describe the AI pictures (1) of the lowest or the real ones (0) of the highest scores."""
    places = [at for at in range(len(of.rows)) if of.labels[at] == label and of.raw[at] >= 0]
    places.sort(key=lambda at: of.raw[at] * (1 if label else -1))
    found = []
    for at in places[: figures.WORST]:
        row = of.rows[at]
        kind = ("AI, " + str(row.get("generator", "unknown"))) if label else "real"
        found.append(
            {
                "path": str(row.get("path_in_repo", row["file"])),
                "repository": row["repo"],
                "what": f"{kind}, {row.get('cls', 'unknown')}",
                "size": f"{row.get('width', '?')} x {row.get('height', '?')}",
                "score": float(of.raw[at]),
                "rate": float(of.rates[at]),
            }
        )
    return found


def measure(model: Model, samples: dict[str, Sample], drawn: Draws) -> dict[str, Any]:
    """Return every figure of one model; `samples` by transformation, the original first."""
    original = samples[ORIGINAL]
    labels, scores = original.labels, original.scores
    scored = np.flatnonzero(~np.isnan(original.raw))
    usable = Sample(
        [original.rows[at] for at in scored.tolist()],
        original.raw[scored],
        original.rates[scored],
    )
    entry = weights.catalogue()["models"][model.name]
    roc = figures.intervals(lambda at: figures.recalls(labels[at], scores[at], figures.GRID), drawn)
    error = figures.intervals(
        lambda at: np.array([figures.calibration_error(usable.labels[at], usable.raw[at])]),
        figures.draw(usable.rows),
    )
    short = {
        how: figures.brief(found, drawn)
        for how, found in tqdm(samples.items(), desc=f"{model.name}, intervals", unit="copy")
    }
    return {
        "model": model.name,
        "version": model.version,
        "entry": {key: value for key, value in entry.items() if key != "calibration"},
        "fed": cards.fed(model.input),
        "declined": short[ORIGINAL]["declined"],
        "auc": short[ORIGINAL]["auc"],
        "recall": short[ORIGINAL]["recall"],
        "roc": {"rate": figures.GRID.tolist(), "recall": roc},
        "calibration": {
            "of": entry["calibration"].get("of", "not stated"),
            "error": error[0],
            "bins": figures.bins(usable.labels, usable.raw),
        },
        "policies": figures.policies(original, drawn),
        "families": figures.generators(original, "family"),
        "generators": figures.generators(original, "generator"),
        "classes": figures.real_classes(original),
        "transformations": short,
        "worst": {"misses": worst(original, 1), "false_alarms": worst(original, 0)},
        "limits": cards.limits(model.name),
        "against": {},
    }


def evaluate(
    folder: Path, rows: list[Row], names: Sequence[str], hows: Sequence[str]
) -> dict[str, Any]:
    """Return the figures of each model on the same pictures, and against each other model."""
    drawn = figures.draw(rows)
    results: dict[str, Any] = {}
    kept: dict[str, dict[str, Sample]] = {}
    for name in names:
        model = open_model(name)
        if model.calibration is None:
            raise SystemExit(f"{name} has no calibration: --model {name} --calibrate makes it.")
        raw = score_all(folder, rows, model, hows)
        samples = {how: sample(rows, found, model.calibration) for how, found in raw.items()}
        results[name], kept[name] = measure(model, samples, drawn), samples
    for name, result in results.items():
        result["against"] = {
            other: against(kept[name], kept[other], drawn) for other in names if other != name
        }
    return results


def against(one: dict[str, Sample], other: dict[str, Sample], drawn: Draws) -> dict[str, Any]:
    """Return by how much one model is better than another, by kind of copy."""
    return {
        "copies": {how: figures.compare(one[how], other[how], drawn) for how in one},
        "calibration_error": figures.compare_calibration(one[ORIGINAL], other[ORIGINAL]),
    }


def described(folder: Path, rows: list[Row], every: int) -> dict[str, Any]:
    """Say which pictures were measured."""
    ai = int(label_array(rows).sum())
    return {
        "manifest_sha256": hashlib.sha256((folder / "manifest.jsonl").read_bytes()).hexdigest(),
        "pictures": len(rows),
        "real": len(rows) - ai,
        "ai": ai,
        "repositories": len({row["repo"] for row in rows}),
        "sampling": f" --every {every}" if every > 1 else "",
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measure models on held-out pictures.")
    parser.add_argument("data", type=Path, help="folder with eval/manifest.jsonl and its images")
    parser.add_argument(
        "--model", action="append", metavar="NAME", help="default: the registry's; may be repeated"
    )
    parser.add_argument("--page", type=Path, metavar="FILE", help="write all of it as a page")
    parser.add_argument(
        "--copy",
        action="append",
        choices=TRANSFORMATIONS,
        default=[],
        help="measure this kind of copy too; may be repeated (the page has all)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures here too")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each N-th picture only")
    parser.add_argument(
        "--calibrate", action="store_true", help="first calibrate foreign models on DATA/train"
    )
    parser.add_argument("--card", action="store_true", help="write the cards of foreign models")
    return parser


def run(arguments: argparse.Namespace) -> None:
    """Calibrate where asked, measure, print the tables, write what was asked for."""
    names = list(dict.fromkeys(arguments.model or [weights.registry()["default"]]))
    folder, every = arguments.data / "eval", max(1, arguments.every)
    rows = read_manifest(folder)[::every]
    for name in names if arguments.calibrate else ():
        found = calibration.calibrate(arguments.data, open_model(name), every)
        print(f"{calibration.enter(name, found)}: {name} calibrated on {found['of']}")
    hows = [ORIGINAL, *(TRANSFORMATIONS if arguments.page else arguments.copy)]
    data = described(folder, rows, every)
    models = evaluate(folder, rows, names, hows)
    options = "".join(f" --model {name}" for name in names) + data["sampling"]
    command = f"python -m scripts.evaluate DATA{options} --page FILE"
    whole = {"data": data, "command": command, "models": models}
    for name, result in models.items():
        print(f"\n{result['version']} on {len(rows)} pictures, manifest {data['manifest_sha256']}")
        print(f"\n{cards.tables(result)}")
        if arguments.card and "training" not in result["entry"]:
            print(f"\n{cards.write(name, cards.card(result, data))}: the card")
            result["limits"] = cards.limits(name)
    if arguments.json:
        arguments.json.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n")
    if arguments.page:
        arguments.page.write_text(page(whole), encoding="utf-8")


def main() -> int:
    """Run the command; return its exit status."""
    arguments = _parser().parse_args()
    try:
        run(arguments)
    except TouchstoneError as e:
        print(f"evaluate: {e}")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
