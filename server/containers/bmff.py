"""Metadata of the formats made of boxes: HEIF, AVIF, JPEG XL, JPEG 2000.

ISO/IEC 14496-12 and 23008-12 annex A (HEIF); ISO/IEC 18181-2 (JPEG XL); ISO/IEC 15444-1
annex I and XMP part 3 section 1.1.4 (JPEG 2000).
"""

from collections.abc import Iterator

import brotli

from server import heif, iptc
from server.containers.block import Block, Kind, counted

#: No honest metadata is larger; a compressed box stops here.
INFLATE_LIMIT = 16 * 1024 * 1024
_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_JP2_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_JP2_IPTC = bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38")
_JP2_EXIF = b"JpgTiffExif->JP2"


def parse_heif(data: bytes) -> Iterator[Block]:
    """Yield the blocks of the `meta` box's items, and the C2PA box."""
    for kind, body in counted(heif.boxes(data)):
        if kind == b"uuid" and body[:16] == _C2PA:
            yield Block(Kind.CREDENTIAL, "HEIF C2PA box", b"")
    for item in heif.items(data):
        if item.kind == b"Exif":
            # The item begins with the offset of the TIFF header (23008-12 annex A.2.1).
            yield Block(Kind.EXIF, "HEIF Exif item", item.data[4:].removeprefix(b"Exif\0\0"))
        elif item.mime == b"application/rdf+xml":
            yield Block(Kind.XMP, "HEIF XMP item", item.data)


def parse_jxl(data: bytes) -> Iterator[Block]:
    """Yield the blocks of a JPEG XL container; a bare codestream has none."""
    if data[4:8] != b"JXL ":
        return
    for kind, body in counted(heif.boxes(data)):
        inner = body
        if kind == b"brob":  # a box compressed with Brotli: its own type, then the stream
            kind, inner = body[:4], _unbrotli(body[4:]) if body[:4] in _JXL_KINDS else b""
        if kind == b"jumb":
            yield Block(Kind.CREDENTIAL, "JPEG XL jumb box", b"")
        elif kind == b"xml ":
            yield Block(Kind.XMP, "JPEG XL xml box", inner)
        elif kind == b"Exif":
            yield Block(Kind.EXIF, "JPEG XL Exif box", inner[4:].removeprefix(b"Exif\0\0"))


_JXL_KINDS = (b"xml ", b"Exif")


def _unbrotli(data: bytes) -> bytes:
    try:
        inflated: bytes = brotli.Decompressor().process(data, output_buffer_limit=INFLATE_LIMIT)
    except brotli.error:
        return b""
    return inflated[:INFLATE_LIMIT]


def parse_jp2(data: bytes) -> Iterator[Block]:
    """Yield the blocks of a JPEG 2000 file's `uuid` boxes; a bare codestream has none."""
    if data[4:8] != b"jP  ":
        return
    for kind, body in counted(heif.boxes(data)):
        if kind != b"uuid":
            continue
        name, inner = body[:16], body[16:]
        if name == _JP2_XMP:
            yield Block(Kind.XMP, "JPEG 2000 uuid XMP", inner)
        elif name == _JP2_EXIF:
            yield Block(Kind.EXIF, "JPEG 2000 uuid EXIF", inner.removeprefix(b"Exif\0\0"))
        elif name == _JP2_IPTC and (records := iptc.from_photoshop(inner)):
            yield Block(Kind.IPTC, "JPEG 2000 uuid IPTC", records)
