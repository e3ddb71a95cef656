"""Metadata of SVG: the XMP packet inside its `metadata` element (SVG 2 section 5.8)."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from server import markup
from server.containers.block import Block, Kind
from server.errors import CheckUnavailable

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"
_MANIFEST = "{http://c2pa.org/manifest}manifest"
_WHERE = "SVG metadata XMP"
_METADATA = "{http://www.w3.org/2000/svg}metadata"


def parse(data: bytes) -> Iterator[Block]:
    """Yield each RDF description as an XMP packet; what is no document is no image either."""
    try:
        root = markup.parse(data, doctype=True)
    except ValueError:
        return
    if root.find(f".//{_MANIFEST}") is not None:
        yield Block(Kind.CREDENTIAL, "SVG c2pa:manifest", b"")
    for description in _descriptions(root):
        try:
            packet = markup.write(description)
        except ValueError as e:
            reason = {"reason": str(e), "where": _WHERE}
            raise CheckUnavailable("metadata_unreadable", reason) from e
        yield Block(Kind.XMP, _WHERE, packet)


def _descriptions(root: Element) -> Iterator[Element]:
    """Yield each outermost RDF element inside a `metadata` element, each once."""
    waiting = [(root, False)]
    while waiting:
        element, inside = waiting.pop()
        if inside and element.tag == _RDF:
            yield element
            continue
        inside = inside or element.tag == _METADATA
        waiting += [(child, inside) for child in reversed(element)]
