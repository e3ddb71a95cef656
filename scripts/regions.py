"""Train what tells where a picture looks like AI, and measure it on composites.

    python -m scripts.regions train DATA [DATA ...]     writes the file and its registry entry
    python -m scripts.regions measure DATA              the tables, on composites of DATA/eval

A line on the tokens of the encoder's patches (`server.regions`), taught by composites of training
pictures (`scripts.pasted`). The composites of a fold are made of its own repositories alone, so
that the line of the other folds has seen nothing of them: it gives the held-out figures and, on
real pictures, the calibration.
"""

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from onnx import helper
from PIL import Image
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from scripts import figures, heads, tails
from scripts.calibration import write_registry
from scripts.lines import Line, fitted
from scripts.pasted import KINDS, Composite, Sources, composite, resized
from scripts.rows import OTHER, Doubles, Row, read_manifest
from scripts.train import FED, Settings, folds
from server import models, regions, weights
from server.checks import detector
from server.errors import CheckUnavailable
from server.image import load
from server.regions import Finder
from server.views import Input, bounded, views
from server.weights import Encoder

Patches = npt.NDArray[np.float32]
#: Patches of a composite that are taken, of each class; a patch of both is taken for neither.
TAKEN, SURE = 20, 0.9
#: Inverse of the ridge penalty, for weights that sum to the number of patches; chosen held out.
C = 1e-4
#: Real pictures of a repository that the calibration looks at.
REAL = 6
#: What is measured: composites of AI in real, as many of real in real, and plain real pictures.
MEASURED = ("ai_in_real", "real_in_real")


class Table(NamedTuple):
    """Patches to learn from: their tokens, whether they are AI, and the fold that they are of."""

    tokens: Patches
    ai: npt.NDArray[np.bool_]
    fold: npt.NDArray[np.int64]


def fed() -> Input:
    """Return what is looked at: the four tiles that the detector looks at as well."""
    return Settings(views=("tiles",)).input()


def tokens(encoder: Encoder, picture: Image.Image) -> Patches:
    """Return the tokens of a picture's patches: (4 tiles, patches, features)."""
    wanted = fed()
    return encoder.patches(views(bounded(np.asarray(picture), wanted.limit), wanted))


def cells(truth: Composite, side: int) -> Doubles:
    """Return the share of AI in each patch, in the order of `tokens`: (4, side * side)."""
    grid = resized(truth.ai, (2 * side, 2 * side))
    return grid.reshape(2, side, 2, side).transpose(0, 2, 1, 3).reshape(4, side * side)


def taken(ai: Doubles, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return the places of the patches that are learnt from."""
    sure = [np.flatnonzero(ai > SURE), np.flatnonzero(ai < 1 - SURE)]
    return np.concatenate([random.permutation(places)[:TAKEN] for places in sure])


def table(encoder: Encoder, sources: Sequence[Sources], count: int) -> Table:
    """Draw `count` composites, turn by turn of each fold's sources, and take patches of them."""
    parts = []
    for number in tqdm(range(count), desc="composites", unit="picture"):
        random, fold = np.random.default_rng([0, number]), number % len(sources)
        kind = KINDS[number // len(sources) % len(KINDS)]
        drawn = composite(sources[fold], kind, random)
        found = tokens(encoder, drawn.picture)
        ai = cells(drawn, round(found.shape[1] ** 0.5)).ravel()
        places = taken(ai, random)
        chosen = found.reshape(-1, found.shape[2])[places]
        parts.append(Table(chosen, ai[places] > 0.5, np.full(len(places), fold)))
    return Table(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def fit(part: Table) -> Line:
    """Fit a line; every patch weighs the same."""
    model = LogisticRegression(C=C, max_iter=500)
    return fitted(model, part.tokens, part.ai, np.ones(len(part.ai)))


def to_onnx(line: Line) -> bytes:
    """Return the network: patches' tokens (tiles, patches, features) -> logits (tiles, patches)."""
    constants: dict[str, npt.NDArray[Any]] = {
        "weight": line.weight[:, None].astype(np.float32),
        "bias": np.array([line.bias], np.float32),
        "last": np.array([2], np.int64),
    }
    nodes = [
        helper.make_node("MatMul", ["features", "weight"], ["product"]),
        helper.make_node("Add", ["product", "bias"], ["sum"]),
        helper.make_node("Squeeze", ["sum", "last"], ["logits"]),
    ]
    shape: list[str | int] = ["tiles", "patches", len(line.weight)]
    outputs: dict[str, list[str | int]] = {"logits": ["tiles", "patches"]}
    return heads.write("touchstone-regions", nodes, constants, features=shape, outputs=outputs)


def mapped(line: Line, found: Patches) -> Doubles:
    """Return the smoothed map that the server would make of a picture's tokens."""
    flat = line.logits(found.reshape(-1, found.shape[2])).reshape(found.shape[:2])
    return regions.smoothed(regions.joined(flat.astype(np.float32), round(found.shape[1] ** 0.5)))


def held_out(
    encoder: Encoder, found: Table, rows: Sequence[Row], fold: npt.NDArray[np.int64]
) -> tuple[list[Row], Doubles]:
    """Return real pictures, REAL of a repository at most, and the logit of each's strongest part.

    By the line of the other folds. `fold`: of each row.
    """
    counts: dict[str, int] = {}
    chosen = []
    for at in np.random.default_rng(0).permutation(len(rows)):
        row = rows[at]
        if row["label"] == "real" and counts.get(row["repo"], 0) < REAL:
            counts[row["repo"]] = counts.get(row["repo"], 0) + 1
            chosen.append(int(at))
    others = [
        fit(Table(*(part[found.fold != number] for part in found)))
        for number in tqdm(sorted(set(fold.tolist())), desc="held-out folds", unit="fold")
    ]
    logits = []
    for at in tqdm(chosen, desc="calibration", unit="picture"):
        picture = Image.fromarray(load(Path(rows[at]["path"]).read_bytes()).pixels)
        share = regions.strongest(mapped(others[fold[at]], tokens(encoder, picture)))
        logits.append(np.log(share) - np.log1p(-share))
    return [rows[at] for at in chosen], np.array(logits)


def calibration(rows: Sequence[Row], logits: Doubles) -> dict[str, Any]:
    """Return the calibration of the entry: the highest rate of any class (`scripts.tails`)."""
    classes, repos = (np.array([row[key] for row in rows]) for key in ("cls", "repo"))
    found = tails.tails(logits, classes, repos)
    of = (
        f"the strongest part of {len(rows)} real training pictures, each by a line that saw "
        f"nothing of its repository; the highest rate among {', '.join(found)}"
    )
    return {"of": of} | tails.curve(found)


def train(arguments: argparse.Namespace) -> None:
    """Train the line and write it into the model's entry."""
    name = weights.registry()["default"]
    rows = [
        row | {"path": data / "train" / row["file"]}
        for data in arguments.data
        for row in read_manifest(data / "train")
        if row["label"] != OTHER
    ]
    encoder = weights.load_encoder(Settings().encoder)
    fold = np.zeros(len(rows), np.int64)
    splits = folds(rows, Settings())
    for number, (_, unseen) in enumerate(splits):
        fold[unseen] = number
    sources = [Sources([rows[at] for at in unseen]) for _, unseen in splits]
    found = table(encoder, sources, arguments.composites)
    real, logits = held_out(encoder, found, rows, fold)
    network = to_onnx(fit(found))
    file = f"{name}-regions.onnx"
    entry = {
        "file": file,
        "sha256": hashlib.sha256(network).hexdigest(),
        "licence": "MIT",
        "input": {field: getattr(fed(), field) for field in FED},
        "training": {"composites": arguments.composites, "patches": len(found.ai), "c": C},
        "calibration": calibration(real, logits),
    }
    (weights.MODELS / file).write_bytes(network)
    registry = weights.registry()
    registry["models"][name]["regions"] = entry
    write_registry(weights.MODELS / "registry.json", registry)
    print(f"{file}: {len(network)} bytes, {len(found.ai)} patches, {len(rows)} pictures")


class Seen(NamedTuple):
    """What was measured of a picture: area under the ROC of its cells (NaN: one kind), its rate."""

    kind: str
    area: float
    rate: float


def examine(finder: Finder, drawn: Composite, kind: str) -> Seen | None:
    """Measure one picture; None where the detector declines it."""
    target = np.asarray(drawn.picture)
    found = finder.look(views(bounded(target, finder.input.limit), finder.input))
    truth = resized(drawn.ai, (found.shape[1], found.shape[0])) > 0.5
    both = 0 < truth.sum() < truth.size
    area = figures.area(truth.ravel().astype(np.int64), found.ravel()) if both else float("nan")
    return Seen(kind, area, finder.calibration.false_alarm_rate(regions.strongest(found)))


def measure(arguments: argparse.Namespace) -> None:
    """Print where the parts are found, how often, and the false alarms."""
    folder = arguments.data[0] / "eval"
    rows = [row | {"path": folder / row["file"]} for row in read_manifest(folder)]
    finder = regions.open_finder(models.load())
    sources = Sources(rows)
    seen = []
    for kind in MEASURED:
        for number in tqdm(range(arguments.composites), desc=kind, unit="picture"):
            random = np.random.default_rng([1, MEASURED.index(kind), number])
            seen.append(examine(finder, composite(sources, kind, random), kind))
    for row in tqdm([row for row in rows if row["label"] == "real"], desc="real", unit="picture"):
        image = load(row["path"].read_bytes())
        try:
            detector.usable(image, models.load())
        except CheckUnavailable:
            continue
        picture = Image.fromarray(image.pixels)
        plain = Composite(picture, np.zeros((picture.height, picture.width)))
        seen.append(examine(finder, plain, "real"))
    print(report([each for each in seen if each]))


def report(seen: Sequence[Seen]) -> str:
    """Write the tables."""
    areas = np.array([each.area for each in seen if each.kind == MEASURED[0]])
    areas = areas[~np.isnan(areas)]
    random = np.random.default_rng(0)
    means = [np.mean(random.choice(areas, len(areas))) for _ in range(figures.DRAWS)]
    low, high = np.quantile(means, (0.025, 0.975))
    share = float((areas > 0.8).mean())
    lines = [
        f"Cells of {len(areas)} composites, AI in real: AUC in a picture, mean {areas.mean():.3f} "
        f"({low:.3f} to {high:.3f}), median {np.median(areas):.3f}, a tenth below "
        f"{np.quantile(areas, 0.1):.3f}; {share:.0%} above 0.8",
        "",
        "| pictures | strongest part at most 0.2 % | 1 % | 5 % |",
        "|---|---|---|---|",
    ]
    for kind in (*MEASURED, "real"):
        rates = [each.rate for each in seen if each.kind == kind]
        parts = []
        for limit in (0.002, 0.01, 0.05):
            hits = sum(rate <= limit for rate in rates)
            value, least, most = figures.wilson(hits, len(rates))
            bounds = f"({100 * least:.1f} to {100 * most:.1f})"
            parts.append(f"{hits} of {len(rates)} = {100 * value:.1f} % {bounds}")
        lines.append(f"| {kind} | {' | '.join(parts)} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description="Train and measure the map of regions.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, run, count, text in (
        ("train", train, 4000, "train the line and enter it into the registry"),
        ("measure", measure, 400, "measure it on composites of DATA/eval"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("data", type=Path, nargs="+" if name == "train" else 1)
        command.add_argument("--composites", type=int, default=count, help=f"default: {count}")
        command.set_defaults(run=run)
    chosen = parser.parse_args(arguments)
    if chosen.composites < len(KINDS) * Settings.folds:
        parser.error(f"--composites is {chosen.composites}; at least 100 are needed.")
    chosen.run(chosen)


if __name__ == "__main__":
    main()
