"""Writes small ONNX networks on the encoder's features: our own heads and those of peers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper


def write(
    name: str,
    nodes: Sequence[onnx.NodeProto],
    constants: Mapping[str, npt.NDArray[Any]],
    *,
    features: Sequence[str | int],
    outputs: Mapping[str, Sequence[str | int]],
) -> bytes:
    """Return a network `features` -> `outputs` of these shapes; the same bytes every time."""
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, features)],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in outputs.items()
        ],
        [numpy_helper.from_array(value, key) for key, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    serialised: bytes = model.SerializeToString(deterministic=True)
    return serialised
