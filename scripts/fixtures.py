"""Hold the labelled fixture files and C2PA's public test files against what they must read.

    python -m scripts.fixtures FOLDER

FOLDER holds any of samples-tc260, samples-generators, samples-c2pa, or the checkout of
c2pa-org/public-testfiles. Every file must have its row below, and its reading must be the row's;
exit status 1 where one is not.
"""

import argparse
import fnmatch
import sys
from pathlib import Path

from scripts.originals import read
from server.errors import ImageError
from server.image import load

AIGC = "aigc_label_1"
BROKEN = "aigc_label: aigc_label_unreadable"
AI, EDITED, SUSPECTED = "generator_ai_generated", "generator_ai_edited", "generator_suspected"
ORIGIN, ALTERED = "credential_provenance_unlisted", "credential_altered"

#: Pattern of the path -> codes of evidence, or check and code of what could not be looked at.
#: The first row that matches counts.
ROWS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("samples-tc260/clean.*", ()),
    ("samples-tc260/bad-label-9.png", (BROKEN,)),
    ("samples-tc260/bad-truncated-json.png", (BROKEN,)),
    ("samples-tc260/*label2.*", ("aigc_label_2",)),
    ("samples-tc260/*label3.*", ("aigc_label_3",)),
    ("samples-tc260/propagator-only-suspected.png", ("aigc_label_3",)),
    ("samples-tc260/*", (AIGC,)),
    ("samples-generators/comfyui.*", (SUSPECTED,)),
    ("samples-generators/dst-trained*", ("iptc_ai_generated",)),
    ("samples-generators/dst-compositeSynthetic*", ("iptc_ai_edited",)),
    ("samples-generators/dst-compositeWith*", ("iptc_ai_edited",)),
    ("samples-generators/dst-digitalCapture*", ("iptc_captured",)),
    ("samples-generators/dst-*", ("iptc_provenance",)),
    ("samples-generators/google-credit.jpg", ("iptc_ai_generated", AI)),
    ("samples-generators/iptc-2025.1-aisystem.jpg", ("iptc_ai_generated", "iptc_ai_system")),
    ("samples-generators/*", (AI,)),
    ("samples-c2pa/c2pa-python-cloud.jpg", ("content_credentials: credential_remote",)),
    ("samples-c2pa/*CAWG*", ("credential_captured_unlisted",)),
    # public-testfiles: C = claim, A = asset with claim, I = ingredient without, E-… = error,
    # X… = changed by a tool that knows no credentials. An error deeper down (…E-sig-…) is that
    # of an ingredient, recorded when it was opened: the file itself is intact.
    ("*adobe-20220124-A.jpg", ()),
    ("*adobe-20220124-I.jpg", ()),
    ("*adobe-20220124-E-*", (ALTERED,)),
    ("*adobe-20220124-X*", (ALTERED,)),
    ("*adobe-20220124-*", (ORIGIN,)),
    ("samples-c2pa/*", (ORIGIN,)),
    # Nikon's of 2022 states no source type: it says where the file comes from, no more.
    ("*nikon-20221019-*", ("credential_provenance_expired",)),
    ("*truepic-20230212-*", (ALTERED,)),
)
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".tiff", ".heic", ".dng"}


def expected(path: str) -> tuple[str, ...] | None:
    """Return the row of a path below the folder; None = there is none."""
    return next((codes for pattern, codes in ROWS if fnmatch.fnmatch(path, pattern)), None)


def reading(path: Path) -> tuple[str, ...]:
    """Return what the readers of labels say of a file, as a row says it."""
    try:
        found, blind = read(load(path.read_bytes()))
    except ImageError as e:
        return (f"not an image: {e}",)
    return tuple(e.code for e in found) + tuple(reason.partition(" {")[0] for reason in blind)


def main(arguments: list[str] | None = None) -> int:
    """Check a folder; return the exit status."""
    parser = argparse.ArgumentParser(description="Hold labelled files against their readings.")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    folder: Path = parser.parse_args(arguments).folder
    right = wrong = 0
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix.lower() not in SUFFIXES or "/manifests/" in name:
            continue
        wanted, found = expected(name), reading(path)
        if wanted is None:
            continue  # marks, watermarks and others are other checks' matter
        right, wrong = right + (found == wanted), wrong + (found != wanted)
        if found != wanted:
            print(f"{name}: {found} instead of {wanted}")
    print(f"{right} of {right + wrong} files read as they must")
    return 0 if right and not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
