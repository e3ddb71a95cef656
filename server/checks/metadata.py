"""What generators and editors write into metadata without a signature.

IPTC Photo Metadata 2025.1 (digital source type, AI properties), the habits of generators
(`server/generators.py`), and text hidden in lossless pixels.
"""

from collections.abc import Iterator
from typing import NamedTuple

from server import exif, generation, iptc, source_types, stealth, xmp
from server.containers import Block, Kind
from server.errors import CheckUnavailable
from server.evidence import Claim, Evidence, Param, Strength
from server.generators import GENERATORS
from server.image import Image

NAME = "metadata"
Params = dict[str, Param]


class Entry(NamedTuple):
    """One metadata value: its place in the file, its field, its text."""

    where: str
    field: str
    value: str


_CODES = {
    Claim.AI_GENERATED: "generator_ai_generated",
    Claim.AI_EDITED: "generator_ai_edited",
    Claim.SUSPECTED_AI: "generator_suspected",
}
_IPTC_CODES = {
    Claim.AI_GENERATED: "iptc_ai_generated",
    Claim.AI_EDITED: "iptc_ai_edited",
    Claim.CAPTURED: "iptc_captured",
    Claim.PROVENANCE: "iptc_provenance",
}
#: What people put into the field where no AI took part.
_NO_SYSTEM = {"none", "no", "n/a", "na", "-", "false", "0"}
#: Google still writes the old name beside the new one (MediaInfoLib PR 2275).
_SOURCE_TYPE_NAMES = {"iptc:digitalsourcetype", "iptc:digitalsourcefiletype"}
_NAMESPACES = {xmp.IPTC_EXT: "iptc"} | dict.fromkeys(
    (xmp.PHOTOSHOP, xmp.XMP, xmp.EXIF, xmp.TIFF, xmp.DC), "xmp"
)
#: Fields that may hold a generator's whole note.
_NOTES = {
    *("text:parameters", "text:prompt", "text:Comment", "text:comment", "text:sd-metadata"),
    *("text:invokeai_metadata", "exif:UserComment", "exif:Model", "xmp:UserComment"),
}
#: Further fields that hold one detail of a known tool.
_SINGLE = {
    "iptc:AIPromptInformation": "prompt",
    "text:use_stable_diffusion_model": "model",
    "text:Stable Diffusion model": "model",
    "text:negative_prompt": "negative_prompt",
    "text:Negative Prompt": "negative_prompt",
    "text:Prompt": "prompt",
    "text:seed": "seed",
    "text:Seed": "seed",
}


def check(image: Image) -> list[Evidence]:
    """Report declared source types, AI systems and the marks of generators.

    Raises CheckUnavailable where a packet cannot be read and nothing else was found.
    """
    entries: list[Entry] = []
    unreadable: CheckUnavailable | None = None
    for block in image.blocks:
        try:
            entries += _entries(block)
        except ValueError as e:
            reason = {"reason": str(e), "where": block.where}
            unreadable = CheckUnavailable("metadata_unreadable", reason)
    try:
        entries += _hidden(image)
    except ValueError as e:
        unreadable = CheckUnavailable("metadata_unreadable", {"reason": str(e), "where": "pixels"})
    details = _details(entries)
    found = [*_source_types(entries), *_systems(entries, details), *_generators(entries, details)]
    if unreadable and not found:
        raise unreadable
    return _unique(found)


def _entries(block: Block) -> Iterator[Entry]:
    match block.kind:
        case Kind.TEXT:
            text = block.data.decode("utf-8", "replace")
            yield Entry(f"{block.where} {block.keyword}", f"text:{block.keyword}", text)
        case Kind.TRAILER:
            text = block.data.decode("utf-8", "replace")
            yield Entry(f"{block.where} {block.keyword}", f"trailer:{block.keyword}", text)
        case Kind.EXIF:
            for tag, raw in exif.tags(block.data).items():
                name = exif.NAMES[tag]
                yield Entry(f"{block.where} {name}", f"exif:{name}", exif.field(tag, raw))
        case Kind.IPTC:
            for name, text in iptc.datasets(block.data):
                yield Entry(f"{block.where} {name}", f"iim:{name}", text)
        case Kind.XMP:
            for namespace, name, value in xmp.properties(block.data):
                if prefix := _NAMESPACES.get(namespace):
                    yield Entry(block.where, f"{prefix}:{name}", value)


def _hidden(image: Image) -> Iterator[Entry]:
    """Read the text in the lowest bits of the pixels. Raises ValueError where it is damaged."""
    text = stealth.read(image.columns)
    if text is None:
        return
    fields = generation.fields(text)
    if fields:
        yield from (Entry("pixels", f"text:{key}", value) for key, value in fields.items())
    else:
        yield Entry("pixels", "text:parameters", text)


def _source_types(entries: list[Entry]) -> Iterator[Evidence]:
    for entry in entries:
        if entry.field.lower() in _SOURCE_TYPE_NAMES and entry.value:
            code = source_types.code(entry.value)
            if code not in source_types.CLAIMS:
                continue
            claim = source_types.claim(code) or Claim.PROVENANCE
            params = {"source_type": code, "where": entry.where}
            yield Evidence(NAME, claim, Strength.DECLARATION, _IPTC_CODES[claim], params)


def _systems(entries: list[Entry], details: Params) -> Iterator[Evidence]:
    """Report IPTC 2025.1's AI system: AI took part, and how far is not said."""
    values = {entry.field: entry for entry in reversed(entries) if entry.value}
    system = values.get("iptc:AISystemUsed")
    if system is None or system.value.lower() in _NO_SYSTEM:
        return
    version = values.get("iptc:AISystemVersionUsed")
    params = dict(details)
    params["tool"] = f"{system.value} {version.value if version else ''}".strip()
    params["where"] = system.where
    if writer := values.get("iptc:AIPromptWriterName"):
        params["prompt_writer"] = writer.value
    yield Evidence(NAME, Claim.AI_EDITED, Strength.DECLARATION, "iptc_ai_system", params)


def _generators(entries: list[Entry], details: Params) -> Iterator[Evidence]:
    """Report each tool once and take each value for one tool's: the first row that matches."""
    seen: set[str] = set()
    # By field: Photoshop's list of ancestors alone may hold some hundred thousand entries.
    free: dict[str, list[Entry]] = {field: [] for field in {row.field for row in GENERATORS}}
    for entry in entries:
        if entry.field in free:
            free[entry.field].append(entry)
    for row in GENERATORS:
        if row.tool in seen:
            continue
        matching = {e for e in free[row.field] if row.matches(e.field, e.value)}
        if matching:
            seen.add(row.tool)
            first = next(e for e in free[row.field] if e in matching)
            free[row.field] = [e for e in free[row.field] if e not in matching]
            params = {**details, "tool": row.tool, "where": first.where}
            yield Evidence(NAME, row.claim, Strength.DECLARATION, _CODES[row.claim], params)


def _details(entries: list[Entry]) -> Params:
    """Collect prompt, negative prompt, model and seed from all notes of the file."""
    found: dict[str, Param] = {}
    for entry in entries:
        if entry.field in _NOTES:
            found = {**generation.details(entry.value), **found}
        elif (name := _SINGLE.get(entry.field)) and entry.value:
            found.setdefault(name, generation.cut(entry.value))
        elif entry.field == "text:Description" and " Job ID: " in entry.value:
            found.setdefault("prompt", generation.cut(entry.value.partition(" Job ID: ")[0]))
    return found


def _unique(found: list[Evidence]) -> list[Evidence]:
    """Drop what repeats an earlier finding in another place of the file."""
    kept: dict[tuple[object, ...], Evidence] = {}
    for evidence in found:
        key = (evidence.code, evidence.params.get("tool"), evidence.params.get("source_type"))
        kept.setdefault(key, evidence)
    return list(kept.values())
