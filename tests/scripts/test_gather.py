"""The training set: rebuilt from repositories by one law, told source by source."""

import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scripts import gather, sources
from server.image import load


def picture(seed: int, width: int = 900, height: int = 600) -> bytes:
    values = np.random.default_rng(seed).integers(0, 255, (height // 20, width // 20, 3), np.uint8)
    target = io.BytesIO()
    Image.fromarray(values).resize((width, height)).save(target, "PNG")
    return target.getvalue()


def repository(folder: Path, files: dict[str, bytes]) -> str:
    """Make a repository with one commit; return the commit."""
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    git = ["git", "-C", str(folder), "-c", "user.name=example", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "pictures"]):
        subprocess.run([*git, *command], check=True)
    shown = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return shown.stdout.strip()


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A manifest with three pictures: one good, one altered since, one too small."""
    files = {"a.png": picture(1), "b.png": picture(2), "small.png": picture(3, 300, 200)}
    commit = repository(tmp_path / "clones/example+photos", files)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    digests["b.png"] = "0" * 64
    line = {
        "repo": "example/photos",
        "commit": commit,
        "licence": "MIT",
        "label": "real",
        "cls": "photo",
        "evidence": "made by this test",
        "pictures": sorted([name, digest] for name, digest in digests.items()),
    }
    absent = line | {"repo": "example/absent", "pictures": [["c.png", "1" * 64]]}
    text = "\n".join(json.dumps(each) for each in (line, absent))
    (tmp_path / "model.jsonl").write_text(text + "\n")
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["program", *arguments])
    monkeypatch.chdir(folder)


def test_a_training_set_is_rebuilt_and_what_is_missing_is_told(
    made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, made, "model.jsonl", "clones", "data")
    gather.main()
    told = capsys.readouterr().out
    assert "missing: 1 of example/photos" in told
    assert "missing: 1 of example/absent" in told
    assert "'too small': 1" in told
    (row,) = map(json.loads, (made / "data/train/manifest.jsonl").read_text().splitlines())
    packed = (made / "data/train" / row["file"]).read_bytes()
    assert hashlib.sha256(packed).hexdigest() == row["sha256"]
    assert row["path_in_repo"] == "a.png"
    assert row["evidence"] == "made by this test"
    low, high = gather.SIDES
    assert low <= max(load(packed).width, load(packed).height) <= high


def test_the_manifest_of_a_rebuilt_set_is_the_manifest(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(monkeypatch, made, "model.jsonl", "clones", "data")
    gather.main()
    run(monkeypatch, made, "data", "--out", "again.jsonl")
    sources.main()
    (line,) = map(json.loads, (made / "again.jsonl").read_text().splitlines())
    whole = json.loads((made / "model.jsonl").read_text().splitlines()[0])
    assert line == whole | {"pictures": [whole["pictures"][0]]}


def test_what_has_no_evidence_of_its_own_gets_that_of_its_source(tmp_path: Path) -> None:
    rows = [{"repo": "a/b", "label": "ai", "path_in_repo": "x", "original_sha256": "2"}]
    (found,) = sources.lines(rows, {("a/b", "ai"): "README: all are AI"})
    assert found["evidence"] == "README: all are AI"
    (found,) = sources.lines(rows, {})
    assert found["evidence"] == sources.UNRECORDED


@pytest.mark.parametrize("seed", range(8))
def test_the_law_always_shrinks_and_gives_the_same_again(seed: int) -> None:
    data = picture(seed, 640 + 40 * seed, 480)
    packed, extension, size = gather.law(data) or pytest.fail("left out")
    assert max(size) <= 0.95 * (640 + 40 * seed)
    assert load(packed).format in {"JPEG", "WebP"}
    assert (packed, extension, size) == gather.law(data)
