"""The benchmark of watermarks counts what it says it counts."""

import json
from pathlib import Path

import numpy as np
import pytest

from scripts import benchmark_watermark as benchmark
from server.watermarks import WORDS
from tests.marking import embed, encode, textured

FLUX = next(word for word in WORDS if word.name == "FLUX")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two photographs, one drawing, one marked picture."""
    pictures = {
        "a.png": ("real", "photo", textured(0)),
        "b.png": ("real", "photo", textured(1)),
        "c.png": ("real", "art", textured(2)),
        "d.png": ("ai", "photo", embed(textured(3), FLUX.bits, "float32")),
    }
    rows = []
    for name, (label, kind, pixels) in pictures.items():
        (tmp_path / name).write_bytes(encode(pixels, "PNG"))
        rows.append({"file": name, "label": label, "cls": kind, "generator": "drawn"})
    (tmp_path / "manifest.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return tmp_path


@pytest.mark.parametrize(
    ("hits", "total", "wanted"),
    [
        (0, 10, "0.0% (0.0% to 27.8%)"),
        (10, 10, "100.0% (72.2% to 100.0%)"),
        (50, 100, "50.0% (40.4% to 59.6%)"),
    ],
)
def test_intervals_are_wilson_s(hits: int, total: int, wanted: str) -> None:
    assert benchmark.wilson(hits, total) == wanted


def test_marks_go_into_real_photographs_only(folder: Path) -> None:
    assert [path.name for path in benchmark.photographs(folder, 9)] == ["a.png", "b.png"]
    assert [path.name for path in benchmark.photographs(folder, 1)] == ["a.png"]


def test_a_size_is_covered_and_cut(folder: Path) -> None:
    assert benchmark.picture(folder / "a.png", 0).shape == (512, 512, 3)
    assert benchmark.picture(folder / "a.png", 640).shape == (640, 640, 3)


def test_alarms_are_counted_by_label_and_copy(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    benchmark.null([folder], 9)
    out = capsys.readouterr().out
    assert "| real | they are | 3 | 0 |" in out
    assert "| ai | they are | 1 | 1 |" in out
    # Three real pictures, nine words, four variants.
    assert "108 tests" in out
    assert "| real | resized to 0.8, PNG | 1 | 0 |" in out


def test_copies_of_every_picture_are_looked_at(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    benchmark.null([folder], 9, every=1)
    assert "| real | resized to 0.8, PNG | 3 | 0 |" in capsys.readouterr().out


def test_a_word_is_found_or_not_or_is_another(folder: Path) -> None:
    marked = (folder / "d.png").read_bytes()
    assert benchmark.finds(marked, FLUX)
    assert not benchmark.finds((folder / "a.png").read_bytes(), FLUX)
    with pytest.raises(SystemExit, match="FLUX found where SDXL is"):
        benchmark.finds(marked, next(word for word in WORDS if word.name == "SDXL"))


def test_copies_keep_what_their_names_say() -> None:
    pixels = textured(4)
    copies = dict(benchmark._changes(pixels, np.random.default_rng(0), (0.5,)))
    assert copies["resized to 0.5, bicubic"].shape == (256, 256, 3)
    cropped = copies["each side cropped by 0 to 7 pixels"]
    assert all(0 <= 512 - side <= 14 for side in cropped.shape[:2])


def test_the_check_is_timed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    benchmark.timing(benchmark.photographs(folder, 2), 0)
    assert "2 unmarked photographs" in capsys.readouterr().out
