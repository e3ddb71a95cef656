"""The fast student: what it settles, what it declines, and when it is not asked."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from scripts.export import student_to_onnx
from scripts.lines import Line
from scripts.pictures import png, scene
from server import models
from server.checks import detector
from server.errors import CheckUnavailable, WeightsError
from server.image import Image, load
from server.models import open_model
from server.reports import Reports
from server.store import Store
from tests import networks
from tests.networks import CURVE, FED, own, place

#: The student is sure of what is blue, and green is strange to it; the full head sees red.
SURE, STRANGE = [0, 0, -8], [0, 9, 0]


def register(home: Path, **changes: Any) -> None:
    """Register `mine` and its student `mine-quick`, both on an encoder of the channels' means."""
    lines = {
        name: Line(np.array(weight, np.float64), 0.0)
        for name, weight in (("logits", SURE), ("unfamiliar", STRANGE))
    }
    shared = {"encoder": "tiny", "licence": "MIT", "input": FED, "calibration": CURVE}
    student = place(home, "student.onnx", student_to_onnx(lines)) | shared
    first = {"model": "mine-quick", "settles": 0.5, "unfamiliar": 6.0}
    mine = place(home, "head.onnx", networks.head([8, 0, 0], "each")) | shared
    own(
        home,
        models={"mine": mine | {"quick": first | changes}, "mine-quick": student},
        encoders={"tiny": place(home, "tiny.onnx", networks.encoder()) | {"features": 3}},
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
    monkeypatch.setenv("TOUCHSTONE_MODEL", "mine")
    models.load.cache_clear()
    yield tmp_path
    models.load.cache_clear()


def tinted(*colour: int) -> Image:
    """A picture of one colour, noisy enough not to be flat."""
    noise = np.random.default_rng(0).normal(0, 20, (96, 96, 1))
    pixels = (np.array(colour) + noise * (np.array(colour) > 0)).clip(0, 255).astype(np.uint8)
    return load(png(PillowImage.fromarray(pixels), {}))


BLUE, RED, GREEN = tinted(0, 0, 180), tinted(180, 0, 0), tinted(0, 180, 0)


def model_of(image: Image, *, quick: bool) -> object:
    (found,) = detector.check(image, quick=quick)
    return found.params["model"]


def test_in_a_hurry_the_student_settles_what_it_is_sure_of(home: Path) -> None:
    register(home)
    assert model_of(BLUE, quick=True) == "mine-quick"
    assert model_of(RED, quick=True) == "mine"


def test_its_rate_is_that_of_its_own_calibration(home: Path) -> None:
    register(home)
    (found,) = detector.check(BLUE, quick=True)
    assert found.false_alarm_rate == pytest.approx(1.0)
    register(home, settles=1.0)
    models.load.cache_clear()
    assert model_of(BLUE, quick=True) == "mine-quick"


def test_without_hurry_the_full_model_answers(home: Path) -> None:
    register(home)
    assert model_of(BLUE, quick=False) == "mine"


@pytest.mark.parametrize("quick", [True, False])
def test_the_unfamiliar_is_declined(home: Path, quick: bool) -> None:
    register(home)
    with pytest.raises(CheckUnavailable, match="detector_unfamiliar"):
        detector.check(GREEN, quick=quick)
    register(home, unfamiliar=1e6)
    models.load.cache_clear()
    assert detector.check(GREEN, quick=quick)


def test_a_report_says_quick_only_where_the_student_stood_for_the_model(
    home: Path, store: Store
) -> None:
    register(home)
    made = Reports(store, checks={detector.NAME: detector.check})
    assert made.of(BLUE, quick=True)["versions"]["speed"] == "quick"
    looked = made.of(RED, quick=True)
    assert "speed" not in looked["versions"]
    assert made.of(RED) == looked, "the model looked already"


def test_the_version_names_the_student_too(home: Path) -> None:
    register(home)
    first = open_model("mine").version
    register(home, settles=0.6)
    assert open_model("mine").version != first


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model": "none"}, "quick: model is 'none'; it must be one of"),
        ({"model": "mine"}, "quick: model is 'mine'; it must be a head on the same encoder"),
        ({"settles": 2}, "quick: settles is 2; it must be a number from 0 to 1"),
        ({"settles": "much"}, "quick: settles is 'much'; it must be a number from 0 to 1"),
        ({"unfamiliar": True}, "quick: unfamiliar is True; it must be a number"),
        ({"limit": 3}, "quick: limit is not known; the fields are model, settles, unfamiliar"),
    ],
)
def test_a_wrong_entry_is_told(home: Path, changes: dict[str, Any], said: str) -> None:
    register(home, **({"model": "mine-quick"} | changes))
    with pytest.raises(WeightsError, match=said):
        open_model("mine")


def test_a_student_without_calibration_is_told(home: Path) -> None:
    register(home)
    path = home / "models.json"
    text = path.read_text()
    start = text.index('"mine-quick": {')
    path.write_text(text[:start] + text[start:].replace('"calibration"', '"note"', 1))
    with pytest.raises(WeightsError, match="mine-quick: calibration is missing"):
        open_model("mine")


def test_the_model_that_ships_declines_what_it_is_not_made_for() -> None:
    """Text drawn here, on white: the estimate would be worth nothing."""
    page = PillowImage.new("RGB", (600, 800), "white")
    draw = ImageDraw.Draw(page)
    for line in range(30):
        words = " ".join(f"word{line * 7 + at}" for at in range(9))
        draw.text((30, 20 + 25 * line), words, "black", ImageFont.load_default(18))
    with pytest.raises(CheckUnavailable, match="detector_unfamiliar"):
        detector.check(load(png(page, {})))
    assert detector.check(load(png(scene(3), {})))
