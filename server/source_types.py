"""The IPTC digital source types and what each claims (NewsCodes release 2024-10-23; C2PA 2.2)."""

from server.evidence import Claim

#: The whole vocabulary, retired codes included. None = no claim about AI or capture:
#: algorithmicMedia is not machine-learned, a composite or a screen may hold anything.
CLAIMS: dict[str, Claim | None] = {
    "trainedAlgorithmicMedia": Claim.AI_GENERATED,
    "trainedAlgorithmicData": Claim.AI_GENERATED,
    "compositeWithTrainedAlgorithmicMedia": Claim.AI_EDITED,
    "compositeSynthetic": Claim.AI_EDITED,
    "digitalCapture": Claim.CAPTURED,
    "computationalCapture": Claim.CAPTURED,
    "compositeCapture": Claim.CAPTURED,
    "negativeFilm": None,
    "positiveFilm": None,
    "print": None,
    "algorithmicMedia": None,
    "algorithmicallyEnhanced": None,
    "composite": None,
    "screenCapture": None,
    "virtualRecording": None,
    "humanEdits": None,
    "minorHumanEdits": None,
    "digitalCreation": None,
    "digitalArt": None,
    "softwareImage": None,
    "dataDrivenMedia": None,
    "empty": None,
}
_SCHEMES = ("cv.iptc.org/newscodes/digitalsourcetype/", "c2pa.org/digitalsourcetype/")
_BY_LOWER = {code.lower(): code for code in CLAIMS}


def code(value: str) -> str:
    """Return the code of a source type's URI (http or https) or bare name, spelled properly."""
    bare = value.strip().partition("://")[2] or value.strip()
    for scheme in _SCHEMES:
        bare = bare.removeprefix(scheme)
    bare = bare.rstrip("/")
    return _BY_LOWER.get(bare.lower(), bare)


def claim(value: str) -> Claim | None:
    """Return what a source type claims; None where it claims nothing about AI or capture."""
    return CLAIMS.get(code(value))
