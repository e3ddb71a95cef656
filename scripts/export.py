"""Export a trained head to ONNX and enter it, with its calibration, into the registry.

    python -m scripts.export NAME [--head FILE]

The ONNX file must give the logits that the training code gives, or nothing is written.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from server import home, weights

#: Points of the calibration curve; between them the rate is interpolated.
POINTS = 64
#: Largest difference of a logit that rounding to 32 bits explains.
TOLERANCE = 1e-3


def to_onnx(weight: npt.NDArray[np.float64], bias: float) -> bytes:
    """Return the head as a model: features (n, features) -> logits (n,)."""
    column = numpy_helper.from_array(weight.astype(np.float32)[:, None], "weight")
    offset = numpy_helper.from_array(np.array([bias], np.float32), "bias")
    axis = numpy_helper.from_array(np.array([1], np.int64), "axis")
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["features", "weight", "bias"], ["column"]),
            helper.make_node("Squeeze", ["column", "axis"], ["logits"]),
        ],
        "touchstone-head",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", len(weight)])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n"])],
        [column, offset, axis],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    serialised: bytes = model.SerializeToString(deterministic=True)
    return serialised


def compare(model: bytes, weight: npt.NDArray[np.float64], bias: float) -> float:
    """Return the largest difference of logits between the file and the training code."""
    rows = np.random.default_rng(0).normal(0, 1, (64, len(weight))).astype(np.float32)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    logits = session.run(None, {"features": rows})[0]
    return float(np.abs(logits - (rows @ weight + bias)).max())


def calibrate(
    logits: npt.NDArray[np.float64], row_weights: npt.NDArray[np.float64]
) -> dict[str, list[float]]:
    """Return score -> share of held-out real pictures that score at least as high.

    One is added to the pictures above: a rate is never said to be lower than the data can show
    (the rule of succession of a permutation p-value; Davison and Hinkley 1997, section 4.2).
    """
    order = np.argsort(-logits)
    scores = 1 / (1 + np.exp(-logits[order]))
    mean = row_weights.mean()
    rates = (np.cumsum(row_weights[order]) + mean) / (row_weights.sum() + mean)
    # Dense where the policies decide: evenly in the logarithm of the rate.
    wanted = np.geomspace(rates[0], rates[-1], POINTS)
    picked = sorted({int(np.searchsorted(rates, rate).clip(0, len(rates) - 1)) for rate in wanted})
    curve = {round(float(scores[at]), 7): round(float(rates[at]), 7) for at in picked[::-1]}
    return {"scores": list(curve), "rates": list(curve.values())}


def entry_of(head: Any, file: str, model: bytes) -> dict[str, Any]:
    """Return the registry's entry of a head that scripts/train.py saved."""
    settings = json.loads(str(head["settings"]))
    real = head["labels"] == 0
    fields = ("size", "limit", "views", "mean", "std")
    return {
        "file": file,
        "sha256": hashlib.sha256(model).hexdigest(),
        "licence": "MIT",
        "encoder": settings["encoder"],
        "input": {field: settings[field] for field in fields},
        "training": {
            "manifest_sha256": str(head["manifest_sha256"]),
            "pictures": len(head["labels"]),
            "c": settings["c"],
            "seed": settings["seed"],
        },
        "calibration": {
            "of": f"{int(real.sum())} real training pictures, each scored by a head that saw "
            "nothing of its repository; repositories weigh the same",
        }
        | calibrate(head["held_out"][real], head["weights"][real]),
    }


def main() -> None:
    """Write models/NAME.onnx and its entry."""
    parser = argparse.ArgumentParser(description="Export a trained head to models/.")
    parser.add_argument("name", help="name of the model, such as touchstone-1")
    default = home.folder() / "train" / "head.npz"
    parser.add_argument("--head", type=Path, default=default, help="file of scripts.train")
    parser.add_argument("--folder", type=Path, default=weights.MODELS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.head.is_file():
        sys.exit(f"{arguments.head} is not there; python -m scripts.train makes it.")
    head = np.load(arguments.head)
    weight, bias = head["weight"], float(head["bias"])
    model = to_onnx(weight, bias)
    difference = compare(model, weight, bias)
    if difference > TOLERANCE:
        sys.exit(f"The ONNX file differs by {difference}; the limit is {TOLERANCE}.")
    file = f"{arguments.name}.onnx"
    found = weights.registry(arguments.folder)
    found["models"][arguments.name] = entry_of(head, file, model)
    found["default"] = arguments.name
    (arguments.folder / file).write_bytes(model)
    text = json.dumps(found, indent=2, ensure_ascii=False)
    (arguments.folder / "registry.json").write_text(text + "\n")
    print(f"{file}: {len(model)} bytes, logits differ by at most {difference:.2e}")


if __name__ == "__main__":
    main()
