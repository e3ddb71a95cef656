"""Tiny networks with a known answer, and homes that know them."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def _serialised(
    nodes: list[onnx.NodeProto],
    constants: dict[str, np.ndarray],
    given: tuple[str, list[object]],
    *found: tuple[str, list[object]],
) -> bytes:
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(given[0], TensorProto.FLOAT, given[1])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in found],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def classifier(
    weight: list[list[float]], *, size: int = 8, layout: str = "NCHW", output: str = "out"
) -> bytes:
    """A network of one picture at a time: the channels' means times `weight` (3, classes)."""
    axes = [2, 3] if layout == "NCHW" else [1, 2]
    shape = [1, 3, size, size] if layout == "NCHW" else [1, size, size, 3]
    nodes = [
        helper.make_node("ReduceMean", ["picture"], ["means"], axes=axes, keepdims=0),
        helper.make_node("MatMul", ["means", "weight"], [output]),
    ]
    table = np.array(weight, np.float32)
    return _serialised(nodes, {"weight": table}, ("picture", shape), (output, [1, table.shape[1]]))


def encoder(size: int = 8) -> bytes:
    """A tower whose features are the means of the three channels."""
    nodes = [helper.make_node("ReduceMean", ["picture"], ["features"], axes=[2, 3], keepdims=0)]
    return _serialised(nodes, {}, ("picture", ["n", 3, size, size]), ("features", ["n", 3]))


def patched(size: int = 8) -> bytes:
    """The same tower, that tells its patches of 2 x 2 pixels as well: their mean colours."""
    pool = {"kernel_shape": [2, 2], "strides": [2, 2]}
    nodes = [
        helper.make_node("ReduceMean", ["picture"], ["features"], axes=[2, 3], keepdims=0),
        helper.make_node("AveragePool", ["picture"], ["means"], **pool),
        helper.make_node("Reshape", ["means", "flat"], ["row"]),
        helper.make_node("Transpose", ["row"], ["patches"], perm=[0, 2, 1]),
    ]
    flat = {"flat": np.array([0, 3, -1], np.int64)}
    outputs = ("features", ["n", 3]), ("patches", ["n", (size // 2) ** 2, 3])
    return _serialised(nodes, flat, ("picture", ["n", 3, size, size]), *outputs)


def head(weight: list[float], how: str = "each") -> bytes:
    """A head: one logit a view (`each`), of the highest features (`highest`), or (n, 1)."""
    nodes, features = [], "features"
    if how == "highest":
        nodes = [helper.make_node("ReduceMax", ["features"], ["top"], axes=[0], keepdims=1)]
        features = "top"
    nodes.append(helper.make_node("MatMul", [features, "weight"], ["column"]))
    axis = {"axis": np.array([1], np.int64)}
    if how == "column":
        nodes.append(helper.make_node("Identity", ["column"], ["logits"]))
        axis = {}
    else:
        nodes.append(helper.make_node("Squeeze", ["column", "axis"], ["logits"]))
    table = np.array(weight, np.float32)[:, None]
    shape: list[object] = ["m", 1] if how == "column" else ["m"]
    return _serialised(nodes, {"weight": table} | axis, ("features", ["n", 3]), ("logits", shape))


def place(home: Path, file: str, network: bytes) -> dict[str, str]:
    """Put a network where fetched files lie; return the entry's fields that name it."""
    (home / "weights").mkdir(exist_ok=True, parents=True)
    (home / "weights" / file).write_bytes(network)
    return {"file": file, "sha256": hashlib.sha256(network).hexdigest()}


def own(home: Path, **sections: dict[str, Any]) -> None:
    """Write the user's own registry."""
    home.mkdir(exist_ok=True, parents=True)
    (home / "models.json").write_text(json.dumps(sections))


#: What the tiny networks are fed: the picture's own values, 0…1, squeezed to 8 x 8.
FED = {"size": 8, "views": ["whole"], "mean": [0, 0, 0], "std": [1, 1, 1]}
#: How the tiny classifier of two classes is read.
READ = {"name": "out", "activation": "softmax", "classes": ["real", "ai"], "ai": "ai"}
CURVE = {"of": "nothing", "scores": [0.1, 0.9], "rates": [1.0, 0.001]}
