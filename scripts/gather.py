"""Rebuild the training pictures from public repositories: the manifest's originals, by one law.

    python -m scripts.gather MANIFEST CLONES OUT

MANIFEST is models/NAME.jsonl, one line a repository. A clone of owner/name (bare or not) lies at
CLONES/owner+name, in repo/ below it, or CLONES/owner/name. Each original is verified by its
SHA-256 and brought to OUT/ai or OUT/real, with a manifest that scripts.train reads. Both classes
go through one law, so that neither size, format nor JPEG history gives the class away.
"""

import argparse
import hashlib
import io
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from scripts.rows import OTHER, Row
from server.errors import ImageError
from server.image import load

#: Longer side after the law, in pixels; what cannot be shrunk to it is left out.
SIDES = (336, 608)
#: A picture is always shrunk, or a class that often needs none would show its own pixel grid.
SCALE = 0.95
QUALITIES = (72, 92)


def rows(manifest: Path) -> Iterator[Row]:
    """Yield one row a picture out of a manifest of one line a source."""
    for line in manifest.read_text().splitlines():
        source = json.loads(line)
        shared = {key: value for key, value in source.items() if key != "pictures"}
        for path, sha256 in source["pictures"]:
            yield shared | {"path_in_repo": path, "original_sha256": sha256}


def git_folder(clones: Path, repo: str) -> Path | None:
    """Return the git directory of a clone, or None."""
    roots = (clones / repo.replace("/", "+"), clones / repo)
    places = (
        place
        for root in roots
        for place in (root / "repo/.git", root / "repo", root / ".git", root)
    )
    return next((place for place in places if (place / "HEAD").is_file()), None)


def original(clones: Path, row: Row) -> bytes | None:
    """Return the file that a row names, or None where the clone or the file is not there."""
    folder = git_folder(clones, row["repo"])
    if folder is None:
        return None
    name = f"{row['commit']}:{row['path_in_repo']}"
    shown = subprocess.run(
        ["git", "--git-dir", str(folder), "show", name], capture_output=True, check=False
    )
    if shown.returncode or hashlib.sha256(shown.stdout).hexdigest() != row["original_sha256"]:
        return None
    return shown.stdout


def law(data: bytes) -> tuple[bytes, str, tuple[int, int]] | None:
    """Return (file, extension, size) of a picture brought under the law; None if too small.

    Transparent on white and upright (`server.image`), one downscale with a kernel drawn by lot,
    one encode as JPEG (4:2:0 or 4:4:4) or WebP. The lot is drawn by the file's own digest, so a
    picture always becomes the same. Raises ImageError.
    """
    random = np.random.default_rng(list(hashlib.sha256(data).digest()[:16]))
    picture = Image.fromarray(load(data).pixels)
    longest = min(SIDES[1], int(max(picture.size) * SCALE))
    if longest < SIDES[0]:
        return None
    side = int(random.integers(SIDES[0], longest + 1))
    scale = side / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    kernels = (Image.Resampling.LANCZOS, Image.Resampling.BICUBIC, Image.Resampling.BOX)
    shrunk = picture.resize(size, kernels[int(random.integers(len(kernels)))])
    quality = int(random.integers(QUALITIES[0], QUALITIES[1] + 1))
    target = io.BytesIO()
    if random.random() < 0.3:
        shrunk.save(target, "WEBP", quality=quality)
        return target.getvalue(), "webp", size
    shrunk.save(target, "JPEG", quality=quality, subsampling=int(random.choice((0, 2))))
    return target.getvalue(), "jpg", size


def untouched(data: bytes) -> tuple[bytes, str, tuple[int, int]]:
    """Return a file as it is, with what `law` tells of one. Raises ImageError."""
    image = load(data)
    return data, image.format.lower(), (image.width, image.height)


def place(row: Row, data: bytes, out: Path) -> Row | None:
    """Write one picture under the law; return its row, or None where it is too small.

    What the detector is not made for stays as it is: an icon that was shrunk is another icon.
    """
    made = law(data) if row["label"] != OTHER else untouched(data)
    if made is None:
        return None
    packed, extension, size = made
    file = f"{row['label']}/{row['original_sha256'][:16]}.{extension}"
    (out / file).parent.mkdir(parents=True, exist_ok=True)
    (out / file).write_bytes(packed)
    facts = {"file": file, "sha256": hashlib.sha256(packed).hexdigest()}
    return row | facts | {"width": size[0], "height": size[1], "bytes": len(packed)}


def main() -> None:
    """Gather and report what is missing."""
    parser = argparse.ArgumentParser(description="Rebuild the training pictures.")
    parser.add_argument("manifest", type=Path, help="models/NAME.jsonl")
    parser.add_argument("clones", type=Path, help="folder of the repositories' clones")
    parser.add_argument("out", type=Path, help="folder that train/ is made in")
    arguments = parser.parse_args()
    if not arguments.manifest.is_file():
        sys.exit(f"{arguments.manifest} is not there.")
    out, counts, missing = arguments.out / "train", Counter[str](), Counter[str]()
    out.mkdir(parents=True, exist_ok=True)
    with (out / "manifest.jsonl").open("w") as manifest:
        for row in tqdm(list(rows(arguments.manifest)), unit="picture"):
            data = original(arguments.clones, row)
            if data is None:
                missing[row["repo"]] += 1
                continue
            try:
                placed = place(row, data, out)
            except ImageError as e:
                tqdm.write(f"{row['repo']} {row['path_in_repo']}: {e}")
                continue
            counts["too small" if placed is None else row["label"]] += 1
            if placed:
                manifest.write(json.dumps(placed, ensure_ascii=False) + "\n")
    print(dict(counts))
    for repo, count in missing.most_common():
        print(f"missing: {count} of {repo}")


if __name__ == "__main__":
    main()
