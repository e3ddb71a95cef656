"""The one SQLite file: reports, tokens, the pairing code."""

import re
import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from server.errors import StoreError
from server.store import FILE, PairingCode, Store, Token

VERSIONS = {"touchstone": "1", "model": "a"}


def report(sha256: str, **more: object) -> dict[str, object]:
    return {"sha256": sha256, "versions": VERSIONS, "verdict": {"label": "unlabeled"}} | more


def test_a_report_is_found_by_its_bytes_and_versions(store: Store) -> None:
    store.keep_report(report("a" * 64, note="属于"))
    assert store.report("a" * 64, VERSIONS) == report("a" * 64, note="属于")
    assert store.report("b" * 64, VERSIONS) is None
    assert store.report("a" * 64, VERSIONS | {"model": "b"}) is None


def test_the_oldest_reports_go_first(tmp_path: Path) -> None:
    store = Store(tmp_path, keep=3)
    for name in "abcde":
        store.keep_report(report(name))
    assert [name for name in "abcde" if store.report(name, VERSIONS)] == ["c", "d", "e"]
    store.close()


def test_keep_zero_keeps_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path, keep=0)
    store.keep_report(report("a"))
    assert store.report("a", VERSIONS) is None
    store.close()


def test_the_file_is_its_owners_only(tmp_path: Path) -> None:
    Store(tmp_path / "data").close()
    assert stat.S_IMODE((tmp_path / "data" / FILE).stat().st_mode) == 0o600


def test_a_report_that_cannot_be_kept_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(tmp_path)
    other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    for statement in ("DROP TABLE reports", "CREATE VIEW reports AS SELECT 1 AS made"):
        other.execute(statement)
    store.keep_report(report("a"))
    store.keep_report(report("b"))
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert str(tmp_path / FILE) in caplog.text
    other.close()
    store.close()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"This is no database. " * 100)
    with pytest.raises(StoreError, match=re.escape(str(tmp_path / FILE))) as caught:
        Store(tmp_path)
    assert "not a database" in str(caught.value)
    assert "--data FOLDER" in str(caught.value)


def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for folder in (file, file / "below"):
        with pytest.raises(StoreError, match=re.escape(str(folder))):
            Store(folder)


def test_a_table_that_is_damaged_is_our_error(store: Store, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "data" / FILE) as db:
        db.execute("DROP TABLE tokens")
    db.close()
    with pytest.raises(StoreError, match="no such table"):
        store.tokens()


def test_another_process_sees_the_code_and_each_try_counts(tmp_path: Path) -> None:
    first, second = Store(tmp_path), Store(tmp_path)
    first.set_pairing_code(PairingCode("hash", 10.0, 0))
    assert second.take_pairing_code() == PairingCode("hash", 10.0, 0)
    assert first.take_pairing_code() == PairingCode("hash", 10.0, 1)
    second.close_pairing_code()
    assert first.take_pairing_code() is None
    first.close()
    second.close()


def test_tokens_are_listed_and_removed(store: Store) -> None:
    token = Token("id", "hash", "chrome-extension://x", "Chromium", 1.0)
    store.add_token(token)
    assert store.tokens() == [token]
    assert store.remove_token("id")
    assert not store.remove_token("id")
    assert store.tokens() == []


def test_many_threads_may_write(store: Store) -> None:
    def write(name: str) -> None:
        for number in range(20):
            store.keep_report(report(f"{name}{number}"))

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(store.report(f"{name}19", VERSIONS) for name in "abcd")
