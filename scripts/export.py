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
import onnxruntime
from onnx import helper

from scripts import heads, tails
from scripts.train import SHARPNESS, Head, Line, pooled
from server import home, weights

#: Largest difference of a logit that rounding to 32 bits explains.
TOLERANCE = 1e-3


def to_onnx(head: Head) -> bytes:
    """Return the head as a model: features (views, features) -> logits (1,).

    The first view stands for itself, the others by their mean, as in `scripts.train.pooled`.
    """
    count = len(head.ai.weight) // 2
    columns = np.stack([head.ai.weight, SHARPNESS * head.made.weight], axis=1)
    constants: dict[str, npt.NDArray[Any]] = {
        "weight": columns.astype(np.float32),
        "bias": np.array([head.ai.bias, SHARPNESS * head.made.bias], np.float32),
        "guard": np.array([[head.guard]], np.float32),
        "zero": np.array([0], np.int64),
        "one": np.array([1], np.int64),
        "end": np.array([np.iinfo(np.int64).max], np.int64),
    }
    nodes = [
        helper.make_node("Slice", ["features", "zero", "one", "zero"], ["whole"]),
        helper.make_node("Slice", ["features", "one", "end", "zero"], ["tiles"]),
        helper.make_node("ReduceMean", ["tiles"], ["mean"], axes=[0], keepdims=1),
        helper.make_node("Concat", ["whole", "mean"], ["row"], axis=1),
        helper.make_node("Gemm", ["row", "weight", "bias"], ["columns"]),
        helper.make_node("Slice", ["columns", "zero", "one", "one"], ["ai"]),
        helper.make_node("Slice", ["columns", "one", "end", "one"], ["made"]),
        helper.make_node("Sigmoid", ["made"], ["share"]),
        helper.make_node("Mul", ["share", "guard"], ["lowered"]),
        helper.make_node("Sub", ["ai", "lowered"], ["logit"]),
        helper.make_node("Squeeze", ["logit", "one"], ["logits"]),
    ]
    shape: list[str | int] = ["views", count]
    return heads.write("touchstone-head", nodes, constants, features=shape, logits=[1])


def compare(model: bytes, head: Head) -> float:
    """Return the largest difference of logits between the file and the training code."""
    shape = (64, 5, len(head.ai.weight) // 2)
    found = np.random.default_rng(0).normal(0, 1, shape).astype(np.float32)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    logits = np.concatenate([session.run(None, {"features": views})[0] for views in found])
    return float(np.abs(logits - head.logits(pooled(found))).max())


def read_head(saved: Any) -> Head:
    """Return the head that scripts/train.py saved."""
    return Head(
        Line(saved["weight"], float(saved["bias"])),
        Line(saved["made_weight"], float(saved["made_bias"])),
        float(saved["guard"]),
    )


def entry_of(saved: Any, file: str, model: bytes, manifest: Path) -> dict[str, Any]:
    """Return the registry's entry of a head that scripts/train.py saved.

    `manifest`: the model's training manifest, as scripts/sources.py writes it.
    """
    settings = json.loads(str(saved["settings"]))
    real = saved["labels"] == 0
    found = tails.tails(saved["held_out"][real], saved["classes"][real], saved["repos"][real])
    fields = ("size", "limit", "views", "mean", "std")
    return {
        "file": file,
        "sha256": hashlib.sha256(model).hexdigest(),
        "licence": "MIT",
        "encoder": settings["encoder"],
        "input": {field: settings[field] for field in fields},
        "training": {
            "manifest": manifest.name,
            "manifest_sha256": hashlib.sha256(manifest.read_bytes()).hexdigest(),
            "pictures": len(saved["labels"]),
            "c": settings["c"],
            "seed": settings["seed"],
        },
        "calibration": {
            "of": f"{int(real.sum())} real training pictures, each scored by a head that saw "
            f"nothing of its repository; the highest rate among {', '.join(found)}",
        }
        | tails.curve(found),
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
    manifest = arguments.folder / f"{arguments.name}.jsonl"
    if not manifest.is_file():
        sys.exit(f"{manifest} is not there; python -m scripts.sources makes it.")
    saved = np.load(arguments.head)
    model = to_onnx(read_head(saved))
    difference = compare(model, read_head(saved))
    if difference > TOLERANCE:
        sys.exit(f"The ONNX file differs by {difference}; the limit is {TOLERANCE}.")
    file = f"{arguments.name}.onnx"
    found = weights.registry(arguments.folder)
    found["models"][arguments.name] = entry_of(saved, file, model, manifest)
    found["default"] = arguments.name
    (arguments.folder / file).write_bytes(model)
    text = json.dumps(found, indent=2, ensure_ascii=False)
    (arguments.folder / "registry.json").write_text(text + "\n")
    print(f"{file}: {len(model)} bytes, logits differ by at most {difference:.2e}")


if __name__ == "__main__":
    main()
