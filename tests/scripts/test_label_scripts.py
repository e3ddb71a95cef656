"""The scripts that hold the readers of labels against files: originals, fixtures, fuzz, timing."""

import io
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts import benchmark_labels, fixtures, fuzz, originals
from scripts.pictures import camera_exif, gallery, jpeg, scene

SEEDS = fuzz.seeds()


def test_originals_without_labels_claim_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "camera.jpg").write_bytes(jpeg(scene(0, 96, 64), exif=camera_exif()))
    (tmp_path / "notes.txt").write_text("not a picture")
    assert originals.main([str(tmp_path), "--json"]) == 0
    out = capsys.readouterr().out.splitlines()[-1]
    assert '"claims AI": 0' in out
    assert '"JPEG files": 1' in out
    assert '"not an image": 1' in out


def test_originals_that_claim_ai_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, data in gallery().items():
        (tmp_path / name).write_bytes(data)
    assert originals.main([str(tmp_path)]) == 1
    captured = capsys.readouterr()
    said = captured.out + captured.err
    assert "midjourney.png\tai_generated\tgenerator_ai_generated" in said
    assert "camera.jpg\tai" not in said


def test_a_folder_that_is_not_there_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert originals.main([str(tmp_path / "absent")]) == 2
    assert "There is no folder" in capsys.readouterr().err


def test_fixtures_tells_a_wrong_reading_from_a_right_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "samples-tc260"
    folder.mkdir()
    (folder / "clean.jpg").write_bytes(jpeg(scene(0, 96, 64)))
    (folder / "other-label1.png").write_bytes(gallery()["aigc-label-1.png"])
    assert fixtures.main([str(tmp_path)]) == 0
    assert "2 of 2 files read as they must" in capsys.readouterr().out
    (folder / "clean.png").write_bytes(gallery()["aigc-label-1.png"])
    assert fixtures.main([str(tmp_path)]) == 1
    assert "2 of 3 files read as they must" in capsys.readouterr().out


def test_an_empty_folder_shows_nothing(tmp_path: Path) -> None:
    assert fixtures.main([str(tmp_path)]) == 1


def test_every_seed_of_the_fuzzer_runs() -> None:
    for data in SEEDS:
        fuzz.one(data)


@settings(max_examples=1500, deadline=None)
@given(st.integers(0, len(fuzz.TARGETS) - 1), st.binary(max_size=300))
def test_no_bytes_break_a_target_of_the_fuzzer(number: int, data: bytes) -> None:
    fuzz.one(bytes([number]) + data)


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_no_damage_of_a_seed_breaks_its_target(data: st.DataObject) -> None:
    damaged = bytearray(data.draw(st.sampled_from(SEEDS)))
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(1, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    fuzz.one(bytes(damaged))


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
def test_the_timing_prints_both_files_and_a_ratio(capsys: pytest.CaptureFixture[str]) -> None:
    assert benchmark_labels.main(["--runs", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:12] for line in lines[1:]] == ["without C2PA", "with C2PA   "]
    assert all(line.endswith("x") for line in lines[1:])


def test_the_drawn_picture_has_the_size_that_is_promised() -> None:
    assert 0.9e6 < len(io.BytesIO(benchmark_labels.draw()).getvalue()) < 1.1e6
