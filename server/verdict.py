"""The whole policy: evidence in, verdict out. Pure, no I/O."""

from collections.abc import Collection, Sequence

from server.evidence import Claim, Evidence, Label, Strength, Verdict

#: Largest false alarm rate at which an estimate alone makes a badge, by the name of the policy.
POLICIES = {"cautious": 0.002, "balanced": 0.01, "eager": 0.05}

#: Without these no one can say that there is no label. An absent estimate is no absent label.
LABEL_CHECKS = frozenset({"content_credentials", "aigc_label", "metadata"})

#: Claims that decide, first row first; each with its label and Article 6's word.
#: A label beats an estimate in both directions, and any AI label beats a capture: a camera's
#: signature does not speak of what was done before it saw the picture (a screen, a print).
#: A broken credential says less than an intact label beside it, and more than a guess.
ROWS: tuple[tuple[frozenset[Claim], dict[Claim, tuple[Label, str | None]]], ...] = (
    (
        frozenset({Claim.AI_GENERATED, Claim.AI_EDITED}),
        {
            Claim.AI_GENERATED: (Label.AI_GENERATED, "属于"),
            Claim.AI_EDITED: (Label.AI_EDITED, None),
        },
    ),
    (frozenset({Claim.POSSIBLY_AI}), {Claim.POSSIBLY_AI: (Label.POSSIBLY_AI, "可能")}),
    (frozenset({Claim.SUSPECTED_AI}), {Claim.SUSPECTED_AI: (Label.SUSPECTED_AI, "疑似")}),
    (frozenset({Claim.ALTERED}), {Claim.ALTERED: (Label.INVALID_CREDENTIAL, None)}),
)
_STRENGTHS = list(Strength)
_CLAIMS = list(Claim)


def decide(
    evidence: Sequence[Evidence], unavailable: Collection[str], limit: float = POLICIES["cautious"]
) -> Verdict:
    """Decide on all evidence of one image.

    `unavailable`: names of the checks that could not look. `limit`: largest false alarm rate
    at which an estimate alone is worth a badge.
    """
    labels = [e for e in evidence if e.strength is not Strength.ESTIMATE]
    for claims, words in ROWS:
        if deciding := _strongest([e for e in labels if e.claim in claims]):
            label, article6 = words[deciding.claim]
            return _verdict(label, deciding, article6)
    # Only a signer on a trust list makes a capture; anyone can write the word "camera".
    proven = [e for e in labels if e.claim is Claim.CAPTURED and e.strength is Strength.PROOF]
    if proven:
        return _verdict(Label.CAPTURED, proven[0], None)
    # "Unlabeled · suspected" says that there is no label: not to be said unless we looked.
    if blind := sorted(LABEL_CHECKS & set(unavailable)):
        params = {"checks": ", ".join(blind)}
        return Verdict(Label.NOT_CHECKED, "none", None, "could_not_look", params)
    for estimate in evidence:
        rate = estimate.false_alarm_rate
        if rate is not None and rate <= limit:
            return _verdict(Label.SUSPECTED_AI, estimate, "疑似")
    return Verdict(Label.UNLABELED, "none", None, "nothing_found")


def _strongest(evidence: Sequence[Evidence]) -> Evidence | None:
    """A proof before a declaration, then the whole picture before a part of it."""

    def rank(found: Evidence) -> tuple[int, int]:
        return _STRENGTHS.index(found.strength), _CLAIMS.index(found.claim)

    return min(evidence, key=rank, default=None)


def _verdict(label: Label, deciding: Evidence, article6: str | None) -> Verdict:
    return Verdict(label, str(deciding.strength), article6, deciding.code, deciding.params)
