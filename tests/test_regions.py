"""Where a picture looks like AI: the map, its place, its rate, and when there is none."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image as PillowImage

from scripts.lines import Line
from scripts.pictures import png
from scripts.regions import to_onnx
from server import cli, models, regions
from server.errors import CheckUnavailable, WeightsError
from server.image import Image, load
from tests import networks
from tests.networks import CURVE, FED, own, place

TILES = FED | {"views": ["tiles"]}
PNG = {"Content-Type": "image/png"}


def register(home: Path, encoder: bytes | None = None, **changes: Any) -> None:
    """Register `mine`, whose regions see red as AI."""
    line = Line(np.array([20.0, 0, 0]), -10.0)
    part = place(home, "regions.onnx", to_onnx(line)) | {"licence": "MIT", "input": TILES}
    part |= {"calibration": CURVE} | changes
    mine = place(home, "head.onnx", networks.head([8, 0, 0], "each")) | {
        "encoder": "tiny",
        "licence": "MIT",
        "input": FED,
        "calibration": CURVE,
        "regions": {key: value for key, value in part.items() if value is not None},
    }
    tower = place(home, "tiny.onnx", encoder or networks.patched()) | {"features": 3}
    own(home, models={"mine": mine}, encoders={"tiny": tower})


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
    monkeypatch.setenv("TOUCHSTONE_MODEL", "mine")
    models.load.cache_clear()
    regions.open_finder.cache_clear()
    yield tmp_path
    models.load.cache_clear()
    regions.open_finder.cache_clear()


def patched(column: int, row: int, size: int = 96) -> Image:
    """A blue picture, noisy, whose ninth at this place is red."""
    pixels = np.full((size, size, 3), (0, 60, 180), np.float64)
    third = size // 3
    pixels[row * third : (row + 1) * third, column * third : (column + 1) * third] = (230, 20, 20)
    pixels += np.random.default_rng(0).normal(0, 8, pixels.shape)
    return load(png(PillowImage.fromarray(pixels.clip(0, 255).astype(np.uint8)), {}))


@pytest.mark.parametrize("row", range(3))
@pytest.mark.parametrize("column", range(3))
def test_the_part_is_found_where_it_is(home: Path, row: int, column: int) -> None:
    register(home)
    found = regions.look(patched(column, row))
    assert found.place == regions.PLACES[row][column]
    values = np.array(found.values)
    assert values.shape == (8, 8)
    far = values[7 if row == 0 else 0, 7 if column == 0 else 0]
    assert values.max() > 0.4 > 0.1 > far
    assert found.model == "mine-regions"


def test_the_rate_is_that_of_the_strongest_part(home: Path) -> None:
    register(home)
    assert regions.look(patched(1, 1)).false_alarm_rate < 0.2
    plain = np.random.default_rng(1).normal((0, 60, 180), 8, (96, 96, 3)).clip(0, 255)
    image = load(png(PillowImage.fromarray(plain.astype(np.uint8)), {}))
    assert regions.look(image).false_alarm_rate == 1.0


def test_the_four_tiles_are_laid_as_the_picture_has_them() -> None:
    tiles = np.arange(16, dtype=np.float32).reshape(4, 4)
    assert regions.joined(tiles, 2).tolist() == [
        [0, 1, 4, 5],
        [2, 3, 6, 7],
        [8, 9, 12, 13],
        [10, 11, 14, 15],
    ]


def test_neighbours_speak_for_a_cell_and_nothing_is_lost() -> None:
    cells = np.zeros((9, 9))
    cells[4, 4] = 1
    found = regions.smoothed(cells)
    assert found.sum() == pytest.approx(1)
    assert found[4, 4] == pytest.approx((6 / 16) ** 2)
    assert found[4, 2] == pytest.approx(found[2, 4]) == pytest.approx(6 / 256)
    assert regions.smoothed(np.full((5, 4), 3.0)) == pytest.approx(np.full((5, 4), 3.0))


@pytest.mark.parametrize("side", [16, 63])
def test_what_the_detector_declines_has_no_map(home: Path, side: int) -> None:
    register(home)
    with pytest.raises(CheckUnavailable, match="detector_too_small"):
        regions.look(patched(0, 0, side))


def test_a_picture_of_one_colour_has_no_map(home: Path) -> None:
    register(home)
    with pytest.raises(CheckUnavailable, match="detector_flat"):
        regions.look(load(png(PillowImage.new("RGB", (96, 96), (200, 10, 10)), {})))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"file": "gone.onnx"}, "gone.onnx is missing"),
        ({"sha256": "0" * 64}, "has SHA-256"),
        ({"calibration": None}, "regions: calibration is missing"),
        ({"input": FED}, r"views are \('whole',\); they must be tiles"),
        ({"surprise": 1}, "surprise is not known"),
    ],
)
def test_an_entry_that_does_not_fit_is_refused(
    home: Path, changes: dict[str, Any], reason: str
) -> None:
    register(home, **changes)
    with pytest.raises(WeightsError, match=reason):
        regions.open_finder(models.load())
    with pytest.raises(CheckUnavailable, match="detector_no_weights"):
        regions.look(patched(0, 0))


def test_a_model_without_regions_has_no_map(home: Path) -> None:
    register(home)
    path = home / "models.json"
    entries = json.loads(path.read_text())
    del entries["models"]["mine"]["regions"]
    path.write_text(json.dumps(entries))
    with pytest.raises(WeightsError, match="regions is missing"):
        regions.open_finder(models.load())


def test_an_encoder_that_tells_no_patches_is_refused(home: Path) -> None:
    register(home, encoder=networks.encoder())
    with pytest.raises(CheckUnavailable, match="detector_no_weights"):
        regions.look(patched(0, 0))


def test_the_api_answers_with_the_map_and_keeps_nothing(
    home: Path, client: FlaskClient, page: dict[str, str]
) -> None:
    register(home)
    image = patched(2, 0)
    answer = client.post("/v1/regions", data=image.data, headers=page | PNG)
    assert answer.status_code == 200
    found = answer.json
    assert set(found) == {"sha256", "regions", "unavailable"}
    assert found["sha256"] == image.sha256
    assert found["unavailable"] is None
    assert found["regions"]["place"] == "top_right"
    assert len(found["regions"]["values"]) == 8
    kept = client.get(f"/v1/reports/{image.sha256}", headers=page)
    assert kept.status_code == 404


def test_the_api_says_why_there_is_no_map(
    home: Path, client: FlaskClient, page: dict[str, str]
) -> None:
    register(home)
    found = client.post("/v1/regions", data=patched(0, 0, 33).data, headers=page | PNG).json
    assert found["regions"] is None
    assert found["unavailable"]["code"] == "detector_too_small"
    assert found["unavailable"]["params"]["limit"] == 64


@pytest.mark.parametrize(
    ("data", "kind", "status", "code"),
    [
        (b"", "image/png", 400, "empty_body"),
        (b"no picture", "image/png", 415, "unsupported_format"),
        (b"x", "text/plain", 415, "unsupported_media_type"),
    ],
)
def test_bad_bodies_get_the_one_error(
    client: FlaskClient, page: dict[str, str], data: bytes, kind: str, status: int, code: str
) -> None:
    answer = client.post("/v1/regions", data=data, headers=page | {"Content-Type": kind})
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)


def test_only_who_has_a_token_may_ask(client: FlaskClient) -> None:
    assert client.post("/v1/regions", data=b"x", headers=PNG).status_code == 401


def test_the_command_line_tells_the_part(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    register(home)
    path, small = tmp_path / "a.png", tmp_path / "b.png"
    path.write_bytes(patched(0, 2).data)
    small.write_bytes(patched(0, 2, 33).data)
    assert cli.main(["examine", "--regions", str(path)]) == 0
    assert "part=bottom_left false_alarm_rate=" in capsys.readouterr().out
    assert cli.main(["examine", "--regions", "--json", str(path), str(small)]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows[0]["regions"]["place"] == "bottom_left"
    assert rows[1]["regions"] is None
