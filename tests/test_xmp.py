"""XMP properties in every shape that writers use."""

import contextlib
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.pictures import xmp_packet
from server.xmp import IPTC_EXT, TC260, properties

NAME = "DigitalSourceType"
HEAD = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
)
TAIL = "</rdf:RDF></x:xmpmeta>"


def packet(inside: str) -> bytes:
    return f"{HEAD}{inside}{TAIL}".encode()


@pytest.mark.parametrize(
    "inside",
    [
        f'<rdf:Description xmlns:q="{IPTC_EXT}" q:{NAME}="v"/>',
        f'<rdf:Description xmlns:q="{IPTC_EXT}"><q:{NAME}>v</q:{NAME}></rdf:Description>',
        f'<rdf:Description xmlns:q="{IPTC_EXT}"><q:{NAME}> v </q:{NAME}></rdf:Description>',
        f'<rdf:Description xmlns:q="{IPTC_EXT}"><q:{NAME} rdf:resource="v"/></rdf:Description>',
        f'<rdf:Description xmlns:q="{IPTC_EXT}"><q:{NAME}><rdf:Alt><rdf:li>v</rdf:li></rdf:Alt>'
        f"</q:{NAME}></rdf:Description>",
    ],
    ids=["attribute", "element", "spaces", "resource", "array"],
)
def test_a_property_is_found_by_its_namespace(inside: str) -> None:
    assert properties(packet(inside)) == [(IPTC_EXT, NAME, "v")]


def test_what_an_ingredient_says_is_not_said_of_the_picture() -> None:
    inner = f'<rdf:Description xmlns:q="{IPTC_EXT}" q:{NAME}="v"/>'
    outer = f'<rdf:Description xmlns:s="http://s/"><s:from>{inner}</s:from></rdf:Description>'
    assert properties(packet(outer)) == [("http://s/", f"from/{NAME}", "v")]


@pytest.mark.parametrize(
    "structure",
    [
        '<s:A rdf:parseType="Resource"><s:b>1</s:b><s:c> 2 </s:c></s:A>',
        '<s:A><rdf:Description s:b="1"><s:c>2</s:c></rdf:Description></s:A>',
        '<s:A s:b="1" s:c="2"/>',
    ],
)
def test_the_fields_of_a_structure_are_read(structure: str) -> None:
    inside = f'<rdf:Description xmlns:s="http://s/">{structure}</rdf:Description>'
    found = properties(packet(inside))
    assert found == [("http://s/", "A/b", "1"), ("http://s/", "A/c", "2")]


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[:-1],
        lambda whole: whole + b"<more/>",
        lambda whole: b"<?xpacket\x96" + whole[9:],
        lambda whole: b"http://ns.adobe.com/xap/1.0/\0" + whole,
    ],
    ids=["cut wrapper", "junk behind", "damaged wrapper", "header of a JPEG segment"],
)
def test_a_damaged_wrapper_does_not_hide_the_packet(damage: Callable[[bytes], bytes]) -> None:
    whole = xmp_packet(TC260, "t", "AIGC", "1").encode()
    assert properties(damage(whole)) == [(TC260, "AIGC", "1")]


def test_many_descriptions_take_no_quadratic_time() -> None:
    many = "<rdf:Description/>" * 50_000
    started = time.perf_counter()
    assert properties(packet(many)) == []
    assert time.perf_counter() - started < 5


def test_entities_and_padding_are_read() -> None:
    text = xmp_packet(TC260, "TC260", "AIGC", '{"Label":"1"}')
    padded = text.encode() + b"\0" * 100
    assert properties(padded) == [(TC260, "AIGC", '{"Label":"1"}')]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<x",
        packet("<rdf:Description>"),
        b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        b"\xff\xfe\x00",
    ],
    ids=["empty", "cut", "unclosed", "entities", "noise"],
)
def test_what_is_no_packet_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not well-formed XML"):
        properties(data)


def test_every_cut_is_refused() -> None:
    data = xmp_packet(TC260, "TC260", "AIGC", "{}").encode()
    end = data.index(b"</x:xmpmeta>") + len(b"</x:xmpmeta>")
    for length in range(end):
        with pytest.raises(ValueError, match="not well-formed"):
            properties(data[:length])


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for candidate in (data, packet(data.decode("latin-1"))):
        with contextlib.suppress(ValueError):
            properties(candidate)
