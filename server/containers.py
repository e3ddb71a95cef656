"""The only parser of containers: bytes of an image file -> its metadata blocks.

A block counts only inside the place that its format gives it, never by a search over the
bytes: text appended to a photograph is not its metadata. A file that is cut short gives the
blocks before the cut. Nothing here raises.

JPEG: ISO/IEC 10918-1 annex B, XMP part 3 (1.1.3). PNG: W3C PNG 3rd edition. WebP: RFC 9649.
GIF: GIF89a, XMP part 3 (1.1.2). TIFF: TIFF 6.0. HEIF, AVIF: ISO/IEC 14496-12, 23008-12.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import NamedTuple

from server import exif, heif

#: No honest metadata is larger; a compressed chunk stops here.
INFLATE_LIMIT = 16 * 1024 * 1024


class Kind(StrEnum):
    """How to read a block."""

    XMP = "xmp"  # an XMP packet
    EXIF = "exif"  # a TIFF header and its tags
    TEXT = "text"  # a keyword and its text, UTF-8


class Block(NamedTuple):
    """One metadata block; `where` names the place in words of its format."""

    kind: Kind
    where: str
    data: bytes
    keyword: str = ""


def blocks(data: bytes, file_format: str) -> list[Block]:
    """Return the metadata blocks in the order of the file."""
    parse = PARSERS.get(file_format)
    return list(parse(data)) if parse else []


# ── JPEG ────────────────────────────────────────────────────────────────────────────────────

_XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"
_EXTENDED_HEADER = b"http://ns.adobe.com/xmp/extension/\0"


def _jpeg(data: bytes) -> Iterator[Block]:
    extended: dict[bytes, dict[int, bytes]] = {}
    for marker, body in _jpeg_segments(data):
        if marker == 0xFE:
            yield Block(Kind.TEXT, "JPEG comment", body, "comment")
        if marker != 0xE1:
            continue
        if body.startswith(_XMP_HEADER):
            yield Block(Kind.XMP, "JPEG APP1 XMP", body[len(_XMP_HEADER) :])
        elif body.startswith(b"Exif\0\0"):
            yield Block(Kind.EXIF, "JPEG APP1 EXIF", body[6:])
        elif body.startswith(_EXTENDED_HEADER) and len(body) >= len(_EXTENDED_HEADER) + 40:
            # GUID (32), full length (4), offset of this part (4), then the part.
            rest = body[len(_EXTENDED_HEADER) :]
            (offset,) = struct.unpack_from(">I", rest, 36)
            extended.setdefault(rest[:32], {})[offset] = rest[40:]
    for parts in extended.values():
        packet = b"".join(parts[offset] for offset in sorted(parts))
        yield Block(Kind.XMP, "JPEG APP1 extended XMP", packet)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (marker, body) up to the first scan; nothing after it is metadata."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
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


# ── PNG ─────────────────────────────────────────────────────────────────────────────────────


def _png(data: bytes) -> Iterator[Block]:
    """Text may follow the pixels, megabytes into the file; every chunk is walked."""
    at = 8
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if at + 12 + length > len(data) or kind == b"IEND":
            return
        body = data[at + 8 : at + 8 + length]
        if kind == b"eXIf":
            yield Block(Kind.EXIF, "PNG eXIf", body)
        elif reader := _PNG_TEXT.get(kind):
            yield from reader(body)
        at += 12 + length


def _png_text(body: bytes) -> Iterator[Block]:
    keyword, _, text = body.partition(b"\0")
    yield Block(Kind.TEXT, "PNG tEXt", _utf8(text), keyword.decode("latin-1"))


def _png_ztxt(body: bytes) -> Iterator[Block]:
    keyword, _, rest = body.partition(b"\0")
    text = _inflate(rest[1:]) if rest[:1] == b"\0" else b""
    yield Block(Kind.TEXT, "PNG zTXt", _utf8(text), keyword.decode("latin-1"))


def _png_itxt(body: bytes) -> Iterator[Block]:
    keyword, _, rest = body.partition(b"\0")
    compressed, rest = rest[:1] == b"\1", rest[2:]
    _language, _, rest = rest.partition(b"\0")
    _translated, _, text = rest.partition(b"\0")
    text = _inflate(text) if compressed else text
    if keyword == b"XML:com.adobe.xmp":
        yield Block(Kind.XMP, "PNG iTXt XMP", text)
    else:
        yield Block(Kind.TEXT, "PNG iTXt", text, keyword.decode("latin-1"))


_PNG_TEXT: dict[bytes, Callable[[bytes], Iterator[Block]]] = {
    b"tEXt": _png_text,
    b"zTXt": _png_ztxt,
    b"iTXt": _png_itxt,
}


def _utf8(text: bytes) -> bytes:
    """Latin-1 by the standard, UTF-8 by habit: keep what is UTF-8, recode the rest."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1").encode()
    return text


def _inflate(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, INFLATE_LIMIT)
    except zlib.error:
        return b""


# ── WebP, GIF, TIFF, HEIF ──────────────────────────────────────────────────────────────────────


def _webp(data: bytes) -> Iterator[Block]:
    at = 12
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        body = data[at + 8 : at + 8 + length]
        if len(body) < length:
            return
        if kind == b"XMP ":
            yield Block(Kind.XMP, "WebP XMP", body)
        elif kind == b"EXIF":
            yield Block(Kind.EXIF, "WebP EXIF", body.removeprefix(b"Exif\0\0"))
        at += 8 + length + length % 2


def _gif(data: bytes) -> Iterator[Block]:
    at = 13 + _colour_table(data[10:11])
    while at + 2 <= len(data):
        if data[at] == 0x2C:  # image: descriptor, its colour table, code size, sub-blocks
            at = _sub_blocks_end(data, at + 11 + _colour_table(data[at + 9 : at + 10]))
        elif data[at] == 0x21:
            end = _sub_blocks_end(data, at + 2)
            body = data[at + 2 : end]
            if body.startswith(b"\x0bXMP DataXMP"):
                # The packet is no chain of sub-blocks; a 258-byte trailer ends it.
                yield Block(Kind.XMP, "GIF XMP", body[12:].partition(b"\x01\xff\xfe\xfd")[0])
            elif data[at + 1] == 0xFE:
                yield Block(Kind.TEXT, "GIF comment", _utf8(body[1:-1]), "comment")
            at = end
        else:
            return


def _colour_table(flags: bytes) -> int:
    return 3 << ((flags[0] & 7) + 1) if flags and flags[0] & 0x80 else 0


def _sub_blocks_end(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        at += 1 + data[at]
    return at + 1


def _tiff(data: bytes) -> Iterator[Block]:
    found = exif.tags(data)
    if exif.XMP in found:
        yield Block(Kind.XMP, "TIFF tag 700 XMP", found[exif.XMP])
    yield Block(Kind.EXIF, "TIFF tags", data)


def _heif(data: bytes) -> Iterator[Block]:
    for item in heif.items(data):
        if item.kind == b"Exif":
            # The item begins with the offset of the TIFF header (23008-12 annex A.2.1).
            yield Block(Kind.EXIF, "HEIF Exif item", item.data[4:].removeprefix(b"Exif\0\0"))
        elif item.mime == b"application/rdf+xml":
            yield Block(Kind.XMP, "HEIF XMP item", item.data)


PARSERS: dict[str, Callable[[bytes], Iterator[Block]]] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "WebP": _webp,
    "GIF": _gif,
    "TIFF": _tiff,
    "HEIC": _heif,
    "AVIF": _heif,
}
