"""IPTC-IIM records, whole, cut and damaged."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.iptc import datasets, from_photoshop


def dataset(record: int, number: int, value: bytes) -> bytes:
    return struct.pack(">BBBH", 0x1C, record, number, len(value)) + value


def resource(number: int, body: bytes, name: bytes = b"") -> bytes:
    title = bytes([len(name)]) + name
    title += b"\0" * (len(title) % 2)
    return (
        b"8BIM"
        + struct.pack(">H", number)
        + title
        + struct.pack(">I", len(body))
        + body
        + (b"\0" * (len(body) % 2))
    )


RECORDS = dataset(1, 90, b"\x1b%G") + dataset(2, 110, b"Made with Google AI")
RECORDS += dataset(2, 120, "图".encode()) + dataset(2, 200, b"not ours")
FOUND = [("Credit", "Made with Google AI"), ("Caption-Abstract", "图")]


def test_the_records_are_found_among_other_resources() -> None:
    chain = resource(0x03ED, b"odd", b"name") + resource(0x0404, RECORDS) + resource(0x0425, b"x")
    assert datasets(from_photoshop(chain)) == FOUND


def test_records_without_a_resource_around_them_are_taken_too() -> None:
    assert datasets(from_photoshop(RECORDS)) == FOUND


@pytest.mark.parametrize(
    ("value", "text"), [("café".encode("latin-1"), "café"), ("café".encode(), "café")]
)
def test_text_is_utf8_or_latin1_when_nothing_is_said(value: bytes, text: str) -> None:
    assert datasets(dataset(2, 80, value)) == [("By-line", text)]


def test_resources_of_other_programs_and_further_records_are_passed_over() -> None:
    foreign = b"MeSa" + resource(0x0FA0, b"x")[4:]
    second = dataset(2, 80, b"Ann")
    chain = foreign + resource(0x0404, RECORDS) + foreign + resource(0x0404, second)
    assert datasets(from_photoshop(chain)) == [*FOUND, ("By-line", "Ann")]


def test_an_extended_dataset_is_passed_over() -> None:
    preview = struct.pack(">BBBHI", 0x1C, 2, 202, 0x8004, 50_000) + bytes(50_000)
    assert datasets(preview + RECORDS) == FOUND
    assert datasets(struct.pack(">BBBH", 0x1C, 2, 202, 0xFFFF) + RECORDS) == []


def test_more_datasets_than_any_caption_has_are_refused() -> None:
    with pytest.raises(ValueError, match="more than 10000 datasets"):
        datasets(dataset(2, 25, b"") * 20_000)


@pytest.mark.parametrize("length", range(90))
def test_every_cut_gives_the_records_before_it(length: int) -> None:
    chain = resource(0x03ED, b"odd") + resource(0x0404, RECORDS)
    found = datasets(from_photoshop(chain[:length]))
    assert found == FOUND[: len(found)]


@given(st.binary(max_size=200))
def test_any_bytes_raise_nothing(data: bytes) -> None:
    datasets(from_photoshop(b"8BIM" + data))
    datasets(b"\x1c\x02" + data)
