"""Metadata of SVG: the XMP packet inside its `metadata` element (SVG 2 section 5.8)."""

from collections.abc import Iterator

from server import markup
from server.containers.block import Block, Kind

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"
_MANIFEST = "{http://c2pa.org/manifest}manifest"
_METADATA = "{http://www.w3.org/2000/svg}metadata"


def parse(data: bytes) -> Iterator[Block]:
    """Yield each RDF description as an XMP packet; what is no document is no image either."""
    try:
        root = markup.parse(data, doctype=True)
    except ValueError:
        return
    if root.find(f".//{_MANIFEST}") is not None:
        yield Block(Kind.CREDENTIAL, "SVG c2pa:manifest", b"")
    for metadata in root.iter(_METADATA):
        for description in metadata.iter(_RDF):
            yield Block(Kind.XMP, "SVG metadata XMP", markup.write(description))
