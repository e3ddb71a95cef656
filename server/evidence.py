"""The words of Touchstone: claim, strength, evidence, label, verdict, report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Param = str | int | float


class Claim(StrEnum):
    """What a piece of evidence says of the picture."""

    AI_GENERATED = "ai_generated"
    AI_EDITED = "ai_edited"
    POSSIBLY_AI = "possibly_ai"
    SUSPECTED_AI = "suspected_ai"
    CAPTURED = "captured"
    #: A signature no longer matches the bytes.
    ALTERED = "altered"
    #: A credential that tells where the file comes from and nothing about AI.
    PROVENANCE = "provenance"


class Strength(StrEnum):
    """What the evidence is worth."""

    #: Verified by us: a signature against a trust list, or the mismatch of one.
    PROOF = "proof"
    #: A label that anyone could have written.
    DECLARATION = "declaration"
    #: A statistic; it carries its false alarm rate.
    ESTIMATE = "estimate"


class Label(StrEnum):
    """The badge; one for each row of the architecture's table."""

    AI_GENERATED = "ai_generated"
    AI_EDITED = "ai_edited"
    POSSIBLY_AI = "possibly_ai"
    SUSPECTED_AI = "suspected_ai"
    INVALID_CREDENTIAL = "invalid_credential"
    CAPTURED = "captured"
    UNLABELED = "unlabeled"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True)
class Evidence:
    """One finding. `code` and `params` are a message key of the catalogue and its values."""

    check: str
    claim: Claim
    strength: Strength
    code: str
    params: Mapping[str, Param] = field(default_factory=dict)
    #: Share of real images (0 to 1) that look at least this much like AI.
    false_alarm_rate: float | None = None

    def __post_init__(self) -> None:
        if (self.strength is Strength.ESTIMATE) != (self.false_alarm_rate is not None):
            raise ValueError("An estimate carries its false alarm rate, and nothing else does.")
        if self.false_alarm_rate is not None and not 0 <= self.false_alarm_rate <= 1:
            raise ValueError(f"A false alarm rate lies in 0…1, not {self.false_alarm_rate}.")


@dataclass(frozen=True)
class Unavailable:
    """Why a check could not look."""

    code: str
    params: Mapping[str, Param] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """The decision, its basis and the message of the one piece of evidence that decided."""

    label: Label
    #: proof | declaration | estimate | none
    basis: str
    #: Article 6 of the CAC Measures: 属于 | 可能 | 疑似, or None where it has no word.
    article6: str | None
    code: str
    params: Mapping[str, Param] = field(default_factory=dict)


@dataclass(frozen=True)
class Estimate:
    """What the detector said; the policy and the person read only its false alarm rate."""

    score: float
    false_alarm_rate: float
    model: str


@dataclass(frozen=True)
class Report:
    """All that is known of one image; `dataclasses.asdict` of it is the JSON of the API."""

    sha256: str
    format: str
    width: int
    height: int
    verdict: Verdict
    evidence: tuple[Evidence, ...]
    estimate: Estimate | None
    unavailable: Mapping[str, Unavailable]
    versions: Mapping[str, str]
    elapsed_ms: float
    #: Milliseconds by check, and `decode`.
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    schema: int = 1
