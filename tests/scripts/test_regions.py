"""Training the map of regions: the order of patches, the file, the folds and the tables."""

import re
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from PIL import Image

from scripts import regions
from scripts.lines import Line
from scripts.pasted import Composite
from scripts.regions import Seen, Table, cells, fit, mapped, report, taken, to_onnx


def composite(side: int = 64) -> Composite:
    """A picture whose upper right quarter is AI."""
    ai = np.zeros((side, side))
    ai[: side // 2, side // 2 :] = 1
    return Composite(Image.new("RGB", (side, side)), ai)


def test_the_truth_has_the_order_of_the_tiles() -> None:
    found = cells(composite(), 4)
    assert found.shape == (4, 16)
    assert found.mean(axis=1).tolist() == [0, 1, 0, 0]
    left = Composite(Image.new("RGB", (64, 64)), np.tile(np.repeat([1.0, 0], [8, 56]), (64, 1)))
    assert cells(left, 4)[0].reshape(4, 4)[:, 0].tolist() == [1] * 4
    assert cells(left, 4)[0].reshape(4, 4)[:, 1:].sum() == 0


def test_sure_patches_of_both_kinds_are_taken_and_no_others() -> None:
    ai = np.repeat([0.0, 0.5, 1.0], [500, 30, 7])
    places = taken(ai, np.random.default_rng(0))
    assert sorted(ai[places].tolist()) == [0.0] * regions.TAKEN + [1.0] * 7


def test_the_file_gives_the_numbers_of_the_line() -> None:
    random = np.random.default_rng(0)
    line = Line(random.normal(0, 1, 6), 0.3)
    tokens = random.normal(0, 1, (4, 9, 6)).astype(np.float32)
    session = onnxruntime.InferenceSession(to_onnx(line), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"features": tokens})
    assert found.shape == (4, 9)
    assert found.ravel() == pytest.approx(line.logits(tokens.reshape(-1, 6)), abs=1e-5)


def test_a_line_learns_and_its_map_lies_right() -> None:
    random = np.random.default_rng(0)
    ai = random.random(400) < 0.5
    tokens = random.normal(0, 1, (400, 6)).astype(np.float32)
    tokens[:, 2] += 4 * ai
    line = fit(Table(tokens, ai, np.zeros(400, np.int64)))
    picture = random.normal(0, 0.1, (4, 16, 6)).astype(np.float32)
    picture[3, :, 2] += 8
    found = mapped(line, picture)
    assert found.shape == (8, 8)
    assert found[4:, 4:].min() > found[:4, :4].max()


def test_the_tables_tell_areas_and_rates() -> None:
    seen = [Seen("ai_in_real", 0.9, 0.001), Seen("ai_in_real", 0.7, 0.03)]
    seen += [Seen("ai_in_real", float("nan"), 1.0), Seen("real_in_real", float("nan"), 0.5)]
    seen += [Seen("real", float("nan"), 0.04)] * 4
    text = report(seen)
    assert "Cells of 2 composites" in text
    assert "mean 0.800" in text
    assert "50% above 0.8" in text
    assert re.search(r"\| ai_in_real \| 1 of 3 = 33.3 % .*\| 1 of 3 = 33.3 % .*\| 2 of 3", text)
    assert "| real | 0 of 4" in text


@pytest.mark.parametrize("command", ["train", "measure"])
def test_too_few_composites_are_refused(
    command: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with pytest.raises(SystemExit):
        regions.main([command, str(tmp_path), "--composites", "12"])
    assert "--composites is 12; at least 100" in capsys.readouterr().err


def test_without_data_training_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"manifest\.jsonl is not there"):
        regions.main(["train", str(tmp_path)])
