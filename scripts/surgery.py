"""Opens an encoder's graph, without changing a weight: all blocks' output, pictures of any size."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

#: Pixels of a patch's side (ViT-B/16).
PATCH = 16


def open_graph(
    original: bytes,
    blocks: Sequence[str],
    embedding: str,
    *,
    positions: str = "",
    patches: Sequence[str] = (),
) -> bytes:
    """Return the encoder with the output `features`, and `patches` where blocks are named for it.

    Features have shape (n, f): each block's class token and the embedding, side by side. Patches
    have shape (n, p, f): of each of the picture's patches, row by row, the tokens of these blocks
    side by side. `positions` names the table of position embeddings: it is then resized to the
    picture (bicubic, as the paper on vision transformers does for another resolution; Dosovitskiy
    et al. 2021, section 3.2), so that the sides may be any multiple of 16 pixels; at the original
    size nothing changes.
    """
    model = onnx.load_from_string(original)
    graph = model.graph
    if positions:
        _free_size(graph, positions)
    first = helper.make_tensor("first", TensorProto.INT64, [], [0])
    graph.node.append(helper.make_node("Constant", [], ["class_token"], value=first))
    tokens = [f"class_token_{number}" for number in range(len(blocks))]
    for block, token in zip(blocks, tokens, strict=True):
        graph.node.append(helper.make_node("Gather", [block, "class_token"], [token], axis=1))
    graph.node.append(helper.make_node("Concat", [*tokens, embedding], ["features"], axis=1))
    del graph.output[:]
    shape = ["batch", "features"]
    graph.output.append(helper.make_tensor_value_info("features", TensorProto.FLOAT, shape))
    if patches:
        _add_patches(graph, patches)
    onnx.checker.check_model(model)
    serialised: bytes = model.SerializeToString(deterministic=True)
    return serialised


def _add_patches(graph: onnx.GraphProto, blocks: Sequence[str]) -> None:
    """Add the output `patches`: all tokens of some blocks but the class token."""
    ends = {"patch_first": 1, "patch_last": np.iinfo(np.int64).max, "patch_axis": 1}
    for name, value in ends.items():
        graph.initializer.append(numpy_helper.from_array(np.array([value], np.int64), name))
    names = [f"patch_tokens_{number}" for number in range(len(blocks))]
    for block, name in zip(blocks, names, strict=True):
        graph.node.append(helper.make_node("Slice", [block, *ends], [name]))
    graph.node.append(helper.make_node("Concat", names, ["patches"], axis=2))
    shape = ["batch", "patches", "patch_features"]
    graph.output.append(helper.make_tensor_value_info("patches", TensorProto.FLOAT, shape))


def _free_size(graph: onnx.GraphProto, positions: str) -> None:
    """Replace the look-up of position embeddings by one that fits the picture."""
    (table,) = (numpy_helper.to_array(each) for each in graph.initializer if each.name == positions)
    (lookup,) = (each for each in graph.node if positions in each.input)
    at = list(graph.node).index(lookup)
    target = lookup.output[0]
    # The shapes noted inside the graph hold for one size only.
    del graph.value_info[:]
    picture = graph.input[0]
    for number, name in ((2, "height"), (3, "width")):
        picture.type.tensor_type.shape.dim[number].dim_param = name
    nodes = _positions(graph, table, picture.name, target)
    graph.node.remove(lookup)
    for each in [each for each in graph.initializer if each.name == positions]:
        graph.initializer.remove(each)
    for number, node in enumerate(nodes):
        graph.node.insert(at + number, node)


def _positions(
    graph: onnx.GraphProto, table: npt.NDArray[np.float32], picture: str, target: str
) -> list[onnx.NodeProto]:
    """Return the nodes: class position, then the grid resized to the picture's patches."""
    side, width = round((len(table) - 1) ** 0.5), table.shape[1]
    grid = table[1:].reshape(side, side, width).transpose(2, 0, 1)[None]
    constants: dict[str, npt.NDArray[Any]] = {
        "grid": np.ascontiguousarray(grid, np.float32),
        "class_position": table[None, :1].astype(np.float32),
        "patch_side": np.array([PATCH, PATCH], np.int64),
        "grid_front": np.array([1, width], np.int64),
        "flat": np.array([1, width, -1], np.int64),
        "from_2": np.array([2], np.int64),
        "to_4": np.array([4], np.int64),
        "unset": np.array([], np.float32),
    }
    for name, value in constants.items():
        graph.initializer.append(numpy_helper.from_array(value, f"position_{name}"))

    def node(kind: str, inputs: list[str], output: str, **attributes: Any) -> onnx.NodeProto:
        named = [f"position_{each}" if each in (*constants, *made) else each for each in inputs]
        made.append(output)
        name = target if output == "done" else f"position_{output}"
        return helper.make_node(kind, named, [name], **attributes)

    made: list[str] = []
    return [
        node("Shape", [picture], "shape"),
        node("Slice", ["shape", "from_2", "to_4"], "sides"),
        node("Div", ["sides", "patch_side"], "patches"),
        node("Concat", ["grid_front", "patches"], "sizes", axis=0),
        node("Resize", ["grid", "unset", "unset", "sizes"], "resized", mode="cubic"),
        node("Reshape", ["resized", "flat"], "row"),
        node("Transpose", ["row"], "column", perm=[0, 2, 1]),
        node("Concat", ["class_position", "column"], "done", axis=1),
    ]
