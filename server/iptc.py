"""IPTC-IIM records (IPTC-NAA IIM 4.2) and the Photoshop resource that holds them."""

import struct

#: Datasets of record 2 that generators and editors use.
NAMES = {
    5: "ObjectName",
    25: "Keywords",
    40: "SpecialInstructions",
    65: "OriginatingProgram",
    70: "ProgramVersion",
    80: "By-line",
    105: "Headline",
    110: "Credit",
    115: "Source",
    116: "CopyrightNotice",
    120: "Caption-Abstract",
    122: "Writer-Editor",
}
#: No caption has more; 5 bytes make one.
COUNT_LIMIT = 10_000
_RESOURCE = 0x0404
#: Adobe's, and those of programs that write resources of their own between them.
_SIGNATURES = {b"8BIM", b"MeSa", b"PHUT", b"DCSR", b"AgHg"}
_UTF8 = b"\x1b%G"


def from_photoshop(data: bytes) -> bytes:
    """Return the IPTC records of a chain of Photoshop image resources (8BIM); b"" = none.

    Records that stand without a resource around them are returned as they are.
    """
    if data[:1] == b"\x1c":
        return data
    at, records = 0, []
    while data[at : at + 4] in _SIGNATURES and at + 12 <= len(data):
        (number,) = struct.unpack_from(">H", data, at + 4)
        name = data[at + 6] + 1
        start = at + 6 + name + name % 2
        if start + 4 > len(data):
            break
        (size,) = struct.unpack_from(">I", data, start)
        if number == _RESOURCE:
            records.append(data[start + 4 : start + 4 + size])
        at = start + 4 + size + size % 2
    return b"".join(records)


def datasets(data: bytes) -> list[tuple[str, str]]:
    """Return (name, text) of the datasets that NAMES lists; what is cut short is left out.

    Raises ValueError beyond COUNT_LIMIT.
    """
    found: list[tuple[int, bytes]] = []
    encoding = "latin-1"
    at = 0
    while at + 5 <= len(data) and data[at] == 0x1C:
        record, number, size = struct.unpack_from(">BBH", data, at + 1)
        if size & 0x8000:  # an extended dataset: a preview, never a text; its length follows
            width = size & 0x7FFF
            size = width + int.from_bytes(data[at + 5 : at + 5 + min(width, 8)], "big")
            at += 5 + size
            continue
        value = data[at + 5 : at + 5 + size]
        if len(value) < size:
            break
        if (record, number) == (1, 90) and value == _UTF8:
            encoding = "utf-8"
        elif record == 2 and number in NAMES:
            found.append((number, value))
            if len(found) > COUNT_LIMIT:
                raise ValueError(f"more than {COUNT_LIMIT} datasets")
        at += 5 + size
    return [(NAMES[number], _text(value, encoding)) for number, value in found]


def _text(value: bytes, encoding: str) -> str:
    """Many writers write UTF-8 and do not say so."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode(encoding, "replace")
