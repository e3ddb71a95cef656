"""The only parser of containers: bytes of an image file -> its metadata blocks.

A block counts only inside the place that its format gives it, never by a search over the
bytes: text appended to a photograph is not its metadata. A file that is cut short gives the
blocks before the cut.
"""

from collections.abc import Callable, Iterator

from server.containers import bmff, gif, jpeg, png, svg, tiff, webp
from server.containers.block import Block, Kind
from server.errors import CheckUnavailable

__all__ = ["PARSERS", "Block", "Kind", "blocks"]

#: All blocks of a file together; a chain of bombs stops here.
COUNT_LIMIT, BYTES_LIMIT = 4096, 64 * 1024 * 1024

PARSERS: dict[str, Callable[[bytes], Iterator[Block]]] = {
    "JPEG": jpeg.parse,
    "PNG": png.parse,
    "WebP": webp.parse,
    "GIF": gif.parse,
    "TIFF": tiff.parse,
    "HEIC": bmff.parse_heif,
    "AVIF": bmff.parse_heif,
    "JPEG XL": bmff.parse_jxl,
    "JPEG 2000": bmff.parse_jp2,
    "SVG": svg.parse,
}


def blocks(data: bytes, file_format: str) -> list[Block]:
    """Return the metadata blocks in the order of the file.

    Raises CheckUnavailable beyond the limits: what was not read is not "nothing found".
    """
    parse = PARSERS.get(file_format)
    found: list[Block] = []
    size = 0
    for block in parse(data) if parse else ():
        found.append(block)
        size += len(block.data)
        if len(found) > COUNT_LIMIT or size > BYTES_LIMIT:
            reason = f"more than {COUNT_LIMIT} blocks or {BYTES_LIMIT} bytes of it"
            raise CheckUnavailable("metadata_unreadable", {"reason": reason, "where": block.where})
    return found
