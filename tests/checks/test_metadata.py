"""Declared source types and the habits of generators."""

import io
import json

import pytest
from PIL import Image as PillowImage

from scripts.pictures import IPTC, camera_exif, jpeg, png, scene, xmp_packet
from server import exif
from server.checks.metadata import GENERATORS, check
from server.errors import CheckUnavailable
from server.evidence import Claim
from server.image import load
from server.xmp import PHOTOSHOP

SCENE = scene(3, 64, 48)
SCHEME = "http://cv.iptc.org/newscodes/digitalsourcetype/"
A1111 = "a cat\nNegative prompt: dog\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1"
UUID = "3f2a8c1e-5b7d-4e90-9a61-0c4d2b8e7f15"


def iptc(value: str, name: str = "DigitalSourceType") -> bytes:
    return jpeg(SCENE, xmp=xmp_packet(IPTC, "Iptc4xmpExt", name, value).encode())


def credit(value: str) -> bytes:
    return jpeg(SCENE, xmp=xmp_packet(PHOTOSHOP, "photoshop", "Credit", value).encode())


def tagged(kind: str, tag: int, value: bytes | str) -> bytes:
    found = PillowImage.Exif()
    if tag == exif.USER_COMMENT:
        found.get_ifd(exif.EXIF_IFD)[tag] = value
    else:
        found[tag] = value
    target = io.BytesIO()
    SCENE.save(target, kind, exif=found)
    return target.getvalue()


@pytest.mark.parametrize(
    ("value", "claim"),
    [
        (SCHEME + "trainedAlgorithmicMedia", "ai_generated"),
        (SCHEME.replace("http:", "https:") + "trainedAlgorithmicMedia", "ai_generated"),
        (" " + SCHEME + "trainedAlgorithmicMedia", "ai_generated"),
        ("http://c2pa.org/digitalsourcetype/trainedAlgorithmicData", "ai_generated"),
        (SCHEME + "compositeWithTrainedAlgorithmicMedia", "ai_edited"),
        (SCHEME + "compositeSynthetic", "ai_edited"),
        (SCHEME + "digitalCapture", "captured"),
    ],
)
@pytest.mark.parametrize("name", ["DigitalSourceType", "DigitalSourceFileType"])
def test_a_source_type_is_a_declaration(value: str, claim: str, name: str) -> None:
    (found,) = check(load(iptc(value, name)))
    assert (found.claim, found.strength) == (claim, "declaration")
    assert found.params["source_type"] == value.rpartition("/")[2]


@pytest.mark.parametrize(
    "code", ["algorithmicMedia", "algorithmicallyEnhanced", "composite", "screenCapture", "x", ""]
)
def test_other_source_types_claim_nothing(code: str) -> None:
    assert check(load(iptc(SCHEME + code))) == []


HABITS = [
    ("Midjourney", png(SCENE, {"Description": f"a cat --v 6 Job ID: {UUID}"}), "ai_generated"),
    ("Stable Diffusion web UI", png(SCENE, {"parameters": A1111}), "ai_generated"),
    (
        "Stable Diffusion web UI",
        tagged("JPEG", exif.USER_COMMENT, b"UNICODE\0" + A1111.encode("utf-16-be")),
        "ai_generated",
    ),
    (
        "Stable Diffusion web UI",
        tagged("WEBP", exif.USER_COMMENT, b"UNICODE\0" + A1111.encode("utf-16-le")),
        "ai_generated",
    ),
    ("Fooocus", png(SCENE, {"parameters": json.dumps({"base_model": "x"})}), "ai_generated"),
    ("InvokeAI", png(SCENE, {"invokeai_metadata": '{"app_version": "4"}'}), "ai_generated"),
    ("NovelAI", png(SCENE, {"Software": "NovelAI"}), "ai_generated"),
    ("FLUX", tagged("JPEG", exif.SOFTWARE, "AI generated;txt2img;flux"), "ai_generated"),
    ("FLUX", tagged("JPEG", exif.SOFTWARE, "AI generated;img2img;flux"), "ai_edited"),
    ("Google AI", credit("Made with Google AI"), "ai_generated"),
    ("Google AI", credit("Edited with Google AI"), "ai_edited"),
    ("Apple Image Playground", credit("Apple Image Playground"), "ai_generated"),
    ("Apple Photos", credit("Apple Photos Clean Up"), "ai_edited"),
    ("AI Horde", tagged("JPEG", exif.SOFTWARE, "Stable UI, using the AI Horde"), "ai_generated"),
    ("ComfyUI", png(SCENE, {"prompt": '{"3": {"class_type": "KSampler"}}'}), "suspected_ai"),
    ("ComfyUI", tagged("WEBP", exif.MODEL, 'prompt:{"3":{"class_type":"K"}}'), "suspected_ai"),
]


@pytest.mark.parametrize(("tool", "data", "claim"), HABITS)
def test_a_generators_habit_is_found(tool: str, data: bytes, claim: str) -> None:
    (found,) = check(load(data))
    assert (found.params["tool"], found.claim, found.strength) == (tool, claim, "declaration")


def test_every_tool_of_the_table_has_an_example() -> None:
    assert {row.tool for row in GENERATORS} == {tool for tool, _, _ in HABITS}


def test_tools_that_also_edit_photographs_never_say_that_all_is_ai() -> None:
    claims = {row.claim for row in GENERATORS if row.tool in ("ComfyUI", "Apple Photos")}
    assert Claim.AI_GENERATED not in claims


@pytest.mark.parametrize(
    "data",
    [
        jpeg(SCENE),
        jpeg(SCENE, exif=camera_exif()),
        png(SCENE, {"Description": "A portrait. Job ID: 12"}),
        png(SCENE, {"parameters": "Steps: three, by bus"}),
        png(SCENE, {"prompt": "What is your name?", "Software": "gimp"}),
        credit("Made without Google AI"),
        jpeg(SCENE) + xmp_packet(IPTC, "i", "DigitalSourceType", SCHEME).encode(),
        jpeg(SCENE, xmp=xmp_packet("http://x/", "i", "DigitalSourceType", SCHEME).encode()),
    ],
)
def test_what_is_no_habit_is_not_found(data: bytes) -> None:
    assert check(load(data)) == []


def test_a_packet_that_is_no_xml_is_reported() -> None:
    broken = jpeg(SCENE, xmp=b"<x:xmpmeta")
    with pytest.raises(CheckUnavailable) as caught:
        check(load(broken))
    assert caught.value.code == "metadata_unreadable"
    assert caught.value.params["where"] == "JPEG APP1 XMP"


def test_what_was_found_beside_a_broken_packet_is_told() -> None:
    data = png(SCENE, {"XML:com.adobe.xmp": "<x", "Software": "NovelAI"})
    assert [e.params["tool"] for e in check(load(data))] == ["NovelAI"]
