"""Train, export, calibrate: on features made here, with a known answer."""

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from scripts import export, quick, tails
from scripts.features import Pictures, pooled, read_parts
from scripts.lines import Line
from scripts.pictures import jpeg, scene
from scripts.rows import label_array, read_manifest, repository_weights
from scripts.train import (
    Settings,
    fit,
    fit_head,
    folds,
    held_out_logits,
    straighten,
    train,
    training_weights,
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


def mixed(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """The same pictures, of every third source art."""
    return [row | {"cls": "art" if str(row["repo"])[-1] in "0369" else "photo"} for row in rows]


def with_copies() -> Pictures:
    """The pictures and a copy of each third."""
    rows, found = made()
    some = list(range(0, len(rows), 3))
    copies = [rows[at] | {"copy": True} for at in some]
    table = pooled(found)
    return Pictures(mixed(rows) + mixed(copies), np.concatenate([table, table[some]]))


def strange() -> Pictures:
    """What the detector is not made for: far off in some features."""
    random = np.random.default_rng(5)
    table = random.normal(0, 1, (60, 2 * FEATURES)).astype(np.float32)
    table[:, 3:8] += 9
    rows = [{"label": "other", "cls": "icon", "repo": f"o{at % 6}"} for at in range(60)]
    return Pictures(rows, table)


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


def test_what_false_alarms_come_from_weighs_more_and_both_classes_the_same() -> None:
    rows, _ = made()
    rows[0] |= {"cls": "art"}
    found, plain = training_weights(rows, Settings(harder=4.0)), repository_weights(rows)
    ai = label_array(rows) == 1
    assert found[0] / found[1] == pytest.approx(4 * plain[0] / plain[1])
    assert found[ai].sum() == pytest.approx(found[~ai].sum())
    assert found[ai] == pytest.approx(plain[ai])


def test_the_head_learns_the_class() -> None:
    rows, found = made()
    labels = label_array(rows)
    table = pooled(found)
    logits = fit(table, labels, repository_weights(rows), Settings(c=1.0)).logits(table)
    assert ((logits > 0) == labels).mean() > 0.9


def test_held_out_scores_come_from_heads_that_never_saw_the_repository() -> None:
    rows, found = made()
    # A feature that is the label in one repository only must not help that repository.
    found[:, :, 2] = [[5.0 if row["repo"] == "r1" else 0.0] * 2 for row in rows]
    held_out = held_out_logits(mixed(rows), pooled(found), Settings(c=1.0, folds=3))
    one = np.array([row["repo"] == "r1" for row in rows])
    found[one, :, 2] = 0
    again = held_out_logits(mixed(rows), pooled(found), Settings(c=1.0, folds=3))
    assert held_out[one].mean() == pytest.approx(again[one].mean(), abs=0.3)


def test_the_exported_file_gives_the_trained_logits(tmp_path: Path) -> None:
    rows, found = made()
    head = fit_head(mixed(rows), pooled(found), Settings(c=1.0))
    model = export.to_onnx(head)
    assert export.compare(model, head) < export.TOLERANCE
    for other in (Line(head.weight, head.bias + 1), Line(head.weight * 1.5, head.bias)):
        assert export.compare(model, other) > export.TOLERANCE


def test_the_row_of_a_picture_is_its_first_view_and_the_mean_of_the_others() -> None:
    found = np.array([[[1, 2], [3, 5], [5, 9]]], np.float32)
    assert pooled(found).tolist() == [[1, 2, 4, 7]]


def test_straightened_logits_are_log_odds() -> None:
    random = np.random.default_rng(0)
    truth = random.normal(0, 2, 20_000)
    labels = (random.random(20_000) < 1 / (1 + np.exp(-truth))).astype(np.int64)
    slope, shift = straighten(3 * truth - 1, labels, np.ones(20_000))
    assert slope == pytest.approx(1 / 3, abs=0.02)
    assert shift == pytest.approx(1 / 3, abs=0.05)


def calibrated(logits: np.ndarray, classes: np.ndarray) -> Calibration:
    repos = np.array([f"r{at % 40}" for at in range(len(logits))])
    curve = tails.curve(tails.tails(logits, classes, repos))
    return Calibration(tuple(curve["scores"]), tuple(curve["rates"]))


def score(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))


def test_the_calibration_is_the_share_of_real_pictures_above() -> None:
    logits = np.random.default_rng(1).logistic(0, 1, 9999)
    found = calibrated(logits, np.full(9999, "photo"))
    for share in (0.5, 0.1, 0.01, 0.002):
        rate = found.false_alarm_rate(score(float(np.log(1 / share - 1))))
        # Rather too high than too low, and not by much.
        assert share * 0.95 <= rate <= share * 1.6
    assert found.false_alarm_rate(1.0) == pytest.approx(tails.LOWEST, rel=0.1)


def test_the_worst_class_sets_the_rate() -> None:
    random = np.random.default_rng(2)
    photos, portraits = random.normal(-3, 1, 4000), random.normal(-1, 1, 400)
    classes = np.array(["photo"] * 4000 + ["portrait"] * 400)
    found = calibrated(np.concatenate([photos, portraits]), classes)
    rate = found.false_alarm_rate(score(np.quantile(portraits, 0.99)))
    assert 0.009 <= rate <= 0.02


def test_a_class_of_few_pictures_tells_no_tail_of_its_own() -> None:
    random = np.random.default_rng(3)
    logits = random.normal(0, 1, 1000)
    classes = np.array(["photo"] * 980 + ["render"] * 20)
    repos = np.array([f"r{at % 40}" for at in range(1000)])
    assert set(tails.tails(logits, classes, repos)) == {"all", "photo"}


def test_export_writes_the_entry_and_keeps_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = with_copies()
    settings = Settings(c=1.0, folds=3)
    found = train(pictures, settings)
    taught = quick.train(pictures, strange(), found["held_out"], folds(pictures.rows, settings))
    np.savez(tmp_path / "head.npz", **(found | taught))
    (tmp_path / "new.jsonl").write_text("{}\n")
    (tmp_path / "registry.json").write_text(json.dumps({"models": {"old": {}}, "encoders": {}}))
    arguments = ["export", "new", "--head", str(tmp_path / "head.npz"), "--folder", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", arguments)
    export.main()
    written = json.loads((tmp_path / "registry.json").read_text())
    assert set(written["models"]) == {"old", "new", "new-quick"}
    assert written["default"] == "new"
    new, student = written["models"]["new"], written["models"]["new-quick"]
    assert new["training"]["pictures"] == len(pictures.rows) - new["training"]["copies"] == 140
    assert new["quick"]["model"] == "new-quick"
    assert student["input"]["size"] == quick.SIZE
    assert (tmp_path / "new.onnx").is_file()
    assert (tmp_path / "new-quick.onnx").is_file()


def test_the_student_learns_what_the_full_head_says() -> None:
    pictures, settings = with_copies(), Settings(c=1.0, folds=3)
    held_out = train(pictures, settings)["held_out"]
    found = quick.train(pictures, strange(), held_out, folds(pictures.rows, settings))
    student = Line(found["quick_weight"], float(found["quick_bias"])).logits(pictures.table)
    assert np.corrcoef(student, held_out)[0, 1] > 0.8
    assert np.corrcoef(found["quick_held_out"], held_out)[0, 1] > 0.6


def test_what_is_strange_is_told_on_sources_never_seen() -> None:
    pictures, settings = with_copies(), Settings(c=1.0, folds=3)
    taught = np.zeros(len(pictures.rows))
    found = quick.train(pictures, strange(), taught, folds(pictures.rows, settings))
    limit = float(found["other_limit"])
    assert (found["other_held_out"] > limit).mean() > 0.9
    text = quick.declined(found, np.array([row["cls"] for row in pictures.rows]))
    assert "  o0: 10 of 10 = 100.0%" in text
    assert re.search(r"  art: \d of \d+ = ", text)
    assert (found["other_known"] > limit).mean() <= 2 * quick.DECLINED + 1 / len(pictures.rows)


def test_what_is_settled_costs_no_more_recall_than_is_allowed() -> None:
    random = np.random.default_rng(7)
    labels = np.repeat([0, 1], 5000)
    full = random.normal(0, 1, 10_000) + 3 * labels
    rates = 1 / (1 + np.exp(full + random.normal(0, 1.5, 10_000)))
    weights = np.ones(10_000)
    limit = quick.settling(full, rates, labels, weights)
    found = (labels == 1) & (full > np.quantile(full[labels == 0], 1 - quick.FALSE))
    lost = (found & (rates >= limit)).sum() / 5000
    assert 0 < lost <= quick.LOSS
    # One detected picture more would be too many.
    next_lost = (found & (rates >= limit / (1 + 1e-5))).sum() / 5000
    assert next_lost > lost
    assert (rates[labels == 0] >= limit).mean() > 0.1


def test_copies_stand_for_their_repository_and_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = []
    for number, label in enumerate(("real", "ai", "real")):
        data = jpeg(scene(number, 160, 120))
        file = f"{number}.jpg"
        (tmp_path / "train").mkdir(exist_ok=True)
        (tmp_path / "train" / file).write_bytes(data)
        repo = f"r{min(number, 1)}"
        row = {"file": file, "sha256": str(number), "label": label, "repo": repo, "cls": "photo"}
        lines.append(json.dumps(row))
    other = json.loads(lines[0]) | {"label": "other", "repo": "icons", "sha256": "o"}
    (tmp_path / "train" / "manifest.jsonl").write_text("\n".join([*lines, json.dumps(other)]))
    settings, wanted = Settings(), quick.small(Settings().input())
    found = read_parts([tmp_path], settings.encoder, wanted, 1)
    assert [row.get("copy", False) for row in found.rows] == [False] * 3 + [True] * 3
    assert found.table.shape[0] == 6
    assert not np.allclose(found.table[0], found.table[3])
    again = read_parts([tmp_path], settings.encoder, wanted, 1)
    assert (again.table == found.table).all()
    # Of a source and label so many originals, and no copies.
    rows = [json.loads(line) for line in lines]
    twin = rows[0] | {"file": "2.jpg", "sha256": "9"}
    (tmp_path / "train" / "manifest.jsonl").write_text("\n".join(map(json.dumps, [*rows, twin])))
    few = read_parts([tmp_path], settings.encoder, wanted, 0, originals=1)
    assert [row["sha256"] for row in few.rows] == ["0", "1", "2"]
    assert few.table.shape[0] == 3


@pytest.mark.parametrize("part", ["train", "eval"])
def test_absent_data_is_skipped_with_a_clear_word(tmp_path: Path, part: str) -> None:
    with pytest.raises(SystemExit, match=r"is not there.*Skipped"):
        read_manifest(tmp_path / part)
