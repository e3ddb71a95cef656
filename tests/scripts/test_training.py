"""Train, export, calibrate: on features made here, with a known answer."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from scripts import export
from scripts.train import (
    Settings,
    fit,
    held_out_logits,
    label_array,
    read_manifest,
    repository_weights,
)
from server.models import Calibration

FEATURES = 12


def made(seed: int = 0, sources: int = 12) -> tuple[list[dict[str, object]], np.ndarray]:
    """Pictures whose first feature tells the class and whose second tells the repository."""
    random = np.random.default_rng(seed)
    rows, found = [], []
    for source in range(sources):
        label = "ai" if source % 2 else "real"
        for _ in range(40 if source < 2 else 6):
            row = random.normal(0, 1, (2, FEATURES))
            row[:, 0] += 2.5 * (label == "ai")
            row[:, 1] += source
            rows.append({"label": label, "repo": f"r{source}", "cls": "photo", "family": "sd"})
            found.append(row)
    return rows, np.array(found, np.float32)


def test_every_repository_and_both_classes_weigh_the_same() -> None:
    rows, _ = made()
    found = repository_weights(rows)
    by_repository = {
        repo: found[[row["repo"] == repo for row in rows]].sum() for repo in ("r0", "r2", "r3")
    }
    assert by_repository["r0"] == pytest.approx(by_repository["r2"])
    ai = label_array(rows) == 1
    assert found[ai].sum() == pytest.approx(found[~ai].sum())
    assert found.mean() == pytest.approx(1)


def test_the_head_learns_the_class() -> None:
    rows, found = made()
    labels = label_array(rows)
    logits = fit(found, labels, repository_weights(rows), Settings(c=1.0)).logits(found)
    assert ((logits > 0) == labels).mean() > 0.9


def test_held_out_scores_come_from_heads_that_never_saw_the_repository() -> None:
    rows, found = made()
    # A feature that is the label in one repository only must not help that repository.
    found[:, :, 2] = [[5.0 if row["repo"] == "r1" else 0.0] * 2 for row in rows]
    held_out = held_out_logits(rows, found, Settings(c=1.0, folds=3))
    one = np.array([row["repo"] == "r1" for row in rows])
    found[one, :, 2] = 0
    again = held_out_logits(rows, found, Settings(c=1.0, folds=3))
    assert held_out[one].mean() == pytest.approx(again[one].mean(), abs=0.3)


def test_the_exported_file_gives_the_trained_logits(tmp_path: Path) -> None:
    rows, found = made()
    head = fit(found, label_array(rows), repository_weights(rows), Settings(c=1.0))
    model = export.to_onnx(head.weight, head.bias)
    assert export.compare(model, head.weight, head.bias) < export.TOLERANCE
    assert export.compare(model, head.weight, head.bias + 1) > export.TOLERANCE


def test_the_calibration_is_the_share_of_real_pictures_above() -> None:
    logits = np.linspace(-4, 4, 9999)
    curve = export.calibrate(logits, np.ones(9999))
    found = Calibration(tuple(curve["scores"]), tuple(curve["rates"]))
    for share in (0.5, 0.1, 0.01):
        score = 1 / (1 + np.exp(-np.quantile(logits, 1 - share)))
        assert found.false_alarm_rate(float(score)) == pytest.approx(share, rel=0.15)
    # Beyond the highest real picture nothing is said that the data cannot show.
    assert found.false_alarm_rate(1.0) == pytest.approx(2 / 10000)


def test_export_writes_the_entry_and_keeps_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, found = made()
    settings = Settings(c=1.0, folds=3)
    weights = repository_weights(rows)
    head = fit(found, label_array(rows), weights, settings)
    np.savez(
        tmp_path / "head.npz",
        weight=head.weight,
        bias=head.bias,
        held_out=held_out_logits(rows, found, settings),
        labels=label_array(rows),
        weights=weights,
        settings=json.dumps(asdict(settings)),
        manifest_sha256="0" * 64,
    )
    (tmp_path / "registry.json").write_text(json.dumps({"models": {"old": {}}, "encoders": {}}))
    arguments = ["export", "new", "--head", str(tmp_path / "head.npz"), "--folder", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", arguments)
    export.main()
    written = json.loads((tmp_path / "registry.json").read_text())
    assert set(written["models"]) == {"old", "new"}
    assert written["default"] == "new"
    assert written["models"]["new"]["training"]["pictures"] == len(rows)
    assert (tmp_path / "new.onnx").is_file()


@pytest.mark.parametrize("part", ["train", "eval"])
def test_absent_data_is_skipped_with_a_clear_word(tmp_path: Path, part: str) -> None:
    with pytest.raises(SystemExit, match=r"is not there.*Skipped"):
        read_manifest(tmp_path / part)
