"""XML from strangers: the only import of an XML parser. No entities, no external documents."""

from xml.etree.ElementTree import Element, ParseError, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring


def parse(text: bytes, *, doctype: bool = False) -> Element:
    """Parse a document; `doctype`: allow a DOCTYPE (entities are refused all the same).

    Raises ValueError where it is not well-formed or declares entities.
    """
    try:
        root: Element = fromstring(text, forbid_dtd=not doctype)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as e:
        raise ValueError(f"not well-formed XML ({type(e).__name__})") from e
    return root


def write(element: Element) -> bytes:
    """Return an element as a document of its own, UTF-8. Raises ValueError beyond any nesting."""
    try:
        document: bytes = tostring(element, encoding="utf-8")
    except RecursionError as e:
        raise ValueError("nested too deeply") from e
    return document
