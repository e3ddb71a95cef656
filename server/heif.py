"""Metadata items of HEIF and AVIF (ISO/IEC 14496-12 section 8.11, 23008-12 annex A)."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

#: All items of a file together: many items may name the same bytes.
METADATA_LIMIT = 16 * 1024 * 1024


class Item(NamedTuple):
    """One item of the `meta` box: its type, its MIME type where it has one, its bytes."""

    kind: bytes
    mime: bytes
    data: bytes


def items(data: bytes) -> Iterator[Item]:
    """Yield the metadata items (type `Exif` or `mime`); what is cut short is left out."""
    meta = next((body for kind, body in boxes(data) if kind == b"meta"), b"")
    inner = dict(boxes(meta[4:]))
    try:
        places = dict(_locations(inner.get(b"iloc", b"")))
        infos = list(_infos(inner.get(b"iinf", b"")))
    except struct.error:
        return
    room = METADATA_LIMIT
    for number, kind, mime in infos:
        method, extents = places.get(number, (0, []))
        source = {0: data, 1: inner.get(b"idat", b"")}.get(method, b"")
        if kind not in (b"Exif", b"mime"):
            continue
        parts = []
        for start, length in extents:
            parts.append(source[start : start + min(length, room)])
            room -= len(parts[-1])
        if parts:
            yield Item(kind, mime, b"".join(parts))


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (type, body) of each box (ISO/IEC 14496-12 section 4.2); the last may be cut."""
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1 and at + 16 <= len(data):
            (size,) = struct.unpack_from(">Q", data, at + 8)
            head = 16
        size = size or len(data) - at  # 0: to the end of the file
        if size < head:
            return
        yield kind, data[at + head : at + size]
        at += size


def _infos(iinf: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield (item number, type, MIME type) from `infe` boxes of version 2 and 3."""
    if len(iinf) < 6:
        return
    for kind, body in boxes(iinf[6 if iinf[0] == 0 else 8 :]):
        if kind != b"infe" or len(body) < 12 or body[0] < 2:
            continue
        wide = body[0] > 2
        (number,) = struct.unpack_from(">I" if wide else ">H", body, 4)
        rest = body[(8 if wide else 6) + 2 :]  # after the protection index
        _name, _, tail = rest[4:].partition(b"\0")
        yield number, rest[:4], tail.partition(b"\0")[0]


def _locations(iloc: bytes) -> Iterator[tuple[int, tuple[int, list[tuple[int, int]]]]]:
    """Yield (item number, (construction method, [(offset, length)])). Raises struct.error."""
    if len(iloc) < 8:
        return
    version = iloc[0]
    offset_size, length_size = iloc[4] >> 4, iloc[4] & 15
    base_size, index_size = iloc[5] >> 4, iloc[5] & 15 if version else 0
    if not offset_size + length_size + index_size:
        return  # extents of no bytes each: a short box could promise millions
    reader = _Reader(iloc, 6)
    for _ in range(reader.take(4 if version == 2 else 2)):
        number = reader.take(4 if version == 2 else 2)
        method = reader.take(2) & 15 if version else 0
        reader.take(2)  # data reference: 0, this file
        base = reader.take(base_size)
        extents = []
        for _ in range(reader.take(2)):
            reader.take(index_size)
            extents.append((base + reader.take(offset_size), reader.take(length_size)))
        yield number, (method, extents)


class _Reader:
    """Big-endian integers one after the other."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data, self.at = data, at

    def take(self, size: int) -> int:
        """Read `size` bytes. Raises struct.error at the end of the data."""
        if self.at + size > len(self.data):
            raise struct.error("cut short")
        self.at += size
        return int.from_bytes(self.data[self.at - size : self.at], "big")
