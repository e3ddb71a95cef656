"""The Chinese implicit label in metadata (GB 45438-2025 annex E, TC260-PG-20259A).

`Label` "1" is, "2" possibly, "3" suspected; values are strings by the standard and read
leniently. One piece of evidence for each readable label.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from server import containers, exif, xmp
from server.containers import Block, Kind
from server.errors import CheckUnavailable
from server.evidence import Claim, Evidence, Strength
from server.image import Image

NAME = "aigc_label"
CLAIMS = {"1": Claim.AI_GENERATED, "2": Claim.POSSIBLY_AI, "3": Claim.SUSPECTED_AI}
KEY = "aigc"
#: A label is some hundred characters; Python's int and recursion limits guard the rest.
LENGTH_LIMIT = 64 * 1024


def check(image: Image) -> list[Evidence]:
    """Read every AIGC label of the file.

    Raises CheckUnavailable where there is a label and none of them can be read.
    """
    found: list[Evidence] = []
    problem: CheckUnavailable | None = None
    for where, text in _texts(image):
        try:
            found.append(_evidence(_fields(text), where))
        except ValueError as e:
            reason = {"reason": str(e), "where": where}
            problem = CheckUnavailable("aigc_label_unreadable", reason)
    if problem and not found:
        raise problem
    return _distinct(found)


def _texts(image: Image) -> Iterator[tuple[str, str]]:
    """Yield (place, text) of everything that claims to be an AIGC label."""
    for block in containers.blocks(image.data, image.format):
        match block.kind:
            case Kind.XMP:
                yield from ((block.where, text) for text in _from_xmp(block))
            case Kind.EXIF:
                for tag, value in exif.tags(block.data).items():
                    text = exif.text(value) if tag in _EXIF_PLACES else ""
                    if _looks_wrapped(text):
                        yield f"{block.where} {_EXIF_PLACES[tag]}", text
            case Kind.TEXT if block.keyword.lower() == KEY:
                yield block.where, block.data.decode("utf-8", "replace")


_EXIF_PLACES = {
    exif.USER_COMMENT: "UserComment",
    exif.IMAGE_DESCRIPTION: "ImageDescription",
}


def _from_xmp(block: Block) -> Iterator[str]:
    try:
        found = xmp.properties(block.data)
    except ValueError:
        return  # the metadata check reports a packet that is not XML
    for namespace, name, value in found:
        if namespace == xmp.TC260 and name.lower() == KEY:
            yield value


def _looks_wrapped(text: str) -> bool:
    """Tell `{"AIGC": …}` and `AIGC{…}` from any other comment."""
    head = text.lstrip()[:32].lower().replace(" ", "").replace("'", '"')
    return head.startswith(('{"aigc"', "aigc{"))


def _fields(text: str) -> dict[str, str]:
    """Return the label's fields, keys in lower case. Raises ValueError."""
    if len(text) > LENGTH_LIMIT:
        raise ValueError(f"{len(text)} characters; the limit is {LENGTH_LIMIT}")
    text = text.strip()
    if text[:4].lower() == KEY:
        text = text[4:].lstrip(":= ")
    try:
        # raw_decode: some writers pad behind the object.
        value, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError) as e:
        raise ValueError(f"not JSON: {text[:80]}") from e
    fields = _unwrap(value)
    if "label" not in fields and "serviceprovider" not in fields:
        raise ValueError("no field Label")
    return fields


def _unwrap(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ValueError("not a JSON object")
    fields = {str(key).lower(): inner for key, inner in value.items()}
    if isinstance(fields.get(KEY), Mapping):
        return _unwrap(fields[KEY])
    return {key: "" if inner is None else str(inner).strip() for key, inner in fields.items()}


def _evidence(fields: Mapping[str, str], where: str) -> Evidence:
    # Tencent Cloud's form has no Label: its presence says "is" (TC260 form of 2025).
    label = fields.get("label", "1")
    if label not in CLAIMS:
        raise ValueError(f"Label is {label[:20]!r}, not 1, 2 or 3")
    params = {
        "producer": fields.get("contentproducer") or fields.get("serviceprovider", ""),
        "produce_id": fields.get("produceid") or fields.get("contentid", ""),
        "propagator": fields.get("contentpropagator", ""),
        "where": where,
    }
    return Evidence(NAME, CLAIMS[label], Strength.DECLARATION, f"aigc_label_{label}", params)


def _distinct(found: list[Evidence]) -> list[Evidence]:
    """Drop a label that only repeats an earlier one in another place of the file."""
    kept: dict[tuple[object, ...], Evidence] = {}
    for evidence in found:
        values = tuple(value for key, value in evidence.params.items() if key != "where")
        kept.setdefault((evidence.code, *values), evidence)
    return list(kept.values())
