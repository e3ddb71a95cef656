"""The registry and what it names: verified, calibrated, or refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import weights
from server.errors import WeightsError
from server.verdict import POLICIES
from server.weights import Calibration

CURVE = Calibration((0.1, 0.5, 0.9), (1.0, 0.1, 0.001))


@pytest.mark.parametrize(
    ("score", "rate"),
    [(0.0, 1.0), (0.1, 1.0), (0.5, 0.1), (0.9, 0.001), (1.0, 0.001), (0.7, 0.01), (0.3, 0.316)],
)
def test_the_curve_is_read_between_its_points(score: float, rate: float) -> None:
    assert CURVE.false_alarm_rate(score) == pytest.approx(rate, rel=0.01)


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_higher_score_is_never_a_higher_rate(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert CURVE.false_alarm_rate(low) >= CURVE.false_alarm_rate(high)


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
        weights.read_input(entry["input"])
        curve = Calibration(
            tuple(entry["calibration"]["scores"]), tuple(entry["calibration"]["rates"])
        )
        # The strictest policy must lie inside what the calibration can tell.
        assert curve.rates[-1] < min(POLICIES.values())


def test_the_default_model_loads_and_scores_the_same_every_time() -> None:
    model = weights.load()
    random = np.random.default_rng(0)
    views = random.normal(0, 1, (2, 3, 224, 224)).astype(np.float32)
    first = model.score(views)
    assert 0 <= first <= 1
    assert model.score(views) == first


def test_a_views_features_do_not_depend_on_its_neighbours() -> None:
    found = weights.registry()
    encoder = weights.load_encoder(found["models"][found["default"]]["encoder"])
    views = np.random.default_rng(1).normal(0, 1, (2, 3, 224, 224)).astype(np.float32)
    assert (encoder.features(views)[1] == encoder.features(views[1:])[0]).all()


def test_an_absent_encoder_is_said_to_be_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert weights.version().startswith(weights.load().name + "@")
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
    weights.load.cache_clear()
    assert weights.version() == "none"
    with pytest.raises(WeightsError, match="fetch_weights"):
        weights.load_encoder("clip-vit-b16")


def test_an_altered_encoder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
    entry = weights.registry()["encoders"]["clip-vit-b16"]
    path = weights.encoder_path(entry)
    path.parent.mkdir()
    path.write_bytes(b"something else")
    with pytest.raises(WeightsError, match=entry["sha256"]):
        weights.load_encoder("clip-vit-b16")


@pytest.mark.parametrize("text", ["", "{", "[1"])
def test_a_broken_registry_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "registry.json").write_text(text)
    with pytest.raises(WeightsError, match="cannot be read"):
        weights.registry(tmp_path)


def test_the_registry_is_written_as_the_exporter_writes_it() -> None:
    text = (weights.MODELS / "registry.json").read_text()
    assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"


def test_an_absent_reader_is_said_to_be_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights.load_reader.cache_clear()
    assert weights.reader_version() == weights.registry()["reader"]
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
    weights.load_reader.cache_clear()
    assert weights.reader_version() == "none"
    with pytest.raises(WeightsError, match="make weights"):
        weights.load_reader()


def test_an_altered_reader_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = weights.registry()
    files = found["readers"][found["reader"]]["files"]
    for entry in files.values():
        path = weights.encoder_path(entry)
        (tmp_path / "weights").mkdir(exist_ok=True)
        (tmp_path / "weights" / entry["file"]).write_bytes(path.read_bytes() + b"x")
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
    weights.load_reader.cache_clear()
    with pytest.raises(WeightsError, match=files["find"]["sha256"]):
        weights.load_reader()


def test_every_reader_of_the_registry_is_whole() -> None:
    found = weights.registry()
    assert found["reader"] in found["readers"]
    for entry in found["readers"].values():
        assert entry["licence"]
        assert set(entry["files"]) == {"find", "read"}
