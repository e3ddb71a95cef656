"""EXIF and TIFF tags from bytes (TIFF 6.0 section 2; EXIF 3.0, CIPA DC-008 section 4.6)."""

import struct
from typing import NamedTuple

IMAGE_DESCRIPTION = 0x010E
MAKE = 0x010F
MODEL = 0x0110
SOFTWARE = 0x0131
ARTIST = 0x013B
HOST_COMPUTER = 0x013C
XMP = 0x02BC
COPYRIGHT = 0x8298
IPTC = 0x83BB
PHOTOSHOP = 0x8649
EXIF_IFD = 0x8769
MAKER_NOTE = 0x927C
USER_COMMENT = 0x9286
C2PA = 0xCD41
XP_TITLE = 0x9C9B
XP_COMMENT = 0x9C9C
XP_AUTHOR = 0x9C9D
XP_KEYWORDS = 0x9C9E
XP_SUBJECT = 0x9C9F

#: The tags that are kept, each with its name.
NAMES = {
    IMAGE_DESCRIPTION: "ImageDescription",
    MAKE: "Make",
    MODEL: "Model",
    SOFTWARE: "Software",
    ARTIST: "Artist",
    HOST_COMPUTER: "HostComputer",
    XMP: "XMP",
    COPYRIGHT: "Copyright",
    IPTC: "IPTC",
    PHOTOSHOP: "Photoshop",
    EXIF_IFD: "ExifIFD",
    MAKER_NOTE: "MakerNote",
    USER_COMMENT: "UserComment",
    C2PA: "C2PA",
    XP_TITLE: "XPTitle",
    XP_COMMENT: "XPComment",
    XP_AUTHOR: "XPAuthor",
    XP_KEYWORDS: "XPKeywords",
    XP_SUBJECT: "XPSubject",
}
#: Tags of this kind hold UTF-16, little-endian, whatever the byte order of the file.
_XP = range(XP_TITLE, XP_SUBJECT + 1)
#: No honest value is larger.
VALUE_LIMIT = 16 * 1024 * 1024

#: Bytes of one value of each TIFF type.
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_SIZES |= {16: 8, 17: 8, 18: 8}  # BigTIFF
#: Character codes of UserComment (EXIF 3.0 table 9); UNICODE is UTF-16 of either endianness.
_ASCII, _UNICODE, _JIS = b"ASCII\0\0\0", b"UNICODE\0", b"JIS\0\0\0\0\0"


class _Layout(NamedTuple):
    """How an IFD is written: TIFF, and BigTIFF with 8-byte counts and offsets (struct codes)."""

    order: str
    number: str
    entry: str
    value: str


_LAYOUTS = {
    b"II*\0": _Layout("<", "H", "HHI", "I"),
    b"MM\0*": _Layout(">", "H", "HHI", "I"),
    b"II+\0": _Layout("<", "Q", "HHQ", "Q"),
    b"MM\0+": _Layout(">", "Q", "HHQ", "Q"),
}


def tags(data: bytes) -> dict[int, bytes]:
    """Return the raw value of each tag of IFD0 and the EXIF IFD that NAMES lists.

    `data` begins with the TIFF header; a leading `Exif\\0\\0` is skipped. What is cut short is
    left out.
    """
    data = data.removeprefix(b"Exif\0\0")
    layout = _LAYOUTS.get(data[:4])
    if layout is None or len(data) < 16:
        return {}
    found = _ifd(data, layout, _first_ifd(data, layout))
    pointer = found.pop(EXIF_IFD, b"")
    if len(pointer) in (4, 8):
        kind = "I" if len(pointer) == 4 else "Q"
        found |= _ifd(data, layout, struct.unpack(layout.order + kind, pointer)[0])
    return found


def _first_ifd(data: bytes, layout: _Layout) -> int:
    start = 4 if layout.value == "I" else 8
    (offset,) = struct.unpack_from(layout.order + layout.value, data, start)
    return int(offset)


def _ifd(data: bytes, layout: _Layout, offset: int) -> dict[int, bytes]:
    # Places first: a directory of 65,535 entries may name the same megabytes in each.
    return {tag: data[start:end] for tag, (start, end) in _places(data, layout, offset).items()}


def _places(data: bytes, layout: _Layout, offset: int) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    count_size = struct.calcsize(layout.order + layout.number)
    entry_size = struct.calcsize(layout.order + layout.entry)
    inline = struct.calcsize(layout.order + layout.value)
    if offset + count_size > len(data):
        return found
    (count,) = struct.unpack_from(layout.order + layout.number, data, offset)
    first, step = offset + count_size, entry_size + inline
    for entry in range(first, min(first + step * min(count, 65_535), len(data) - step + 1), step):
        tag, kind, length = struct.unpack_from(layout.order + layout.entry, data, entry)
        if tag not in NAMES:
            continue
        size = _SIZES.get(kind, 0) * length
        start = entry + entry_size
        if size > inline:
            (start,) = struct.unpack_from(layout.order + layout.value, data, start)
        if 0 < size <= VALUE_LIMIT and start + size <= len(data):
            found[tag] = (start, start + size)
    return found


def field(tag: int, value: bytes) -> str:
    """Decode the text of a tag."""
    if tag in _XP:
        return value.decode("utf-16-le", "replace").strip("\0 ")
    return text(value)


def text(value: bytes) -> str:
    """Decode a tag's text: UserComment's character code, else UTF-8, else Latin-1."""
    if value.startswith(_UNICODE):
        return _utf16(value[8:])
    if value.startswith((_ASCII, _JIS, bytes(8))):
        value = value[8:]
    elif value.startswith(b"ASCII\0"):  # a code cut to six bytes is met as well
        value = value[6:]
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
