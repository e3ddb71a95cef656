"""The trust folder: what counts, and how old it is."""

import json
from datetime import date
from pathlib import Path

import pytest

from scripts.signing import Signer
from server import trust


def test_an_empty_or_absent_folder_trusts_nobody(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "absent"):
        assert (trust.anchors(place), trust.lists(place), trust.issued(place)) == ("", [], "")


def test_every_pem_counts_and_only_known_ones_have_a_day(tmp_path: Path, signer: Signer) -> None:
    (tmp_path / "official.pem").write_bytes(signer.authority * 2)
    (tmp_path / "mine.pem").write_bytes(signer.authority)
    (tmp_path / "notes.txt").write_bytes(signer.authority)
    entry = {"name": "Official", "issued": "2026-08-05", "next_update": "2027-08-05"}
    (tmp_path / trust.CATALOGUE).write_text(json.dumps({"official.pem": entry}))
    mine, official = trust.lists(tmp_path)
    assert (mine.name, mine.issued, mine.certificates) == ("mine", "", 1)
    assert (official.name, official.issued, official.certificates) == ("Official", "2026-08-05", 2)
    assert trust.issued(tmp_path) == "2026-08-05"
    assert trust.anchors(tmp_path).count("BEGIN CERTIFICATE") == 3


def test_another_list_is_another_version(signer: Signer) -> None:
    before = trust.version()
    (trust.folder() / "mine.pem").write_bytes(signer.authority)
    assert trust.version() != before


def test_what_holds_no_certificate_is_no_list(tmp_path: Path, signer: Signer) -> None:
    """A key beside the lists would make the library refuse them all."""
    (tmp_path / "key.pem").write_bytes(signer.key)
    (tmp_path / "binary.pem").write_bytes(bytes(range(256)))
    assert trust.lists(tmp_path) == []
    (tmp_path / "mine.pem").write_bytes(signer.authority)
    assert trust.anchors(tmp_path) == signer.authority.decode()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '"x"', "\x00", '{"mine.pem": []}', '{"mine.pem": {"issued": "soon"}}']
)
def test_a_damaged_catalogue_takes_no_list_away(tmp_path: Path, text: str) -> None:
    (tmp_path / "mine.pem").write_text("-----BEGIN CERTIFICATE-----")
    (tmp_path / trust.CATALOGUE).write_text(text)
    assert [found.name for found in trust.lists(tmp_path)] == ["mine"]


def test_a_list_is_overdue_after_its_day_of_renewal() -> None:
    found = trust.TrustList("a.pem", "A", "2026-08-05", "2027-08-05", 1)
    assert not trust.overdue(found, date(2027, 8, 5))
    assert trust.overdue(found, date(2027, 8, 6))
    assert not trust.overdue(trust.TrustList("a.pem", "A", "", "", 1), date(2100, 1, 1))
