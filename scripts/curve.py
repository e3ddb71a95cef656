"""The learning curve: what held-out sources give for more training sources, and more of a model.

    python -m scripts.curve DATA [DATA ...] [--folds N] [--originals N] [--copies N]

DATA as in scripts.train, whose features are used and kept. Of each fold's training sources a
share is taken, both classes alike; the head is fitted on their pictures and copies and scores the
original pictures of the sources left out. Then all sources with parts of the features. Printed:
the mean of the folds and its standard error.
"""

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from scripts import figures
from scripts.features import Pictures, read_parts
from scripts.peers import EMBEDDING
from scripts.rows import Doubles, Labels, Row, label_array
from scripts.train import Settings, fit, folds, training_weights

#: Shares of the training sources; the last is all of them.
SHARES = (0.125, 0.25, 0.5, 1.0)
#: Numbers of a block's class token; a view's features are 12 of these and the embedding.
TOKEN = 768
HEADING = """| {:<34} | sources | pictures | AUC | recall at 1 % | recall at 5 % |
|---|---|---|---|---|---|"""

Places = npt.NDArray[np.int64]
EVERYTHING = slice(None)


def some_sources(rows: list[Row], seen: Labels, share: float, seed: int) -> Labels:
    """Return the places of a share of the sources among `seen`; a smaller share is part of it."""
    random = np.random.default_rng(seed)
    chosen: set[tuple[str, str]] = set()
    for label in ("ai", "real"):
        names = sorted({rows[at]["repo"] for at in seen if rows[at]["label"] == label})
        order = random.permutation(len(names))[: max(1, round(share * len(names)))]
        chosen |= {(label, names[at]) for at in order}
    kept = [at for at in seen if (rows[at]["label"], rows[at]["repo"]) in chosen]
    return np.array(kept, np.int64)


def columns(width: int) -> dict[str, Places]:
    """Return the places of parts of a row by their name; `width`: of a row of two views.

    Empty where a row is not made of two views of 12 blocks and the embedding.
    """
    view = width // 2
    if view != 12 * TOKEN + EMBEDDING:
        return {}
    both, late = np.arange(width), np.arange(view - EMBEDDING, view)
    return {
        "the embedding of the whole": late,
        "all blocks of the whole": both[:view],
        "all blocks of the tiles": both[view:],
    }


def measured(
    pictures: Pictures, settings: Settings, share: float, part: Places | slice = EVERYTHING
) -> tuple[list[str], Doubles]:
    """Return sources and pictures taken, and AUC and recalls by fold: (folds, figures)."""
    found, labels = [], label_array(pictures.rows)
    originals = np.array(["copy" not in row for row in pictures.rows])
    sources = taken = 0
    splits = folds(pictures.rows, settings)
    for number, (seen, unseen) in enumerate(tqdm(splits, desc=f"{share:.0%}", unit="fold")):
        some = some_sources(pictures.rows, seen, share, settings.seed + number)
        rows = [pictures.rows[at] for at in some]
        head = fit(
            pictures.table[some][:, part], labels[some], training_weights(rows, settings), settings
        )
        judged = unseen[originals[unseen]]
        found.append(figures.headline(labels[judged], head.logits(pictures.table[judged][:, part])))
        sources += len({row["repo"] for row in rows})
        taken += len(rows)
    return [str(round(sum_ / len(splits))) for sum_ in (sources, taken)], np.array(found)


def line(name: str, counts: list[str], found: Doubles) -> str:
    """Write one row: the mean of the folds and its standard error."""
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    at = (0, 1 + figures.SHARES.index(0.01), 1 + figures.SHARES.index(0.05))
    cells = [f"{found[:, each].mean():.3f} ± {error[each]:.3f}" for each in at]
    return f"| {' | '.join([f'{name:<34}', *counts, *cells])} |"


def run(arguments: argparse.Namespace) -> None:
    """Print the table."""
    settings = Settings(folds=arguments.folds, copies=arguments.copies)
    pictures = read_parts(
        arguments.data,
        settings.encoder,
        settings.input(),
        settings.copies,
        originals=arguments.originals,
    )
    print(HEADING.format("share of the sources"))
    for share in SHARES:
        print(line(f"{share:.1%}", *measured(pictures, settings, share)), flush=True)
    for name, part in columns(pictures.table.shape[1]).items():
        print(line(f"all, {name}", *measured(pictures, settings, 1.0, part)), flush=True)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command."""
    found = argparse.ArgumentParser(description="Print the learning curve of the detector's head.")
    found.add_argument(
        "data", type=Path, nargs="+", help="folders with train/manifest.jsonl and its images"
    )
    found.add_argument("--folds", type=int, default=5, metavar="N", help="default: 5; at least 2")
    found.add_argument(
        "--originals", type=int, metavar="N", help="pictures of a source and label at most"
    )
    found.add_argument(
        "--copies", type=int, default=Settings.copies, metavar="N", help="likewise of copies"
    )
    return found


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    chosen = parser().parse_args(arguments)
    if chosen.folds < 2:
        parser().error(f"--folds is {chosen.folds}; at least 2 are needed.")
    run(chosen)


if __name__ == "__main__":
    main()
