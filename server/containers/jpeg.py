"""Metadata of JPEG (ISO/IEC 10918-1 annex B; XMP part 3 section 1.1.3; IPTC-IIM in APP13)."""

import re
import struct
from collections.abc import Iterator

from server import iptc, xmp
from server.containers.block import Block, Kind, counted, utf8

_EXTENDED_HEADER = b"http://ns.adobe.com/xmp/extension/\0"
_FILL = re.compile(rb"\xff+")
_PHOTOSHOP_HEADER = b"Photoshop 3.0\0"
#: Extended XMP comes in parts of 64 KB; together they are never honestly larger than this.
_EXTENDED_LIMIT = 16 * 1024 * 1024


def parse(data: bytes) -> Iterator[Block]:
    """Yield the blocks before the first scan, then the records behind the picture."""
    extended: dict[bytes, dict[int, bytes]] = {}
    photoshop: list[bytes] = []
    for marker, body in counted(_segments(data)):
        if marker == 0xFE:
            yield Block(Kind.TEXT, "JPEG comment", utf8(body), "comment")
        elif marker == 0xEB and body[:2] == b"JP" and body[12:16] == b"jumb" and b"c2pa" in body:
            yield Block(Kind.CREDENTIAL, "JPEG APP11", b"")
        elif marker == 0xED and body.startswith(_PHOTOSHOP_HEADER):
            photoshop.append(body[len(_PHOTOSHOP_HEADER) :])
        elif marker == 0xE1:
            yield from _app1(body, extended)
    if records := iptc.from_photoshop(b"".join(photoshop)):
        yield Block(Kind.IPTC, "JPEG APP13 IPTC", records)
    for parts in extended.values():
        packet = b"".join(parts[offset] for offset in sorted(parts))
        yield Block(Kind.XMP, "JPEG APP1 extended XMP", packet[:_EXTENDED_LIMIT])
    yield from _samsung(data)


def _app1(body: bytes, extended: dict[bytes, dict[int, bytes]]) -> Iterator[Block]:
    if body.startswith(xmp.HEADER):
        yield Block(Kind.XMP, "JPEG APP1 XMP", body[len(xmp.HEADER) :])
    elif body.startswith(b"Exif\0\0"):
        yield Block(Kind.EXIF, "JPEG APP1 EXIF", body[6:])
    elif body[:4].lower() == b"aigc" and b"{" in body[:16]:
        # Some services write the bare label as a segment of its own.
        yield Block(Kind.TEXT, "JPEG APP1", utf8(body), "AIGC")
    elif body.startswith(_EXTENDED_HEADER) and len(body) >= len(_EXTENDED_HEADER) + 40:
        # GUID (32), full length (4), offset of this part (4), then the part.
        rest = body[len(_EXTENDED_HEADER) :]
        (offset,) = struct.unpack_from(">I", rest, 36)
        extended.setdefault(rest[:32], {})[offset] = rest[40:]


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (marker, body) up to the first scan; nothing after it is metadata."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # fill bytes, as many as the writer likes
            at = _FILL.match(data, at).end() - 1  # type: ignore[union-attr]
            continue
        if marker in (0xD9, 0xDA):  # end of image, start of scan
            return
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:  # markers without a body
            at += 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        if length < 2 or at + 2 + length > len(data):
            return
        yield marker, data[at + 4 : at + 2 + length]
        at += 2 + length


def _samsung(data: bytes) -> Iterator[Block]:
    """Yield the records of Samsung's trailer; its directory lies at the very end of the file.

    Directory: SEFH, version, count, then 12 bytes a record (2 unused, type, distance back from
    the directory to the record, size); its length; SEFT. Record: 4 bytes, length of the name,
    name, content (as ExifTool's Samsung.pm reads it).
    """
    if data[-4:] != b"SEFT" or len(data) < 24:
        return
    (length,) = struct.unpack_from("<I", data, len(data) - 8)
    start = len(data) - 8 - length
    if start < 2 or data[start : start + 4] != b"SEFH" or length < 12:
        return
    (count,) = struct.unpack_from("<I", data, start + 8)
    for entry in range(start + 12, min(start + 12 + 12 * count, len(data) - 19), 12):
        back, size = struct.unpack_from("<II", data, entry + 4)
        record = data[start - back : start - back + size] if 8 < size <= back <= start else b""
        if len(record) > 8:
            (name_length,) = struct.unpack_from("<I", record, 4)
            name = record[8 : 8 + name_length].decode("latin-1")
            content = record[8 + name_length :]
            yield Block(Kind.TRAILER, "Samsung trailer", utf8(content), name)
