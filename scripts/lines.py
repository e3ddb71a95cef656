"""A weight and a bias on the encoder's features."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scripts.features import Array
from scripts.rows import Doubles


@dataclass(frozen=True)
class Line:
    """A regression on standardised features, folded into one weight and one bias."""

    weight: Doubles
    bias: float

    def logits(self, rows: Array) -> Doubles:
        """Return one number a picture; `rows`: as `scripts.features.pooled` makes them."""
        found: Doubles = rows.astype(np.float64) @ self.weight + self.bias
        return found


def fitted(model: Any, rows: Array, targets: npt.NDArray[Any], row_weights: Doubles) -> Line:
    """Fit a linear model of scikit-learn on rows brought to weighted mean 0 and deviation 1."""
    mean = np.average(rows, axis=0, weights=row_weights).astype(np.float32)
    variance = np.average((rows - mean) ** 2, axis=0, weights=row_weights)
    scale = np.sqrt(variance).astype(np.float32) + np.float32(1e-6)
    model.fit((rows - mean) / scale, targets, sample_weight=row_weights)
    weight = np.ravel(model.coef_).astype(np.float64) / scale
    return Line(weight, float(np.ravel(model.intercept_)[0] - mean @ weight))
