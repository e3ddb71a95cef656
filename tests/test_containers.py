"""Metadata blocks of every container, whole, cut and damaged."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as PillowImage

from scripts.pictures import TC260, jpeg, png, scene, xmp_packet
from server import containers, exif
from server.containers import Kind, blocks
from server.heif import items

SCENE = scene(1, 64, 48)
PACKET = xmp_packet(TC260, "TC260", "AIGC", '{"Label":"1"}')


def with_exif() -> PillowImage.Exif:
    found = PillowImage.Exif()
    found[exif.SOFTWARE] = "example"
    return found


def save(kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    SCENE.save(target, kind, **options)
    return target.getvalue()


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
}
HEIC = (Path(__file__).parent / "data/scene.heic").read_bytes()


@pytest.mark.parametrize("name", FILES)
def test_the_xmp_packet_is_found_whole(name: str) -> None:
    packets = [b.data for b in blocks(FILES[name], name) if b.kind is Kind.XMP]
    assert [packet.decode() for packet in packets] == [PACKET]


@pytest.mark.parametrize("name", ["JPEG", "WebP", "TIFF", "AVIF"])
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
    assert len(blocks(data, "PNG")[0].data) == containers.INFLATE_LIMIT


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
    plain = save("WEBP" if name == "WebP" else name)
    known = [b.kind for b in blocks(plain, name)]
    appended = plain + b"http://ns.adobe.com/xap/1.0/\0" + PACKET.encode() + b"AIGC{}"
    assert [b.kind for b in blocks(appended, name)] == known


def test_an_unknown_format_has_no_blocks() -> None:
    assert blocks(b"anything", "BMP") == []


@pytest.mark.parametrize("name", FILES)
def test_every_cut_gives_the_blocks_before_it(name: str) -> None:
    data = FILES[name]
    whole = blocks(data, name)
    for length in range(0, len(data), max(1, len(data) // 400)):
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
