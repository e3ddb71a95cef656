"""Turns held-out scores of real pictures into a false alarm rate that holds in every class.

A class of a few hundred pictures shows no rate of 0.2 %. Above its 95 % quantile the excess is
therefore taken as exponential (peaks over a threshold; Davison and Smith 1990, shape 0), its mean
one standard error longer than measured: the rates are then a little too high rather than too low.
The rate of a score is the highest of all classes', or a policy would hold for photographs alone.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
#: Points of a calibration curve; between them the logarithm of the rate is interpolated.
POINTS = 64
#: Share of a class that its tail is fitted to.
TAIL = 0.05
#: A class of fewer pictures or sources tells no tail; it still counts among all.
PICTURES, SOURCES = 100, 8
#: The lowest rate that is ever said.
LOWEST = 1e-4


@dataclass(frozen=True)
class Tail:
    """The share of one class's real pictures above a logit."""

    logits: Doubles
    above: Doubles
    start: float
    share: float
    mean: float

    def rate(self, logits: Doubles) -> Doubles:
        """Return the share at each logit: counted below the tail's start, fitted beyond it."""
        counted = np.interp(logits, self.logits, self.above)
        beyond = np.maximum(logits - self.start, 0)
        found: Doubles = np.where(
            logits <= self.start, counted, self.share * np.exp(-beyond / self.mean)
        )
        return found


def fit(logits: Doubles, weights: Doubles) -> Tail:
    """Fit the tail of one class; `weights`: what each picture counts."""
    order = np.argsort(logits)
    values, mass = logits[order], weights[order] / weights.sum()
    above = np.cumsum(mass[::-1])[::-1]
    first = int(np.searchsorted(-above, -TAIL).clip(1, len(values) - 2))
    start, share = float(values[first - 1]), float(above[first])
    excess, part = values[first:] - start, mass[first:]
    mean = float(np.average(excess, weights=part))
    # Pictures of unequal weight tell less than as many equal ones (Kish's effective number).
    effective = part.sum() ** 2 / (part**2).sum()
    return Tail(values, above, start, share, mean * (1 + 1 / np.sqrt(effective)))


def balanced(repos: npt.NDArray[np.str_]) -> Doubles:
    """Weigh every repository the same, up to the weight that ten of its pictures would have.

    A source of one or two pictures must not decide a class's rate by itself.
    """
    _, places, counts = np.unique(repos, return_inverse=True, return_counts=True)
    found: Doubles = 1 / np.maximum(counts, 10)[places]
    return found


def tails(
    logits: Doubles, classes: npt.NDArray[np.str_], repos: npt.NDArray[np.str_]
) -> dict[str, Tail]:
    """Return the tail of all real pictures and of each class that has enough."""
    found = {"all": fit(logits, balanced(repos))}
    for name in np.unique(classes):
        part = classes == name
        if part.sum() >= PICTURES and len(np.unique(repos[part])) >= SOURCES:
            found[str(name)] = fit(logits[part], balanced(repos[part]))
    return found


def spread(rates: Doubles, high: float, low: float) -> list[int]:
    """Return places of a falling curve, evenly in the logarithm of the rate.

    Dense where the policies decide. Of each rate, the first place whose rate is not above it.
    """
    wanted = -np.geomspace(high, low, POINTS)
    return sorted({int(at) for at in np.searchsorted(-rates, wanted).clip(0, len(rates) - 1)})


def curve(found: dict[str, Tail]) -> dict[str, list[float]]:
    """Return score -> the highest rate of any class: `scores` rising, `rates` falling."""
    low = min(float(tail.logits[0]) for tail in found.values())
    high = max(tail.start + tail.mean * np.log(tail.share / LOWEST) for tail in found.values())
    grid = np.linspace(low, high, 20_000)
    rates = np.max([tail.rate(grid) for tail in found.values()], axis=0)
    kept = spread(rates, 1, LOWEST)
    points = {round(float(1 / (1 + np.exp(-grid[at]))), 9): float(rates[at]) for at in kept}
    return {"scores": list(points), "rates": [round(rate, 7) for rate in points.values()]}
