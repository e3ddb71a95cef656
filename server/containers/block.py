"""One metadata block of a file, and how to read it."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """How to read a block."""

    XMP = "xmp"  # an XMP packet
    EXIF = "exif"  # a TIFF header and its tags
    TEXT = "text"  # a keyword and its text, UTF-8
    IPTC = "iptc"  # IPTC-IIM datasets
    CREDENTIAL = "credential"  # a C2PA manifest store; its own reader reads the whole file
    TRAILER = "trailer"  # a named record behind the picture (Samsung)


class Block(NamedTuple):
    """One metadata block; `where` names the place in words of its format."""

    kind: Kind
    where: str
    data: bytes
    keyword: str = ""


def utf8(text: bytes) -> bytes:
    """Latin-1 by the standard, UTF-8 by habit: keep what is UTF-8, recode the rest."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1").encode()
    return text
