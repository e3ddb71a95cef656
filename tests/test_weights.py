"""The registry and what it names: verified, calibrated, or refused."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest

from server import weights
from server.errors import WeightsError


def test_a_views_features_do_not_depend_on_its_neighbours() -> None:
    found = weights.registry()
    encoder = weights.load_encoder(found["models"][found["default"]]["encoder"])
    views = np.random.default_rng(1).normal(0, 1, (2, 3, 224, 224)).astype(np.float32)
    assert (encoder.features(views)[1] == encoder.features(views[1:])[0]).all()


def test_an_absent_encoder_is_said_to_be_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
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


def test_a_refused_file_is_not_read_for_every_picture_and_a_new_one_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
    entry = weights.registry()["encoders"]["clip-vit-b16"]
    path = weights.encoder_path(entry)
    path.parent.mkdir()
    path.write_bytes(b"an old one")
    old = hashlib.sha256(b"an old one").hexdigest()
    with pytest.raises(WeightsError, match=old):
        weights.load_encoder("clip-vit-b16")
    found = path.stat()
    path.write_bytes(b"never read")
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    with pytest.raises(WeightsError, match=old):
        weights.load_encoder("clip-vit-b16")
    path.write_bytes(b"a newer one")
    with pytest.raises(WeightsError, match=hashlib.sha256(b"a newer one").hexdigest()):
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
