"""The IPTC digital source types and what each claims (NewsCodes release 2024-10-23)."""

from server.evidence import Claim

#: Codes that are no claim about AI or capture (algorithmicMedia is not machine-learned) are absent.
CLAIMS: dict[str, Claim] = {
    "trainedAlgorithmicMedia": Claim.AI_GENERATED,
    "trainedAlgorithmicData": Claim.AI_GENERATED,
    "compositeWithTrainedAlgorithmicMedia": Claim.AI_EDITED,
    "compositeSynthetic": Claim.AI_EDITED,
    "digitalCapture": Claim.CAPTURED,
    "computationalCapture": Claim.CAPTURED,
    "compositeCapture": Claim.CAPTURED,
}
_SCHEMES = ("cv.iptc.org/newscodes/digitalsourcetype/", "c2pa.org/digitalsourcetype/")


def code(value: str) -> str:
    """Return the code of a source type's URI (http or https) or bare name."""
    bare = value.strip().partition("://")[2] or value.strip()
    for scheme in _SCHEMES:
        bare = bare.removeprefix(scheme)
    return bare


def claim(value: str) -> Claim | None:
    """Return what a source type claims; None where it claims nothing about AI or capture."""
    return CLAIMS.get(code(value))
