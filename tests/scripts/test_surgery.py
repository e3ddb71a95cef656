"""The encoder's graph, opened: all blocks' class tokens, pictures of any size, the same weights."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from scripts.surgery import PATCH, open_graph

#: A grid of 2 x 2 positions after the class token's, two numbers each.
TABLE = np.array([[9, 9], [0, 0], [4, 1], [8, 2], [12, 3]], np.float32)


def run(model: bytes, **inputs: np.ndarray) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    assert [found.name for found in session.get_outputs()] == ["features"]
    (found,) = session.run(None, inputs)
    return np.asarray(found)


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
    return _saved(graph)


def _saved(graph: onnx.GraphProto) -> bytes:
    opset = [helper.make_opsetid("", 14)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    serialised: bytes = model.SerializeToString()
    return serialised


def sighted() -> bytes:
    """A tower that looks up a position for each patch; its class token sums positions and all."""
    side = 2 * PATCH
    constants = {
        "table": TABLE,
        "places": np.arange(5, dtype=np.int64)[None],
        "kernel": np.full((2, 3, PATCH, PATCH), 1 / PATCH**2 / 3, np.float32),
        "flat": np.array([0, 2, -1], np.int64),
        "class": np.zeros((1, 1, 2), np.float32),
    }
    nodes = [
        helper.make_node("Gather", ["table", "places"], ["positions"]),
        helper.make_node("Conv", ["picture", "kernel"], ["seen"], strides=[PATCH, PATCH]),
        helper.make_node("Reshape", ["seen", "flat"], ["row"]),
        helper.make_node("Transpose", ["row"], ["column"], perm=[0, 2, 1]),
        helper.make_node("Concat", ["class", "column"], ["tokens"], axis=1),
        helper.make_node("Add", ["tokens", "positions"], ["placed"]),
        helper.make_node("ReduceMean", ["placed"], ["mean"], axes=[1], keepdims=1),
        helper.make_node("Add", ["placed", "mean"], ["block0"]),
        helper.make_node("ReduceMax", ["block0"], ["embedding"], axes=[1], keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "sighted",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, side, side])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, 2])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return _saved(graph)


def test_the_features_are_the_class_tokens_and_the_embedding() -> None:
    tokens = np.arange(6, dtype=np.float32).reshape(1, 3, 2)
    found = run(open_graph(tower(), ["block0", "block1"], "embedding"), tokens=tokens)
    assert found.tolist() == [[1, 2, 2, 3, 4, 5]]


def test_opening_is_the_same_bytes_every_time() -> None:
    parts = sighted(), ["block0"], "embedding"
    opened = open_graph(*parts, positions="table")
    assert opened == open_graph(*parts, positions="table")
    onnx.checker.check_model(opened)


def test_at_its_own_size_nothing_changes() -> None:
    picture = np.random.default_rng(0).normal(0, 1, (1, 3, 2 * PATCH, 2 * PATCH))
    parts = sighted(), ["block0"], "embedding"
    one, other = (
        run(open_graph(*parts, positions=table), picture=picture.astype(np.float32))
        for table in ("", "table")
    )
    assert (one == other).all()


@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 4), (3, 3), (8, 5)])
def test_at_another_size_the_positions_are_resized(height: int, width: int) -> None:
    black = np.zeros((1, 3, height * PATCH, width * PATCH), np.float32)
    found = run(open_graph(sighted(), ["block0"], "embedding", positions="table"), picture=black)
    # Bicubic resizing keeps the mean of a table that rises evenly; the class has its own place.
    places = height * width
    mean = (TABLE[0] + TABLE[1:].mean(axis=0) * places) / (places + 1)
    assert found[0, :2] == pytest.approx(TABLE[0] + mean, abs=0.15)


def test_the_patches_are_the_other_tokens_of_the_blocks_named_for_them() -> None:
    tokens = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
    model = open_graph(tower(), ["block0"], "embedding", patches=["block0", "block1"])
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    features, patches = session.run(["features", "patches"], {"tokens": tokens})
    assert features.shape == (2, 4)
    assert patches.tolist() == [
        [[3, 4, 4, 5], [5, 6, 6, 7]],
        [[9, 10, 10, 11], [11, 12, 12, 13]],
    ]
