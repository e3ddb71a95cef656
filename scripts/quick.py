"""The fast student of the detector: one small view of a picture, fifteen times as quick.

It learns the full head's held-out logits (distillation; Hinton, Vinyals and Dean 2015), settles
the pictures that surely get no badge, and knows what the detector was not made for: icons,
charts, pages of text and line art.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold
from tqdm import tqdm

from scripts import tails
from scripts.features import Array, Pictures
from scripts.lines import Line, fitted
from scripts.rows import Doubles, Labels, label_array, repository_weights
from server.views import Input

#: Side of the one view, in pixels: a quarter of the encoder's patches.
SIZE = 112
#: Ridge penalty a row, and the largest logit that is taught: beyond it all is sure.
PENALTY, SUREST = 1.0, 8.0
#: Recall at 1 % false positives that may be lost by what is settled, on held-out sources.
LOSS, FALSE = 0.003, 0.01
#: Share of AI and real pictures that may be declined as unfamiliar, on held-out sources.
DECLINED = 0.005
#: Classes of pictures that may look like the others: they teach neither side.
BETWEEN = ("graphic", "screenshot")
#: Inverse of the ridge penalty of what is unfamiliar, for weights that sum to the rows.
C = 2e-3


def small(wanted: Input) -> Input:
    """Return what the student is fed."""
    return replace(wanted, size=SIZE, views=("whole",))


def fit(table: Array, taught: Doubles, row_weights: Doubles) -> Line:
    """Fit the student to logits."""
    model = Ridge(alpha=PENALTY * len(table))
    return fitted(model, table, taught.clip(-SUREST, SUREST), row_weights)


def held_out_rates(
    logits: Doubles, real: npt.NDArray[np.bool_], names: npt.NDArray[Any], repos: npt.NDArray[Any]
) -> Doubles:
    """Return the false alarm rate of each logit, by the tails of the real pictures."""
    found = tails.tails(logits[real], names[real], repos[real])
    rates: Doubles = np.max([tail.rate(logits) for tail in found.values()], axis=0)
    return rates


def settling(full: Doubles, rates: Doubles, labels: Labels, row_weights: Doubles) -> float:
    """Return the false alarm rate from which on the student settles a picture.

    The lowest that loses at most LOSS of the recall that the full head has at FALSE; `full`: its
    held-out logits, `rates`: the student's held-out false alarm rates.
    """
    real = labels == 0
    order = np.argsort(-full[real])
    mass = np.cumsum(row_weights[real][order])
    limit = full[real][order][np.searchsorted(mass, FALSE * mass[-1])]
    found = (labels == 1) & (full > limit)
    order = np.argsort(-rates[found])
    lost = np.cumsum(row_weights[found][order]) / row_weights[labels == 1].sum()
    first = min(int(np.searchsorted(lost, LOSS, side="right")), len(order) - 1)
    # Just above the first detected picture that must not be lost.
    return float(rates[found][order][first] * (1 + 1e-6))


def unfamiliar(pictures: Pictures, others: Pictures, row_weights: Doubles) -> Line:
    """Fit what tells the others from the pictures that the detector is made for."""
    known = np.array([row["cls"] not in BETWEEN for row in pictures.rows])
    names = [row["repo"] for row in others.rows]
    other_weights = np.array([1 / names.count(name) for name in names])
    both = [row_weights[known] / row_weights[known].sum(), other_weights / other_weights.sum()]
    weights = np.concatenate(both) * (known.sum() + len(names)) / 2
    table = np.concatenate([pictures.table[known], others.table])
    labels = np.repeat([0, 1], [known.sum(), len(names)])
    return fitted(LogisticRegression(C=C, max_iter=2000), table, labels, weights)


def train(
    pictures: Pictures, others: Pictures, taught: Doubles, splits: list[tuple[Labels, Labels]]
) -> dict[str, npt.NDArray[Any]]:
    """Return the student and what it settles and declines, as the head's file keeps them.

    `taught`: the full head's held-out logits; `splits`: the folds that they come from.
    """
    row_weights, labels = repository_weights(pictures.rows), label_array(pictures.rows)
    held_out, strange = np.zeros(len(labels)), np.zeros(len(labels))
    apart = _other_folds(others, len(splits))
    strange_others = np.zeros(len(others.rows))
    for number, (seen, unseen) in enumerate(tqdm(splits, desc="fast student", unit="fold")):
        line = fit(pictures.table[seen], taught[seen], row_weights[seen])
        held_out[unseen] = line.logits(pictures.table[unseen])
        some = Pictures([pictures.rows[at] for at in seen], pictures.table[seen])
        kept, left = np.flatnonzero(apart != number), apart == number
        rest = Pictures([others.rows[at] for at in kept], others.table[kept])
        line = unfamiliar(some, rest, row_weights[seen])
        strange[unseen] = line.logits(pictures.table[unseen])
        strange_others[left] = line.logits(others.table[left])
    student = fit(pictures.table, taught, row_weights)
    line = unfamiliar(pictures, others, row_weights)
    known = np.array([row["cls"] not in BETWEEN for row in pictures.rows])
    found: dict[str, Any] = {
        "quick_weight": student.weight,
        "quick_bias": student.bias,
        "quick_held_out": held_out,
        "other_weight": line.weight,
        "other_bias": line.bias,
        "other_limit": _quantile(strange[known], row_weights[known], 1 - DECLINED),
        "other_known": strange,
        "other_held_out": strange_others,
        "other_repos": np.array([row["repo"] for row in others.rows]),
        "other_classes": np.array([row["cls"] for row in others.rows]),
    }
    return {name: np.asarray(value) for name, value in found.items()}


def declined(found: dict[str, npt.NDArray[Any]], classes: npt.NDArray[np.str_]) -> str:
    """Write what `train` declines, by class of the known and source of the others, held out."""
    limit = float(found["other_limit"])
    parts = ((found["other_known"], classes), (found["other_held_out"], found["other_repos"]))
    lines = ["declined, held out:"]
    for numbers, names in parts:
        for name in np.unique(names):
            hits = numbers[names == name] > limit
            lines.append(f"  {name}: {int(hits.sum())} of {len(hits)} = {hits.mean():.1%}")
    return "\n".join(lines)


def _other_folds(others: Pictures, count: int) -> Labels:
    """Return each picture's fold; no repository lies in two."""
    found = np.zeros(len(others.rows), np.int64)
    repos = [row["repo"] for row in others.rows]
    splitter = GroupKFold(min(count, len(set(repos))))
    for number, (_, unseen) in enumerate(splitter.split(found, groups=repos)):
        found[unseen] = number
    return found


def _quantile(values: Doubles, weights: Doubles, share: float) -> float:
    order = np.argsort(values)
    mass = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(mass, share * mass[-1])])
