"""The learning curve: on features made here, where more sources teach more."""

import numpy as np
import pytest

from scripts import curve
from scripts.features import Pictures
from scripts.train import Settings

SETTINGS = Settings(folds=3, c=0.1)


def pictures(sources: int = 48, each: int = 6) -> Pictures:
    """Every source hides the class behind a habit of its own; a copy of each third picture."""
    random = np.random.default_rng(3)
    rows, table = [], []
    for source in range(sources):
        label = "ai" if source % 2 else "real"
        habit = random.normal(0, 2, 24)
        for _ in range(each):
            row = random.normal(0, 1, 24) + habit
            row[0] += 2.0 * (label == "ai")
            rows.append({"label": label, "repo": f"r{source}", "cls": "photo"})
            table.append(row)
    some = list(range(0, len(rows), 3))
    copies = [rows[at] | {"copy": True} for at in some]
    found = np.array(table, np.float32)
    return Pictures([*rows, *copies], np.concatenate([found, found[some]]))


def test_a_smaller_share_of_sources_is_part_of_a_larger_one() -> None:
    rows = pictures().rows
    seen = np.arange(len(rows))
    parts = [set(curve.some_sources(rows, seen, share, 5)) for share in (0.25, 0.5, 1)]
    assert parts[0] < parts[1] < parts[2] == set(seen)
    for part, count in zip(parts, (6, 12, 24), strict=True):
        for label in ("ai", "real"):
            names = {rows[at]["repo"] for at in part if rows[at]["label"] == label}
            assert len(names) == count


def test_more_sources_teach_more() -> None:
    found = pictures()
    few, all_ = (curve.measured(found, SETTINGS, share) for share in (0.125, 1.0))
    assert few[0] == ["4", "32"]
    assert all_[0] == ["32", "256"]
    assert few[1].shape == all_[1].shape == (3, 4)
    assert few[1][:, 0].mean() + 0.03 < all_[1][:, 0].mean()


def test_a_part_of_the_features_is_measured_alone() -> None:
    found = pictures()
    alone = curve.measured(found, SETTINGS, 1.0, np.arange(1))
    without = curve.measured(found, SETTINGS, 1.0, np.arange(1, 24))
    assert without[1][:, 0].mean() < 0.65 < alone[1][:, 0].mean()


def test_a_row_tells_sources_pictures_mean_and_error() -> None:
    found = np.array([[0.9, 0.1, 0.5, 0.7], [0.92, 0.1, 0.7, 0.9]])
    assert curve.line("half", ["12", "70"], found) == (
        f"| {'half':<34} | 12 | 70 | 0.910 ± 0.010 | 0.600 ± 0.100 | 0.800 ± 0.100 |"
    )


def test_the_parts_of_a_row_are_those_of_the_encoder() -> None:
    parts = curve.columns(2 * 9728)
    assert [len(part) for part in parts.values()] == [512, 9728, 9728]
    assert parts["the embedding of the whole"][-1] == 9727
    assert curve.columns(24) == {}


def test_one_fold_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        curve.main(["DATA", "--folds", "1"])
    assert "--folds is 1; at least 2" in capsys.readouterr().err


def test_without_data_it_says_what_is_missing() -> None:
    with pytest.raises(SystemExit, match="is not there"):
        curve.main(["no-such-folder"])
