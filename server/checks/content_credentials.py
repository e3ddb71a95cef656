"""Content Credentials: signed C2PA manifests, all of the store, read offline.

C2PA 2.2 sections 14 and 15 (validation and its codes). What a store means is decided in
`server/manifests.py`. The only import of c2pa.
"""

import io
import json
from functools import cache
from typing import Any

import c2pa

from server import manifests, trust
from server.containers import Kind
from server.errors import CheckUnavailable
from server.evidence import Claim, Evidence, Param, Strength
from server.image import Image
from server.manifests import Statement, Store

NAME = "content_credentials"
MIME = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WebP": "image/webp",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
    "HEIC": "image/heic",
    "JPEG XL": "image/jxl",
    "SVG": "image/svg+xml",
}
#: Hard bindings: what ties a manifest to the bytes of the file (C2PA 2.2 section 9.2).
BINDINGS = ("dataHash", "bmffHash", "boxesHash", "collectionHash", "multiAssetHash")
#: Something that was signed is gone, or something was added (C2PA 2.2 section 15.2.2). Every
#: `….mismatch` besides a time stamp's says the same.
ALTERED = {"assertion.missing", "hashedURI.missing", "assertion.undeclared"}
EXPIRED = {"signingCredential.expired", "claimSignature.outsideValidity"}
UNTRUSTED = {"signingCredential.untrusted"}
REVOKED = {"signingCredential.revoked", "signingCredential.ocsp.revoked"}
#: The extended key usages that C2PA signers bear (C2PA 2.2 section 14.5.1).
KEY_USAGES = (
    "1.3.6.1.5.5.7.3.4",
    "1.3.6.1.5.5.7.3.36",
    "1.3.6.1.5.5.7.3.8",
    "1.3.6.1.5.5.7.3.9",
    "1.3.6.1.4.1.311.76.59.1.9",
    "1.3.6.1.4.1.62558.2.1",
)


def check(image: Image, anchors: str | None = None) -> list[Evidence]:
    """Read and verify the credential of the image; at most one piece of evidence.

    `anchors`: PEM of the trusted authorities; None = the lists in the trust folder.
    Raises CheckUnavailable where the credential lies elsewhere or cannot be parsed.
    """
    if image.format not in MIME:
        return []  # C2PA gives a manifest no place in such a file
    # Our own walk first: it refuses files whose endless parts would hold the library for minutes.
    seen = any(block.kind is Kind.CREDENTIAL for block in image.blocks)
    store = _read(image, trust.anchors() if anchors is None else anchors, seen=seen)
    if store is None:
        return []
    failures = _codes(store, "failure")
    params = _params(store)
    if altered := {code for code in failures if _is_alteration(code)}:
        params["reason"] = ", ".join(sorted(altered))
        return [Evidence(NAME, Claim.ALTERED, Strength.PROOF, "credential_altered", params)]
    if not _is_intact(store):
        reason = ", ".join(sorted(failures)) or "nothing binds it to the picture"
        raise CheckUnavailable("credential_malformed", {"reason": reason})
    said = manifests.decide(store)
    if said.source_type:
        params["source_type"] = said.source_type
    standing = _standing(store, failures)
    if standing == "trusted" and not _states_itself(store, said):
        standing = "relayed"
    if standing == "malformed":
        params["reason"] = ", ".join(sorted(failures - EXPIRED - UNTRUSTED))
    strength = Strength.PROOF if standing == "trusted" else Strength.DECLARATION
    return [Evidence(NAME, said.claim, strength, f"credential_{said.claim}_{standing}", params)]


def _params(store: Store) -> dict[str, Param]:
    active = manifests.active(store)
    params: dict[str, Param] = {
        "signer": manifests.signer(active),
        "tool": manifests.tool(active),
        "time": manifests.time(active),
    }
    if model := manifests.model(store):
        params["model"] = model
    if bindings := manifests.soft_bindings(store):
        params["soft_binding"] = ", ".join(bindings)
    elif manifests.watermarked(store):
        params["soft_binding"] = "unnamed"
    if issued := trust.issued():
        params["trust_list"] = issued
    return params


@cache
def _context(anchors: str) -> c2pa.Context:
    lists = {"trust_config": "\n".join(KEY_USAGES)}
    if anchors:
        lists["trust_anchors"] = anchors
    # Both would open connections to addresses that the image names.
    verify = {"remote_manifest_fetch": False, "ocsp_fetch": False}
    return c2pa.Context.from_dict({"verify": verify, "trust": lists})


def _read(image: Image, anchors: str, *, seen: bool) -> Store | None:
    """Return the manifest store as the library tells it; None = the image has none.

    `seen`: our own parser met a store; without one it is the file that cannot be walked.
    """
    try:
        with c2pa.Reader(
            MIME[image.format], io.BytesIO(image.data), context=_context(anchors)
        ) as reader:
            store = _with_gathered(json.loads(reader.json()), json.loads(reader.detailed_json()))
    except c2pa.C2paError as e:
        kind, _, text = str(e).partition(":")
        if kind == "ManifestNotFound":
            return None
        if kind == "Remote":
            url = text.rpartition(" ")[2]
            raise CheckUnavailable("credential_remote", {"url": url}) from e
        code = "credential_malformed" if seen else "credential_unknown"
        raise CheckUnavailable(code, {"reason": str(e)}) from e
    if store.get("active_manifest") not in store.get("manifests", {}):
        raise CheckUnavailable("credential_malformed", {"reason": "no active manifest"})
    return store


def _with_gathered(store: dict[str, Any], detailed: dict[str, Any]) -> Store:
    """Note in each manifest which assertions its claim only gathered; version 1 knows none."""
    for label, manifest in store.get("manifests", {}).items():
        claim = detailed.get("manifests", {}).get(label, {}).get("claim", {})
        urls = (str(link.get("url")) for link in claim.get("gathered_assertions", []))
        manifest["gathered"] = [url.rpartition("/")[2] for url in urls]
    return store


def _codes(store: Store, kind: str) -> set[str]:
    """Collect the codes of the active manifest and of what its ingredients newly lack."""
    results = store.get("validation_results", {})
    lists = [results.get("activeManifest", {})]
    lists += [delta.get("validationDeltas", {}) for delta in results.get("ingredientDeltas", [])]
    codes = {status["code"] for found in lists for status in found.get(kind, [])}
    # An identity assertion (CAWG) that cannot be verified takes nothing from the credential.
    return {code for code in codes if not code.startswith("cawg.")}


def _is_alteration(code: str) -> bool:
    mismatch = code.endswith(".mismatch") and not code.startswith("timeStamp")
    return mismatch or code in ALTERED


def _is_intact(store: Store) -> bool:
    """Tell whether a signature was verified and the bytes are the ones that it binds.

    Said by what succeeded: a manifest without a binding fails nothing, and could be pasted
    into any file.
    """
    active = store.get("validation_results", {}).get("activeManifest", {}).get("success", [])
    signed = any(status["code"] == "claimSignature.validated" for status in active)
    successes = _codes(store, "success")
    return signed and any(f"assertion.{binding}.match" in successes for binding in BINDINGS)


def _standing(store: Store, failures: set[str]) -> str:
    """Return how the signer stands: trusted, malformed, revoked, expired or unlisted."""
    # Another signer's missing trust, further down, takes nothing from the one who signed this.
    active = store.get("validation_results", {}).get("activeManifest", {}).get("failure", [])
    own = {status["code"] for status in active} & (EXPIRED | UNTRUSTED | REVOKED)
    listed = store["active_manifest"] in manifests.trusted(store)
    if listed and not own and not failures - EXPIRED - UNTRUSTED - REVOKED:
        return "trusted"
    if failures & REVOKED:
        return "revoked"
    if failures - EXPIRED - UNTRUSTED:
        return "malformed"
    return "expired" if failures & EXPIRED else "unlisted"


def _states_itself(store: Store, said: Statement) -> bool:
    """What is proven is what a listed signer says himself, not what he gathered or passed on.

    AI that a listed signer found in a parent counts as his: he vouches for the whole chain.
    """
    return said.own and (
        said.claim is not Claim.CAPTURED or said.manifest in manifests.trusted(store)
    )
