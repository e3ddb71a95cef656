"""One metadata block of a file, and how to read it."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple, TypeVar

from server.errors import CheckUnavailable

T = TypeVar("T")
#: No writer makes more segments, chunks or boxes; some libraries take seconds for each million.
PARTS_LIMIT = 100_000


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


def counted(parts: Iterable[T]) -> Iterator[T]:
    """Pass the parts of a container on. Raises CheckUnavailable beyond PARTS_LIMIT."""
    for count, part in enumerate(parts):
        if count == PARTS_LIMIT:
            raise too_many(PARTS_LIMIT)
        yield part


def too_many(limit: int) -> CheckUnavailable:
    """Return the refusal of a file with more parts than any writer makes."""
    reason = f"more than {limit} parts"
    return CheckUnavailable("metadata_unreadable", {"reason": reason, "where": "file"})


def utf8(text: bytes) -> bytes:
    """Latin-1 by the standard, UTF-8 by habit: keep what is UTF-8, recode the rest."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1").encode()
    return text
