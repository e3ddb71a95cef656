"""The policy as one table."""

import pytest

from server.evidence import Claim, Evidence, Label, Strength
from server.verdict import LABEL_CHECKS, POLICIES, decide

PROOF, SAID = Strength.PROOF, Strength.DECLARATION


def found(claim: Claim, strength: Strength = SAID, check: str = "metadata") -> Evidence:
    return Evidence(check, claim, strength, f"{claim}_{strength}")


def guess(rate: float) -> Evidence:
    estimate = Strength.ESTIMATE
    return Evidence("detector", Claim.SUSPECTED_AI, estimate, "detector_estimate", {}, rate)


AI, AI_PROOF = found(Claim.AI_GENERATED), found(Claim.AI_GENERATED, PROOF)
EDITED, EDITED_PROOF = found(Claim.AI_EDITED), found(Claim.AI_EDITED, PROOF)
POSSIBLE, SUSPECTED = found(Claim.POSSIBLY_AI), found(Claim.SUSPECTED_AI)
CAMERA, CAMERA_SAID = found(Claim.CAPTURED, PROOF), found(Claim.CAPTURED)
BROKEN, HISTORY = found(Claim.ALTERED, PROOF), found(Claim.PROVENANCE, PROOF)
LOW, HIGH = guess(0.9), guess(0.0005)
NONE: list[str] = []
REMOTE = ["content_credentials"]

TABLE = [
    # nothing
    ([], NONE, "unlabeled", "none", None),
    ([LOW], NONE, "unlabeled", "none", None),
    ([HISTORY], NONE, "unlabeled", "none", None),
    # one label
    ([AI], NONE, "ai_generated", "declaration", "属于"),
    ([AI_PROOF], NONE, "ai_generated", "proof", "属于"),
    ([EDITED], NONE, "ai_edited", "declaration", None),
    ([POSSIBLE], NONE, "possibly_ai", "declaration", "可能"),
    ([SUSPECTED], NONE, "suspected_ai", "declaration", "疑似"),
    ([CAMERA], NONE, "captured", "proof", None),
    ([BROKEN], NONE, "invalid_credential", "proof", None),
    # an estimate may only suspect, and only where no label speaks
    ([HIGH], NONE, "suspected_ai", "estimate", "疑似"),
    ([AI, HIGH], NONE, "ai_generated", "declaration", "属于"),
    ([AI, LOW], NONE, "ai_generated", "declaration", "属于"),
    ([CAMERA, HIGH], NONE, "captured", "proof", None),
    ([POSSIBLE, HIGH], NONE, "possibly_ai", "declaration", "可能"),
    ([BROKEN, HIGH], NONE, "invalid_credential", "proof", None),
    ([HISTORY, HIGH], NONE, "suspected_ai", "estimate", "疑似"),
    # "camera" counts only when a trusted signer says it
    ([CAMERA_SAID], NONE, "unlabeled", "none", None),
    ([CAMERA_SAID, HIGH], NONE, "suspected_ai", "estimate", "疑似"),
    # could not look
    ([], REMOTE, "not_checked", "none", None),
    ([LOW], REMOTE, "not_checked", "none", None),
    ([HIGH], REMOTE, "not_checked", "none", None),
    ([AI], REMOTE, "ai_generated", "declaration", "属于"),
    ([SUSPECTED], REMOTE, "suspected_ai", "declaration", "疑似"),
    ([], ["metadata"], "not_checked", "none", None),
    ([], ["aigc_label"], "not_checked", "none", None),
    # no estimate is not no label
    ([], ["detector"], "unlabeled", "none", None),
]

RELAYED = found(Claim.CAPTURED, SAID, "content_credentials")
AIGC_1 = found(Claim.AI_GENERATED, SAID, "aigc_label")
AIGC_2 = found(Claim.POSSIBLY_AI, SAID, "aigc_label")
AIGC_3 = found(Claim.SUSPECTED_AI, SAID, "aigc_label")
INTACT_AI = found(Claim.AI_GENERATED, SAID, "content_credentials")

#: Labels that contradict each other: reason, evidence, label, basis, Article 6.
CONFLICTS = [
    (
        "a camera's signature does not speak of what it saw: it can take a picture of a screen",
        [CAMERA, AI],
        *("ai_generated", "declaration", "属于"),
    ),
    (
        "a declaration of AI beside a camera's proof is still the law's duty to show",
        [CAMERA, AIGC_1],
        *("ai_generated", "declaration", "属于"),
    ),
    (
        "an edit by AI after the capture is part of the same picture",
        [CAMERA, EDITED],
        *("ai_edited", "declaration", None),
    ),
    (
        "an uploader's doubt outranks a camera: he knows what he did to the file",
        [CAMERA, POSSIBLE],
        *("possibly_ai", "declaration", "可能"),
    ),
    (
        "traces of a tool that edits photographs outrank a camera's word, never more than 疑似",
        [CAMERA, SUSPECTED],
        *("suspected_ai", "declaration", "疑似"),
    ),
    (
        "a broken credential says that bytes changed; the AIGC label beside it is still readable",
        [BROKEN, AIGC_1],
        *("ai_generated", "declaration", "属于"),
    ),
    (
        "a broken credential does not take away an uploader's declaration",
        [BROKEN, AIGC_2],
        *("possibly_ai", "declaration", "可能"),
    ),
    (
        "a platform's suspicion stands beside a broken credential",
        [BROKEN, AIGC_3],
        *("suspected_ai", "declaration", "疑似"),
    ),
    (
        "a capture whose bytes were changed since is no camera original",
        [BROKEN, CAMERA],
        *("invalid_credential", "proof", None),
    ),
    (
        "two labels disagree: the whole before a part, for a part of it is in the whole",
        [EDITED, AI],
        *("ai_generated", "declaration", "属于"),
    ),
    (
        "two labels disagree: what is proven before what anyone could have written",
        [EDITED_PROOF, AI],
        *("ai_edited", "proof", None),
    ),
    (
        "two labels of one file, 1 and 2: the producer's own statement before the uploader's",
        [AIGC_2, AIGC_1],
        *("ai_generated", "declaration", "属于"),
    ),
    (
        "two labels of one file, 2 and 3: the uploader's statement before a platform's finding",
        [AIGC_3, AIGC_2],
        *("possibly_ai", "declaration", "可能"),
    ),
    (
        "a generator's own note before a label that only suspects",
        [AIGC_3, AI],
        *("ai_generated", "declaration", "属于"),
    ),
    (
        "a capture that was only passed on is worth no badge",
        [RELAYED],
        *("unlabeled", "none", None),
    ),
    (
        "a capture that was only passed on takes nothing from an estimate",
        [RELAYED, HIGH],
        *("suspected_ai", "estimate", "疑似"),
    ),
    (
        "an AI statement of an unlisted signer before a camera's of a listed one",
        [INTACT_AI, CAMERA],
        *("ai_generated", "declaration", "属于"),
    ),
    (
        "where a file comes from is no word about AI",
        [HISTORY, SUSPECTED],
        *("suspected_ai", "declaration", "疑似"),
    ),
]
ALL = [*TABLE, *((evidence, NONE, *rest) for _, evidence, *rest in CONFLICTS)]


@pytest.mark.parametrize(
    ("evidence", "label", "basis", "article6"),
    [row[1:] for row in CONFLICTS],
    ids=[row[0] for row in CONFLICTS],
)
def test_labels_that_contradict_each_other(
    evidence: list[Evidence], label: str, basis: str, article6: str | None
) -> None:
    verdict = decide(evidence, NONE)
    assert (verdict.label, verdict.basis, verdict.article6) == (label, basis, article6)


@pytest.mark.parametrize(("evidence", "unavailable", "label", "basis", "article6"), TABLE)
def test_decide(
    evidence: list[Evidence], unavailable: list[str], label: str, basis: str, article6: str | None
) -> None:
    verdict = decide(evidence, unavailable)
    assert (verdict.label, verdict.basis, verdict.article6) == (label, basis, article6)


@pytest.mark.parametrize(("evidence", "unavailable", "label", "basis", "article6"), ALL)
def test_the_order_of_evidence_decides_nothing(
    evidence: list[Evidence], unavailable: list[str], label: str, basis: str, article6: str | None
) -> None:
    verdict = decide(evidence[::-1], unavailable)
    assert (verdict.label, verdict.basis, verdict.article6) == (label, basis, article6)


@pytest.mark.parametrize("rate", [0.001, 0.002, 0.005, 0.01, 0.03, 0.05, 0.2])
@pytest.mark.parametrize(("policy", "limit"), POLICIES.items())
def test_the_policy_is_a_limit_on_the_false_alarm_rate(
    policy: str, limit: float, rate: float
) -> None:
    verdict = decide([guess(rate)], [], limit)
    assert verdict.label == (Label.SUSPECTED_AI if rate <= limit else Label.UNLABELED)


def test_the_verdict_names_the_evidence_that_decided() -> None:
    verdict = decide([LOW, EDITED, AI_PROOF, CAMERA], [])
    assert verdict.code == AI_PROOF.code


def test_not_checked_names_who_could_not_look() -> None:
    verdict = decide([], sorted(LABEL_CHECKS))
    assert verdict.params == {"checks": "aigc_label, content_credentials, metadata"}


@pytest.mark.parametrize(
    ("strength", "rate"),
    [(Strength.ESTIMATE, None), (Strength.PROOF, 0.1), (Strength.ESTIMATE, 1.5)],
)
def test_evidence_refuses_a_rate_that_cannot_be(strength: Strength, rate: float | None) -> None:
    with pytest.raises(ValueError, match="false alarm rate"):
        Evidence("x", Claim.SUSPECTED_AI, strength, "x", {}, rate)
