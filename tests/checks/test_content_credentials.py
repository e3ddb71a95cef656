"""Signed manifests: what they claim, whom we trust, what was altered."""

import http.server
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scripts.pictures import alter_pixels, jpeg, png, scene
from scripts.signing import SOURCE_TYPES, Signer, created, make_signer, opened, sign
from server.checks.content_credentials import check, trust_anchors
from server.errors import CheckUnavailable
from server.evidence import Claim, Evidence, Strength
from server.image import load

PLAIN = jpeg(scene(0, 96, 64))


def only(data: bytes, anchors: str | None = None) -> Evidence:
    (found,) = check(load(data), anchors)
    return found


def edited(*more: tuple[str, str]) -> list[dict[str, object]]:
    """An opened parent and further (action, source type) steps."""
    steps = [{"action": name, "digitalSourceType": SOURCE_TYPES + kind} for name, kind in more]
    return [opened(), *steps]


def test_a_file_without_a_manifest_has_no_evidence() -> None:
    assert check(load(PLAIN)) == []
    assert check(load(png(scene(0, 96, 64), {"note": "c2pa jumb"}))) == []


@pytest.mark.parametrize(
    ("source_type", "claim"),
    [
        ("trainedAlgorithmicMedia", "ai_generated"),
        ("compositeWithTrainedAlgorithmicMedia", "ai_edited"),
        ("compositeSynthetic", "ai_edited"),
        ("digitalCapture", "captured"),
        ("computationalCapture", "captured"),
        ("algorithmicMedia", "provenance"),
        ("digitalCreation", "provenance"),
        ("screenCapture", "provenance"),
    ],
)
@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "unlisted"])
def test_the_inception_says_what_the_picture_is(
    signer: Signer, source_type: str, claim: str, trusted: bool
) -> None:
    anchors = signer.authority.decode() if trusted else ""
    found = only(sign(PLAIN, signer, created(source_type)), anchors)
    trust = "trusted" if trusted else "unlisted"
    assert (found.claim, found.code) == (claim, f"credential_{claim}_{trust}")
    assert found.strength == (Strength.PROOF if trusted else Strength.DECLARATION)
    assert found.params["signer"] == "Example Studio"
    assert found.params["tool"] == "Example Generator 1.0"


def test_one_changed_byte_is_an_altered_credential(signer: Signer) -> None:
    altered = alter_pixels(sign(PLAIN, signer, created("trainedAlgorithmicMedia")))
    for anchors in ("", signer.authority.decode()):
        found = only(altered, anchors)
        assert (found.claim, found.strength) == (Claim.ALTERED, Strength.PROOF)
        assert found.params["reason"] == "assertion.dataHash.mismatch"


def test_an_expired_signer_is_intact_and_not_altered() -> None:
    # No one can sign with a certificate that has expired: let one expire.
    old = make_signer("Old Studio", lifetime=timedelta(seconds=2))
    data = sign(PLAIN, old, created("trainedAlgorithmicMedia"))
    time.sleep(3)
    found = only(data, old.authority.decode())
    assert found.code == "credential_ai_generated_expired"
    assert found.strength == Strength.DECLARATION


@pytest.mark.parametrize(
    ("parent", "steps", "claim"),
    [
        ("trainedAlgorithmicMedia", [], "ai_generated"),
        ("trainedAlgorithmicMedia", [("c2pa.cropped", "digitalCreation")], "ai_generated"),
        ("digitalCapture", [], "captured"),
        ("digitalCapture", [("c2pa.transcoded", "digitalCapture")], "captured"),
        ("digitalCapture", [("c2pa.cropped", "digitalCapture")], "provenance"),
        ("digitalCapture", [("c2pa.edited", "trainedAlgorithmicMedia")], "ai_edited"),
        ("digitalCapture", [("c2pa.edited", "compositeWithTrainedAlgorithmicMedia")], "ai_edited"),
    ],
)
def test_the_parents_of_a_picture_are_read_too(
    signer: Signer, parent: str, steps: list[tuple[str, str]], claim: str
) -> None:
    first = sign(PLAIN, signer, created(parent))
    found = only(sign(PLAIN, signer, edited(*steps), parent=first))
    assert found.claim == claim


def test_a_manifest_of_version_1_actions_counts(signer: Signer) -> None:
    actions = {"actions": created("trainedAlgorithmicMedia")}
    data = sign(PLAIN, signer, [], assertions=[{"label": "c2pa.actions", "data": actions}])
    assert only(data).claim == Claim.AI_GENERATED


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6, 0.9])
def test_a_cut_manifest_is_never_an_intact_one(signer: Signer, share: float) -> None:
    data = sign(PLAIN, signer, created("trainedAlgorithmicMedia"))
    start = data.index(b"jumb") - 20
    end = start + int((len(data) - len(PLAIN)) * share)
    cut = load(PLAIN)
    image = type(cut)(data[:end], cut.sha256, cut.format, cut.width, cut.height)
    try:
        found = check(image)
    except CheckUnavailable:
        found = []
    assert [e for e in found if e.claim is not Claim.ALTERED] == []


def test_every_damaged_byte_of_a_manifest_is_noticed(signer: Signer) -> None:
    data = sign(PLAIN, signer, created("trainedAlgorithmicMedia"))
    start = data.index(b"jumb")
    for at in range(start, start + len(data) - len(PLAIN), 211):
        damaged = data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]
        try:
            found = check(load(damaged))
        except CheckUnavailable:
            continue
        # Padding may change without harm; nothing may turn into trust.
        assert all(e.strength is not Strength.PROOF or e.claim is Claim.ALTERED for e in found)


@pytest.fixture
def visited() -> Iterator[tuple[str, list[str]]]:
    """A web server that remembers who called."""
    paths: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/manifest.c2pa", paths
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_manifest_elsewhere_is_not_fetched(visited: tuple[str, list[str]]) -> None:
    url, paths = visited
    xmp = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:dcterms="http://purl.org/dc/terms/" '
        f'dcterms:provenance="{url}"/></rdf:RDF></x:xmpmeta>'
    )
    with pytest.raises(CheckUnavailable) as caught:
        check(load(jpeg(scene(0, 96, 64), xmp=xmp.encode())))
    assert (caught.value.code, caught.value.params) == ("credential_remote", {"url": url})
    assert paths == []


def test_trust_lists_are_read_from_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signer: Signer
) -> None:
    home = tmp_path
    monkeypatch.setenv("TOUCHSTONE_HOME", str(home))
    data = sign(PLAIN, signer, created("digitalCapture"))
    assert trust_anchors() == ""
    assert only(data).code == "credential_captured_unlisted"
    (home / "trust").mkdir()
    (home / "trust" / "mine.pem").write_bytes(signer.authority)
    assert only(data).code == "credential_captured_trusted"
