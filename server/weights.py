"""The only reader of models/ and the only import of onnxruntime.

A model is an encoder (large, got by scripts/fetch_weights.py, kept in the home folder) and our
own head (small, in models/). Both are verified by SHA-256 before they are run. What belongs to
a model (input, views, calibration) stands in models/registry.json, never in code.
"""

import hashlib
import json
import os
import platform
import threading
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from server import home
from server.errors import WeightsError

Floats = npt.NDArray[np.float32]
MODELS = home.ROOT / "models"


@dataclass(frozen=True)
class Input:
    """What the encoder is fed: square views of `size` pixels, of a picture at most `limit` long."""

    size: int
    limit: int
    views: tuple[str, ...]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


@dataclass(frozen=True)
class Calibration:
    """Raw score -> share of held-out real images that score at least as high."""

    scores: tuple[float, ...]
    rates: tuple[float, ...]

    def __post_init__(self) -> None:
        rising = all(a < b for a, b in zip(self.scores, self.scores[1:], strict=False))
        falling = all(a >= b for a, b in zip(self.rates, self.rates[1:], strict=False))
        if len(self.scores) != len(self.rates) or len(self.scores) < 2 or not rising or not falling:
            raise WeightsError("The calibration is not a falling curve of at least two points.")

    def false_alarm_rate(self, score: float) -> float:
        """Interpolate the logarithm of the rate; beyond the ends the end holds."""
        at = bisect_left(self.scores, score)
        if at == 0:
            return self.rates[0]
        if at == len(self.scores):
            return self.rates[-1]
        low, high = self.scores[at - 1], self.scores[at]
        share = (score - low) / (high - low)
        logs = np.log([self.rates[at - 1], self.rates[at]])
        return float(np.exp(logs[0] + share * (logs[1] - logs[0])))


class Encoder:
    """The picture tower: views in, features out. One run at a time, on all cores."""

    def __init__(self, model: bytes) -> None:
        self._session = _session(model)
        self._lock = threading.Lock()

    def features(self, views: Floats) -> Floats:
        """Encode views of shape (n, 3, size, size), normalised; one row of features each."""
        # One view a run: the activations are quantised by the range of the whole batch, so a
        # view's features would depend on its neighbours.
        name = self._session.get_inputs()[0].name
        with self._lock:
            rows = [self._session.run(None, {name: view[None]})[0][0] for view in views]
        return np.stack(rows)


class Network:
    """One network of a reader: an array in, an array out. One run at a time."""

    def __init__(self, model: bytes) -> None:
        self._session = _session(model)
        self._lock = threading.Lock()
        self.notes: dict[str, str] = self._session.get_modelmeta().custom_metadata_map

    def run(self, values: Floats) -> Floats:
        """Run on a batch; the first output."""
        with self._lock:
            found: Floats = self._session.run(None, {self._session.get_inputs()[0].name: values})[0]
        return found


class Model:
    """An encoder and its head, ready to run; one a process."""

    def __init__(self, name: str, entry: dict[str, Any], encoder: Encoder, head: bytes) -> None:
        self.name = name
        # The input and the calibration are part of the answer, so of the version too.
        digest = hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()
        self.version = f"{name}@{digest[:12]}"
        self.input = read_input(entry["input"])
        self.calibration = Calibration(
            tuple(entry["calibration"]["scores"]), tuple(entry["calibration"]["rates"])
        )
        self._encoder, self._head = encoder, _session(head)

    def score(self, views: Floats) -> float:
        """Return 0…1, higher = more like AI: the logistic of the views' mean logit."""
        features = self._encoder.features(views)
        logits = self._head.run(None, {"features": features})[0]
        return float(1 / (1 + np.exp(-np.mean(logits, dtype=np.float64))))


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


def read_input(entry: dict[str, Any]) -> Input:
    """Read what a model is fed out of its registry entry. Raises WeightsError."""
    mean, std = (tuple(float(value) for value in entry[key]) for key in ("mean", "std"))
    if len(mean) != 3 or len(std) != 3:
        raise WeightsError("The registry's mean and std must have 3 values each.")
    return Input(int(entry["size"]), int(entry["limit"]), tuple(entry["views"]), mean, std)


def _session(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # Where only some cores may be used, threads for all of them would wait for one another.
    if hasattr(os, "sched_getaffinity") and len(os.sched_getaffinity(0)) < (os.cpu_count() or 1):
        options.intra_op_num_threads = len(os.sched_getaffinity(0))
    if _saturates():
        options.add_session_config_entry("session.x64quantprecision", "1")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


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


def encoder_path(entry: dict[str, Any]) -> Path:
    """Return where a fetched file of the registry (encoder, decoder, a reader's network) lies."""
    return home.folder() / "weights" / str(entry["file"])


@lru_cache(maxsize=1)
def load() -> Model:
    """Return the default model; the first call reads and verifies it.

    Raises WeightsError (and tries again at the next call) where a file is missing or altered.
    """
    found = registry()
    name = found["default"]
    if name not in found["models"]:
        raise WeightsError(f"The registry has no model {name!r}.")
    entry = found["models"][name]
    head = _verified(MODELS / entry["file"], entry["sha256"])
    return Model(name, entry, load_encoder(entry["encoder"]), head)


def load_encoder(name: str) -> Encoder:
    """Read and verify an encoder of the registry. Raises WeightsError."""
    entry = registry()["encoders"][name]
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


def version() -> str:
    """Return name and digest of the model that `load` gives, or `none`."""
    try:
        return load().version
    except WeightsError:
        return "none"


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
        data = path.read_bytes()
    except OSError as e:
        raise WeightsError(
            f"{path.name} is missing; make weights or scripts/fetch_weights.py gets it."
        ) from e
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise WeightsError(f"{path.name} has SHA-256 {found}; the registry says {sha256}.")
    return data
