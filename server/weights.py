"""The only reader of models/ and the only import of onnxruntime.

Every file is verified by SHA-256 before it is run: small ones lie in models/, large ones are got
by scripts/fetch_weights.py or put into the home folder's `weights` by hand. What belongs to a
model (input, views, calibration) stands in models/registry.json, or in the user's own models.json
in the home folder, never in code; server/models.py reads it.
"""

import hashlib
import json
import os
import platform
import threading
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as states

from server import home
from server.entries import Section
from server.errors import WeightsError

Floats = npt.NDArray[np.float32]
MODELS = home.ROOT / "models"
#: The user's own registry, in the home folder.
OWN = "models.json"
#: What onnxruntime raises for a network or an input that it cannot run.
_REFUSALS = (
    *(states.Fail, states.InvalidArgument, states.InvalidGraph, states.InvalidProtobuf),
    *(states.NotImplemented, states.RuntimeException),
)


#: Files that were refused, as they were, and their SHA-256. Every picture asks for the model anew
#: where its file is the wrong one (after an update of the registry, say), and to read it is slow.
_refused: dict[tuple[Path, int, int], str] = {}


class Network:
    """A network: an array in, an array out. One run at a time, on all cores."""

    def __init__(self, model: bytes) -> None:
        self._session = _session(model)
        self._lock = threading.Lock()
        self.notes: dict[str, str] = self._session.get_modelmeta().custom_metadata_map

    def run(self, values: Floats, output: str | None = None) -> Floats:
        """Run on a batch; the output of this name, or the first. Raises WeightsError."""
        inputs = self._session.get_inputs()
        names = [found.name for found in self._session.get_outputs()]
        if output is not None and output not in names:
            raise WeightsError(f"The output {output!r} is not there; there are {', '.join(names)}.")
        try:
            with self._lock:
                found: Floats = self._session.run([output or names[0]], {inputs[0].name: values})[0]
        except _REFUSALS as e:
            wanted = ", ".join(f"{each.name} {each.shape}" for each in inputs)
            raise WeightsError(f"The network takes {wanted}, not {values.shape}: {e}") from e
        return found


class Encoder(Network):
    """The picture tower: views in, features out."""

    def features(self, views: Floats) -> Floats:
        """Encode views of shape (n, 3, size, size), normalised; one row of features each."""
        # One view a run: the activations are quantised by the range of the whole batch, so a
        # view's features would depend on its neighbours.
        return np.concatenate([self.run(view[None]) for view in views])

    def patches(self, views: Floats) -> Floats:
        """Encode views as `features` does; of each, one row for each patch: (n, patches, f).

        Raises WeightsError where this encoder does not tell its patches.
        """
        return np.concatenate([self.run(view[None], "patches") for view in views])


class Decoder:
    """The network of a watermark: one picture in, one number for each bit out."""

    def __init__(self, model: bytes, entry: dict[str, Any]) -> None:
        #: The square that it is fed, in pixels.
        self.size = int(entry["size"])
        #: Longer side to shorter, up to which the whole picture is squeezed into the square.
        self.longest_side = float(entry.get("longest_side", 1.0))
        self._session = _session(model)
        self._lock = threading.Lock()

    def bits(self, frame: Floats) -> Floats:
        """Decode one frame of the shape that the network wants; above 0 leans to a one."""
        name = self._session.get_inputs()[0].name
        with self._lock:
            found: Floats = self._session.run(None, {name: frame})[0][0]
        return found


def _session(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # Where only some cores may be used, threads for all of them would wait for one another.
    if hasattr(os, "sched_getaffinity") and len(os.sched_getaffinity(0)) < (os.cpu_count() or 1):
        options.intra_op_num_threads = len(os.sched_getaffinity(0))
    if _saturates():
        options.add_session_config_entry("session.x64quantprecision", "1")
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except _REFUSALS as e:
        raise WeightsError(f"onnxruntime cannot open the network: {e}") from e


def _saturates() -> bool:
    """Tell whether 8-bit sums may saturate here: other scores for the same bytes.

    They do on x86-64 without VNNI; the exact way takes twice the time, so it is taken only
    there, and where the processor does not say (outside Linux).
    """
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return False
    try:
        return "vnni" not in Path("/proc/cpuinfo").read_text()
    except OSError:
        return True


def registry(folder: Path = MODELS) -> dict[str, Any]:
    """Read models/registry.json. Raises WeightsError."""
    try:
        found: dict[str, Any] = json.loads((folder / "registry.json").read_text())
    except (OSError, ValueError) as e:
        raise WeightsError(f"{folder / 'registry.json'} cannot be read: {e}.") from e
    return found


def catalogue() -> dict[str, Any]:
    """Return the registry with the user's own entries over it: models.json in the home folder.

    Of the same form; it may hold `models` and `encoders`. Raises WeightsError.
    """
    found, path = registry(), home.folder() / OWN
    if not path.is_file():
        return found
    try:
        own = json.loads(path.read_text())
    except (OSError, ValueError) as e:
        raise WeightsError(f"{path} cannot be read: {e}.") from e
    if not isinstance(own, dict):
        raise WeightsError(f"{path} must hold an object, not {type(own).__name__}.")
    section = Section(str(path), own)
    section.only(("models", "encoders"))
    for kind in own:
        part = section.part(kind)
        for name in part.values:
            part.part(name)
        found[kind] = found[kind] | part.values
    return found


def encoder_path(entry: Mapping[str, Any]) -> Path:
    """Return where a fetched file of the registry (encoder, decoder, a reader's network) lies."""
    return home.folder() / "weights" / Section("The entry", entry).file_name("file")


def read(entry: Section) -> bytes:
    """Read a model's file, from models/ or else from where fetched files lie, and verify it.

    Raises WeightsError where it is in neither or is not the one that the entry names.
    """
    name, sha256 = entry.file_name("file"), entry.text("sha256")
    near = MODELS / name
    return _verified(near if near.is_file() else encoder_path(entry.values), sha256)


def load_encoder(name: str) -> Encoder:
    """Read and verify an encoder of the registry. Raises WeightsError."""
    entry = catalogue()["encoders"][name]
    return Encoder(_verified(encoder_path(entry), entry["sha256"]))


@lru_cache(maxsize=8)
def load_decoder(name: str) -> Decoder:
    """Read and verify a watermark's decoder. Raises WeightsError, as `load` does."""
    entry = registry()["decoders"][name]
    return Decoder(_verified(encoder_path(entry), entry["sha256"]), entry)


def decoders() -> str:
    """Name the watermark decoders that are here; empty = none."""
    found = registry().get("decoders", {})
    return " ".join(name for name, entry in found.items() if encoder_path(entry).is_file())


@lru_cache(maxsize=1)
def load_reader() -> dict[str, Network]:
    """Return the networks that `find` and `read` text; the first call reads and verifies them.

    Raises WeightsError (and tries again at the next call) where a file is missing or altered.
    """
    found = registry()
    files = found["readers"][found["reader"]]["files"]
    return {
        role: Network(_verified(encoder_path(entry), entry["sha256"]))
        for role, entry in files.items()
    }


def reader_version() -> str:
    """Return the name of the reader that `load_reader` gives, or `none`."""
    try:
        load_reader()
    except WeightsError:
        return "none"
    return str(registry()["reader"])


def _verified(path: Path, sha256: str) -> bytes:
    try:
        found = path.stat()
        mark = path, found.st_size, found.st_mtime_ns
        digest = _refused.get(mark, sha256)
        if digest == sha256:
            data = path.read_bytes()
            digest = hashlib.sha256(data).hexdigest()
    except OSError as e:
        raise WeightsError(
            f"{path.name} is missing; make weights or scripts/fetch_weights.py gets it."
        ) from e
    if digest != sha256:
        _refused[mark] = digest
        raise WeightsError(f"{path.name} has SHA-256 {digest}; the registry says {sha256}.")
    return data
