"""Metadata of WebP (RFC 9649 section 2.7)."""

import struct
from collections.abc import Iterator

from server.containers.block import Block, Kind


def parse(data: bytes) -> Iterator[Block]:
    """Yield the blocks; both chunks usually follow the pixels."""
    at = 12
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        if at + 8 + length > len(data):
            return
        if kind == b"XMP ":
            yield Block(Kind.XMP, "WebP XMP", data[at + 8 : at + 8 + length])
        elif kind == b"C2PA":
            yield Block(Kind.CREDENTIAL, "WebP C2PA", b"")
        elif kind == b"EXIF":
            body = data[at + 8 : at + 8 + length]
            yield Block(Kind.EXIF, "WebP EXIF", body.removeprefix(b"Exif\0\0"))
        at += 8 + length + length % 2
