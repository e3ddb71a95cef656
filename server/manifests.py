"""What a C2PA manifest store says of its picture: pure rules over the store as JSON.

C2PA 2.2; the signals are those of the conformance programme's asset rubric of 2026-08-06,
read in version 1 and 2 of the actions, in every manifest.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from server import source_types
from server.evidence import Claim

#: One manifest as c2pa's JSON, with `gathered`: labels of assertions not attributed to the signer.
Manifest = Mapping[str, Any]
Store = Mapping[str, Any]

INCEPTION = {"c2pa.created", "c2pa.opened"}
#: Actions that change no content (asset rubric, "non-editorial").
NON_EDITORIAL = {
    "c2pa.converted",
    "c2pa.published",
    "c2pa.repackaged",
    "c2pa.transcoded",
    "c2pa.resized.proportional",
    "c2pa.enhanced",
    "c2pa.edited.metadata",
    "c2pa.watermarked",
    "c2pa.watermarked.bound",
    "c2pa.watermarked.unbound",
    "c2pa.redacted",
}
#: Assertions that say that AI took part (C2PA 2.4; Black Forest Labs).
DISCLOSURES = ("c2pa.ai-disclosure", "c2pa.ai_generated_content")
#: Assertions that state anything about AI or capture.
_STATING = ("c2pa.actions", "c2pa.metadata", "stds.iptc", *DISCLOSURES)
_LABEL = re.compile(r"/c2pa/([^/]+)")
_AI = (Claim.AI_GENERATED, Claim.AI_EDITED)


class Statement(NamedTuple):
    """What one action or assertion says.

    `editorial`: the content was changed by it. `own`: the signer states it himself; what he only
    gathered is not attributed to him (C2PA 2.2 section 10.2).
    """

    claim: Claim
    source_type: str
    editorial: bool
    manifest: str
    own: bool = True


def active(store: Store) -> Manifest:
    """Return the active manifest."""
    manifest: Manifest = store["manifests"][store["active_manifest"]]
    return manifest


def decide(store: Store) -> Statement:
    """Decide what the whole store says of the picture.

    The chain of parents is the picture itself; any other ingredient is part of it. The whole
    before a part; a capture only where nothing was edited since.
    """
    chain = list(_chain(store))
    said = [found for label in chain for found in _statements(store, label)]
    for label in store["manifests"]:
        if label not in chain:
            others = (found for found in _statements(store, label) if found.claim in _AI)
            said += [found._replace(claim=Claim.AI_EDITED, editorial=False) for found in others]
    for wanted in _AI:
        if found := next((s for s in said if s.claim is wanted), None):
            return found
    edited = any(s.editorial for s in said)
    captures = [s for s in said if s.claim is Claim.CAPTURED]
    if captures and not edited:
        return captures[0]
    source_type = next((s.source_type for s in said if s.source_type), "")
    return Statement(Claim.PROVENANCE, source_type, edited, store["active_manifest"])


def trusted(store: Store) -> set[str]:
    """Return the manifests, from the active one down its parents, whose signers we trust.

    The chain ends at the first one that is on none of our lists or was not intact: what stands
    behind such a signer, and what he recorded of it, is worth no more than his word.
    """
    results = store.get("validation_results", {})
    deltas = [delta.get("validationDeltas", {}) for delta in results.get("ingredientDeltas", [])]
    listed = _labels(results.get("activeManifest", {}).get("success", []))
    for delta in deltas:
        listed |= _labels(delta.get("success", []))
    refused = {label for delta in deltas for label in _untrusted(delta)}
    found: set[str] = set()
    for label in _chain(store):
        if label not in listed - refused:
            break
        found.add(label)
        # What is the same as the signer recorded stands in his record, not in the deltas.
        for parent in _parents(store["manifests"][label]):
            recorded = parent.get("validation_results", {}).get("activeManifest", {})
            listed |= _labels(recorded.get("success", []))
            failed = [*recorded.get("failure", []), *parent.get("validation_status", [])]
            if {status.get("code") for status in failed} - {"signingCredential.untrusted"}:
                refused.add(str(parent.get("active_manifest")))
    return found


def _labels(statuses: list[Mapping[str, Any]], code: str = "signingCredential.trusted") -> set[str]:
    urls = (str(s.get("url")) for s in statuses if s.get("code") == code)
    return {match[1] for url in urls if (match := _LABEL.search(url))}


def _untrusted(delta: Mapping[str, Any]) -> set[str]:
    return _labels(delta.get("failure", []), "signingCredential.untrusted")


def _chain(store: Store) -> Iterator[str]:
    """Yield the active manifest's label, its parent's, and so on."""
    label, seen = store["active_manifest"], set[str]()
    while label in store["manifests"] and label not in seen:
        seen.add(label)
        yield label
        parents = _parents(store["manifests"][label])
        label = parents[0].get("active_manifest") if parents else None


def _parents(manifest: Manifest) -> list[Mapping[str, Any]]:
    return [i for i in manifest.get("ingredients", []) if i.get("relationship") == "parentOf"]


def _statements(store: Store, label: str) -> Iterator[Statement]:
    manifest: Manifest = store["manifests"][label]
    gathered = any(name.startswith(_STATING) for name in manifest.get("gathered", []))
    yield from (found._replace(own=not gathered) for found in _said_by(manifest, label))


def _said_by(manifest: Manifest, label: str) -> Iterator[Statement]:
    for action in _actions(manifest):
        name = action.get("action")
        claim, code = _said(action.get("digitalSourceType"))
        if name not in INCEPTION:
            # A step makes part of the picture at most, and some steps nothing that one sees.
            learned = claim in _AI
            seen = learned and name not in NON_EDITORIAL
            claim = Claim.AI_EDITED if seen else Claim.PROVENANCE
            # A trained model that changes nothing one sees is no badge, and no camera original.
            yield Statement(claim, code, learned or name not in NON_EDITORIAL, label)
        else:
            yield Statement(claim, code, False, label)
    for value in _metadata_source_types(manifest):
        # A signer copies such metadata from the file that he was given: "camera" in it is
        # anybody's word, and the rubric takes a capture from an inception only.
        claim, code = _said(value)
        yield Statement(claim if claim in _AI else Claim.PROVENANCE, code, False, label)
    for ingredient in manifest.get("ingredients", []):
        claim, code = _said(_first(ingredient, "digitalSourceType", "digital_source_type"))
        if claim in _AI:
            whole = ingredient.get("relationship") == "parentOf"
            yield Statement(claim if whole else Claim.AI_EDITED, code, False, label)
    if any(str(a.get("label")).startswith(DISCLOSURES) for a in manifest.get("assertions", [])):
        yield Statement(Claim.AI_EDITED, "", False, label)


def _said(value: Any) -> tuple[Claim, str]:
    code = source_types.code(value) if isinstance(value, str) else ""
    return source_types.claim(code) or Claim.PROVENANCE, code


def _first(value: Mapping[str, Any], *names: str) -> Any:
    return next((value[name] for name in names if name in value), None)


def _assertions(manifest: Manifest, *prefixes: str) -> Iterator[Mapping[str, Any]]:
    for assertion in manifest.get("assertions", []):
        if str(assertion.get("label")).startswith(prefixes):
            data = assertion.get("data")
            if isinstance(data, dict):
                yield data


def _actions(manifest: Manifest) -> Iterator[Mapping[str, Any]]:
    """Yield the actions; one without a source type takes its template's (C2PA 2.2, 18.15)."""
    for data in _assertions(manifest, "c2pa.actions"):
        listed, templates = data.get("actions"), data.get("templates")
        types = {
            str(t.get("action")): t.get("digitalSourceType")
            for t in (templates if isinstance(templates, list) else [])
            if isinstance(t, dict)
        }
        for action in listed if isinstance(listed, list) else []:
            if isinstance(action, dict):
                default = types.get(str(action.get("action")), types.get("*"))
                yield {"digitalSourceType": default} | action


def _metadata_source_types(manifest: Manifest) -> Iterator[str]:
    for data in _assertions(manifest, "stds.iptc", "c2pa.metadata"):
        for key, value in data.items():
            if key.endswith("DigitalSourceType") and isinstance(value, str):
                yield value


def signer(manifest: Manifest) -> str:
    """Return the organisation that signed, else the certificate's common name."""
    info = manifest.get("signature_info") or {}
    return str(info.get("issuer") or info.get("common_name") or "")


def time(manifest: Manifest) -> str:
    """Return the time of the signature, ISO 8601; "" where no authority stamped it."""
    return str((manifest.get("signature_info") or {}).get("time") or "")


def tool(manifest: Manifest) -> str:
    """Return the program that made the claim, with its version."""
    for info in manifest.get("claim_generator_info") or []:
        if isinstance(info, dict) and info.get("name"):
            return f"{info['name']} {info.get('version') or ''}".strip()
    return str(manifest.get("claim_generator") or "")


def soft_bindings(store: Store) -> list[str]:
    """Return the algorithms of the watermarks and fingerprints that the store names."""
    found = (
        str(data["alg"])
        for manifest in store["manifests"].values()
        for data in _assertions(manifest, "c2pa.soft-binding")
        if data.get("alg")
    )
    return list(dict.fromkeys(found))


def watermarked(store: Store) -> bool:
    """Tell whether an action says that an invisible watermark was put in."""
    return any(
        str(action.get("action")).startswith("c2pa.watermarked")
        for manifest in store["manifests"].values()
        for action in _actions(manifest)
    )


def model(store: Store) -> str:
    """Return the model that an AI disclosure names (C2PA 2.4 `c2pa.ai-disclosure`)."""
    for manifest in store["manifests"].values():
        for data in _assertions(manifest, *DISCLOSURES):
            name = _first(data, "modelName", "modelIdentifier", "model")
            if isinstance(name, str):
                return name
    return ""
