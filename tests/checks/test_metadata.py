"""Declared source types and the habits of generators."""

import io
import json
import struct
import time

import numpy as np
import pytest
from PIL import Image as PillowImage

from scripts.pictures import IPTC, camera_exif, jpeg, png, scene, xmp_packet
from server import exif
from server.checks.metadata import check
from server.errors import CheckUnavailable
from server.evidence import Claim
from server.generators import GENERATORS, Generator
from server.image import load
from server.iptc import NAMES as IIM
from server.source_types import CLAIMS
from server.xmp import DC, EXIF, PHOTOSHOP, XMP

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


@pytest.mark.parametrize("code", [c for c, claim in CLAIMS.items() if claim is None])
def test_other_source_types_are_told_and_claim_nothing(code: str) -> None:
    (found,) = check(load(iptc(SCHEME + code)))
    assert (found.claim, found.code) == (Claim.PROVENANCE, "iptc_provenance")
    assert found.params["source_type"] == code


@pytest.mark.parametrize("value", ["x", "", SCHEME])
def test_what_is_no_source_type_is_not_told(value: str) -> None:
    assert check(load(iptc(value))) == []


def test_iptcs_ai_system_says_that_ai_took_part() -> None:
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description xmlns:i="{IPTC}" i:AISystemUsed="Gen" i:AISystemVersionUsed="3"'
        ' i:AIPromptInformation="a cat" i:AIPromptWriterName="Ann"/></rdf:RDF></x:xmpmeta>'
    )
    (found,) = check(load(jpeg(SCENE, xmp=packet.encode())))
    assert (found.claim, found.code) == (Claim.AI_EDITED, "iptc_ai_system")
    assert found.params == {
        "tool": "Gen 3",
        "prompt": "a cat",
        "prompt_writer": "Ann",
        "where": "JPEG APP1 XMP",
    }


SAMPLER = '"class_type": "KSampler"'
GROK = "Signature: " + "Ab0+" * 20
#: One example for each row of the table: tool, field, value, claim.
HABITS = [
    *[
        ("Midjourney", field, f"a cat --v 6 Job ID: {UUID}", "ai_generated")
        for field in (
            *("text:Description", "xmp:description"),
            *("exif:ImageDescription", "iim:Caption-Abstract"),
        )
    ],
    *[
        ("Civitai", "exif:UserComment", A1111 + more + ", Civitai resources: [{}]", claim)
        for more, claim in (
            ("", "ai_generated"),
            (", Denoising strength: 0.4", "ai_edited"),
            (", Mask blur: 4", "ai_edited"),
        )
    ],
    ("Civitai", "text:parameters", A1111 + ", Civitai metadata: {}", "ai_generated"),
    *(
        ("Civitai", "text:parameters", A1111 + more + ", Civitai metadata: {}", "ai_edited")
        for more in (", Mask blur: 4", ", Denoising strength: 0.4")
    ),
    *(
        ("Stable Diffusion web UI", field, A1111 + more, "ai_edited")
        for field in ("xmp:UserComment", "text:comment")
        for more in (", Mask blur: 4", ", Denoising strength: 0.4")
    ),
    *[
        ("Stable Diffusion web UI", field, A1111 + more, claim)
        for field in ("text:parameters", "exif:UserComment")
        for more, claim in (
            ("", "ai_generated"),
            (", Denoising strength: 0.5, Hires upscale: 2", "ai_generated"),
            (", Denoising strength: 0.5", "ai_edited"),
            (", Denoising strength: 0.5, Mask blur: 4", "ai_edited"),
        )
    ],
    ("Stable Diffusion web UI", "xmp:UserComment", A1111, "ai_generated"),
    ("Stable Diffusion web UI", "text:comment", A1111, "ai_generated"),
    ("Stable Diffusion web UI", "text:postprocessing", "Postprocess upscale by: 4", "suspected_ai"),
    ("Stable Diffusion web UI", "text:extras", "Postprocess upscale by: 4", "suspected_ai"),
    ("Fooocus", "text:fooocus_scheme", "fooocus", "ai_generated"),
    ("Fooocus", "text:parameters", '{"base_model": "x", "performance": "s"}', "ai_generated"),
    ("Fooocus", "exif:MakerNote", "a1111", "ai_generated"),
    ("Fooocus", "text:Comment", '{"full_prompt": [], "sharpness": 2}', "ai_generated"),
    ("Fooocus", "exif:UserComment", '{"base_model": "x", "performance": "s"}', "ai_generated"),
    *[
        ("SwarmUI", field, '{"sui_image_params": {"prompt": "p"}}', "ai_generated")
        for field in ("text:parameters", "exif:UserComment", "exif:Model")
    ],
    *[
        ("SwarmUI", field, '{"sui_image_params": {"initimage": "x"}}', "ai_edited")
        for field in ("text:parameters", "exif:UserComment")
    ],
    ("Easy Diffusion", "text:use_stable_diffusion_model", "sd-v1-4", "ai_generated"),
    ("Easy Diffusion", "text:Stable Diffusion model", "sd-v1-4", "ai_generated"),
    ("Easy Diffusion", "text:parameters", '{"use_stable_diffusion_model": "x"}', "ai_generated"),
    ("Easy Diffusion", "exif:UserComment", '{"Stable Diffusion model": "x"}', "ai_generated"),
    ("InvokeAI", "text:invokeai_metadata", '{"app_version": "4"}', "ai_generated"),
    ("InvokeAI", "text:invokeai_metadata", '{"generation_mode": "sdxl_img2img"}', "ai_edited"),
    ("InvokeAI", "text:invokeai_metadata", '{"upscale_initial_image": {}}', "ai_edited"),
    ("InvokeAI", "text:sd-metadata", '{"image": {"type": "txt2img"}}', "ai_generated"),
    ("InvokeAI", "text:sd-metadata", '{"image": {"type": "img2img"}}', "ai_edited"),
    ("InvokeAI", "text:Dream", '"a cat" -s 50 -S 1234 -W 512', "ai_generated"),
    ("NovelAI", "text:Software", "NovelAI", "ai_generated"),
    ("NovelAI", "text:Comment", '{"request_type": "Img2ImgRequest"}', "ai_edited"),
    ("Draw Things", "xmp:CreatorTool", "Draw Things", "ai_generated"),
    (
        "Draw Things",
        "xmp:UserComment",
        '{"c": "p", "uc": "n", "sampler": "DPM", "steps": 8}',
        "ai_generated",
    ),
    *(
        ("mflux", field, '{"mflux_version": "0.18.0", "image_path": "a.jpg"}', "ai_edited")
        for field in ("exif:UserComment", "xmp:UserComment")
    ),
    (
        "mflux",
        "exif:UserComment",
        '{"mflux_version": "0.18.0", "image_path": null}',
        "ai_generated",
    ),
    ("mflux", "xmp:UserComment", '{"mflux_version": "0.18.0"}', "ai_generated"),
    ("mflux", "xmp:CreatorTool", "MFLUX 0.18", "ai_generated"),
    ("mflux", "iim:OriginatingProgram", "mflux", "ai_generated"),
    ("FLUX", "exif:Software", "AI generated;txt2img;flux", "ai_generated"),
    ("FLUX", "exif:Software", "AI generated;img2img;flux", "ai_edited"),
    ("AI Horde", "exif:Software", "Stable UI, using the AI Horde", "ai_generated"),
    *[
        row
        for field in ("xmp:Credit", "iim:Credit")
        for row in (
            ("Google AI", field, "Made with Google AI", "ai_generated"),
            ("Google AI", field, "Edited with Google AI", "ai_edited"),
            ("Apple Image Playground", field, "Apple Image Playground", "ai_generated"),
            ("Apple Photos", field, "Apple Photos Clean Up", "ai_edited"),
            ("Apple Photos", field, "Apple Photos Generative Edit: Clean Up", "ai_edited"),
        )
    ],
    ("Samsung Galaxy AI", "trailer:PhotoEditor_Re_Edit_Data", '{"genAIType":1}', "ai_edited"),
    ("Adobe Firefly", "exif:Software", "Adobe Firefly 1.0", "ai_edited"),
    ("Adobe Firefly", "xmp:CreatorTool", "Adobe Firefly", "ai_edited"),
    ("Grok", "exif:ImageDescription", GROK, "ai_generated"),
    ("Grok", "exif:UserComment", GROK, "ai_generated"),
    ("Ideogram", "exif:Make", "Ideogram AI", "ai_generated"),
    ("Reve", "exif:Software", "reve.com", "ai_generated"),
    ("Reve", "xmp:CreatorTool", "reve.com", "ai_generated"),
    ("Luma", "text:Source", "Luma AI", "ai_generated"),
    *[
        row
        for field in ("exif:UserComment", "exif:ImageDescription")
        for row in (
            (
                "Doubao, Dreamina",
                field,
                '{"product":"doubao","exportType":"generation"}',
                "ai_generated",
            ),
            ("Doubao, Dreamina", field, '{"product":"dreamina"}', "suspected_ai"),
        )
    ],
    ("Volcengine", "exif:UserComment", "generated_by_ai", "ai_generated"),
    ("ComfyUI", "text:prompt", f'{{"3": {{{SAMPLER}}}}}', "suspected_ai"),
    ("ComfyUI", "text:workflow", '{"nodes": [], "links": []}', "suspected_ai"),
    ("ComfyUI", "exif:Model", f'prompt:{{"3": {{{SAMPLER}}}}}', "suspected_ai"),
    ("ComfyUI", "exif:Make", "workflow:{}", "suspected_ai"),
    ("ComfyUI", "exif:ImageDescription", 'Workflow:{"nodes": []}', "suspected_ai"),
    ("ComfyUI", "exif:UserComment", f'{{"3": {{{SAMPLER}}}}}', "suspected_ai"),
    ("Hugging Face", "text:hf-job-id", "6650", "suspected_ai"),
]
_NAMESPACES = {"Credit": PHOTOSHOP, "CreatorTool": XMP, "UserComment": EXIF, "description": DC}
_TAGS = {name: tag for tag, name in exif.NAMES.items()}
_DATASETS = {name: number for number, name in IIM.items()}


def file_with(field: str, value: str) -> bytes:
    """A picture that carries one field."""
    kind, _, name = field.partition(":")
    plain = jpeg(SCENE)
    match kind:
        case "text":
            return png(SCENE, {name: value})
        case "exif":
            raw = b"ASCII\0\0\0" + value.encode() if name == "UserComment" else value
            return tagged("JPEG", _TAGS[name], raw.encode() if name == "MakerNote" else raw)
        case "xmp":
            packet = xmp_packet(_NAMESPACES[name], "x", name, value)
            return jpeg(SCENE, xmp=packet.encode())
        case "iim":
            records = struct.pack(">BBBH", 0x1C, 2, _DATASETS[name], len(value)) + value.encode()
            body = b"Photoshop 3.0\0" + records
            return plain[:2] + b"\xff\xed" + struct.pack(">H", len(body) + 2) + body + plain[2:]
    record = struct.pack("<HHI", 0, 0x0BA1, len(name)) + name.encode() + value.encode()
    directory = b"SEFH" + struct.pack("<IIHHII", 107, 1, 0, 0x0BA1, len(record), len(record))
    return plain + record + directory + struct.pack("<I", len(directory)) + b"SEFT"


@pytest.mark.parametrize(("tool", "field", "value", "claim"), HABITS)
def test_a_generators_habit_is_found(tool: str, field: str, value: str, claim: str) -> None:
    (found,) = check(load(file_with(field, value)))
    assert (found.params["tool"], found.claim, found.strength) == (tool, claim, "declaration")
    name = field.partition(":")[2]
    assert str(found.params["where"]).endswith(name if field[:3] != "xmp" else "XMP")


def test_every_row_of_the_table_has_an_example() -> None:
    """The example's own row speaks: no earlier row of its tool may match it."""

    def row(tool: str, field: str, value: str) -> Generator:
        return next(r for r in GENERATORS if r.tool == tool and r.matches(field, value))

    assert {row(*habit[:3]) for habit in HABITS} == set(GENERATORS)


def test_tools_that_also_edit_photographs_never_say_that_all_is_ai() -> None:
    editors = {"ComfyUI", "Apple Photos", "Samsung Galaxy AI", "Adobe Firefly", "Hugging Face"}
    claims = {row.claim for row in GENERATORS if row.tool in editors}
    assert Claim.AI_GENERATED not in claims


def test_no_value_makes_the_search_slow() -> None:
    parts = ("Steps: 1, ", "Sampler: ", '"class_type" ', '{"generation_mode": "', "\n", " ", '"')
    started = time.perf_counter()
    for part in parts:
        value = part * (500_000 // len(part))
        for row in GENERATORS:
            row.matches(row.field, value)
            row.matches(row.field, "{" + value)
    assert time.perf_counter() - started < 20


@pytest.mark.parametrize(
    ("data", "params"),
    [
        (
            png(SCENE, {"parameters": A1111}),
            {"prompt": "a cat", "negative_prompt": "dog", "seed": "1"},
        ),
        (
            png(SCENE, {"Description": f"a red fox --v 6 Job ID: {UUID}"}),
            {"prompt": "a red fox --v 6"},
        ),
        (
            png(
                SCENE,
                {
                    "Software": "NovelAI",
                    "Source": "SDXL 1",
                    "Comment": '{"prompt": "p", "seed": 5}',
                },
            ),
            {"prompt": "p", "seed": "5"},
        ),
        (
            png(SCENE, {"use_stable_diffusion_model": "m", "Prompt": "p", "seed": "3"}),
            {"model": "m", "prompt": "p", "seed": "3"},
        ),
    ],
)
def test_prompt_model_and_seed_are_told(data: bytes, params: dict[str, str]) -> None:
    (found,) = check(load(data))
    assert {k: v for k, v in found.params.items() if k not in ("tool", "where")} == params


def test_a_text_hidden_in_the_pixels_is_read() -> None:
    text = json.dumps({"Software": "NovelAI", "Comment": json.dumps({"prompt": "a cat"})}).encode()
    bits = np.unpackbits(
        np.frombuffer(b"stealth_pnginfo" + (len(text) * 8).to_bytes(4, "big") + text, np.uint8)
    )
    picture = np.array(SCENE.convert("RGBA"))
    alpha = picture[..., 3].T.reshape(-1)
    alpha[: len(bits)] = (alpha[: len(bits)] & 0xFE) | bits
    picture[..., 3] = alpha.reshape(picture.shape[1::-1]).T
    target = io.BytesIO()
    PillowImage.fromarray(picture).save(target, "PNG")
    (found,) = check(load(target.getvalue()))
    assert found.params == {"tool": "NovelAI", "prompt": "a cat", "where": "pixels"}
    # The magic without a text that can be read is told, not passed over.
    alpha[15 * 8 : 15 * 8 + 32] = 255
    picture[..., 3] = alpha.reshape(picture.shape[1::-1]).T
    target = io.BytesIO()
    PillowImage.fromarray(picture).save(target, "PNG")
    with pytest.raises(CheckUnavailable) as caught:
        check(load(target.getvalue()))
    assert caught.value.params["where"] == "pixels"


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
