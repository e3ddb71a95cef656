"""Metadata blocks of every container, whole, cut and damaged."""

import io
import struct
import time
import tracemalloc
import zlib
from pathlib import Path

import brotli
import numpy as np
import pylibjxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as PillowImage

from scripts.pictures import TC260, jpeg, png, scene, xmp_packet
from scripts.signing import created, make_signer, sign
from server import containers, exif
from server.containers import Kind, blocks, bmff
from server.containers import png as png_container
from server.errors import CheckUnavailable, UnreadableImage
from server.heif import items
from server.image import load
from server.iptc import datasets
from server.xmp import properties

SCENE = scene(1, 64, 48)
SIGNER, AI = make_signer("Example Studio"), created("trainedAlgorithmicMedia")
PACKET = xmp_packet(TC260, "TC260", "AIGC", '{"Label":"1"}')


def with_exif() -> PillowImage.Exif:
    found = PillowImage.Exif()
    found[exif.SOFTWARE] = "example"
    return found


def save(kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    SCENE.save(target, kind, **options)
    return target.getvalue()


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body


def uuid(name: str, body: bytes) -> bytes:
    return box(b"uuid", bytes.fromhex(name) + body)


EXIF = PillowImage.Exif()
EXIF[exif.SOFTWARE] = "example"
TIFF_HEADER = EXIF.tobytes().removeprefix(b"Exif\0\0")


def jxl(*, compressed: bool = False) -> bytes:
    """A JPEG XL container; `compressed`: its metadata boxes as Brotli."""
    pieces = {b"xml ": PACKET.encode(), b"Exif": bytes(4) + TIFF_HEADER}
    boxes = [
        box(b"brob", kind + brotli.compress(body)) if compressed else box(kind, body)
        for kind, body in pieces.items()
    ]
    stream = pylibjxl.encode(np.asarray(SCENE))
    head = box(b"JXL ", b"\r\n\x87\n") + box(b"ftyp", b"jxl \0\0\0\0jxl ")
    return head + box(b"jxlc", stream) + b"".join(boxes)


def jp2() -> bytes:
    extra = uuid("be7acfcb97a942e89c71999491e3afac", PACKET.encode())
    extra += uuid(b"JpgTiffExif->JP2".hex(), TIFF_HEADER)
    extra += uuid("33c7a4d2b81d4723a0baf1a3e097ad38", IIM)
    return save("JPEG2000") + extra


SVG = f"""<?xml version="1.0"?><!DOCTYPE svg>
<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48"><metadata>{PACKET}</metadata>
<rect width="9" height="9"/></svg>""".replace(PACKET[: PACKET.index("<x:")], "").replace(
    '<?xpacket end="w"?>', ""
)
IIM = b"\x1c\x02\x6e\x00\x04some"


def gif() -> bytes:
    """Pillow writes no XMP into GIF: insert the application extension before the trailer."""
    trailer = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    extension = b"!\xff\x0bXMP DataXMP" + PACKET.encode() + trailer
    return save("GIF")[:-1] + extension + b";"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def late_png() -> bytes:
    """Text after the pixels, as some services write it."""
    data = save("PNG")
    return (
        data[:-12] + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + PACKET.encode()) + data[-12:]
    )


FILES = {
    "JPEG": jpeg(SCENE, xmp=PACKET.encode(), exif=with_exif()),
    "PNG": png(SCENE, {"XML:com.adobe.xmp": PACKET, "AIGC": "{}"}),
    "WebP": save("WEBP", xmp=PACKET.encode(), exif=with_exif()),
    "GIF": gif(),
    "TIFF": save("TIFF", tiffinfo={exif.XMP: PACKET.encode(), exif.SOFTWARE: "example"}),
    "AVIF": save("AVIF", xmp=PACKET.encode(), exif=with_exif()),
    "JPEG XL": jxl(),
    "JPEG 2000": jp2(),
}
HEIC = (Path(__file__).parent / "data/scene.heic").read_bytes()


@pytest.mark.parametrize("name", FILES)
def test_the_xmp_packet_is_found_whole(name: str) -> None:
    packets = [b.data for b in blocks(FILES[name], name) if b.kind is Kind.XMP]
    assert [packet.decode() for packet in packets] == [PACKET]


@pytest.mark.parametrize("name", ["JPEG", "WebP", "TIFF", "AVIF", "JPEG XL", "JPEG 2000"])
def test_exif_is_found(name: str) -> None:
    (found,) = [b.data for b in blocks(FILES[name], name) if b.kind is Kind.EXIF]
    assert exif.text(exif.tags(found)[exif.SOFTWARE]) == "example"


def test_heic_carries_xmp_and_exif() -> None:
    found = {b.kind: b.data for b in blocks(HEIC, "HEIC")}
    assert b"touchstone-example" in found[Kind.XMP]
    assert exif.text(exif.tags(found[Kind.EXIF])[exif.SOFTWARE]) == "example"


def test_text_after_the_pixels_counts() -> None:
    assert [b.where for b in blocks(late_png(), "PNG")] == ["PNG iTXt XMP"]


@pytest.mark.parametrize("text", ["AI生成", "café"])
def test_png_text_is_utf8_or_latin1(text: str) -> None:
    encoded = text.encode() if text == "AI生成" else text.encode("latin-1")
    data = save("PNG")
    data = data[:-12] + chunk(b"tEXt", b"AIGC\0" + encoded) + data[-12:]
    assert blocks(data, "PNG")[0].data.decode() == text


def test_compressed_text_is_inflated_and_a_bomb_is_not() -> None:
    big = zlib.compress(bytes(40_000_000), 9)
    data = save("PNG")
    data = data[:-12] + chunk(b"zTXt", b"AIGC\0\0" + big) + data[-12:]
    assert len(blocks(data, "PNG")[0].data) == png_container.INFLATE_LIMIT


def test_many_bombs_are_one_bomb() -> None:
    bomb = chunk(b"zTXt", b"note\0\0" + zlib.compress(bytes(png_container.INFLATE_LIMIT), 9))
    data = save("PNG")
    with pytest.raises(CheckUnavailable, match="metadata_unreadable"):
        blocks(data[:-12] + bomb * 200 + data[-12:], "PNG")


def test_more_blocks_than_any_writer_makes_are_refused() -> None:
    comment = b"\xff\xfe\x00\x03a"
    plain = save("JPEG")
    few, many = (plain[:2] + comment * count + plain[2:] for count in (50, 5000))
    assert len(blocks(few, "JPEG")) == 50
    with pytest.raises(CheckUnavailable, match="metadata_unreadable"):
        blocks(many, "JPEG")


SMALL = {
    "JPEG": (save("JPEG")[:2], b"\xff\xe5\x00\x02", save("JPEG")[2:]),
    "PNG": (save("PNG")[:-12], chunk(b"teSt", b""), save("PNG")[-12:]),
    "WebP": (save("WEBP"), b"TEST\0\0\0\0", b""),
    "GIF": (save("GIF")[:-1], b"\x21\xfe\x00", b";"),
    "JPEG XL": (jxl(), box(b"test", b""), b""),
    "JPEG 2000": (save("JPEG2000"), box(b"test", b""), b""),
    "AVIF": (save("AVIF"), box(b"test", b""), b""),
}


@pytest.mark.parametrize("name", SMALL)
def test_endless_small_parts_are_refused_at_once(name: str) -> None:
    head, part, tail = SMALL[name]
    assert isinstance(blocks(head + part * 500 + tail, name), list)
    started = time.perf_counter()
    with pytest.raises(CheckUnavailable, match="metadata_unreadable"):
        blocks(head + part * 2_000_000 + tail, name)
    assert time.perf_counter() - started < 3


def test_a_gif_of_tiny_sub_blocks_is_refused_and_a_large_one_is_not() -> None:
    head = save("GIF")[:-1] + b"\x21\xfe"
    with pytest.raises(CheckUnavailable, match="metadata_unreadable"):
        blocks(head + b"\x01a" * 300_000 + b"\0;", "GIF")
    (large,) = blocks(head + (b"\xff" + b"a" * 255) * 120_000 + b"\0;", "GIF")
    assert len(large.data) == 255 * 120_000


def test_fill_bytes_cost_no_time_each() -> None:
    plain = save("JPEG", comment=b"here")
    started = time.perf_counter()
    found = blocks(plain[:2] + b"\xff" * 20_000_000 + plain[2:], "JPEG")
    assert [b.data for b in found] == [b"here"]
    assert time.perf_counter() - started < 2


def test_compressed_boxes_are_inflated_and_a_bomb_is_not() -> None:
    assert blocks(jxl(compressed=True), "JPEG XL") == blocks(jxl(), "JPEG XL")
    bomb = box(b"brob", b"xml " + brotli.compress(bytes(100_000_000)))
    found = blocks(jxl() + bomb, "JPEG XL")
    assert len(found[-1].data) <= bmff.INFLATE_LIMIT


@pytest.mark.parametrize("name", ["JPEG XL", "JPEG 2000"])
def test_a_bare_codestream_has_no_blocks(name: str) -> None:
    bare = {
        "JPEG XL": pylibjxl.encode(np.asarray(SCENE)),
        "JPEG 2000": save("JPEG2000", no_jp2=True),
    }
    assert blocks(bare[name], name) == []


def test_svg_carries_xmp_in_its_metadata_only() -> None:
    (found,) = blocks(SVG.encode(), "SVG")
    assert properties(found.data) == [(TC260, "AIGC", '{"Label":"1"}')]
    outside = SVG.replace("metadata>", "g>")
    assert blocks(outside.encode(), "SVG") == []


def test_a_cut_svg_has_no_blocks_and_is_no_image() -> None:
    cut = SVG[:-9].encode()
    assert blocks(cut, "SVG") == []
    with pytest.raises(UnreadableImage):
        load(cut)


def app13(body: bytes) -> bytes:
    plain = save("JPEG")
    segment = b"Photoshop 3.0\0" + body
    return plain[:2] + b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment + plain[2:]


RESOURCE = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(IIM)) + IIM


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("JPEG", app13(RESOURCE)),
        ("TIFF", save("TIFF", tiffinfo={exif.IPTC: IIM})),
        ("TIFF", save("TIFF", tiffinfo={exif.PHOTOSHOP: RESOURCE})),
        ("JPEG 2000", jp2()),
    ],
    ids=["APP13", "tag 33723", "tag 34377", "JPEG 2000"],
)
def test_iptc_records_are_found(name: str, data: bytes) -> None:
    (found,) = [b for b in blocks(data, name) if b.kind is Kind.IPTC]
    assert datasets(found.data) == [("Credit", "some")]


@pytest.mark.parametrize(
    ("keyword", "profile", "kind"),
    [
        ("xmp", PACKET.encode(), Kind.XMP),
        ("exif", b"Exif\0\0" + TIFF_HEADER, Kind.EXIF),
        ("APP1", b"Exif\0\0" + TIFF_HEADER, Kind.EXIF),
        ("iptc", RESOURCE, Kind.IPTC),
        ("8bim", RESOURCE, Kind.IPTC),
    ],
)
def test_imagemagicks_raw_profiles_are_what_they_carry(
    keyword: str, profile: bytes, kind: Kind
) -> None:
    text = f"\n{keyword}\n{len(profile):8}\n{profile.hex()}\n".encode()
    body = b"Raw profile type " + keyword.encode() + b"\0\0" + zlib.compress(text)
    data = save("PNG")
    (found,) = blocks(data[:-12] + chunk(b"zTXt", body) + data[-12:], "PNG")
    assert found.kind is kind
    assert found.data in (profile, TIFF_HEADER, IIM)


def samsung(*records: tuple[str, bytes]) -> bytes:
    """A trailer as Samsung's phones write it behind a JPEG."""
    bodies = [
        struct.pack("<HHI", 0, 0x0BA1, len(name)) + name.encode() + content
        for name, content in records
    ]
    directory = b"SEFH" + struct.pack("<II", 107, len(bodies))
    for number, body in enumerate(bodies):
        back = sum(len(later) for later in bodies[number:])
        directory += struct.pack("<HHII", 0, 0x0BA1, back, len(body))
    return b"".join(bodies) + directory + struct.pack("<I", len(directory)) + b"SEFT"


RECORDS = [("Image_UTC_Data", b"1700000000000"), ("PhotoEditor_Re_Edit_Data", b'{"genAIType":1}')]


def test_samsungs_trailer_is_read_by_its_directory() -> None:
    data = save("JPEG") + samsung(*RECORDS)
    found = [(b.keyword, b.data) for b in blocks(data, "JPEG") if b.kind is Kind.TRAILER]
    assert found == RECORDS
    assert blocks(data + b"x", "JPEG") == []


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_damaged_trailer_raises_nothing(data: st.DataObject) -> None:
    trailer = bytearray(samsung(*RECORDS))
    for _ in range(data.draw(st.integers(1, 6))):
        trailer[data.draw(st.integers(0, len(trailer) - 1))] = data.draw(st.integers(0, 255))
    blocks(save("JPEG") + bytes(trailer), "JPEG")


@pytest.mark.parametrize("order", ["<", ">"])
def test_bigtiff_is_read(order: str) -> None:
    def entry(tag: int, kind: int, count: int, value: bytes) -> bytes:
        return struct.pack(order + "HHQ", tag, kind, count) + value

    text = b"AI generated;txt2img;flux\0"
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HHHQ", 43, 8, 0, 16)
    ifd = struct.pack(order + "Q", 2) + entry(exif.MAKE, 2, 4, b"abc\0".ljust(8, b"\0"))
    ifd += entry(exif.SOFTWARE, 2, len(text), struct.pack(order + "Q", 16 + 8 + 40 + 8))
    found = exif.tags(head + ifd + bytes(8) + text)
    assert {exif.NAMES[tag]: exif.field(tag, value) for tag, value in found.items()} == {
        "Make": "abc",
        "Software": text[:-1].decode(),
    }


def test_windows_tags_are_utf16() -> None:
    assert exif.field(exif.XP_COMMENT, "AI生成\0".encode("utf-16-le")) == "AI生成"


def test_tags_that_share_one_value_take_no_memory_each() -> None:
    entries = b"".join(
        struct.pack("<HHII", 0x1000 + number, 7, 10_000_000, 8 + 2 + 12 * 2000)
        for number in range(2000)
    )
    data = b"II*\0\x08\0\0\0" + struct.pack("<H", 2000) + entries + bytes(10_000_000)
    tracemalloc.start()
    exif.tags(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000_000


@pytest.mark.parametrize(
    ("name", "data", "where"),
    [
        ("JPEG", sign(save("JPEG"), SIGNER, AI), "JPEG APP11"),
        ("PNG", sign(save("PNG"), SIGNER, AI, mime="image/png"), "PNG caBX"),
        ("WebP", sign(save("WEBP"), SIGNER, AI, mime="image/webp"), "WebP C2PA"),
        ("GIF", sign(save("GIF"), SIGNER, AI, mime="image/gif"), "GIF C2PA_GIF"),
        ("TIFF", sign(save("TIFF"), SIGNER, AI, mime="image/tiff"), "TIFF tag 52545"),
        ("AVIF", sign(save("AVIF"), SIGNER, AI, mime="image/avif"), "HEIF C2PA box"),
        ("JPEG XL", sign(jxl(), SIGNER, AI, mime="image/jxl"), "JPEG XL jumb box"),
        ("SVG", sign(SVG.encode(), SIGNER, AI, mime="image/svg+xml"), "SVG c2pa:manifest"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_credential_is_seen_in_its_place(name: str, data: bytes, where: str) -> None:
    assert where in [b.where for b in blocks(data, name) if b.kind is Kind.CREDENTIAL]


def test_extended_xmp_is_put_together_in_its_order() -> None:
    def part(offset: int, body: bytes) -> bytes:
        content = b"http://ns.adobe.com/xmp/extension/\0" + b"G" * 32
        content += struct.pack(">II", 6, offset) + body
        return b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content

    plain = save("JPEG")
    data = plain[:2] + part(3, b"def") + part(0, b"abc") + plain[2:]
    assert [b.data for b in blocks(data, "JPEG")] == [b"abcdef"]


@pytest.mark.parametrize("name", FILES)
def test_a_label_outside_its_container_is_no_label(name: str) -> None:
    others = {"WebP": "WEBP", "JPEG 2000": "JPEG2000"}
    bare = pylibjxl.encode(np.asarray(SCENE), exif=bytes(4) + TIFF_HEADER)
    plain = bare if name == "JPEG XL" else save(others.get(name, name))
    known = [b.kind for b in blocks(plain, name)]
    appended = plain + b"http://ns.adobe.com/xap/1.0/\0" + PACKET.encode() + b"AIGC{}"
    assert [b.kind for b in blocks(appended, name)] == known


def test_an_unknown_format_has_no_blocks() -> None:
    assert blocks(b"anything", "BMP") == []


@pytest.mark.parametrize("name", FILES)
def test_every_cut_gives_the_blocks_before_it(name: str) -> None:
    data = FILES[name]
    whole = blocks(data, name)
    for length in range(len(data)):
        found = blocks(data[:length], name)
        kinds = [b.kind for b in whole]
        # TIFF's tags are the file itself, so their block is as long as the cut.
        assert [b.kind for b in found] == [k for k in kinds if k in {b.kind for b in found}]


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_damaged_bytes_raise_nothing(name: str, data: st.DataObject) -> None:
    damaged = bytearray(FILES[name])
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, min(len(damaged), 2000) - 1))] = data.draw(
            st.integers(0, 255)
        )
    for block in blocks(bytes(damaged), name):
        if block.kind is Kind.EXIF:
            for value in exif.tags(block.data).values():
                exif.text(value)


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_raise_nothing(data: bytes) -> None:
    for name in containers.PARSERS:
        blocks(data, name)
    list(items(data))
    exif.tags(b"II*\0" + data)
    exif.text(data)
    exif.text(b"UNICODE\0" + data)


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["a cat\nSteps: 20", "一只猫, Steps: 20"])
def test_a_unicode_comment_is_read_in_either_byte_order(order: str, text: str) -> None:
    assert exif.text(b"UNICODE\0" + text.encode(order)) == text
