"""The trust lists: whose signature on a Content Credential is worth a proof.

Every `*.pem` in the folder counts. `lists.json`, written by scripts/update_trust_lists.py, says
of which day an official list is; a list of one's own needs no entry there.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from server import home

CATALOGUE = "lists.json"
_BEGIN = "-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True)
class TrustList:
    """One list. `issued`, `next_update`: ISO dates, "" where nobody knows."""

    file: str
    name: str
    issued: str
    next_update: str
    certificates: int


def folder() -> Path:
    """Return `TOUCHSTONE_TRUST`, or `trust` in the home folder."""
    return Path(os.environ.get("TOUCHSTONE_TRUST") or home.folder() / "trust")


def anchors(place: Path | None = None) -> str:
    """Return the PEM of every list; empty = trust nobody."""
    return "\n".join(_text(path) for path in _paths(place or folder()))


def version() -> str:
    """Return a short digest of the lists: another list, another report."""
    return hashlib.sha256(anchors().encode()).hexdigest()[:12]


def lists(place: Path | None = None) -> list[TrustList]:
    """Return what is known of each list in the folder."""
    place = place or folder()
    known = catalogue(place / CATALOGUE)
    return [
        TrustList(
            file=path.name,
            name=str(known.get(path.name, {}).get("name", path.stem)),
            issued=_day(known.get(path.name, {}).get("issued")),
            next_update=_day(known.get(path.name, {}).get("next_update")),
            certificates=_text(path).count(_BEGIN),
        )
        for path in _paths(place)
    ]


def issued(place: Path | None = None) -> str:
    """Return the day of the oldest dated list; "" where none is dated."""
    return min((found.issued for found in lists(place) if found.issued), default="")


def overdue(found: TrustList, today: date) -> bool:
    """Tell whether the list's own date of renewal has passed."""
    return bool(found.next_update) and found.next_update < today.isoformat()


def _day(text: Any) -> str:
    """Return an ISO date, "" for anything else: the catalogue may have been written by hand."""
    try:
        return date.fromisoformat(str(text)).isoformat()
    except ValueError:
        return ""


def _paths(place: Path) -> list[Path]:
    # A key or a note would make the library refuse the lists beside it.
    return sorted(path for path in place.glob("*.pem") if _BEGIN in _text(path))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def catalogue(path: Path) -> dict[str, dict[str, Any]]:
    """Read the catalogue: file name -> entry; {} where it is absent or damaged."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    entries = value if isinstance(value, dict) else {}
    return {name: entry for name, entry in entries.items() if isinstance(entry, dict)}
