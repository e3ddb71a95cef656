"""Getting the trust lists: from a local server that plays C2PA's, and out of a library."""

import functools
import http.server
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import update_trust_lists as update
from scripts.fetch_weights import FetchError
from scripts.signing import Signer
from server import trust
from tests.serving import serving


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path, signer: Signer) -> Iterator[tuple[str, Path]]:
    """A folder of lists and the address that serves it."""
    place = tmp_path / "site"
    place.mkdir()
    for source in update.SOURCES:
        (place / source.file).write_bytes(signer.authority)
        dates = {"ListIssueDateTime": "2026-11-01T00:00:00Z", "NextUpdate": "2027-11-01T00:00:00Z"}
        scheme = {"LoTE": {"ListAndSchemeInformation": dates}}
        (place / source.file.replace(".pem", ".json")).write_text(json.dumps(scheme))
    handler = functools.partial(_Quiet, directory=str(place))
    with serving(handler) as address:
        yield address, place


def test_the_official_lists_are_installed_with_their_days(
    site: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert update.main(["--base", site[0]]) == 0
    assert "C2PA Trust List of 2026-11-01: 1 certificates" in capsys.readouterr().out
    assert {found.issued for found in trust.lists()} == {"2026-11-01"}
    assert {found.next_update for found in trust.lists()} == {"2027-11-01"}


def test_an_older_list_never_replaces_a_newer_one(
    site: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert update.main(["--base", site[0]]) == 0
    for path in site[1].glob("*.json"):
        path.write_text(path.read_text().replace("2026-11-01", "2025-01-01"))
    assert update.main(["--base", site[0]]) == 0
    assert "kept the one of 2026-11-01, which is newer" in capsys.readouterr().out
    assert trust.issued() == "2026-11-01"


@pytest.mark.parametrize("damage", ["absent", "empty", "cut", "html", "undated", "huge"])
def test_a_bad_answer_changes_nothing_and_is_told(
    site: tuple[str, Path], damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = site[1] / update.SOURCES[1].file
    match damage:
        case "absent":
            path.unlink()
        case "empty":
            path.write_bytes(b"")
        case "cut":
            path.write_bytes(path.read_bytes()[:-40])
        case "html":
            path.write_bytes(b"<html>sign in</html>")
        case "undated":
            path.with_suffix(".json").write_text("{}")
        case "huge":
            path.write_bytes(bytes(update.SIZE_LIMIT + 1))
    assert update.main(["--base", site[0]]) == 1
    assert "The server runs with the lists it has: 0." in capsys.readouterr().out
    assert trust.lists() == []


def test_a_server_that_is_away_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert update.main(["--base", "http://127.0.0.1:9/"]) == 1
    assert "cannot be read" in capsys.readouterr().out


@pytest.mark.parametrize("library", [b"", b"nothing", update.SOURCES[0].begins + bytes(99)])
def test_a_library_without_the_pinned_text_is_refused(library: bytes) -> None:
    with pytest.raises(FetchError, match="SHA-256"):
        update._from_library(update.SOURCES[0], library)


def test_lists_that_are_there_are_not_fetched_again(
    site: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    update.main(["--base", site[0]])
    capsys.readouterr()
    assert update.main(["--packaged"]) == 0
    assert capsys.readouterr().out == "trust lists: present, of 2026-11-01\n"
