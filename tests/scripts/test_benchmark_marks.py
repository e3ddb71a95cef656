"""The measure of visible marks: laid marks are counted, pictures without marks are not."""

import json
from pathlib import Path

import pytest

from scripts.benchmark_marks import SHAPES, VARIANTS, alarms, found_on, photographs
from scripts.composites import TEXTS, lay_sparkle
from scripts.pictures import jpeg, png, scene


def test_every_mark_is_laid_and_looked_for(tmp_path: Path) -> None:
    (tmp_path / "scene.png").write_bytes(png(scene(1, 900, 640), {}))
    (tmp_path / "small.png").write_bytes(png(scene(1, 90, 64), {}))
    (tmp_path / "notes.txt").write_text("no picture")
    (path,) = photographs(tmp_path, 10, 600)
    hits = found_on((0, path, [*TEXTS, *SHAPES]))
    names = {key[1] for key in hits if key[0] == "mark"}
    assert names == {*TEXTS, *SHAPES}
    assert {key[2] for key in hits} == set(VARIANTS)
    legible = [hit for key, found in hits.items() if key[-1] == "legible" for hit in found]
    assert sum(legible) >= 0.9 * len(legible)


def test_alarms_are_told_by_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pictures = {"real": scene(1, 800, 640), "ai": lay_sparkle(scene(2, 800, 640), 48).picture}
    for part in ("train", "eval"):
        (tmp_path / part).mkdir()
        rows = [{"file": f"{label}.jpg", "label": label, "repo": "a/b"} for label in pictures]
        (tmp_path / part / "manifest.jsonl").write_text("\n".join(map(json.dumps, rows)))
        for label, picture in pictures.items():
            (tmp_path / part / f"{label}.jpg").write_bytes(jpeg(picture))
    alarms(tmp_path, 1)
    told = capsys.readouterr().out
    assert "| all, real | 0 of 2 = 0.0%" in told
    assert "| all, ai | 2 of 2 = 100.0%" in told
    assert "eval/ai.jpg a/b: visible_mark_sparkle" in told
