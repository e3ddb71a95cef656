"""The vocabulary of digital source types: complete, and each code in its class."""

import pytest

from server.evidence import Claim
from server.source_types import CLAIMS, claim, code


@pytest.mark.parametrize("name", CLAIMS)
@pytest.mark.parametrize(
    "form",
    [
        "http://cv.iptc.org/newscodes/digitalsourcetype/{}",
        "https://cv.iptc.org/newscodes/digitalsourcetype/{}",
        "http://c2pa.org/digitalsourcetype/{}",
        " http://cv.iptc.org/newscodes/digitalsourcetype/{}/",
        "{}",
    ],
)
def test_a_code_is_read_in_every_form(name: str, form: str) -> None:
    assert code(form.format(name)) == name
    assert code(form.format(name.lower())) == name


def test_only_trained_models_are_ai_and_only_cameras_capture() -> None:
    by_claim = {kind: {n for n, c in CLAIMS.items() if c is kind} for kind in CLAIMS.values()}
    assert by_claim[Claim.AI_GENERATED] == {"trainedAlgorithmicMedia", "trainedAlgorithmicData"}
    assert by_claim[Claim.AI_EDITED] == {
        "compositeWithTrainedAlgorithmicMedia",
        "compositeSynthetic",
    }
    assert by_claim[Claim.CAPTURED] == {
        "digitalCapture",
        "computationalCapture",
        "compositeCapture",
    }


def test_an_unknown_code_claims_nothing() -> None:
    assert claim("http://cv.iptc.org/newscodes/digitalsourcetype/somethingNew") is None
    assert claim("") is None
