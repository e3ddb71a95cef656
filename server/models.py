"""The detector's model: what its registry entry says of it, ready to score pictures.

Two kinds, told apart by the entry. With `encoder`: our encoder (fetched once, shared) and a head
on its features. Without: any ONNX image classifier, described by `input` and `output` alone.
"""

import hashlib
import json
import os
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from server import weights
from server.entries import Section
from server.errors import WeightsError
from server.outputs import Doubles, Output, logistic, read_output
from server.views import Floats, Input, read_input
from server.weights import Encoder, Network

FIELDS = (
    *("file", "sha256", "licence", "encoder", "input", "output", "training", "calibration"),
    *("quick", "regions", "address", "source", "convert", "note"),
)


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


def read_calibration(section: Section) -> Calibration | None:
    """Read the curve of an entry; None where it has none yet. Raises WeightsError."""
    if "calibration" not in section.values:
        return None
    part = section.part("calibration")
    curves = [part.values.get(field) for field in ("scores", "rates")]
    for field, curve in zip(("scores", "rates"), curves, strict=True):
        if not isinstance(curve, list) or not all(type(x) in (int, float) for x in curve):
            raise part.refused(field, "a list of numbers")
    try:
        return Calibration(*(tuple(curve or ()) for curve in curves))
    except WeightsError as e:
        raise WeightsError(f"{part.where}: {e}") from e


@dataclass(frozen=True)
class Model:
    """A model, ready to run: an encoder with its head, or a classifier."""

    name: str
    #: Name and digest of all that the answer depends on.
    version: str
    input: Input
    #: None = not calibrated yet: it can be measured, and it cannot be used.
    calibration: Calibration | None
    network: Network
    encoder: Encoder | None = None
    output: Output | None = None
    #: Its fast student, where it has one.
    quick: "Quick | None" = None

    def logits(self, views: Floats) -> Doubles:
        """Return the logits of one picture's views: one each, or one of all. Raises WeightsError.

        A head gets the features of all views at once, shape (views, features), and may pool them
        itself; it answers with shape (views,) or (1,).
        """
        if self.encoder is None:
            if self.output is None:  # pragma: no cover - open_model gives one or the other
                raise WeightsError(f"{self.name} has neither an encoder nor an output.")
            # One view a run: many files are exported for one picture at a time, and a quantised
            # network's answer would depend on the view's neighbours.
            rows = [self.network.run(view[None], self.output.name).reshape(1, -1) for view in views]
            return self.output.logits(np.concatenate(rows))
        found = self.network.run(self.encoder.features(views))
        if found.shape not in ((1,), (len(views),)):
            raise WeightsError(
                f"The head of {self.name} gives shape {found.shape} for {len(views)} views; "
                f"it must be (1,) or ({len(views)},)."
            )
        return found.astype(np.float64)

    def score(self, views: Floats) -> float:
        """Return 0…1, higher = more like AI: the logistic of the mean logit. Raises WeightsError.

        `views`: as server.views cuts them for `input`.
        """
        return float(logistic(np.mean(self.logits(views), keepdims=True))[0])

    def rate(self, score: float) -> float | None:
        """Return the false alarm rate of a score; None where there is no calibration."""
        return self.calibration.false_alarm_rate(score) if self.calibration else None


@dataclass(frozen=True)
class Quick:
    """A model's fast student: it looks first, on one small view."""

    student: Model
    #: False alarm rate from which on its answer is enough where the caller is in a hurry.
    settles: float
    #: What is stranger than this, the model was not made for; None = it cannot tell.
    limit: float | None

    def look(self, views: Floats) -> tuple[float, bool]:
        """Return score, 0…1, and whether the picture is unfamiliar. Raises WeightsError.

        `views`: as server.views cuts them for the student's input.
        """
        if self.student.encoder is None:  # pragma: no cover - _read_quick refuses it
            raise WeightsError(f"{self.student.name} has no encoder.")
        features = self.student.encoder.features(views)
        network = self.student.network
        logits = network.run(features, "logits").astype(np.float64)
        score = float(logistic(np.mean(logits, keepdims=True))[0])
        if self.limit is None:
            return score, False
        return score, float(np.mean(network.run(features, "unfamiliar"))) > self.limit


def _read_quick(section: Section, encoder: Encoder) -> Quick:
    """Open the student that an entry names; it shares the encoder. Raises WeightsError."""
    section.only(("model", "settles", "unfamiliar"))
    found = weights.catalogue()["models"]
    name = section.choice("model", tuple(found), "")
    part = Section(f"Model {name}", found[name])
    part.only(FIELDS)
    if "quick" in part.values or "encoder" not in part.values:
        raise section.refused("model", "a head on the same encoder, without a student of its own")
    calibration = read_calibration(part)
    if calibration is None:
        raise WeightsError(f"{part.where}: calibration is missing; a student must have one.")
    wanted = read_input(part.part("input").values, f"{part.where}, input")
    network = Network(weights.read(part))
    student = Model(name, name, wanted, calibration, network, encoder)
    settles = section.number("settles", 0.0, 1.0)
    limit = section.number("unfamiliar", -1e9, 1e9) if "unfamiliar" in section.values else None
    return Quick(student, settles, limit)


def open_model(name: str) -> Model:
    """Read, verify and open a model of the catalogue, calibrated or not. Raises WeightsError."""
    found = weights.catalogue()
    if name not in found["models"]:
        raise WeightsError(f"There is no model {name!r}; there are {', '.join(found['models'])}.")
    section = Section(f"Model {name}", found["models"][name])
    section.only(FIELDS)
    wanted = read_input(section.part("input").values, f"{section.where}, input")
    calibration = read_calibration(section)
    parts: list[Mapping[str, Any]] = [section.values]
    encoder = output = quick = None
    if "encoder" in section.values:
        if "output" in section.values:
            raise section.refused("output", "absent where there is an encoder")
        encoder_name = section.choice("encoder", tuple(found["encoders"]), "")
        parts.append(found["encoders"][encoder_name])
        encoder = weights.load_encoder(encoder_name)
        if "quick" in section.values:
            quick = _read_quick(section.part("quick"), encoder)
            parts.append(found["models"][quick.student.name])
    else:
        output = read_output(section.part("output"))
    # What the answer depends on is part of the version: input, output, calibration, encoder,
    # student.
    digest = hashlib.sha256("\n".join(json.dumps(p, sort_keys=True) for p in parts).encode())
    opened = Model(
        name,
        f"{name}@{digest.hexdigest()[:12]}",
        wanted,
        calibration,
        Network(weights.read(section)),
        encoder,
        output,
        quick,
    )
    if output is not None:
        _try(opened)
    return opened


def _try(model: Model) -> None:
    """Run a classifier once on grey: an entry that does not fit it is told when it is opened."""
    size = model.input.size
    shape = (1, size, size, 3) if model.input.layout == "NHWC" else (1, 3, size, size)
    try:
        model.logits(np.zeros(shape, np.float32))
    except WeightsError as e:
        raise WeightsError(f"Model {model.name}: {e}") from e


def chosen() -> str:
    """Return the name of the model to use: TOUCHSTONE_MODEL, or the registry's default."""
    return os.environ.get("TOUCHSTONE_MODEL") or str(weights.registry()["default"])


@lru_cache(maxsize=1)
def load() -> Model:
    """Return the chosen model; the first call reads and verifies it.

    Raises WeightsError (and tries again at the next call) where a file is missing or altered,
    or the model has no calibration: without one it can give no false alarm rate.
    """
    model = open_model(chosen())
    if model.calibration is None:
        raise WeightsError(
            f"Model {model.name} has no calibration; "
            f"python -m scripts.evaluate DATA --model {model.name} --calibrate makes it."
        )
    return model


def version() -> str:
    """Return name and digest of the model that `load` gives, or `none`."""
    try:
        return load().version
    except WeightsError:
        return "none"
