"""The Chinese implicit label in every place and shape."""

import io
import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PillowImage

from scripts.pictures import TC260, aigc, jpeg, png, scene, xmp_packet
from server import exif
from server.checks.aigc_label import check
from server.errors import CheckUnavailable
from server.image import load

SCENE = scene(2, 64, 48)


def in_xmp(text: str) -> bytes:
    return png(SCENE, {"XML:com.adobe.xmp": xmp_packet(TC260, "TC260", "AIGC", text)})


def in_attribute(text: str) -> bytes:
    escaped = text.replace('"', "&quot;")
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description xmlns:a="{TC260}" a:AIGC="{escaped}"/></rdf:RDF></x:xmpmeta>'
    )
    return jpeg(SCENE, xmp=packet.encode())


def in_text(text: str) -> bytes:
    return png(SCENE, {"AIGC": text})


def in_exif(tag: int, text: bytes) -> bytes:
    found = PillowImage.Exif()
    if tag == exif.USER_COMMENT:
        found.get_ifd(exif.EXIF_IFD)[tag] = text
    else:
        found[tag] = text.decode()
    return jpeg(SCENE, exif=found)


def in_structure(text: str) -> bytes:
    fields = "".join(f"<a:{key}>{value}</a:{key}>" for key, value in json.loads(text).items())
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description xmlns:a="{TC260}"><a:AIGC rdf:parseType="Resource">{fields}</a:AIGC>'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    return jpeg(SCENE, xmp=packet.encode())


def in_segment(text: str) -> bytes:
    body = b"AIGC" + text.encode()
    plain = jpeg(SCENE)
    return plain[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + plain[2:]


def in_comment(text: str) -> bytes:
    target = io.BytesIO()
    SCENE.save(target, "JPEG", comment=b'{"AIGC":' + text.encode() + b"}")
    return target.getvalue()


def in_webp(text: str) -> bytes:
    target = io.BytesIO()
    SCENE.save(target, "WEBP", xmp=xmp_packet(TC260, "TC260", "AIGC", text).encode())
    return target.getvalue()


WRAPPED = json.dumps({"AIGC": json.loads(aigc("1"))})
PLACES = {
    "xmp-element": in_xmp(aigc("1")),
    "xmp-attribute": in_attribute(aigc("1")),
    "xmp-structure": in_structure(aigc("1")),
    "webp": in_webp(aigc("1")),
    "jpeg-segment": in_segment(aigc("1")),
    "jpeg-comment": in_comment(aigc("1")),
    "png-text": in_text(aigc("1")),
    "png-comment": png(SCENE, {"Comment": WRAPPED}),
    "png-description": png(SCENE, {"Description": f"AIGC: {aigc('1')}"}),
    "png-text-wrapped": in_text(WRAPPED),
    "user-comment": in_exif(exif.USER_COMMENT, b"ASCII\0\0\0" + WRAPPED.encode()),
    "user-comment-short-code": in_exif(exif.USER_COMMENT, b"ASCII\0" + WRAPPED.encode()),
    "user-comment-utf16": in_exif(exif.USER_COMMENT, b"UNICODE\0" + WRAPPED.encode("utf-16-be")),
    "user-comment-bare": in_exif(exif.USER_COMMENT, bytes(8) + b"AIGC" + aigc("1").encode()),
    "description": in_exif(exif.IMAGE_DESCRIPTION, WRAPPED.encode()),
}


@pytest.mark.parametrize("place", PLACES)
def test_the_label_is_found_in_every_place(place: str) -> None:
    (found,) = check(load(PLACES[place]))
    assert (found.claim, found.strength, found.code) == (
        "ai_generated",
        "declaration",
        "aigc_label_1",
    )
    assert found.params["producer"] == "touchstone-example"
    assert found.params["produce_id"] == "example-0001"


FINDINGS = {"xmp-element": "", "xmp-attribute": "", "webp": "", "xmp-structure": "form:"}


@pytest.mark.parametrize("place", PLACES)
def test_a_place_that_the_guide_does_not_name_is_a_finding(place: str) -> None:
    (found,) = check(load(PLACES[place]))
    assert found.params["lint"] == FINDINGS.get(place, "place:")


DOUBAO, BAIDU = "001191110102MACQD9K64010000", "001191110000802100433B20001"


def test_codes_are_decoded_and_their_owners_named() -> None:
    fields = json.loads(aigc("1")) | {
        "ContentProducer": DOUBAO,
        "ContentPropagator": BAIDU,
        "PropagateID": "Q1",
    }
    (found,) = check(load(in_xmp(json.dumps(fields))))
    assert found.params == {
        "producer": "Doubao (豆包)",
        "produce_id": "example-0001",
        "propagator": f"Baidu (百度), {BAIDU}",
        "propagate_id": "Q1",
        "provider_code": DOUBAO,
        "uscc": "91110102MACQD9K640",
        "where": "PNG iTXt XMP",
        "lint": "",
    }


def test_a_wrong_check_character_is_a_finding_and_no_refusal() -> None:
    fields = json.loads(aigc("1")) | {"ContentProducer": DOUBAO.replace("640", "641")}
    (found,) = check(load(in_xmp(json.dumps(fields))))
    assert (found.code, found.params["lint"]) == ("aigc_label_1", "code_check:ContentProducer")


def test_a_second_label_is_a_finding_even_where_it_is_a_copy_or_unreadable() -> None:
    packet = xmp_packet(TC260, "TC260", "AIGC", aigc("1"))
    for other in (aigc("1"), "{"):
        (found,) = check(load(png(SCENE, {"XML:com.adobe.xmp": packet, "AIGC": other})))
        assert found.params["lint"] == "second_label:"


@pytest.mark.parametrize(
    ("label", "claim"), [("1", "ai_generated"), ("2", "possibly_ai"), ("3", "suspected_ai")]
)
def test_the_label_value_is_the_claim(label: str, claim: str) -> None:
    (found,) = check(load(in_xmp(aigc(label))))
    assert (found.claim, found.code) == (claim, f"aigc_label_{label}")


@pytest.mark.parametrize(
    "text",
    [
        '{"Label":1,"ContentProducer":"x"}',
        '{"label":"1"}',
        ' {"Label": "1", "ContentProducer": "豆包"} \0\0',
        '{"AIGC":{"ServiceProvider":"x","ContentId":"c1"}}',
    ],
    ids=["number", "lower-case", "spaces", "tencent-cloud"],
)
def test_reading_is_lenient(text: str) -> None:
    (found,) = check(load(in_text(text)))
    assert found.code == "aigc_label_1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"Label":"1","ContentProd',
        '{"Label":"9"}',
        "[]",
        "{}",
        '"Label"',
        "[" * 100_000,
        '{"Label":"1"' + " " * 70_000 + "}",
        '{"Label":' + "1" * 10_000 + "}",
    ],
    ids=["empty", "cut", "nine", "list", "no-label", "text", "deep", "long", "huge-number"],
)
def test_a_label_that_cannot_be_read_is_not_no_label(text: str) -> None:
    with pytest.raises(CheckUnavailable) as caught:
        check(load(in_text(text)))
    assert caught.value.code == "aigc_label_unreadable"
    assert caught.value.params["where"] == "PNG tEXt"


def test_a_readable_label_counts_beside_an_unreadable_one() -> None:
    packet = xmp_packet(TC260, "TC260", "AIGC", aigc("2"))
    data = png(SCENE, {"AIGC": "{", "XML:com.adobe.xmp": packet})
    assert [e.code for e in check(load(data))] == ["aigc_label_2"]


def test_two_labels_that_disagree_are_both_told_and_copies_once() -> None:
    packet = xmp_packet(TC260, "TC260", "AIGC", aigc("2"))
    both = png(SCENE, {"AIGC": aigc("1"), "XML:com.adobe.xmp": packet})
    assert {e.code for e in check(load(both))} == {"aigc_label_1", "aigc_label_2"}
    twice = png(SCENE, {"AIGC": aigc("2"), "XML:com.adobe.xmp": packet})
    assert [e.code for e in check(load(twice))] == ["aigc_label_2"]


@pytest.mark.parametrize(
    "data",
    [
        jpeg(SCENE),
        png(SCENE, {"Comment": "AIGC is a Chinese abbreviation"}),
        in_exif(exif.USER_COMMENT, b"ASCII\0\0\0a talk about AIGC {labels}"),
        jpeg(SCENE) + b'AIGC{"Label":"1"}',
        png(SCENE, {"XML:com.adobe.xmp": xmp_packet("http://other/", "TC260", "AIGC", aigc("1"))}),
    ],
    ids=["nothing", "comment", "user-comment", "appended", "other-namespace"],
)
def test_what_is_no_label_is_not_found(data: bytes) -> None:
    assert check(load(data)) == []


@given(st.text(st.characters(exclude_characters="123"), max_size=200))
def test_any_text_is_a_label_or_unreadable(text: str) -> None:
    data = png(SCENE, {"AIGC": text.replace("\0", "").encode(errors="ignore").decode()})
    with pytest.raises(CheckUnavailable, match="aigc_label_unreadable"):
        check(load(data))
