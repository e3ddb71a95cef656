"""Models by their entries alone: heads on an encoder, foreign classifiers, and what is refused."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.pictures import jpeg, scene
from server import models, weights
from server.checks import detector
from server.entries import Section
from server.errors import WeightsError
from server.image import load
from server.models import Calibration, open_model
from server.outputs import ACTIVATIONS, read_output
from server.verdict import POLICIES
from server.views import VIEWS, Input, read_input, views
from tests import networks
from tests.networks import CURVE, FED, READ, own, place

ROOT = Path(__file__).parent.parent
CALIBRATION = Calibration((0.1, 0.5, 0.9), (1.0, 0.1, 0.001))
RED, DARK = np.zeros((9, 9, 3), np.uint8), np.zeros((9, 9, 3), np.uint8)
RED[..., 0] = 255


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home folder of its own; no model that was loaded outlives its test."""
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
    monkeypatch.delenv("TOUCHSTONE_MODEL", raising=False)
    models.load.cache_clear()
    yield tmp_path
    models.load.cache_clear()


def foreign(home: Path, network: bytes | None = None, **changes: Any) -> dict[str, Any]:
    """Register a classifier `mine` that calls red pictures AI; return its entry."""
    file = place(home, "mine.onnx", network or networks.classifier([[0, 4], [0, 0], [0, 0]]))
    entry = file | {"licence": "MIT", "input": FED, "output": READ, "calibration": CURVE} | changes
    own(home, models={"mine": {key: value for key, value in entry.items() if value is not None}})
    return entry


def logit(name: str, picture: np.ndarray) -> float:
    """The log odds that a model's score stands for."""
    model = open_model(name)
    score = model.score(views(picture, model.input))
    return float(np.log(score / (1 - score)))


@pytest.mark.parametrize(
    ("score", "rate"),
    [(0.0, 1.0), (0.1, 1.0), (0.5, 0.1), (0.9, 0.001), (1.0, 0.001), (0.7, 0.01), (0.3, 0.316)],
)
def test_the_curve_is_read_between_its_points(score: float, rate: float) -> None:
    assert CALIBRATION.false_alarm_rate(score) == pytest.approx(rate, rel=0.01)


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_higher_score_is_never_a_higher_rate(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert CALIBRATION.false_alarm_rate(low) >= CALIBRATION.false_alarm_rate(high)


@pytest.mark.parametrize(
    ("scores", "rates"),
    [
        ((), ()),
        ((0.5,), (0.5,)),
        ((0.1, 0.5), (0.5,)),
        ((0.5, 0.1), (1.0, 0.5)),
        ((0.1, 0.5), (0.5, 1.0)),
    ],
)
def test_what_is_no_falling_curve_is_refused(
    scores: tuple[float, ...], rates: tuple[float, ...]
) -> None:
    with pytest.raises(WeightsError, match="falling curve"):
        Calibration(scores, rates)


def test_every_model_of_the_registry_is_whole() -> None:
    found = weights.registry()
    assert found["default"] in found["models"]
    for name, entry in found["models"].items():
        assert (weights.MODELS / f"{name}.md").is_file(), "a model has its card"
        assert entry["encoder"] in found["encoders"]
        assert entry["licence"]
        read_input(entry["input"])
        curve = Calibration(
            tuple(entry["calibration"]["scores"]), tuple(entry["calibration"]["rates"])
        )
        # The strictest policy must lie inside what the calibration can tell.
        assert curve.rates[-1] < min(POLICIES.values())


def test_the_default_model_loads_and_scores_the_same_every_time() -> None:
    model = models.load()
    random = np.random.default_rng(0)
    views = random.normal(0, 1, (2, 3, 224, 224)).astype(np.float32)
    first = model.score(views)
    assert 0 <= first <= 1
    assert model.score(views) == first


def test_a_classifier_needs_nothing_but_its_entry(home: Path) -> None:
    foreign(home)
    assert logit("mine", RED) == pytest.approx(4, rel=1e-5)
    assert logit("mine", DARK) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("weight", "activation", "classes", "ai", "wanted"),
    [
        # One logit: of the second class.
        ([[3], [0], [0]], "sigmoid", ["real", "ai"], "ai", 3),
        ([[3], [0], [0]], "sigmoid", ["ai", "real"], "ai", -3),
        ([[3], [0], [0]], "sigmoid", ["ai", "real"], 0, -3),
        # One probability.
        ([[0.8], [0], [0]], "none", ["real", "ai"], "ai", np.log(4)),
        ([[0.8], [0], [0]], "none", ["ai", "real"], "ai", -np.log(4)),
        # Two or more classes.
        ([[1, 3], [0, 0], [0, 0]], "softmax", ["real", "ai"], 1, 2),
        ([[1, 3], [0, 0], [0, 0]], "softmax", ["ai", "real"], "ai", -2),
        ([[0.2, 0.8], [0, 0], [0, 0]], "none", ["real", "ai"], "ai", np.log(4)),
        ([[1, 3], [0, 0], [0, 0]], "sigmoid", ["real", "ai"], "ai", 3),
        ([[0, 2, 2], [0, 0, 0], [0, 0, 0]], "softmax", ["real", "gan", "sd"], ["gan", "sd"],
         2 + np.log(2)),
        ([[0.2, 0.3, 0.5], [0, 0, 0], [0, 0, 0]], "none", ["gan", "real", "sd"], ["gan", 2],
         np.log(0.7 / 0.3)),
        # A probability that was rounded to 1 keeps the score below 1.
        ([[1.0], [0], [0]], "none", ["real", "ai"], "ai", np.log(1e7)),
    ],
)  # fmt: skip
def test_every_kind_of_output_becomes_log_odds(
    home: Path, weight: Any, activation: str, classes: list[str], ai: Any, wanted: float
) -> None:
    read = {"activation": activation, "classes": classes, "ai": ai}
    foreign(home, networks.classifier(weight), output=read)
    assert logit("mine", RED) == pytest.approx(wanted, rel=1e-4)


def test_several_crops_are_averaged(home: Path) -> None:
    half = np.zeros((16, 32, 3), np.uint8)
    half[:, :16] = RED[0, 0]
    foreign(home, input=FED | {"views": ["five"]})
    # The two squares on the left are all red, the middle one is half red.
    assert logit("mine", half) == pytest.approx((4 + 4 + 2) / 5, abs=0.1)


def test_layout_range_and_order_reach_the_network(home: Path) -> None:
    network = networks.classifier([[0, 0], [0, 0], [0, 1]], layout="NHWC")
    fed = FED | {"layout": "NHWC", "channels": "BGR", "range": [0, 255]}
    foreign(home, network, input=fed)
    model = open_model("mine")
    assert model.logits(views(RED, model.input)) == pytest.approx([255])


def tower(home: Path, head: bytes, names: list[str]) -> None:
    """Register a model `mine` of an encoder and a head."""
    entry = place(home, "head.onnx", head) | {"encoder": "tiny", "licence": "MIT"}
    fed = FED | {"views": names}
    own(
        home,
        models={"mine": entry | {"input": fed, "calibration": CURVE}},
        encoders={"tiny": place(home, "tiny.onnx", networks.encoder()) | {"features": 3}},
    )


@pytest.mark.parametrize(
    ("how", "wanted"),
    # A quarter of the picture is red: one tile of four, and a quarter of the whole view.
    [("each", [4, 0, 0, 0, 1]), ("highest", [4])],
)
def test_a_head_answers_for_each_view_or_pools_them_itself(
    home: Path, how: str, wanted: list[float]
) -> None:
    quarter = np.zeros((32, 32, 3), np.uint8)
    quarter[:16, :16] = RED[0, 0]
    tower(home, networks.head([4, 0, 0], how), ["tiles", "whole"])
    model = open_model("mine")
    found = model.logits(views(quarter, model.input))
    assert found.shape == (len(wanted),)
    assert found == pytest.approx(wanted, abs=0.35)
    score = model.score(views(quarter, model.input))
    assert score == pytest.approx(1 / (1 + np.exp(-np.mean(found))))


def test_a_head_of_another_shape_is_refused(home: Path) -> None:
    tower(home, networks.head([4, 0, 0], "column"), ["tiles"])
    model = open_model("mine")
    with pytest.raises(WeightsError, match=r"shape \(4, 1\) for 4 views; it must be \(1,\) or"):
        model.score(views(RED, model.input))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"input": None}, "Model mine: input is missing; it must be an object"),
        ({"input": FED | {"size": 0}}, "Model mine, input: size is 0; it must be a whole number"),
        ({"output": None}, "Model mine: output is missing; it must be an object"),
        ({"outputs": READ}, "Model mine: outputs is not known; the fields are file"),
        ({"file": "../mine.onnx"}, "file is '../mine.onnx'; it must be a file's name"),
        ({"file": 3}, "Model mine: file is 3; it must be a text"),
        ({"file": "other.onnx"}, "other.onnx is missing"),
        ({"sha256": "0" * 64}, "the registry says 0000"),
        ({"sha256": None}, "Model mine: sha256 is missing"),
        ({"encoder": "clip"}, "output is .*; it must be absent where there is an encoder"),
        ({"encoder": "clip", "output": None}, "encoder is 'clip'; it must be one of clip-vit-b16"),
        ({"calibration": 3}, "Model mine: calibration is 3; it must be an object"),
        ({"calibration": {"scores": 1, "rates": []}}, "Model mine, calibration: scores is 1"),
        ({"calibration": {"scores": [1], "rates": [1]}}, "calibration: The calibration is not a"),
    ],
)
def test_a_bad_entry_is_refused_by_name(home: Path, changes: dict[str, Any], said: str) -> None:
    foreign(home, **changes)
    with pytest.raises(WeightsError, match=said):
        open_model("mine")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"activation": "logit"},
            "activation is 'logit'; it must be one of sigmoid, softmax, none",
        ),
        ({"activation": None}, "activation is missing"),
        ({"classes": ["ai"]}, r"classes is \['ai'\]; it must be a list of at least two different"),
        ({"classes": ["ai", "ai"]}, "at least two different names"),
        ({"classes": "ai"}, "classes is 'ai'"),
        ({"ai": "fake"}, "ai is 'fake'; it must be the name or place .* of real, ai"),
        ({"ai": 2}, "ai is 2"),
        ({"ai": True}, "ai is True"),
        ({"ai": ["real", "ai"]}, "some, not all"),
        ({"ai": []}, r"ai is \[\]"),
        ({"ai": ["ai", "fake"]}, "fake"),
        ({"name": 3}, "name is 3"),
        ({"names": "out"}, "names is not known"),
    ],
)
def test_a_bad_output_is_refused_by_field_value_and_limit(
    changes: dict[str, Any], said: str
) -> None:
    values = {key: value for key, value in (READ | changes).items() if value is not None}
    with pytest.raises(WeightsError, match=said):
        read_output(Section("output", values))


def test_sigmoid_speaks_of_one_class_only() -> None:
    values = {"activation": "sigmoid", "classes": ["real", "gan", "sd"], "ai": ["gan", "sd"]}
    with pytest.raises(WeightsError, match="one class where the activation is sigmoid"):
        read_output(Section("output", values))


@pytest.mark.parametrize(
    ("network", "changes", "said"),
    [
        (b"no network", {}, "onnxruntime cannot open the network"),
        (
            None,
            {"output": READ | {"name": "logits"}},
            "output 'logits' is not there; there are out",
        ),
        (None, {"output": READ | {"classes": ["real", "gan", "ai"]}}, r"\(1, 2\); 3 classes"),
        (networks.classifier([[1], [0], [0]]), {}, "activation softmax do not fit"),
        (networks.classifier([[1, 0], [0, 0], [0, 0]], size=16), {}, "takes picture .* 16, 16"),
    ],
)
def test_a_network_that_does_not_fit_is_told_when_it_is_opened(
    home: Path, network: bytes | None, changes: dict[str, Any], said: str
) -> None:
    foreign(home, network, **changes)
    with pytest.raises(WeightsError, match=said):
        open_model("mine")


def test_an_unknown_model_is_refused_with_those_that_there_are(home: Path) -> None:
    foreign(home)
    with pytest.raises(WeightsError, match=r"no model .other.; there are touchstone-1, .*mine"):
        open_model("other")


def test_the_version_is_of_all_that_the_answer_depends_on(home: Path) -> None:
    foreign(home)
    versions = [open_model("mine").version]
    assert versions[0].startswith("mine@")
    for changes in (
        {"input": FED | {"mean": [0, 0, 0.1]}},
        {"output": READ | {"ai": "real"}},
        {"calibration": CURVE | {"rates": [1.0, 0.002]}},
        {"calibration": None},
        {},
    ):
        foreign(home, **changes)
        versions.append(open_model("mine").version)
    assert len(set(versions)) == 5
    assert versions[-1] == versions[0]
    tower(home, networks.head([4, 0, 0]), ["whole"])
    before = open_model("mine").version
    tower(home, networks.head([4, 0, 1]), ["whole"])
    assert open_model("mine").version != before


def test_the_users_model_is_used_when_it_is_chosen(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign(home)
    assert models.chosen() == weights.registry()["default"]
    monkeypatch.setenv("TOUCHSTONE_MODEL", "mine")
    assert models.version() == open_model("mine").version
    (found,) = detector.check(load(jpeg(scene(0))))
    assert found.params["model"] == "mine"
    assert found.false_alarm_rate == models.load().calibration.false_alarm_rate(
        detector.score(load(jpeg(scene(0))), models.load())
    )


def test_a_model_without_a_calibration_is_measured_but_not_used(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign(home, calibration=None)
    monkeypatch.setenv("TOUCHSTONE_MODEL", "mine")
    assert 0 < detector.score(load(jpeg(scene(0))), open_model("mine")) < 1
    with pytest.raises(WeightsError, match=r"scripts\.evaluate DATA --model mine --calibrate"):
        models.load()
    assert models.version() == "none"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", r"models\.json cannot be read"),
        ("[1]", r"models\.json must hold an object, not list"),
        ('{"default": "mine"}', r"models\.json: default is not known; the fields are models, enc"),
        ('{"models": []}', r"models\.json: models is \[\]; it must be an object"),
        ('{"models": {"mine": 3}}', r"models\.json, models: mine is 3; it must be an object"),
    ],
)
def test_a_broken_registry_of_the_user_is_named(home: Path, text: str, said: str) -> None:
    (home / "models.json").write_text(text)
    with pytest.raises(WeightsError, match=said):
        open_model("touchstone-1")


def test_the_users_entry_stands_before_ours_of_the_same_name(home: Path) -> None:
    own(home, models={"touchstone-1": {"file": "x"}})
    assert weights.catalogue()["models"]["touchstone-1"] == {"file": "x"}
    assert weights.registry()["models"]["touchstone-1"] != {"file": "x"}
    assert weights.catalogue()["encoders"] == weights.registry()["encoders"]


RECIPES = re.findall(r"```json\n(.*?)```", (ROOT / "docs/models.md").read_text(), re.DOTALL)


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_of_the_page_is_an_entry_that_can_be_read(home: Path, recipe: str) -> None:
    (home / "models.json").write_text(recipe)
    ((name, entry),) = json.loads(recipe)["models"].items()
    assert weights.catalogue()["models"][name] == entry
    read_input(entry["input"])
    read_output(Section(name, entry["output"]))
    # All of it but the file is right: that it is missing is the first thing to be said.
    with pytest.raises(WeightsError, match=f"{entry['file']} is missing"):
        open_model(name)
    assert ("address" not in entry) == (entry["sha256"] == "0" * 64)


def test_the_page_of_models_tells_every_field_and_every_view() -> None:
    page = (ROOT / "docs/models.md").read_text()
    for name in (*VIEWS, *ACTIVATIONS, *(field.name for field in fields(Input))):
        assert f"`{name}`" in page
    for name in weights.registry()["models"]:
        if "training" not in weights.registry()["models"][name]:
            assert f"| `{name}` |" in page
