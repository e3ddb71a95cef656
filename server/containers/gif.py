"""Metadata of GIF (GIF89a; XMP part 3 section 1.1.2)."""

from collections.abc import Iterator

from server.containers.block import PARTS_LIMIT, Block, Kind, counted, too_many, utf8

#: Encoders fill sub-blocks with 255 bytes; chains of smaller ones than this only cost time.
_SMALL = 16


def parse(data: bytes) -> Iterator[Block]:
    """Yield the blocks of the extensions, before and behind the frames."""
    for label, body in counted(_extensions(data)):
        if body.startswith(b"\x0bXMP DataXMP"):
            # The packet is no chain of sub-blocks; a 258-byte trailer ends it.
            yield Block(Kind.XMP, "GIF XMP", body[12:].partition(b"\x01\xff\xfe\xfd")[0])
        elif body.startswith(b"\x0bC2PA_GIF"):
            yield Block(Kind.CREDENTIAL, "GIF C2PA_GIF", b"")
        elif label == 0xFE:
            yield Block(Kind.TEXT, "GIF comment", utf8(_joined(body)), "comment")


def _extensions(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (label, sub-blocks) of each extension; frames are passed over."""
    at = 13 + _colour_table(data[10:11])
    while at + 2 <= len(data):
        if data[at] == 0x2C:  # image: descriptor, its colour table, code size, sub-blocks
            at = _sub_blocks_end(data, at + 11 + _colour_table(data[at + 9 : at + 10]))
            yield 0, b""
        elif data[at] == 0x21:
            end = _sub_blocks_end(data, at + 2)
            yield data[at + 1], data[at + 2 : end]
            at = end
        else:
            return


def _colour_table(flags: bytes) -> int:
    return 3 << ((flags[0] & 7) + 1) if flags and flags[0] & 0x80 else 0


def _sub_blocks_end(data: bytes, at: int) -> int:
    count, start = 0, at
    while at < len(data) and data[at]:
        at += 1 + data[at]
        count += 1
        if count > PARTS_LIMIT and at - start < count * _SMALL:
            raise too_many(PARTS_LIMIT)
    return at + 1


def _joined(body: bytes) -> bytes:
    """Take the lengths out of a chain of sub-blocks."""
    parts, at = [], 0
    while at < len(body) and body[at]:
        parts.append(body[at + 1 : at + 1 + body[at]])
        at += 1 + body[at]
    return b"".join(parts)
