"""Read the labels of a folder of original files, and say which carry one.

    python -m scripts.originals FOLDER [--json]

Made for false alarms: a folder of camera, editor and scanner files with their metadata untouched
must give no AI label. Every file that claims AI, every one whose labels could not be read, and a
count of what was met are printed. Exit status 1 where a file claims AI.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

from tqdm import tqdm

from server.checks import aigc_label, content_credentials, metadata
from server.errors import CheckUnavailable, ImageError
from server.evidence import Claim, Evidence
from server.image import Image, load

READERS = (content_credentials, aigc_label, metadata)
AI = {Claim.AI_GENERATED, Claim.AI_EDITED, Claim.POSSIBLY_AI, Claim.SUSPECTED_AI}


def read(image: Image) -> tuple[list[Evidence], list[str]]:
    """Return what the readers of labels found, and why one of them could not look."""
    found: list[Evidence] = []
    blind: list[str] = []
    for reader in READERS:
        try:
            found += reader.check(image)
        except CheckUnavailable as e:
            blind.append(f"{reader.NAME}: {e.code} {dict(e.params)}")
        except ImageError as e:
            blind.append(f"{reader.NAME}: {e}")
    return found, blind


def main(arguments: list[str] | None = None) -> int:
    """Read a folder; return the exit status."""
    parser = argparse.ArgumentParser(description="Read the labels of a folder of originals.")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")
    chosen = parser.parse_args(arguments)
    if not chosen.folder.is_dir():
        print(f"There is no folder {chosen.folder}.", file=sys.stderr)
        return 2
    counts: Counter[str] = Counter()
    for path in tqdm(sorted(p for p in chosen.folder.rglob("*") if p.is_file()), unit=" files"):
        try:
            image = load(path.read_bytes())
        except ImageError as e:
            counts["not an image"] += 1
            tqdm.write(f"{path.name}\tnot an image\t{e}")
            continue
        counts[f"{image.format} files"] += 1
        kinds = {block.kind for block in image.blocks}
        counts.update(f"with {kind}" for kind in kinds)
        _tell(path, *read(image), counts)
    print(
        json.dumps(counts) if chosen.json else "\n".join(f"{n:6}  {k}" for k, n in counts.items())
    )
    return 1 if counts["claims AI"] else 0


def _tell(path: Path, found: list[Evidence], blind: list[str], counts: Counter[str]) -> None:
    for evidence in found:
        counts[f"evidence {evidence.code}"] += 1
    for reason in blind:
        counts["could not look"] += 1
        tqdm.write(f"{path.name}\tcould not look\t{reason}")
    claims = [evidence for evidence in found if evidence.claim in AI]
    counts["claims AI"] += bool(claims)
    for evidence in claims:
        tqdm.write(f"{path.name}\t{evidence.claim}\t{evidence.code} {dict(evidence.params)}")


if __name__ == "__main__":
    sys.exit(main())
