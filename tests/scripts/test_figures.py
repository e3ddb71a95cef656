"""The arithmetic of an evaluation, against known answers and against scikit-learn's."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from scripts import figures
from scripts.figures import (
    Sample,
    area,
    bins,
    by_class,
    calibration_error,
    compare,
    draw,
    generators,
    intervals,
    real_classes,
    recalls,
    wilson,
)


def made(better: float = 0.0, seed: int = 0) -> Sample:
    """200 pictures of 20 repositories; AI scores higher, and more so by `better`."""
    random = np.random.default_rng(seed)
    rows, raw = [], []
    for source in range(20):
        label = "ai" if source % 2 else "real"
        shift = random.normal(0, 0.1)
        for at in range(10):
            cls = "art" if at < 3 else "photo"
            row: dict[str, Any] = {"label": label, "repo": f"r{source}", "cls": cls}
            rows.append(row | ({"generator": f"g{at % 2}", "family": "sd"} if source % 2 else {}))
            raw.append(random.normal(0.4 + shift + (0.2 + better) * (source % 2), 0.1))
    scores = np.clip(raw, 0.001, 0.999)
    return Sample(rows, scores, 1 - scores)


def test_recall_is_measured_above_the_asked_share() -> None:
    labels = np.array([0] * 100 + [1] * 4)
    scores = np.concatenate([np.arange(100) / 100, [0.5, 0.985, 0.995, 1.0]])
    assert recalls(labels, scores, [0.01, 0.02, 0.5]).tolist() == [0.75, 0.75, 1.0]
    # Less than one picture of a hundred: above them all.
    assert recalls(labels, scores, [0.001]).tolist() == [0.5]
    assert recalls(labels, scores - 2, [0.0, 1.0])[1] == 1.0


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=40),
    st.lists(st.integers(0, 9), min_size=1, max_size=40),
)
def test_the_area_is_scikit_learns_ties_too(real: list[int], ai: list[int]) -> None:
    labels = np.array([0] * len(real) + [1] * len(ai))
    scores = np.array(real + ai, float)
    assert area(labels, scores) == pytest.approx(roc_auc_score(labels, scores))


def test_the_intervals_hold_their_value_and_follow_the_repositories() -> None:
    sample = made()
    drawn = draw(sample.rows)
    (found,) = intervals(lambda at: np.array([area(sample.labels[at], sample.scores[at])]), drawn)
    value, low, high = found
    assert low <= value <= high
    assert value == pytest.approx(roc_auc_score(sample.labels, sample.scores))
    # Pictures drawn one by one, as if they were independent, pretend to know more.
    alone = [row | {"repo": str(at)} for at, row in enumerate(sample.rows)]
    (single,) = intervals(
        lambda at: np.array([area(sample.labels[at], sample.scores[at])]), draw(alone)
    )
    assert high - low > 1.2 * (single[2] - single[1])


def test_draws_are_the_same_every_time_and_hold_both_classes() -> None:
    sample = made()
    one, other = draw(sample.rows), draw(sample.rows)
    assert all((a == b).all() for a, b in zip(one.parts, other.parts, strict=True))
    assert all(0 < sample.labels[part].sum() < len(part) for part in one.parts)
    with pytest.raises(SystemExit, match="both classes"):
        draw([row for row in sample.rows if row["label"] == "ai"])


def test_wilson_is_known() -> None:
    # Wilson 1927, a known case: 0 of 100.
    assert wilson(0, 100) == pytest.approx((0, 0, 0.037), abs=0.001)
    assert wilson(0, 0) == (0, 0, 1)


def test_a_calibrated_score_has_no_calibration_error() -> None:
    random = np.random.default_rng(0)
    scores = random.uniform(0, 1, 200_000)
    labels = (random.uniform(0, 1, len(scores)) < scores).astype(np.int64)
    assert calibration_error(labels, scores) < 0.01
    assert calibration_error(labels, scores**3) > 0.1
    # The classes weigh the same, however many pictures each has.
    kept = (labels == 1) | (random.uniform(0, 1, len(scores)) < 0.1)
    assert calibration_error(labels[kept], scores[kept]) < 0.015


def test_the_bins_share_the_mass() -> None:
    sample = made()
    found = bins(sample.labels, sample.scores)
    assert len(found) == figures.BINS
    assert [b["mass"] for b in found] == pytest.approx([0.1] * 10, abs=0.011)
    assert sum(b["pictures"] for b in found) == len(sample.rows)
    assert [b["score"] for b in found] == sorted(b["score"] for b in found)


def test_false_positives_are_counted_by_class() -> None:
    rows = [{"label": "real", "cls": c, "repo": "r"} for c in ("photo", "photo", "art")]
    found = by_class(rows, np.array([0.001, 0.5, 0.5]), 0.01)
    assert found["all"]["false"] == 1
    assert found["photo"]["rate"][0] == 0.5
    assert found["art"]["false"] == 0


def test_each_generator_is_told_with_its_sources() -> None:
    sample = made()
    found = generators(sample, "generator")
    assert set(found) == {"g0", "g1"}
    assert found["g0"]["pictures"] == 50
    assert found["g0"]["repositories"] == 10
    pooled = recalls(sample.labels, sample.scores)
    halves = np.mean([[r[0] for r in found[name]["recall"]] for name in found], axis=0)
    assert halves == pytest.approx(pooled)


def test_each_class_of_real_pictures_sets_its_own_limits() -> None:
    sample = made()
    found = real_classes(sample)
    assert {name: row["pictures"] for name, row in found.items()} == {"art": 30, "photo": 70}
    part = np.array([r["label"] == "ai" or r["cls"] == "art" for r in sample.rows])
    assert found["art"]["auc"][0] == pytest.approx(
        roc_auc_score(sample.labels[part], sample.scores[part])
    )


def test_two_models_are_compared_draw_by_draw() -> None:
    one, other = made(better=0.05), made()
    drawn = draw(one.rows)
    found = compare(one, other, drawn)
    value, low, high = found["auc"]
    assert 0 < low < value < high, "better on every draw, though the two intervals overlap"
    assert compare(one, one, drawn)["auc"] == (0, 0, 0)
    assert found["recall"][1][0] == pytest.approx(
        (recalls(one.labels, one.scores) - recalls(other.labels, other.scores))[1]
    )


def test_a_declined_picture_gets_no_badge() -> None:
    sample = made()
    raw = sample.raw.copy()
    raw[:2] = np.nan
    declined = Sample(sample.rows, raw, sample.rates)
    assert declined.scores[:2].tolist() == [0, 0]
    assert figures.brief(declined, draw(sample.rows))["declined"] == 2
