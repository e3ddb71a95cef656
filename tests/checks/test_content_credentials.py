"""Signed manifests: what they claim, whom we trust, what was altered."""

import http.server
import io
import time
from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pylibjxl
import pytest

from scripts.pictures import alter_pixels, jpeg, png, scene
from scripts.signing import SOURCE_TYPES, Signer, created, make_signer, opened, sign
from server import trust
from server.checks.content_credentials import check
from server.errors import CheckUnavailable
from server.evidence import Claim, Evidence, Strength
from server.image import load
from tests.serving import serving

PLAIN = jpeg(scene(0, 96, 64))
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="96" height="64"><rect width="9"/></svg>'


def saved(kind: str) -> bytes:
    target = io.BytesIO()
    scene(0, 96, 64).save(target, kind)
    return target.getvalue()


CONTAINERS = {
    "png": (saved("PNG"), "image/png"),
    "webp": (saved("WEBP"), "image/webp"),
    "gif": (saved("GIF"), "image/gif"),
    "tiff": (saved("TIFF"), "image/tiff"),
    "avif": (saved("AVIF"), "image/avif"),
    # A container of boxes: with metadata the encoder writes one.
    "jxl": (pylibjxl.encode(np.asarray(scene(0, 96, 64)), xmp=b"<x/>"), "image/jxl"),
    "svg": (SVG, "image/svg+xml"),
}


AI = created("trainedAlgorithmicMedia")


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

    with serving(Handler) as address:
        yield f"{address}manifest.c2pa", paths


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


def test_the_lists_in_the_trust_folder_are_the_ones_that_count(signer: Signer) -> None:
    data = sign(PLAIN, signer, created("digitalCapture"))
    assert only(data).code == "credential_captured_unlisted"
    assert "trust_list" not in only(data).params
    folder = trust.folder()
    (folder / "mine.pem").write_bytes(signer.authority)
    assert only(data).code == "credential_captured_trusted"
    (folder / "lists.json").write_text('{"mine.pem": {"issued": "2026-08-05"}}')
    assert only(data).params["trust_list"] == "2026-08-05"


@pytest.fixture(scope="module")
def studio() -> Signer:
    """Another authority and signer, who works on what the first one took."""
    return make_signer("Second Studio")


def test_a_capture_is_proven_only_by_the_signer_that_states_it(
    signer: Signer, studio: Signer
) -> None:
    """Else anyone could sign "camera" himself and have a trusted tool pass it on."""
    photograph = sign(PLAIN, signer, created("digitalCapture"))
    passed_on = sign(PLAIN, studio, [opened()], parent=photograph)
    both = (signer.authority + studio.authority).decode()
    assert only(passed_on, both).code == "credential_captured_trusted"
    assert only(passed_on, both).strength == Strength.PROOF
    relayed = only(passed_on, studio.authority.decode())
    assert relayed.code == "credential_captured_relayed"
    assert relayed.strength == Strength.DECLARATION
    # The signer of the file itself is on no list: nothing is trusted.
    assert only(passed_on, signer.authority.decode()).code == "credential_captured_unlisted"


@pytest.mark.parametrize("source_type", ["digitalCapture", "trainedAlgorithmicMedia"])
def test_what_a_listed_signer_only_gathered_is_no_proof(signer: Signer, source_type: str) -> None:
    data = sign(PLAIN, signer, created(source_type), gathered=True)
    found = only(data, signer.authority.decode())
    assert found.code == f"credential_{found.claim}_relayed"
    assert found.strength == Strength.DECLARATION
    assert only(data, "").code == f"credential_{found.claim}_unlisted"


def test_a_camera_in_copied_metadata_is_no_capture(signer: Signer) -> None:
    """A tool copies IPTC data from whatever file it is given."""
    copied = {"Iptc4xmpExt:DigitalSourceType": SOURCE_TYPES + "digitalCapture"}
    context = {"@context": {"Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"}}
    actions = {"label": "c2pa.actions.v2", "data": {"actions": created("digitalCreation")}}
    metadata = {"label": "c2pa.metadata", "kind": "Json", "data": context | copied}
    data = sign(PLAIN, signer, [], assertions=[actions, metadata], lax=True)
    assert only(data, signer.authority.decode()).claim is Claim.PROVENANCE


def test_a_record_of_an_unlisted_signer_is_worth_nothing(signer: Signer, studio: Signer) -> None:
    """Listed tool over an unlisted signer over a camera of the unlisted one's own."""
    middle = make_signer("Unlisted")
    camera = sign(PLAIN, middle, created("digitalCapture"))
    opened_once = sign(PLAIN, middle, [opened()], parent=camera)
    data = sign(PLAIN, studio, [opened()], parent=opened_once)
    assert only(data, studio.authority.decode()).code == "credential_captured_relayed"


def test_an_ai_parent_counts_whoever_signed_it(signer: Signer, studio: Signer) -> None:
    generated = sign(PLAIN, signer, created("trainedAlgorithmicMedia"))
    found = only(sign(PLAIN, studio, [opened()], parent=generated), studio.authority.decode())
    assert found.code == "credential_ai_generated_trusted"


def test_a_watermark_that_the_credential_names_is_told(signer: Signer) -> None:
    binding = {"label": "c2pa.soft-binding", "data": {"alg": "com.adobe.trustmark.P", "blocks": []}}
    actions = {"label": "c2pa.actions.v2", "data": {"actions": created("digitalCreation")}}
    found = only(sign(PLAIN, signer, [], assertions=[actions, binding]))
    assert found.params["soft_binding"] == "com.adobe.trustmark.P"
    steps = [*created("trainedAlgorithmicMedia"), {"action": "c2pa.watermarked.unbound"}]
    assert only(sign(PLAIN, signer, steps)).params["soft_binding"] == "unnamed"


def test_a_damaged_file_without_a_credential_is_not_said_to_have_one(signer: Signer) -> None:
    def look(data: bytes) -> CheckUnavailable:
        image = load(PLAIN)
        with pytest.raises(CheckUnavailable) as caught:
            check(type(image)(data, image.sha256, image.format, image.width, image.height))
        return caught.value

    assert look(b"\xff\xd8\xff\xe0\x00").code == "credential_unknown"
    signed = sign(PLAIN, signer, created("trainedAlgorithmicMedia"))
    store = signed.index(b"jumb")
    assert look(signed[: store + 60] + bytes(60) + signed[store + 120 :]).code in (
        "credential_malformed",
        "credential_unknown",
    )


@pytest.mark.parametrize(
    ("actions", "reason"),
    [
        ([{"action": "c2pa.edited"}, *AI], "assertion.action.malformed"),
        ([*AI, {"action": "c2pa.placed"}], "assertion.action.ingredientMismatch"),
    ],
)
def test_a_credential_that_breaks_the_rules_is_intact_and_no_proof(
    signer: Signer, actions: list[dict[str, object]], reason: str
) -> None:
    found = only(sign(PLAIN, signer, actions, lax=True), signer.authority.decode())
    assert (found.code, found.strength) == (
        "credential_ai_generated_malformed",
        Strength.DECLARATION,
    )
    assert found.params["reason"] == reason


@pytest.mark.parametrize("kind", ["png", "webp", "gif", "tiff", "avif", "jxl", "svg"])
def test_every_container_of_c2pa_is_read(signer: Signer, kind: str) -> None:
    data, mime = CONTAINERS[kind]
    found = only(sign(data, signer, created("trainedAlgorithmicMedia"), mime=mime))
    assert found.code == "credential_ai_generated_unlisted"


def test_a_format_in_which_c2pa_has_no_place_has_no_credential() -> None:
    assert check(load(saved("JPEG2000"))) == []
