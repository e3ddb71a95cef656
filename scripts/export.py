"""Export trained heads to ONNX and enter them, with their calibration, into the registry.

    python -m scripts.export NAME [--head FILE]

NAME is the model, NAME-quick its fast student. The ONNX files must give the numbers that the
training code gives, or nothing is written.
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

from scripts import heads, quick, tails
from scripts.calibration import write_registry
from scripts.features import pooled
from scripts.lines import Line
from scripts.rows import repository_weights
from scripts.train import FED, Settings
from server import home, weights

#: Largest difference of a logit that rounding to 32 bits explains.
TOLERANCE = 1e-3


def to_onnx(head: Line) -> bytes:
    """Return the head as a model: features (views, features) -> logits (1,).

    The first view stands for itself, the others by their mean, as in `scripts.features.pooled`.
    """
    constants: dict[str, npt.NDArray[Any]] = {
        "weight": head.weight[:, None].astype(np.float32),
        "bias": np.array([head.bias], np.float32),
        "zero": np.array([0], np.int64),
        "one": np.array([1], np.int64),
        "end": np.array([np.iinfo(np.int64).max], np.int64),
    }
    nodes = [
        helper.make_node("Slice", ["features", "zero", "one", "zero"], ["whole"]),
        helper.make_node("Slice", ["features", "one", "end", "zero"], ["tiles"]),
        helper.make_node("ReduceMean", ["tiles"], ["mean"], axes=[0], keepdims=1),
        helper.make_node("Concat", ["whole", "mean"], ["row"], axis=1),
        helper.make_node("Gemm", ["row", "weight", "bias"], ["column"]),
        helper.make_node("Squeeze", ["column", "one"], ["logits"]),
    ]
    shape: list[str | int] = ["views", len(head.weight) // 2]
    return heads.write("touchstone-head", nodes, constants, features=shape, outputs={"logits": [1]})


def student_to_onnx(lines: dict[str, Line]) -> bytes:
    """Return the student as a model: features (views, features) -> each line (views,)."""
    constants: dict[str, npt.NDArray[Any]] = {"one": np.array([1], np.int64)}
    nodes = []
    for name, line in lines.items():
        constants[f"{name}_weight"] = line.weight[:, None].astype(np.float32)
        constants[f"{name}_bias"] = np.array([line.bias], np.float32)
        inputs = ["features", f"{name}_weight", f"{name}_bias"]
        nodes.append(helper.make_node("Gemm", inputs, [f"{name}_column"]))
        nodes.append(helper.make_node("Squeeze", [f"{name}_column", "one"], [name]))
    shape: list[str | int] = ["views", len(lines["logits"].weight)]
    outputs: dict[str, list[str | int]] = {name: ["views"] for name in lines}
    return heads.write("touchstone-quick", nodes, constants, features=shape, outputs=outputs)


def compare_student(model: bytes, lines: dict[str, Line]) -> float:
    """Return the largest difference of numbers between the file and the training code."""
    shape = (64, len(lines["logits"].weight))
    found = np.random.default_rng(0).normal(0, 1, shape).astype(np.float32)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    numbers = session.run(list(lines), {"features": found})
    pairs = zip(numbers, lines.values(), strict=True)
    return float(max(np.abs(each - line.logits(found)).max() for each, line in pairs))


def compare(model: bytes, head: Line) -> float:
    """Return the largest difference of logits between the file and the training code."""
    shape = (64, 5, len(head.weight) // 2)
    found = np.random.default_rng(0).normal(0, 1, shape).astype(np.float32)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    logits = np.concatenate([session.run(None, {"features": views})[0] for views in found])
    return float(np.abs(logits - head.logits(pooled(found))).max())


def read_head(saved: Any) -> Line:
    """Return the head that scripts/train.py saved."""
    return Line(saved["weight"], float(saved["bias"]))


def read_student(saved: Any) -> dict[str, Line]:
    """Return the student's lines by output, that scripts/train.py saved."""
    return {
        "logits": Line(saved["quick_weight"], float(saved["quick_bias"])),
        "unfamiliar": Line(saved["other_weight"], float(saved["other_bias"])),
    }


def classes(saved: Any) -> npt.NDArray[np.str_]:
    """Return each picture's class; copies are classes of their own."""
    names = saved["classes"].astype(str)
    return np.where(saved["copies"], np.char.add(names, " copies"), names)


def calibration(saved: Any, held_out: str) -> dict[str, Any]:
    """Return the calibration of an entry, by the held-out logits of this name."""
    real = saved["labels"] == 0
    found = tails.tails(saved[held_out][real], classes(saved)[real], saved["repos"][real])
    originals = int((real & ~saved["copies"]).sum())
    of = (
        f"{originals} real training pictures and {int(real.sum()) - originals} copies, each "
        f"scored by a head that saw nothing of its repository; the highest rate among "
        f"{', '.join(found)}"
    )
    return {"of": of} | tails.curve(found)


def settles(saved: Any) -> float:
    """Return the false alarm rate from which on the student settles a picture."""
    labels, repos = saved["labels"], saved["repos"].tolist()
    names = np.where(labels == 1, "ai", "real").tolist()
    rows = [{"label": label, "repo": repo} for label, repo in zip(names, repos, strict=True)]
    rates = quick.held_out_rates(
        saved["quick_held_out"], labels == 0, classes(saved), saved["repos"]
    )
    return quick.settling(saved["held_out"], rates, labels, repository_weights(rows))


def entries(saved: Any, name: str, files: dict[str, bytes], manifest: Path) -> dict[str, Any]:
    """Return the registry's entries of a head and its student that scripts/train.py saved.

    `files`: their networks by file name; `manifest`: the training manifest, as scripts/sources.py
    writes it.
    """
    settings = Settings(**json.loads(str(saved["settings"])))
    student = quick.small(settings.input())
    inputs = [
        {field: getattr(each, field) for field in FED} for each in (settings.input(), student)
    ]
    shared = {
        "licence": "MIT",
        "encoder": settings.encoder,
        "training": {
            "manifest": manifest.name,
            "manifest_sha256": hashlib.sha256(manifest.read_bytes()).hexdigest(),
            "pictures": int((~saved["copies"]).sum()),
            "copies": int(saved["copies"].sum()),
            "c": settings.c,
            "seed": settings.seed,
        },
    }
    parts = zip(files.items(), inputs, ("held_out", "quick_held_out"), strict=True)
    full, fast = (
        {"file": file, "sha256": hashlib.sha256(network).hexdigest()}
        | shared
        | {"input": fed, "calibration": calibration(saved, held_out)}
        for (file, network), fed, held_out in parts
    )
    first = {
        "model": f"{name}-quick",
        "settles": round(settles(saved), 4),
        "unfamiliar": round(float(saved["other_limit"]), 4),
    }
    return {name: full | {"quick": first}, f"{name}-quick": fast}


def main() -> None:
    """Write models/NAME.onnx, models/NAME-quick.onnx and their entries."""
    parser = argparse.ArgumentParser(description="Export trained heads to models/.")
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
    head, student = read_head(saved), read_student(saved)
    model, fast = to_onnx(head), student_to_onnx(student)
    difference = max(compare(model, head), compare_student(fast, student))
    if difference > TOLERANCE:
        sys.exit(f"An ONNX file differs by {difference}; the limit is {TOLERANCE}.")
    files = {f"{arguments.name}.onnx": model, f"{arguments.name}-quick.onnx": fast}
    found = weights.registry(arguments.folder)
    found["models"] |= entries(saved, arguments.name, files, manifest)
    found["default"] = arguments.name
    for file, network in files.items():
        (arguments.folder / file).write_bytes(network)
        print(f"{file}: {len(network)} bytes")
    write_registry(arguments.folder / "registry.json", found)
    print(f"Numbers differ by at most {difference:.2e}.")


if __name__ == "__main__":
    main()
