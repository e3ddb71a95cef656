"""XMP properties from a packet (ISO 16684-1), whatever prefix and form they are written in."""

from collections.abc import Iterator
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
XMP = "http://ns.adobe.com/xap/1.0/"
TC260 = "http://www.tc260.org.cn/ns/AIGC/1.0/"


class Property(NamedTuple):
    """One simple value; an array gives one property an item."""

    namespace: str
    name: str
    value: str


def properties(packet: bytes) -> list[Property]:
    """Return the top-level properties of a packet.

    Structures inside others (a history, an ingredient) speak of other files and are left out.
    Raises ValueError where the packet is not well-formed XML or declares entities.
    """
    # Writers pad with spaces and NUL; some end the packet with one of their own.
    packet = packet.strip(b"\0 \t\r\n")
    try:
        root = fromstring(packet, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as e:
        raise ValueError(f"not well-formed XML ({type(e).__name__})") from e
    return [
        found
        for description in root.iter(f"{{{RDF}}}Description")
        if _is_top(root, description)
        for found in _of(description)
    ]


def _is_top(root: Element, description: Element) -> bool:
    return any(description in list(rdf) for rdf in root.iter(f"{{{RDF}}}RDF"))


def _of(description: Element) -> Iterator[Property]:
    for key, value in description.attrib.items():
        namespace, name = _split(key)
        if namespace not in (RDF, ""):
            yield Property(namespace, name, value.strip())
    for child in description:
        namespace, name = _split(str(child.tag))
        for value in _values(child):
            yield Property(namespace, name, value.strip())


def _values(element: Element) -> Iterator[str]:
    items = [item for kind in element for item in kind if item.tag == f"{{{RDF}}}li"]
    if items:
        yield from (item.text for item in items if item.text)
    elif resource := element.get(f"{{{RDF}}}resource"):
        yield resource
    elif element.text and element.text.strip():
        yield element.text


def _split(tag: str) -> tuple[str, str]:
    """Split ElementTree's {namespace}name."""
    namespace, _, name = tag.rpartition("}")
    return namespace.removeprefix("{"), name
