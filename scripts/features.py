"""Features of pictures by the frozen encoder and the code that ships; computed once and kept."""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from scripts import copies
from scripts.drawn import drawn
from scripts.rows import OTHER, Row, read_manifest
from server import home, weights
from server.image import load
from server.views import Input, bounded, views

Array = npt.NDArray[np.float32]
#: What is done to a file before it is looked at.
Change = Callable[[bytes], bytes]


def as_it_is(data: bytes) -> bytes:
    """Return the file itself."""
    return data


def features(
    folder: Path, rows: list[Row], encoder: str, wanted: Input, *, change: Change = as_it_is
) -> Array:
    """Return the features, shape (pictures, views, features), by the code that ships.

    Kept in the home folder under a digest of all that they depend on.
    """
    parts = [
        weights.registry()["encoders"][encoder]["sha256"],
        repr(wanted),
        change.__name__,
        *(row["sha256"] for row in rows),
    ]
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    path = home.folder() / "features" / f"{key}.npy"
    if path.is_file():
        return np.asarray(np.load(path), np.float32)
    tower = weights.load_encoder(encoder)
    found = []
    for row in tqdm(rows, desc=f"features of {folder}, {change.__name__}", unit="picture"):
        pixels = load(change((folder / row["file"]).read_bytes())).pixels
        shown = views(bounded(pixels, wanted.limit), wanted)
        found.append(tower.features(shown).astype(np.float16))
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.stack(found))
    return np.asarray(np.stack(found), np.float32)


def pooled(found: Array) -> Array:
    """Return the head's row of each picture: its first view, and the mean of the others.

    `found`: (pictures, views, features); the answer: (pictures, 2 * features), or (pictures,
    features) where there is one view.
    """
    if found.shape[1] == 1:
        return found[:, 0]
    return np.concatenate([found[:, 0], found[:, 1:].mean(axis=1)], axis=1)


class Pictures(NamedTuple):
    """Pictures, originals first and then copies of some, with a row of features each."""

    rows: list[Row]
    table: Array


def read_parts(
    folders: list[Path], encoder: str, wanted: Input, most: int, *, originals: int | None = None
) -> Pictures:
    """Return the AI and the real pictures of all folders, and copies (see `scripts.copies`).

    A copy's row has `copy`; `most` of a repository and label are made, `originals` of them are
    taken (None: all). Ends the program where one source lies in two folders: it would weigh twice.
    """
    rows: list[Row] = []
    parts: list[Array] = []
    copied_rows: list[Row] = []
    copied_parts: list[Array] = []
    for data in folders:
        folder = data / "train"
        found = [row for row in read_manifest(folder) if row["label"] != OTHER]
        twice = {row["repo"] for row in found} & {row["repo"] for row in rows}
        if twice:
            sys.exit(f"{', '.join(sorted(twice))}: in {data} and in a folder before it.")
        if originals is not None:
            found = copies.copied(found, originals)
        rows += found
        parts.append(pooled(features(folder, found, encoder, wanted)))
        some = copies.copied(found, most)
        if not some:
            continue
        copied_rows += [row | {"copy": True} for row in some]
        shown = features(folder, some, encoder, wanted, change=copies.degraded)
        copied_parts.append(pooled(shown))
    return Pictures(rows + copied_rows, np.concatenate(parts + copied_parts))


def read_others(folders: list[Path], encoder: str, wanted: Input) -> Pictures:
    """Return what the detector is not made for: of all folders, and drawn here."""
    rows: list[Row] = []
    parts: list[Array] = []
    for data in folders:
        folder = data / "train"
        found = [row for row in read_manifest(folder) if row["label"] == OTHER]
        if found:
            rows += found
            parts.append(pooled(features(folder, found, encoder, wanted)))
    first = folders[0] / "train"
    tower = weights.load_encoder(encoder)
    for row, picture in tqdm(drawn(first, read_manifest(first)), desc="drawn", unit="picture"):
        pixels = bounded(np.asarray(picture), wanted.limit)
        rows.append(row)
        parts.append(pooled(tower.features(views(pixels, wanted))[None]))
    return Pictures(rows, np.concatenate(parts))
