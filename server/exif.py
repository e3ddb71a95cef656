"""EXIF and TIFF tags from bytes (TIFF 6.0 section 2; EXIF 3.0, CIPA DC-008 section 4.6)."""

import struct
from collections.abc import Iterator

IMAGE_DESCRIPTION = 0x010E
MAKE = 0x010F
MODEL = 0x0110
SOFTWARE = 0x0131
ARTIST = 0x013B
XMP = 0x02BC
EXIF_IFD = 0x8769
MAKER_NOTE = 0x927C
USER_COMMENT = 0x9286

#: Bytes of one value of each TIFF type.
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
#: Character codes of UserComment (EXIF 3.0 table 9); UNICODE is UTF-16 of either endianness.
_ASCII, _UNICODE, _JIS = b"ASCII\0\0\0", b"UNICODE\0", b"JIS\0\0\0\0\0"


def tags(data: bytes) -> dict[int, bytes]:
    """Return the raw value of each tag of IFD0 and the EXIF IFD; what is cut short is left out.

    `data` begins with the TIFF header; a leading `Exif\\0\\0` is skipped.
    """
    data = data.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 8:
        return {}
    found = dict(_ifd(data, order, struct.unpack_from(order + "I", data, 4)[0]))
    pointer = found.get(EXIF_IFD, b"")
    if len(pointer) == 4:
        found |= dict(_ifd(data, order, struct.unpack(order + "I", pointer)[0]))
    return found


def _ifd(data: bytes, order: str, offset: int) -> Iterator[tuple[int, bytes]]:
    if offset + 2 > len(data):
        return
    (count,) = struct.unpack_from(order + "H", data, offset)
    for entry in range(offset + 2, min(offset + 2 + 12 * count, len(data) - 11), 12):
        tag, kind, length = struct.unpack_from(order + "HHI", data, entry)
        size = _SIZES.get(kind, 0) * length
        start = entry + 8
        if size > 4:
            (start,) = struct.unpack_from(order + "I", data, start)
        if 0 < size and start + size <= len(data):
            yield tag, data[start : start + size]


def text(value: bytes) -> str:
    """Decode a tag's text: UserComment's character code, else UTF-8, else Latin-1."""
    if value.startswith(_UNICODE):
        return _utf16(value[8:])
    if value.startswith((_ASCII, _JIS, bytes(8))):
        value = value[8:]
    try:
        return value.decode().strip("\0 ")
    except UnicodeDecodeError:
        return value.decode("latin-1").strip("\0 ")


def _utf16(value: bytes) -> str:
    """Decode by trial: writers do not follow the TIFF byte order.

    Of both readings the one with more ASCII is the text (civitai/civitai PR 2424).
    """
    if value[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return value.decode("utf-16", "replace").strip("\0 ")
    little, big = (value.decode(name, "replace") for name in ("utf-16-le", "utf-16-be"))
    best = max(little, big, key=lambda reading: sum(char.isascii() for char in reading))
    return best.strip("\0 ")
