"""Measure the reader of visible marks: how many are found, how many are seen where none is.

    python -m scripts.benchmark_marks recall PHOTOGRAPHS [--most N] [--jobs N] [--marks …]
    python -m scripts.benchmark_marks alarms DATA [--part N]

recall lays marks of our own drawing over photographs, in memory: every mark on every photograph,
white on one and dark on the next, opacity 0.5 to 1, letters 2.9 % to 8 % of the shorter side.
Each is looked at as it is, and shrunk to 0.6 and packed as JPEG of quality 75. alarms looks at the
pictures of DATA/{train,eval}/manifest.jsonl as they are. Intervals: Wilson, 95 %.
"""

import argparse
import io
import os
import statistics
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from scripts.composites import TEXTS, lay_bar, lay_sparkle, lay_text, shrunk
from scripts.figures import wilson
from scripts.rows import read_manifest
from server import shapes
from server.checks import visible_mark
from server.errors import ImageError, TouchstoneError
from server.evidence import Evidence
from server.image import load

#: Shorter sides that photographs are brought to (never enlarged), and the least one.
SIDES, LEAST = (768, 1024, 1280), 640
#: Marks without words, and what they are called when found.
SHAPES = {"sparkle, 48 px": "sparkle", "sparkle, 96 px": "sparkle", "colour bar": "colour_bar"}
#: What happens to a picture on its way.
VARIANTS = ("as it is", "0.6 of it, JPEG 75")


def photographs(folder: Path, most: int, least: int) -> list[Path]:
    """Return readable pictures of at least this shorter side."""
    found: list[Path] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            image = load(path.read_bytes())
        except ImageError:
            continue
        if min(image.width, image.height) >= least and len(found) < most:
            found.append(path)
    return found


def opened(path: Path, random: np.random.Generator) -> Image.Image:
    """Return a photograph, shrunk to a size that services give."""
    picture = Image.fromarray(load(path.read_bytes()).pixels)
    return shrunk(picture, min(1.0, int(random.choice(SIDES)) / min(picture.size)))


def variants(picture: Image.Image) -> dict[str, bytes]:
    """Return the picture's bytes as it is, and shrunk."""
    plain, small = io.BytesIO(), io.BytesIO()
    picture.save(plain, "TIFF")
    shrunk(picture, 0.6).save(small, "JPEG", quality=75)
    return dict(zip(VARIANTS, (plain.getvalue(), small.getvalue()), strict=True))


def look(data: bytes) -> list[Evidence]:
    """Return what the check finds; without weights there is nothing to measure."""
    try:
        return visible_mark.check(load(data))
    except TouchstoneError as e:
        raise SystemExit(f"The check cannot look: {e}. make weights") from e


Hits = dict[tuple[str, ...], list[bool]]


def recall(paths: list[Path], marks: list[str], jobs: int) -> None:
    """Print how many of the laid marks are found."""
    hits: Hits = defaultdict(list)
    tasks = [(number, path, marks) for number, path in enumerate(paths)]
    with ProcessPoolExecutor(jobs, get_context("spawn"), _take_core) as pool:
        for found in tqdm(pool.map(found_on, tasks), total=len(tasks), unit="photograph"):
            for key, values in found.items():
                hits[key] += values
    print(f"{len(tasks)} photographs")
    _print_recall(hits)


def _take_core() -> None:
    """Keep to one core: threads of several processes on the same cores wait for one another."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[os.getpid() % len(cores)]})


def found_on(task: tuple[int, Path, list[str]]) -> Hits:
    """Lay these marks over one photograph and look."""
    number, path, marks = task
    picture = opened(path, np.random.default_rng([1, number]))
    hits: Hits = defaultdict(list)
    for row, text in enumerate(TEXTS):
        if text not in marks:
            continue
        random = np.random.default_rng([1, number, row])
        worded = lay_text(picture, text, random, white=(number + row) % 2 == 0)
        for variant, data in variants(worded.picture).items() if worded else ():
            found = any(e.code == "visible_mark_text" for e in look(data))
            hits["mark", text, variant, "all"].append(found)
            if worded and worded.legible:
                hits["mark", text, variant, "legible"].append(found)
                size = worded.height * (0.6 if variant == VARIANTS[1] else 1)
                hits["height", f"{min(size // 8 * 8, 48):.0f} px", variant].append(found)
    for name in [name for name in SHAPES if name in marks]:
        bar = name == "colour bar"
        laid = lay_bar(picture) if bar else lay_sparkle(picture, int(name[9:11]))
        for variant, data in variants(laid.picture).items():
            kinds = [shape.kind for shape in shapes.find(load(data).pixels)]
            for part in ("all", "legible") if laid.legible else ("all",):
                hits["mark", name, variant, part].append(SHAPES[name] in kinds)
    return hits


def _print_recall(hits: Hits) -> None:
    names = dict.fromkeys(key[1] for key in hits if key[0] == "mark")
    for part in ("legible", "all"):
        print(f"\n| mark ({part}) | {' | '.join(VARIANTS)} |\n|---|---|---|")
        for name in names:
            cells = [hits.get(("mark", name, variant, part), []) for variant in VARIANTS]
            if cells[0]:
                title = name.replace("\n", " / ")
                print(f"| {title} | {' | '.join(_share(cell) for cell in cells)} |")
        total = [
            [hit for key, found in hits.items() if key[2:] == (variant, part) for hit in found]
            for variant in VARIANTS
        ]
        print(f"| together | {' | '.join(_share(cell) for cell in total)} |")
    print(f"\n| letters (legible) from | {' | '.join(VARIANTS)} |\n|---|---|---|")
    heights = {key[1] for key in hits if key[0] == "height"}
    for height in sorted(heights, key=lambda text: int(text.split()[0])):
        cells = [hits.get(("height", height, variant), []) for variant in VARIANTS]
        print(f"| {height} | {' | '.join(_share(cell) for cell in cells)} |")


def _share(found: list[bool]) -> str:
    share, low, high = wilson(sum(found), len(found))
    return f"{sum(found)} of {len(found)} = {share:.1%} ({low:.1%} to {high:.1%})"


def alarms(data: Path, part: int) -> None:
    """Print every mark found in the pictures of a data folder, and what looking costs."""
    counts: dict[tuple[str, str], list[bool]] = defaultdict(list)
    times: dict[str, list[float]] = defaultdict(list)
    rows = [(split, row) for split in ("train", "eval") for row in read_manifest(data / split)][
        ::part
    ]
    for split, row in tqdm(rows, unit="picture"):
        image = load((data / split / row["file"]).read_bytes())
        image.pixels  # noqa: B018 - decoding is not the check's time
        begun, used = time.perf_counter(), time.process_time()
        found = visible_mark.check(image)
        times["processor"].append((time.process_time() - used) * 1000)
        times["clock"].append((time.perf_counter() - begun) * 1000)
        counts[split, row["label"]].append(bool(found))
        counts["all", row["label"]].append(bool(found))
        for evidence in found:
            told = evidence.params.get("text") or evidence.code
            tqdm.write(
                f"{row['label']} {split}/{row['file']} {row['repo']}: {told} {evidence.params}"
            )
    print("\n| pictures | with a mark |\n|---|---|")
    for (split, label), hits in sorted(counts.items()):
        print(f"| {split}, {label} | {_share(hits)} |")
    print("\n| milliseconds, decoding apart | median | 95 % |\n|---|---|---|")
    for name, spent in times.items():
        most = statistics.quantiles(spent, n=20)[-1]
        print(f"| {name} | {statistics.median(spent):.0f} | {most:.0f} |")


def main() -> None:
    """Measure the one or the other."""
    parser = argparse.ArgumentParser(description="Measure the reader of visible marks.")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("recall", help="marks laid over photographs")
    one.add_argument("folder", type=Path, help="folder of photographs, searched to the bottom")
    one.add_argument("--most", type=int, default=220, help="photographs at most")
    one.add_argument("--jobs", type=int, default=2, help="processes")
    one.add_argument("--marks", nargs="+", default=[*TEXTS, *SHAPES], help="only these marks")
    one.add_argument("--least", type=int, default=LEAST, help="least shorter side in pixels")
    other = commands.add_parser("alarms", help="marks seen in the pictures of a data folder")
    other.add_argument("data", type=Path, help="folder with train/ and eval/")
    other.add_argument("--part", type=int, default=1, help="take every Nth picture")
    chosen = parser.parse_args()
    if chosen.command == "recall":
        paths = photographs(chosen.folder, chosen.most, chosen.least)
        recall(paths, chosen.marks, chosen.jobs)
    else:
        alarms(chosen.data, chosen.part)


if __name__ == "__main__":
    main()
