"""The only SQLite: reports by (sha256, versions), paired extensions, the open pairing code."""

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from server.errors import StoreError

LOG = logging.getLogger("touchstone")
SCHEMA = """
CREATE TABLE IF NOT EXISTS reports (
    sha256 TEXT NOT NULL, versions TEXT NOT NULL, report TEXT NOT NULL, made REAL NOT NULL,
    PRIMARY KEY (sha256, versions)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reports_made ON reports (made);
CREATE TABLE IF NOT EXISTS tokens (
    id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, origin TEXT NOT NULL, client TEXT NOT NULL,
    made REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pairing (
    only INTEGER PRIMARY KEY CHECK (only = 1), hash TEXT NOT NULL, expires REAL NOT NULL,
    tries INTEGER NOT NULL
);
"""
FILE = "touchstone.sqlite"


class Token(NamedTuple):
    """A paired extension; the token itself is never kept, only its SHA-256."""

    id: str
    hash: str
    origin: str
    client: str
    made: float


class PairingCode(NamedTuple):
    """The one open code: SHA-256, Unix time of its end, wrong tries so far."""

    hash: str
    expires: float
    tries: int


class Store:
    """One file in one folder; safe to use from several threads and processes."""

    def __init__(self, folder: Path, keep: int = 20000) -> None:
        """Open or create the file, readable by its owner only. `keep`: reports at most.

        Raises StoreError, as every method does where the file cannot be read or written.
        """
        self._path = folder / FILE
        self._keep = keep
        self._told = False
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path.touch(mode=0o600, exist_ok=True)
        except OSError as e:
            raise StoreError(
                f"The folder {folder} cannot be used: {e.strerror}. "
                "Choose one that you may write to: --data FOLDER."
            ) from e
        try:
            self._db = _open(self._path)
        except sqlite3.Error as e:
            raise self._failed(e) from e

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def report(self, sha256: str, versions: Mapping[str, str]) -> dict[str, Any] | None:
        """Return the report that these versions made of these bytes."""
        rows = self._run(
            "SELECT report FROM reports WHERE sha256 = ? AND versions = ?", (sha256, _key(versions))
        )
        return json.loads(rows[0][0]) if rows else None

    def keep_report(self, report: Mapping[str, Any]) -> None:
        """Keep a report; beyond the limit the oldest go.

        Where it cannot be kept (a full disk), the log says so once: the report itself is sound.
        """
        if not self._keep:
            return
        row = (report["sha256"], _key(report["versions"]), json.dumps(report), time.time())
        try:
            self._run("INSERT OR REPLACE INTO reports VALUES (?, ?, ?, ?)", row)
            self._run(
                "DELETE FROM reports WHERE made < "
                "(SELECT made FROM reports ORDER BY made DESC LIMIT 1 OFFSET ?)",
                (self._keep - 1,),
            )
        except StoreError as e:
            if not self._told:
                LOG.warning("Reports are made but not kept: %s", e)
            self._told = True

    def add_token(self, token: Token) -> None:
        """Remember a paired extension."""
        self._run("INSERT INTO tokens VALUES (?, ?, ?, ?, ?)", token)

    def tokens(self) -> list[Token]:
        """Return all paired extensions, oldest first."""
        columns = "id, hash, origin, client, made"
        return [Token(*row) for row in self._run(f"SELECT {columns} FROM tokens ORDER BY made")]  # noqa: S608

    def remove_token(self, token_id: str) -> bool:
        """Forget one; False where there is none."""
        return bool(self._run("DELETE FROM tokens WHERE id = ? RETURNING id", (token_id,)))

    def set_pairing_code(self, code: PairingCode) -> None:
        """Open a code; an earlier one is closed by it."""
        self._run("INSERT OR REPLACE INTO pairing VALUES (1, ?, ?, ?)", code)

    def take_pairing_code(self) -> PairingCode | None:
        """Count one try and return the open code as it stood before, atomically."""
        rows = self._run("UPDATE pairing SET tries = tries + 1 RETURNING hash, expires, tries - 1")
        return PairingCode(*rows[0]) if rows else None

    def close_pairing_code(self) -> None:
        """Close the code: it was used."""
        self._run("DELETE FROM pairing")

    def _run(self, statement: str, values: Iterable[object] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                return self._db.execute(statement, tuple(values)).fetchall()
            except sqlite3.Error as e:
                raise self._failed(e) from e

    def _failed(self, error: sqlite3.Error) -> StoreError:
        return StoreError(
            f"The file {self._path} cannot be used: {error}. Free some space on its disk, move "
            "it away (reports and pairings are then made anew), or choose another folder: "
            "--data FOLDER."
        )


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA busy_timeout = 5000")
        db.executescript(SCHEMA)
    except sqlite3.Error:
        db.close()
        raise
    return db


def _key(versions: Mapping[str, str]) -> str:
    return json.dumps(dict(versions), sort_keys=True)
