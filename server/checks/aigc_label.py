"""The Chinese implicit label in metadata (GB 45438-2025 annex E, TC260-PG-20259A).

`Label` "1" is, "2" possibly, "3" suspected. One piece of evidence for each label that can be
read; where it departs from the standard stands in its details (`lint`), for the audit.
"""

import json
from collections.abc import Iterator
from typing import NamedTuple

from server import aigc, exif, provider_code, xmp
from server.containers import Block, Kind
from server.errors import CheckUnavailable
from server.evidence import Claim, Evidence, Param, Strength
from server.image import Image

NAME = "aigc_label"
CLAIMS = {"1": Claim.AI_GENERATED, "2": Claim.POSSIBLY_AI, "3": Claim.SUSPECTED_AI}
_ELSEWHERE = ("place:",)
_COMMENTS = {"comment", "description", "usercomment"}
_EXIF_PLACES = (exif.USER_COMMENT, exif.IMAGE_DESCRIPTION)


class _Found(NamedTuple):
    """The text of a label; `lint`: where its place departs from TC260-PG-20259A."""

    where: str
    text: str
    lint: tuple[str, ...] = ()


def check(image: Image) -> list[Evidence]:
    """Read every AIGC label of the file.

    Raises CheckUnavailable where there is a label and none of them can be read.
    """
    found = list(_texts(image))
    evidence: list[Evidence] = []
    problem: CheckUnavailable | None = None
    for place in found:
        try:
            label = aigc.read(place.text)
        except ValueError as e:
            reason = {"reason": str(e), "where": place.where}
            problem = CheckUnavailable("aigc_label_unreadable", reason)
            continue
        lint = [*aigc.lint(label), *place.lint]
        # Clause 6.1 c; a copy in another place is a second label all the same.
        lint += ["second_label:"] if len(found) > 1 else []
        evidence.append(_evidence(label, place.where, lint))
    if problem and not evidence:
        raise problem
    return _distinct(evidence)


def _texts(image: Image) -> Iterator[_Found]:
    """Yield everything that claims to be an AIGC label."""
    for block in image.blocks:
        match block.kind:
            case Kind.XMP:
                yield from _from_xmp(block)
            case Kind.EXIF:
                found = exif.tags(block.data)
                for tag in _EXIF_PLACES:
                    text = exif.field(tag, found.get(tag, b""))
                    if _looks_wrapped(text):
                        yield _Found(f"{block.where} {exif.NAMES[tag]}", text, _ELSEWHERE)
            case Kind.TEXT if block.keyword.lower() == aigc.KEY or _is_comment_label(block):
                yield _Found(block.where, block.data.decode("utf-8", "replace"), _ELSEWHERE)


def _is_comment_label(block: Block) -> bool:
    head = block.data[:64].decode("utf-8", "replace")
    return block.keyword.lower() in _COMMENTS and _looks_wrapped(head)


def _from_xmp(block: Block) -> Iterator[_Found]:
    try:
        found = xmp.properties(block.data)
    except ValueError:
        return  # the metadata check reports a packet that is not XML
    ours = [(name.lower(), value) for ns, name, value in found if ns.startswith(xmp.TC260)]
    yield from (_Found(block.where, value) for name, value in ours if name == aigc.KEY)
    # A structure instead of its JSON: the fields one by one.
    fields = {name.removeprefix("aigc/"): value for name, value in ours if name != aigc.KEY}
    if "label" in fields:
        spelled = {name.lower(): name for name in aigc.FIELDS}
        text = json.dumps({spelled.get(name, name): value for name, value in fields.items()})
        yield _Found(block.where, text, ("form:",))


def _looks_wrapped(text: str) -> bool:
    """Tell `{"AIGC": …}`, `AIGC{…}` and `AIGC: {…}` from any other comment."""
    head = text.lstrip()[:32].lower().replace(" ", "").replace("'", '"')
    return head.startswith(('{"aigc"', "aigc{", "aigc:{", "aigc={"))


def _evidence(label: aigc.Label, where: str, lint: list[str]) -> Evidence:
    params: dict[str, Param] = {
        "producer": provider_code.name(label.producer) or label.producer,
        "produce_id": label.fields.get("produceid") or label.fields.get("contentid", ""),
        "propagator": _named(label.fields.get("contentpropagator", "")),
        "propagate_id": label.fields.get("propagateid", ""),
        "provider_code": label.producer if provider_code.decode(label.producer) else "",
        "where": where,
        "lint": ", ".join(lint),
    }
    if code := provider_code.decode(label.producer):
        params["uscc"] = code.uscc
    claim = CLAIMS[label.value]
    return Evidence(NAME, claim, Strength.DECLARATION, f"aigc_label_{label.value}", params)


def _named(text: str) -> str:
    name = provider_code.name(text)
    return f"{name}, {text}" if name else text


def _distinct(found: list[Evidence]) -> list[Evidence]:
    """Drop a label that only repeats an earlier one in another place of the file."""
    kept: dict[tuple[object, ...], Evidence] = {}
    for evidence in found:
        values = (v for key, v in evidence.params.items() if key not in ("where", "lint"))
        kept.setdefault((evidence.code, *values), evidence)
    return list(kept.values())
