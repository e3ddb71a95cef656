"""XMP properties from a packet (ISO 16684-1), whatever prefix and form they are written in."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple
from xml.etree.ElementTree import Element

from server import markup

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
XMP = "http://ns.adobe.com/xap/1.0/"
EXIF = "http://ns.adobe.com/exif/1.0/"
TIFF = "http://ns.adobe.com/tiff/1.0/"
DC = "http://purl.org/dc/elements/1.1/"
#: What stands before the packet in a JPEG segment (XMP part 3, 1.1.3.1).
HEADER = b"http://ns.adobe.com/xap/1.0/\0"
#: TC260-PG-20259A writes version 1.0/ behind it.
TC260 = "http://www.tc260.org.cn/ns/AIGC/"
#: Photoshop has written some hundred thousand ancestors of one picture; beyond is an attack.
COUNT_LIMIT = 500_000
LENGTH_LIMIT = 16 * 1024 * 1024
_OPENING = re.compile(rb"<((?:\w+:)?(?:xmpmeta|xapmeta|RDF))[\s>]")


class Property(NamedTuple):
    """One simple value; an array gives one property an item, a structure one a field.

    The name of a structure's field is `Structure/Field`, so that nobody takes what a history
    says of another file for a property of this one.
    """

    namespace: str
    name: str
    value: str


def properties(packet: bytes) -> list[Property]:
    """Return the top-level properties of a packet, and the fields of its structures.

    Raises ValueError where the packet is not well-formed XML or declares entities.
    """
    if len(packet) > LENGTH_LIMIT:
        raise ValueError(f"{len(packet)} bytes; the limit is {LENGTH_LIMIT}")
    # Writers pad with spaces and NUL; some copy a JPEG segment's header into other containers.
    # In UTF-16 a NUL is half a character.
    wide = packet[:2] in (b"\xff\xfe", b"\xfe\xff")
    packet = packet if wide else packet.removeprefix(HEADER).strip(b"\0 \t\r\n")
    try:
        root = markup.parse(packet)
    except ValueError:
        root = markup.parse(_core(packet))
    found = (
        each
        for rdf in root.iter(f"{{{RDF}}}RDF")
        for description in rdf
        for each in _of(description)
    )
    kept = list(islice(found, COUNT_LIMIT + 1))
    if len(kept) > COUNT_LIMIT:
        raise ValueError(f"more than {COUNT_LIMIT} properties")
    return kept


def _core(packet: bytes) -> bytes:
    """Cut the element out of a packet whose wrapper is damaged, as old writers leave it."""
    if start := _OPENING.search(packet):
        end = packet.rfind(b"</" + start[1] + b">")
        return packet[start.start() : end + len(start[1]) + 3] if end > 0 else packet
    return packet


def _of(description: Element) -> Iterator[Property]:
    for key, value in description.attrib.items():
        namespace, name = _split(key)
        if namespace not in (RDF, ""):
            yield Property(namespace, name, value.strip())
    for child in description:
        namespace, name = _split(str(child.tag))
        for value in _values(child):
            yield Property(namespace, name, value.strip())
        for field, value in _fields(child):
            yield Property(namespace, f"{name}/{field}", value.strip())


def _values(element: Element) -> Iterator[str]:
    items = [item for kind in element for item in kind if item.tag == _ITEM]
    if items:
        yield from (item.text for item in items if item.text)
    elif resource := element.get(f"{{{RDF}}}resource"):
        yield resource
    elif element.text and element.text.strip():
        yield element.text


def _fields(element: Element) -> Iterator[tuple[str, str]]:
    """Yield the fields of a structure: its children, or those of a Description inside."""
    inner = element.find(f"{{{RDF}}}Description")
    structure = element if inner is None else inner
    attributes = structure.attrib.items()
    yield from ((_split(key)[1], text) for key, text in attributes if _split(key)[0] != RDF)
    for child in structure:
        namespace, name = _split(str(child.tag))
        if len(child) == 0 and namespace != RDF:
            yield name, child.text or ""


_ITEM = f"{{{RDF}}}li"


def _split(tag: str) -> tuple[str, str]:
    """Split ElementTree's {namespace}name."""
    namespace, _, name = tag.rpartition("}")
    return namespace.removeprefix("{"), name
