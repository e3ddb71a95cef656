"""The text of an AIGC implicit label: read leniently, judged strictly.

GB 45438-2025 annex E (fields and their values), clause 6.1 c (one label a file),
TC260-PG-20259A (places). Reading takes what services really write; `lint` says where that
departs from the standard.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from server import provider_code

KEY = "aigc"
#: A label is some hundred characters; Python's int and recursion limits guard the rest.
LENGTH_LIMIT = 64 * 1024
#: More than this says no more than "another format".
FINDINGS_LIMIT = 20
#: Fields of annex E; the standard spells them so.
FIELDS = (
    "Label",
    "ContentProducer",
    "ProduceID",
    "ReservedCode1",
    "ContentPropagator",
    "PropagateID",
    "ReservedCode2",
)
_LOWER = {name.lower() for name in FIELDS}
LABELS = ("1", "2", "3")
#: What `lint` and the reader of places can find; the catalogue has a text for each.
FINDINGS = (
    *("missing", "empty", "type", "charset", "spelling", "unknown_field", "own_form"),
    *("code_shape", "code_check", "code_service", "place", "form", "second_label"),
)
#: Fields that name a provider, each with its service in the code.
PROVIDERS = {"ContentProducer": "generation", "ContentPropagator": "propagation"}


@dataclass(frozen=True)
class Label:
    """A label as it was read: fields in lower case, and the object as it was written."""

    fields: Mapping[str, str]
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def value(self) -> str:
        """Return "1" is, "2" possibly or "3" suspected."""
        # Tencent Cloud's form has no Label: its presence says "is" (form of 2025).
        return self.fields.get("label", "1")

    @property
    def producer(self) -> str:
        """Return the provider's name or code as it was written."""
        return self.fields.get("contentproducer") or self.fields.get("serviceprovider", "")


def read(text: str) -> Label:
    """Read a label: JSON, bare or wrapped, or the bare value. Raises ValueError."""
    if len(text) > LENGTH_LIMIT:
        raise ValueError(f"{len(text)} characters; the limit is {LENGTH_LIMIT}")
    text = text.strip()
    if text[:4].lower() == KEY:
        text = text[4:].lstrip(":= ")
    try:
        # raw_decode: some writers pad behind the object.
        label = _label(json.JSONDecoder().raw_decode(text)[0])
    except (json.JSONDecodeError, RecursionError) as e:
        raise ValueError(f"not JSON: {text[:80]}") from e
    if label.value not in LABELS:
        raise ValueError(f"Label is {label.value[:20]!r}, not 1, 2 or 3")
    return label


def _label(value: Any) -> Label:
    if isinstance(value, str) and value.lstrip()[:1] == "{":
        value = json.loads(value)  # JSON inside JSON; ValueError is our caller's
    if isinstance(value, int | str) and str(value) in LABELS:
        return Label({"label": str(value)})
    for wrapper in (KEY, "tc260pg"):  # the second: Honor's form, inside the first
        if isinstance(value, Mapping):
            inner = {str(key).lower(): content for key, content in value.items()}
            if isinstance(inner.get(wrapper), Mapping) and "label" not in inner:
                value = inner[wrapper]
    if not isinstance(value, Mapping):
        raise ValueError("not a JSON object")
    fields = {str(key).lower(): _text(content) for key, content in value.items()}
    if "label" not in fields and "serviceprovider" not in fields:
        raise ValueError("no field Label")
    return Label(fields, value)


def _text(value: Any) -> str:
    if value is None or isinstance(value, Mapping | list):
        return ""  # a structure is no text; the lint names its type
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def lint(label: Label) -> list[str]:
    """Return where a label departs from the standard, each `finding:Field`; [] = conforming."""
    if "serviceprovider" in label.fields and "label" not in label.fields:
        return ["own_form:"]
    ours = {key: value for key, value in label.raw.items() if key.lower() in _LOWER}
    others = [re.sub(r"[^\w.-]", "_", key)[:40] for key in label.raw if key not in ours]
    found = [
        *_missing(label),
        *(f"type:{key}" for key, value in ours.items() if not isinstance(value, str)),
        *(f"charset:{key}" for key, value in ours.items() if not _in_charset(value)),
        *(f"spelling:{key}" for key in ours if key not in FIELDS),
        *(f"unknown_field:{key}" for key in others),
        *_codes(label),
    ]
    return found[:FINDINGS_LIMIT]


def _missing(label: Label) -> Iterator[str]:
    for name in FIELDS:
        if name.lower() not in label.fields:
            yield f"missing:{name}"
    # Label 3 is a platform's own finding: it has no producer to name.
    needed = ("ContentPropagator", "PropagateID") if label.value == "3" else FIELDS[1:3]
    for name in needed:
        if label.fields.get(name.lower()) == "":
            yield f"empty:{name}"


def _in_charset(value: Any) -> bool:
    """Annex E j: printable ASCII without the space, 0x21 to 0x7E."""
    return not isinstance(value, str) or all("!" <= character <= "~" for character in value)


def _codes(label: Label) -> Iterator[str]:
    for name, service in PROVIDERS.items():
        text = label.fields.get(name.lower(), "")
        code = provider_code.decode(text)
        if code is None:
            if text.startswith("00") and len(text) >= 20:  # meant as a code, and none
                yield f"code_shape:{name}"
            continue
        if not code.genuine:
            yield f"code_check:{name}"
        if code.service != service:
            yield f"code_service:{name}"
