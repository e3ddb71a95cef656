"""Metadata of WebP (RFC 9649 section 2.7)."""

import struct
from collections.abc import Iterator

from server.containers.block import Block, Kind, counted


def parse(data: bytes) -> Iterator[Block]:
    """Yield the blocks; both chunks usually follow the pixels."""
    for kind, start, end in counted(_chunks(data)):
        if kind == b"XMP ":
            yield Block(Kind.XMP, "WebP XMP", data[start:end])
        elif kind == b"C2PA":
            yield Block(Kind.CREDENTIAL, "WebP C2PA", b"")
        elif kind == b"EXIF":
            yield Block(Kind.EXIF, "WebP EXIF", data[start:end].removeprefix(b"Exif\0\0"))


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield (type, start, end) of each whole chunk."""
    at = 12
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        if at + 8 + length > len(data):
            return
        yield kind, at + 8, at + 8 + length
        at += 8 + length + length % 2
