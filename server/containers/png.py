"""Metadata of PNG (W3C PNG 3rd edition, chapter 11.3), and ImageMagick's raw profiles in it."""

import struct
import zlib
from collections.abc import Callable, Iterator

from server import iptc
from server.containers.block import Block, Kind, counted, utf8

#: No honest metadata is larger; a compressed chunk stops here.
INFLATE_LIMIT = 16 * 1024 * 1024
_PROFILE = "Raw profile type "


def parse(data: bytes) -> Iterator[Block]:
    """Yield the blocks; text may follow the pixels, megabytes into the file."""
    for kind, start, end in counted(_chunks(data)):
        if kind == b"caBX":
            yield Block(Kind.CREDENTIAL, "PNG caBX", b"")
        elif kind == b"eXIf":
            yield Block(Kind.EXIF, "PNG eXIf", data[start:end])
        elif reader := _TEXT.get(kind):
            for block in reader(data[start:end]):
                yield from _unpacked(block)


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield (type, start, end) of each whole chunk before IEND."""
    at = 8
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if at + 12 + length > len(data) or kind == b"IEND":
            return
        yield kind, at + 8, at + 8 + length
        at += 12 + length


def _text(body: bytes) -> Iterator[Block]:
    keyword, _, text = body.partition(b"\0")
    yield Block(Kind.TEXT, "PNG tEXt", utf8(text), keyword.decode("latin-1"))


def _ztxt(body: bytes) -> Iterator[Block]:
    keyword, _, rest = body.partition(b"\0")
    text = _inflate(rest[1:]) if rest[:1] == b"\0" else b""
    yield Block(Kind.TEXT, "PNG zTXt", utf8(text), keyword.decode("latin-1"))


def _itxt(body: bytes) -> Iterator[Block]:
    keyword, _, rest = body.partition(b"\0")
    compressed, rest = rest[:1] == b"\1", rest[2:]
    _language, _, rest = rest.partition(b"\0")
    _translated, _, text = rest.partition(b"\0")
    text = _inflate(text) if compressed else text
    yield Block(Kind.TEXT, "PNG iTXt", utf8(text), keyword.decode("latin-1"))


_TEXT: dict[bytes, Callable[[bytes], Iterator[Block]]] = {
    b"tEXt": _text,
    b"zTXt": _ztxt,
    b"iTXt": _itxt,
}


def _unpacked(block: Block) -> Iterator[Block]:
    """Turn a text chunk that carries a whole XMP packet, EXIF or IPTC into what it is."""
    if block.keyword == "XML:com.adobe.xmp":
        yield Block(Kind.XMP, f"{block.where} XMP", block.data)
    elif block.keyword.startswith(_PROFILE):
        profile = _hexadecimal(block.data)
        match block.keyword.removeprefix(_PROFILE).lower():
            case "xmp":
                yield Block(Kind.XMP, "PNG raw profile XMP", profile)
            case "exif" | "app1" if profile.startswith((b"Exif\0\0", b"II*\0", b"MM\0*")):
                yield Block(Kind.EXIF, "PNG raw profile EXIF", profile.removeprefix(b"Exif\0\0"))
            case "iptc" | "8bim":
                if records := iptc.from_photoshop(profile):
                    yield Block(Kind.IPTC, "PNG raw profile IPTC", records)
    else:
        yield block


def _hexadecimal(text: bytes) -> bytes:
    """Decode ImageMagick's form: a line with the name, one with the length, then hexadecimal."""
    lines = text.split(b"\n", 3)
    try:
        return bytes.fromhex(lines[3].decode("ascii")) if len(lines) == 4 else b""
    except ValueError:
        return b""


def _inflate(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, INFLATE_LIMIT)
    except zlib.error:
        return b""
