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
import numpy.typing as npt

from server import weights
from server.entries import Section
from server.errors import WeightsError
from server.views import Floats, Input, read_input
from server.weights import Encoder, Network

Doubles = npt.NDArray[np.float64]
#: What must still be done to a classifier's output to make it a probability.
ACTIVATIONS = ("sigmoid", "softmax", "none")
#: A probability that a network rounded to 0 or 1 is taken to be this far from it.
LEAST = 1e-7
FIELDS = (
    *("file", "sha256", "licence", "encoder", "input", "output", "training", "calibration"),
    *("address", "source", "convert", "note"),
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
class Output:
    """How a classifier's output is to be read."""

    #: Its name in the network; None = the network's first.
    name: str | None
    activation: str
    classes: tuple[str, ...]
    #: Places of the classes that mean AI.
    ai: tuple[int, ...]

    def logits(self, values: Floats) -> Doubles:
        """Return the log odds of AI of each view. Raises WeightsError for another shape.

        `values`: shape (views, classes), or (views, 1): one number, of the second of two classes.
        For sigmoid they are logits, for softmax one logit a class, for none probabilities.
        """
        table = values.astype(np.float64)
        count = 2 if table.shape[1] == 1 else table.shape[1]
        if count != len(self.classes) or (table.shape[1] == 1 and self.activation == "softmax"):
            raise WeightsError(
                f"The output has shape {values.shape}; {len(self.classes)} classes and "
                f"activation {self.activation} do not fit it."
            )
        rest = [at for at in range(count) if at not in self.ai]
        if self.activation == "softmax":
            return _logsumexp(table[:, self.ai]) - _logsumexp(table[:, rest])
        if self.activation == "sigmoid":
            one = table[:, 0] if self.ai == (1,) else -table[:, 0]
            return one if table.shape[1] == 1 else table[:, self.ai[0]]
        if table.shape[1] == 1:
            table = np.hstack([1 - table, table])
        share = table[:, self.ai].sum(axis=1).clip(LEAST, 1 - LEAST)
        odds: Doubles = np.log(share) - np.log1p(-share)
        return odds


def read_output(section: Section) -> Output:
    """Read how a classifier's output is to be read. Raises WeightsError."""
    section.only(("name", "activation", "classes", "ai"))
    classes = section.values.get("classes")
    if not isinstance(classes, list) or len(set(map(str, classes))) < max(2, len(classes)):
        raise section.refused("classes", "a list of at least two different names")
    names = [str(name) for name in classes]
    wanted = section.values.get("ai")
    chosen = wanted if isinstance(wanted, list) else [wanted]
    by_name = {name: at for at, name in enumerate(names)} | {at: at for at in range(len(names))}
    places = {by_name[name] for name in chosen if type(name) in (str, int) and name in by_name}
    if not places or len(places) < len(chosen) or len(places) == len(names):
        raise section.refused(
            "ai", f"the name or place (from 0) of some, not all, of {', '.join(names)}"
        )
    activation = section.choice("activation", ACTIVATIONS, "")
    if activation == "sigmoid" and len(places) > 1:
        raise section.refused("ai", "one class where the activation is sigmoid")
    return Output(
        section.text("name") if "name" in section.values else None,
        activation,
        tuple(names),
        tuple(sorted(places)),
    )


def _logsumexp(table: Doubles) -> Doubles:
    top = table.max(axis=1)
    found: Doubles = top + np.log(np.exp(table - top[:, None]).sum(axis=1))
    return found


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
        mean = float(np.mean(self.logits(views)))
        # The two halves of the logistic: neither overflows.
        share = float(np.exp(-abs(mean)))
        return 1 / (1 + share) if mean >= 0 else share / (1 + share)


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
    encoder = output = None
    if "encoder" in section.values:
        if "output" in section.values:
            raise section.refused("output", "absent where there is an encoder")
        encoder_name = section.choice("encoder", tuple(found["encoders"]), "")
        parts.append(found["encoders"][encoder_name])
        encoder = weights.load_encoder(encoder_name)
    else:
        output = read_output(section.part("output"))
    # What the answer depends on is part of the version: input, output, calibration, encoder.
    digest = hashlib.sha256("\n".join(json.dumps(p, sort_keys=True) for p in parts).encode())
    opened = Model(
        name,
        f"{name}@{digest.hexdigest()[:12]}",
        wanted,
        calibration,
        Network(weights.read(section)),
        encoder,
        output,
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
