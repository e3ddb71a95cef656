"""A weight and a bias on the encoder's features."""

from dataclasses import dataclass

import numpy as np

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


def standardised(rows: Array, row_weights: Doubles) -> tuple[Array, Array, Array]:
    """Return the rows at weighted mean 0 and deviation 1, and that mean and deviation."""
    mean = np.average(rows, axis=0, weights=row_weights).astype(np.float32)
    variance = np.average((rows - mean) ** 2, axis=0, weights=row_weights)
    scale = np.sqrt(variance).astype(np.float32) + np.float32(1e-6)
    return (rows - mean) / scale, mean, scale
