"""The estimate: what it is fed, when it declines, what it never says."""

from pathlib import Path

import pytest
from PIL import Image as PillowImage

from scripts.pictures import jpeg, png, scene
from server import models
from server.checks.detector import SMALLEST, check
from server.errors import CheckUnavailable
from server.evidence import Claim, Strength
from server.image import load


def test_an_estimate_carries_its_false_alarm_rate_and_its_model() -> None:
    (found,) = check(load(jpeg(scene(0))))
    assert (found.claim, found.strength) == (Claim.SUSPECTED_AI, Strength.ESTIMATE)
    assert found.false_alarm_rate is not None
    assert 0 < found.false_alarm_rate <= 1
    assert found.params["model"] == models.load().name
    assert 0 <= float(found.params["score"]) <= 1


def test_the_same_bytes_give_the_same_score() -> None:
    image = load(jpeg(scene(1)))
    assert check(image) == check(image)


def test_metadata_tells_the_detector_nothing() -> None:
    plain, labelled = png(scene(2), {}), png(scene(2), {"Software": "NovelAI"})
    assert check(load(plain)) == check(load(labelled))


@pytest.mark.parametrize("size", [(SMALLEST - 1, 500), (500, SMALLEST - 1), (1, 1)])
def test_small_pictures_are_declined(size: tuple[int, int]) -> None:
    with pytest.raises(CheckUnavailable) as caught:
        check(load(png(scene(0, 600, 600).resize(size), {})))
    assert caught.value.code == "detector_too_small"
    assert caught.value.params["limit"] == SMALLEST


@pytest.mark.parametrize("colour", ["black", "white", (90, 120, 40)])
def test_flat_pictures_are_declined(colour: str | tuple[int, int, int]) -> None:
    with pytest.raises(CheckUnavailable, match="detector_flat"):
        check(load(png(PillowImage.new("RGB", (300, 200), colour), {})))


def test_without_weights_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
    models.load.cache_clear()
    with pytest.raises(CheckUnavailable, match="detector_no_weights"):
        check(load(jpeg(scene(0))))
