"""The figures of an evaluation, with their intervals of 95 %: pure arithmetic on scores.

AUC, recall and calibration: by a bootstrap over repositories, for pictures of one repository are
not independent. Counts (false positives, recall of one generator): by Wilson, which holds at 0
hits but takes pictures as independent, so it is a little narrow.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scripts.rows import Row, label_array
from server.verdict import POLICIES

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int64]
Interval = tuple[float, float, float]
#: Pictures of repositories drawn anew this often.
DRAWS = 1000
#: False positive rates at which recall is told.
SHARES = (0.001, 0.01, 0.05)
#: Where the ROC is drawn: evenly in the logarithm, for the left end decides.
GRID = np.geomspace(0.001, 1, 61)
BINS = 10
WORST = 12


@dataclass(frozen=True)
class Sample:
    """Pictures, what a model said of them, and how often repositories are drawn."""

    rows: Sequence[Row]
    #: 0…1; NaN = the detector declined.
    raw: Floats
    #: False alarm rates by the model's calibration; 1 where it declined: no badge.
    rates: Floats

    @property
    def scores(self) -> Floats:
        """The scores, 0 where the detector declined."""
        return np.nan_to_num(self.raw, nan=0.0)

    @property
    def labels(self) -> Labels:
        """1 = AI, 0 = real."""
        return label_array(list(self.rows))


@dataclass(frozen=True)
class Draws:
    """All places of some pictures, and those of each draw."""

    everything: Indices
    parts: Sequence[Indices]


def draw(rows: Sequence[Row], count: int = DRAWS) -> Draws:
    """Draw repositories with replacement: the places of their pictures, both classes in each.

    The same rows give the same draws, so that two models can be compared draw by draw.
    """
    labels = label_array(list(rows))
    members: dict[str, list[int]] = {}
    for at, row in enumerate(rows):
        members.setdefault(row["repo"], []).append(at)
    groups = [np.array(group) for group in members.values()]
    random = np.random.default_rng(0)
    found = []
    for _ in range(count):
        drawn = np.concatenate([groups[at] for at in random.integers(0, len(groups), len(groups))])
        if 0 < labels[drawn].sum() < len(drawn):
            found.append(drawn)
    if not found:
        raise SystemExit("Pictures of both classes are needed; one of them is not there.")
    return Draws(np.arange(len(rows)), found)


def intervals(measure: Callable[[Indices], Floats], drawn: Draws) -> list[Interval]:
    """Return (value, low, high) of each figure of a measure: of all pictures, and by the draws."""
    value = measure(drawn.everything)
    spread = np.array([measure(part) for part in drawn.parts])
    low, high = np.quantile(spread, (0.025, 0.975), axis=0)
    return [(float(v), float(lo), float(hi)) for v, lo, hi in zip(value, low, high, strict=True)]


def area(labels: Labels, scores: Floats) -> float:
    """Return the area under the ROC curve: the chance that AI scores above real, ties half."""
    real, ai = np.sort(scores[labels == 0]), scores[labels == 1]
    below, up_to = np.searchsorted(real, ai, "left"), np.searchsorted(real, ai, "right")
    return float((below + up_to).mean() / 2 / len(real))


def recalls(labels: Labels, scores: Floats, shares: Sequence[float] | Floats = SHARES) -> Floats:
    """Return the recall where at most this share of real pictures is above the limit.

    Where the share of the real pictures is less than one picture: above all of them.
    """
    real = np.sort(scores[labels == 0])[::-1]
    ai = np.sort(scores[labels == 1])
    places = np.minimum((np.asarray(shares) * len(real) + 1e-9).astype(int), len(real) - 1)
    found: Floats = 1 - np.searchsorted(ai, real[places], "right") / len(ai)
    # At a share of 1 every limit is passed, that of the lowest real picture too.
    found[np.asarray(shares) >= 1] = 1.0
    return found


def headline(labels: Labels, scores: Floats) -> Floats:
    """Return AUC and the recalls at SHARES: what models are compared by."""
    return np.array([area(labels, scores), *recalls(labels, scores)])


def wilson(hits: int, count: int) -> Interval:
    """Return (share, low, high) of a binomial (Wilson 1927), z = 1.96."""
    if not count:
        return 0.0, 0.0, 1.0
    z, share = 1.96, hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * np.sqrt(share * (1 - share) / count + z * z / (4 * count**2))
    return share, max(0.0, float(middle - half)), min(1.0, float(middle + half))


def bins(labels: Labels, scores: Floats) -> list[dict[str, float]]:
    """Return mean score and share of AI in ten bins of equal mass, both classes weighing the same.

    So the score is read as the probability of AI where either class is as likely.
    """
    mass = np.where(labels == 1, 0.5 / (labels == 1).sum(), 0.5 / (labels == 0).sum())
    order = np.argsort(scores, kind="stable")
    middles = np.cumsum(mass[order]) - mass[order] / 2
    places = np.minimum((middles * BINS).astype(int), BINS - 1)
    found = []
    for place in np.unique(places):
        part = order[places == place]
        total = mass[part].sum()
        found.append(
            {
                "mass": float(total),
                "score": float((mass[part] * scores[part]).sum() / total),
                "ai": float(mass[part][labels[part] == 1].sum() / total),
                "pictures": len(part),
            }
        )
    return found


def calibration_error(labels: Labels, scores: Floats) -> float:
    """Return the expected calibration error over the bins."""
    return sum(b["mass"] * abs(b["score"] - b["ai"]) for b in bins(labels, scores))


def by_class(rows: Sequence[Row], rates: Floats, limit: float) -> dict[str, Any]:
    """Return the false positive rate of each class of real pictures at a policy's limit."""
    found = {}
    real = [at for at, row in enumerate(rows) if row["label"] == "real"]
    for name in ["all", *sorted({rows[at]["cls"] for at in real})]:
        part = [at for at in real if name in ("all", rows[at]["cls"])]
        hits = int((rates[part] <= limit).sum())
        found[name] = {"pictures": len(part), "false": hits, "rate": wilson(hits, len(part))}
    return found


def policies(sample: Sample, drawn: Draws) -> dict[str, Any]:
    """Return recall and false positives at each policy's limit, by the calibration that ships."""
    labels = sample.labels

    def found(limit: float) -> Interval:
        flagged = sample.rates <= limit
        share = intervals(lambda at: np.array([flagged[at][labels[at] == 1].mean()]), drawn)
        return share[0]

    return {
        name: {
            "limit": limit,
            "recall": found(limit),
            "false_positive_rate": by_class(sample.rows, sample.rates, limit),
        }
        for name, limit in POLICIES.items()
    }


def generators(sample: Sample, field: str) -> dict[str, Any]:
    """Return each generator's (or family's) recalls, at limits that all real pictures set."""
    labels, scores = sample.labels, sample.scores
    real = np.sort(scores[labels == 0])[::-1]
    limits = [real[min(int(share * len(real) + 1e-9), len(real) - 1)] for share in SHARES]
    found = {}
    names = [str(row.get(field) or "unknown") for row in sample.rows]
    for name in sorted({names[at] for at in np.flatnonzero(labels == 1)}):
        part = [at for at in np.flatnonzero(labels == 1).tolist() if names[at] == name]
        count = len(part)
        hits = [int((scores[part] > limit).sum()) for limit in limits]
        badges = int((sample.rates[part] <= POLICIES["balanced"]).sum())
        found[name] = {
            "pictures": count,
            "repositories": len({sample.rows[at]["repo"] for at in part}),
            "recall": [wilson(each, count) for each in hits],
            "recall_balanced": wilson(badges, count),
        }
    return found


def real_classes(sample: Sample) -> dict[str, Any]:
    """Return AUC and recalls against each class of real pictures alone, which sets the limits."""
    found = {}
    labels = sample.labels
    classes = np.array([row["cls"] if row["label"] == "real" else "" for row in sample.rows])
    for name in sorted(set(classes) - {""}):
        part = np.flatnonzero((labels == 1) | (classes == name))
        rows = [sample.rows[at] for at in part.tolist()]
        some, scores = labels[part], sample.scores[part]
        values = intervals(_headline_of(some, scores), draw(rows))
        found[str(name)] = {
            "pictures": int((classes == name).sum()),
            "repositories": len({row["repo"] for row in rows if row["label"] == "real"}),
            "auc": values[0],
            "recall": values[1:],
        }
    return found


def _headline_of(labels: Labels, scores: Floats) -> Callable[[Indices], Floats]:
    return lambda at: headline(labels[at], scores[at])


def brief(sample: Sample, drawn: Draws) -> dict[str, Any]:
    """Return the figures that are told of every transformation."""
    values = intervals(_headline_of(sample.labels, sample.scores), drawn)
    return {
        "auc": values[0],
        "recall": values[1:],
        "declined": int(np.isnan(sample.raw).sum()),
        "false_positive_rate": {
            name: by_class(sample.rows, sample.rates, limit)["all"]
            for name, limit in POLICIES.items()
        },
    }


def compare(one: Sample, other: Sample, drawn: Draws) -> dict[str, Any]:
    """Return by how much one model is better than another on the same pictures, draw by draw."""
    labels = one.labels
    values = intervals(
        lambda at: headline(labels[at], one.scores[at]) - headline(labels[at], other.scores[at]),
        drawn,
    )
    return {"auc": values[0], "recall": values[1:]}


def compare_calibration(one: Sample, other: Sample) -> Interval:
    """Return the difference of two models' calibration errors, on what both have scored."""
    scored = np.flatnonzero(~np.isnan(one.raw + other.raw))
    labels, first, second = one.labels[scored], one.raw[scored], other.raw[scored]

    def difference(at: Indices) -> Floats:
        errors = [calibration_error(labels[at], scores[at]) for scores in (first, second)]
        return np.array([errors[0] - errors[1]])

    return intervals(difference, draw([one.rows[at] for at in scored.tolist()]))[0]
