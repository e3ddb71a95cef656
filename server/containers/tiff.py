"""Metadata of TIFF and DNG (TIFF 6.0; XMP part 3 section 1.1.8: tag 700)."""

from collections.abc import Iterator

from server import exif, iptc
from server.containers.block import Block, Kind


def parse(data: bytes) -> Iterator[Block]:
    """Yield the XMP packet, the IPTC records and the tags themselves."""
    found = exif.tags(data)
    if exif.XMP in found:
        yield Block(Kind.XMP, "TIFF tag 700 XMP", found[exif.XMP])
    if exif.IPTC in found:
        yield Block(Kind.IPTC, "TIFF tag 33723 IPTC", found[exif.IPTC])
    elif records := iptc.from_photoshop(found.get(exif.PHOTOSHOP, b"")):
        yield Block(Kind.IPTC, "TIFF tag 34377 IPTC", records)
    if exif.C2PA in found:
        yield Block(Kind.CREDENTIAL, "TIFF tag 52545", b"")
    yield Block(Kind.EXIF, "TIFF tags", data)
