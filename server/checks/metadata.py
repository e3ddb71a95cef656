"""What generators and editors write into metadata without a signature.

IPTC Photo Metadata 2025.1 (digital source type); the habits of generators are rows of
`GENERATORS`, each read on a file or in the writing code. A tool that also edits photographs
says `suspected_ai` or `ai_edited`, never `ai_generated`.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from server import containers, exif, source_types, xmp
from server.containers import Block, Kind
from server.errors import CheckUnavailable
from server.evidence import Claim, Evidence, Strength
from server.image import Image

NAME = "metadata"


class Entry(NamedTuple):
    """One metadata value: its place in the file, its field, its text."""

    where: str
    field: str
    value: str


class Generator(NamedTuple):
    """One habit: its field (`text:` keyword, `exif:` tag, `xmp:` name), pattern and claim."""

    tool: str
    field: str
    pattern: str
    claim: Claim


_AI, _EDITED, _SUSPECTED = Claim.AI_GENERATED, Claim.AI_EDITED, Claim.SUSPECTED_AI
_A1111 = r"(?s)\bSteps: \d+.*\bSampler: "
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

GENERATORS = (
    Generator("Midjourney", "text:Description", rf"Job ID: {_UUID}", _AI),
    Generator("Stable Diffusion web UI", "text:parameters", _A1111, _AI),
    Generator("Stable Diffusion web UI", "exif:UserComment", _A1111, _AI),
    Generator("Fooocus", "text:parameters", r'(?s)^\s*\{.*"(base_model|full_prompt)"', _AI),
    Generator("Fooocus", "text:fooocus_scheme", r"^(fooocus|a1111)$", _AI),
    Generator("InvokeAI", "text:invokeai_metadata", r"^\s*\{", _AI),
    Generator("InvokeAI", "text:sd-metadata", r"^\s*\{", _AI),
    Generator("NovelAI", "text:Software", r"^NovelAI$", _AI),
    Generator("FLUX", "exif:Software", r"^AI generated;txt2img", _AI),
    Generator("FLUX", "exif:Software", r"^AI generated;(img2img|flux2)", _EDITED),
    Generator("Google AI", "xmp:Credit", r"^Made with Google AI$", _AI),
    Generator("Google AI", "xmp:Credit", r"^Edited with Google AI$", _EDITED),
    Generator("Apple Image Playground", "xmp:Credit", r"^Apple Image Playground$", _AI),
    Generator("Apple Photos", "xmp:Credit", r"^Apple Photos.*Clean Up$", _EDITED),
    Generator("AI Horde", "exif:Software", r"(?i)utilizing the AI Horde|using the AI Horde", _AI),
    # ComfyUI also edits photographs: a workflow says that a tool of this kind wrote the file.
    Generator("ComfyUI", "text:prompt", r'(?s)^\s*\{.*"class_type"', _SUSPECTED),
    Generator("ComfyUI", "exif:Model", r'(?s)^prompt:\s*\{.*"class_type"', _SUSPECTED),
)
_CODES = {
    Claim.AI_GENERATED: "generator_ai_generated",
    Claim.AI_EDITED: "generator_ai_edited",
    Claim.SUSPECTED_AI: "generator_suspected",
}
_IPTC_CODES = {
    Claim.AI_GENERATED: "iptc_ai_generated",
    Claim.AI_EDITED: "iptc_ai_edited",
    Claim.CAPTURED: "iptc_captured",
}
#: Google still writes the old name beside the new one (MediaInfoLib PR 2275).
_SOURCE_TYPE_NAMES = {"digitalsourcetype", "digitalsourcefiletype"}
_EXIF_FIELDS = {
    exif.IMAGE_DESCRIPTION: "ImageDescription",
    exif.MAKE: "Make",
    exif.MODEL: "Model",
    exif.SOFTWARE: "Software",
    exif.ARTIST: "Artist",
    exif.USER_COMMENT: "UserComment",
}
_NAMESPACES = {xmp.IPTC_EXT: "iptc", xmp.PHOTOSHOP: "xmp", xmp.XMP: "xmp"}


def check(image: Image) -> list[Evidence]:
    """Report declared source types and the marks of generators.

    Raises CheckUnavailable where a packet cannot be read and nothing else was found.
    """
    entries: list[Entry] = []
    unreadable: CheckUnavailable | None = None
    for block in containers.blocks(image.data, image.format):
        try:
            entries += _entries(block)
        except ValueError as e:
            reason = {"reason": str(e), "where": block.where}
            unreadable = CheckUnavailable("metadata_unreadable", reason)
    found = [*_source_types(entries), *_generators(entries)]
    if unreadable and not found:
        raise unreadable
    return _unique(found)


def _entries(block: Block) -> Iterator[Entry]:
    match block.kind:
        case Kind.TEXT:
            text = block.data.decode("utf-8", "replace")
            yield Entry(block.where, f"text:{block.keyword}", text)
        case Kind.EXIF:
            for tag, raw in exif.tags(block.data).items():
                if tag in _EXIF_FIELDS:
                    yield Entry(block.where, f"exif:{_EXIF_FIELDS[tag]}", exif.text(raw))
        case Kind.XMP:
            for namespace, name, value in xmp.properties(block.data):
                if prefix := _NAMESPACES.get(namespace):
                    yield Entry(block.where, f"{prefix}:{name}", value)


def _source_types(entries: list[Entry]) -> Iterator[Evidence]:
    for entry in entries:
        prefix, _, name = entry.field.partition(":")
        if prefix == "iptc" and name.lower() in _SOURCE_TYPE_NAMES:
            claim = source_types.claim(entry.value)
            if claim:
                params = {"source_type": source_types.code(entry.value)}
                yield Evidence(NAME, claim, Strength.DECLARATION, _IPTC_CODES[claim], params)


def _generators(entries: list[Entry]) -> Iterator[Evidence]:
    for entry in entries:
        for row in GENERATORS:
            if row.field == entry.field and re.search(row.pattern, entry.value):
                params = {"tool": row.tool, "where": entry.where}
                yield Evidence(NAME, row.claim, Strength.DECLARATION, _CODES[row.claim], params)


def _unique(found: list[Evidence]) -> list[Evidence]:
    kept: list[Evidence] = []
    for evidence in found:
        if evidence not in kept:
            kept.append(evidence)
    return kept
