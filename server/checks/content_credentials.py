"""Content Credentials: signed C2PA manifests, all of the store, read offline.

C2PA 2.2 section 14 (validation), conformance-public asset rubric of 2026-08-06 (what means AI).
The only import of c2pa.
"""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import c2pa

from server import home, source_types
from server.errors import CheckUnavailable
from server.evidence import Claim, Evidence, Strength
from server.image import Image

NAME = "content_credentials"
MIME = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WebP": "image/webp",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
    "HEIC": "image/heic",
}
#: The bytes or the statements are not those that were signed (C2PA 2.2 section 15.10).
ALTERED = {
    "assertion.dataHash.mismatch",
    "assertion.bmffHash.mismatch",
    "assertion.boxesHash.mismatch",
    "assertion.collectionHash.mismatch",
    "assertion.multiAssetHash.mismatch",
    "assertion.hashedURI.mismatch",
    "claimSignature.mismatch",
}
EXPIRED = {"signingCredential.expired", "claimSignature.outsideValidity"}
#: The extended key usages that C2PA signers bear (C2PA 2.2 section 14.5.1).
KEY_USAGES = (
    "1.3.6.1.5.5.7.3.4",
    "1.3.6.1.5.5.7.3.36",
    "1.3.6.1.5.5.7.3.8",
    "1.3.6.1.5.5.7.3.9",
    "1.3.6.1.4.1.311.76.59.1.9",
    "1.3.6.1.4.1.62558.2.1",
)
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

Manifest = Mapping[str, Any]
Store = Mapping[str, Any]


def check(image: Image, anchors: str | None = None) -> list[Evidence]:
    """Read and verify the credential of the image; at most one piece of evidence.

    `anchors`: PEM of the trusted authorities; None = the lists in the home folder.
    Raises CheckUnavailable where the credential lies elsewhere or cannot be parsed.
    """
    store = _read(image, trust_anchors() if anchors is None else anchors)
    if store is None:
        return []
    active = store["manifests"][store["active_manifest"]]
    codes = _failures(store)
    params = {"signer": _signer(active), "tool": _tool(active), "time": _time(active)}
    if altered := codes & ALTERED:
        params["reason"] = ", ".join(sorted(altered))
        return [Evidence(NAME, Claim.ALTERED, Strength.PROOF, "credential_altered", params)]
    claim, source_type = _claim(store)
    trust = _trust(store, codes)
    if source_type:
        params["source_type"] = source_type
    strength = Strength.PROOF if trust == "trusted" else Strength.DECLARATION
    return [Evidence(NAME, claim, strength, f"credential_{claim}_{trust}", params)]


def trust_anchors(folder: Path | None = None) -> str:
    """Return the PEM of every list in `trust/` of the home folder; empty = trust nobody."""
    folder = folder or home.folder() / "trust"
    return "\n".join(path.read_text() for path in sorted(folder.glob("*.pem")))


def trust_version() -> str:
    """Return a short digest of the trust lists: another list, another report."""
    return hashlib.sha256(trust_anchors().encode()).hexdigest()[:12]


@cache
def _context(anchors: str) -> c2pa.Context:
    trust = {"trust_config": "\n".join(KEY_USAGES)}
    if anchors:
        trust["trust_anchors"] = anchors
    # Both would open connections to addresses that the image names.
    verify = {"remote_manifest_fetch": False, "ocsp_fetch": False}
    return c2pa.Context.from_dict({"verify": verify, "trust": trust})


def _read(image: Image, anchors: str) -> Store | None:
    """Return the manifest store as the library tells it; None = the image has none."""
    try:
        with c2pa.Reader(
            MIME[image.format], io.BytesIO(image.data), context=_context(anchors)
        ) as reader:
            store: Store = json.loads(reader.json())
    except c2pa.C2paError as e:
        kind, _, text = str(e).partition(":")
        if kind == "ManifestNotFound":
            return None
        if kind == "Remote":
            url = text.rpartition(" ")[2]
            raise CheckUnavailable("credential_remote", {"url": url}) from e
        raise CheckUnavailable("credential_malformed", {"reason": str(e)}) from e
    if store.get("active_manifest") not in store.get("manifests", {}):
        raise CheckUnavailable("credential_malformed", {"reason": "no active manifest"})
    return store


def _failures(store: Store) -> set[str]:
    """Collect the failure codes of the active manifest and of what its ingredients newly lack."""
    results = store.get("validation_results", {})
    lists = [results.get("activeManifest", {})]
    lists += [delta.get("validationDeltas", {}) for delta in results.get("ingredientDeltas", [])]
    return {status["code"] for found in lists for status in found.get("failure", [])}


def _trust(store: Store, failures: set[str]) -> str:
    if store.get("validation_state") == "Trusted":
        return "trusted"
    return "expired" if failures & EXPIRED else "unlisted"


def _claim(store: Store) -> tuple[Claim, str]:
    """Decide what the whole store says of the picture: the claim and the source type behind it.

    The chain of parents is the picture itself; any other ingredient is part of it.
    """
    manifests = store["manifests"]
    chain = list(_chain(store))
    statements = [found for label in chain for found in _statements(manifests[label])]
    for label, manifest in manifests.items():
        if label not in chain:
            statements += [(Claim.AI_EDITED, kind, False) for _, kind, _ in _ai(manifest)]
    for wanted in (Claim.AI_GENERATED, Claim.AI_EDITED):
        for claim, source_type, _ in statements:
            if claim is wanted:
                return claim, source_type
    edited = any(editorial for _, _, editorial in statements)
    captures = [kind for claim, kind, _ in statements if claim is Claim.CAPTURED]
    if captures and not edited:
        return Claim.CAPTURED, captures[0]
    return Claim.PROVENANCE, ""


def _chain(store: Store) -> Iterator[str]:
    """Yield the active manifest's label, its parent's, and so on."""
    label, seen = store["active_manifest"], set[str]()
    while label in store["manifests"] and label not in seen:
        seen.add(label)
        yield label
        ingredients = store["manifests"][label].get("ingredients", [])
        parents = [i for i in ingredients if i.get("relationship") == "parentOf"]
        label = parents[0].get("active_manifest") if parents else None


Statement = tuple[Claim, str, bool]


def _statements(manifest: Manifest) -> Iterator[Statement]:
    """Yield (claim, source type, editorial?) of each action and metadata assertion."""
    for action in _actions(manifest):
        value = action.get("digitalSourceType")
        source_type = source_types.code(value) if isinstance(value, str) else ""
        claim = source_types.claim(source_type) or Claim.PROVENANCE
        name = action.get("action")
        editorial = name not in INCEPTION | NON_EDITORIAL
        if name not in INCEPTION and claim is Claim.AI_GENERATED:
            claim = Claim.AI_EDITED  # a step made part of the picture
        elif name not in INCEPTION and claim is Claim.CAPTURED:
            claim = Claim.PROVENANCE
        yield claim, source_type, editorial
    for value in _metadata_source_types(manifest):
        claim = source_types.claim(value) or Claim.PROVENANCE
        yield claim, source_types.code(value), False


def _ai(manifest: Manifest) -> Iterator[Statement]:
    ai = (Claim.AI_GENERATED, Claim.AI_EDITED)
    return (found for found in _statements(manifest) if found[0] in ai)


def _actions(manifest: Manifest) -> Iterator[Mapping[str, Any]]:
    for assertion in manifest.get("assertions", []):
        if str(assertion.get("label")).startswith("c2pa.actions"):
            data = assertion.get("data")
            actions = data.get("actions") if isinstance(data, dict) else None
            yield from (a for a in actions or [] if isinstance(a, dict))


def _metadata_source_types(manifest: Manifest) -> Iterator[str]:
    for assertion in manifest.get("assertions", []):
        label, data = str(assertion.get("label")), assertion.get("data")
        if label.startswith(("stds.iptc", "c2pa.metadata")) and isinstance(data, dict):
            for key, value in data.items():
                if key.endswith("DigitalSourceType") and isinstance(value, str):
                    yield value


def _signer(manifest: Manifest) -> str:
    info = manifest.get("signature_info") or {}
    return str(info.get("issuer") or info.get("common_name") or "")


def _time(manifest: Manifest) -> str:
    return str((manifest.get("signature_info") or {}).get("time") or "")


def _tool(manifest: Manifest) -> str:
    for info in manifest.get("claim_generator_info") or []:
        if isinstance(info, dict) and info.get("name"):
            return f"{info['name']} {info.get('version') or ''}".strip()
    return str(manifest.get("claim_generator") or "")
