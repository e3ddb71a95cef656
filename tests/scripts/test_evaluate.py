"""The evaluation of tiny models on tiny data, with known answers: scores, curve, card, page."""

import io
import json
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage

from scripts import calibration, cards, evaluate
from scripts.calibration import curve
from scripts.pictures import jpeg, png, scene
from scripts.scores import Kept, fingerprint, score_all
from scripts.transformations import ORIGINAL, TRANSFORMATIONS
from server import models, weights
from server.models import Calibration, open_model
from server.verdict import POLICIES
from tests.networks import CURVE, FED, READ, classifier, own, place


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with two models: `red`, uncalibrated, calls red pictures AI; `blue` blue ones."""
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / "home"))
    models.load.cache_clear()
    entry = {"licence": "MIT", "input": FED, "output": READ}
    weight = {"red": [[-8, 8], [0, 0], [0, 0]], "blue": [[0, 0], [0, 0], [-8, 8]]}
    files = {
        name: place(tmp_path / "home", f"{name}.onnx", classifier(table))
        for name, table in weight.items()
    }
    own(
        tmp_path / "home",
        models={
            "red": files["red"] | entry,
            "blue": files["blue"] | entry | {"calibration": CURVE},
        },
    )
    yield tmp_path / "home"
    models.load.cache_clear()


def tinted(seed: int, red: float) -> PillowImage.Image:
    """A scene whose red is scaled: the tiny model's opinion of it is known."""
    pixels = np.asarray(scene(seed, 160, 128)).astype(float)
    pixels[..., 0] *= red
    return PillowImage.fromarray(pixels.clip(0, 255).astype(np.uint8))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """AI pictures are redder. One real picture is of one colour: the detector declines it."""
    for part in ("train", "eval"):
        folder = tmp_path / "data" / part
        folder.mkdir(parents=True)
        rows = []
        for at in range(16):
            label = "ai" if at % 2 else "real"
            name = f"{at}.jpg"
            (folder / name).write_bytes(jpeg(tinted(at, 1.0 if at % 2 else 0.6)))
            row = {"file": name, "label": label, "repo": f"{part}{at % 8}", "cls": "art"}
            more = {"generator": "gen <1>", "family": "sd", "path_in_repo": f"a & b/{at}.jpg"}
            rows.append(row | {"width": 160, "height": 128} | (more if at % 2 else {}))
        (folder / "flat.png").write_bytes(png(PillowImage.new("RGB", (90, 90), "red"), {}))
        rows.append({"file": "flat.png", "label": "real", "repo": f"{part}0", "cls": "graphic"})
        (folder / "manifest.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    return tmp_path / "data"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["evaluate", *map(str, arguments)])
    return evaluate.main()


def test_the_shipped_model_is_measured_by_the_code_that_ships(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    usual = weights.encoder_path(weights.registry()["encoders"]["clip-vit-b16"]).parent
    (tmp_path / "home").mkdir()
    (tmp_path / "home/weights").symlink_to(usual)
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / "home"))
    file = tmp_path / "figures.json"
    assert run(monkeypatch, data, "--every", 3, "--json", file) == 0
    figures = json.loads(file.read_text())
    assert figures["data"] | {"manifest_sha256": ""} == {
        "manifest_sha256": "",
        "pictures": 6,
        "real": 3,
        "ai": 3,
        "repositories": 6,
        "sampling": " --every 3",
    }
    (result,) = figures["models"].values()
    assert result["model"] == weights.registry()["default"]
    assert set(result["policies"]) == set(POLICIES)
    out = capsys.readouterr().out
    assert "recall at 1 % false positives" in out
    assert "| art |" in out


def test_a_kind_of_copy_is_measured_where_asked(
    home: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, data, "--model", "blue") == 0
    assert "| copy |" not in capsys.readouterr().out
    assert run(monkeypatch, data, "--model", "blue", "--copy", "JPEG q70 + 0.5 ×") == 0
    table = capsys.readouterr().out.partition("| copy |")[2].splitlines()
    assert [line.split(" |")[0] for line in table[2:4]] == ["| original", "| JPEG q70 + 0.5 ×"]
    with pytest.raises(SystemExit):
        run(monkeypatch, data, "--model", "blue", "--copy", "fax")


def test_scores_are_computed_once_and_kept(home: Path, data: Path) -> None:
    model = open_model("blue")
    rows = [{"file": "0.jpg"}, {"file": "flat.png"}]
    first = score_all(data / "eval", rows, model, [ORIGINAL, "JPEG q70"])
    assert 0 < first[ORIGINAL][0] < 1
    assert np.isnan(first[ORIGINAL][1])
    assert first["JPEG q70"][0] != first[ORIGINAL][0]
    (file,) = (home / "scores").iterdir()
    assert len(file.read_text().splitlines()) == 4
    file.write_text(file.read_text() + '["half a li')
    place(home, "blue.onnx", b"gone")
    again = score_all(data / "eval", rows, model, [ORIGINAL, "JPEG q70"])
    for how, scores in first.items():
        assert np.array_equal(again[how], scores, equal_nan=True)
    assert len(Kept("blue")._scores) == 4


def test_a_kept_score_is_of_this_entry_and_not_of_its_calibration(home: Path) -> None:
    before = fingerprint("blue")
    entry = weights.catalogue()["models"]["blue"]
    own(home, models={"blue": entry | {"calibration": CURVE | {"rates": [1.0, 0.5]}}})
    assert fingerprint("blue") == before
    own(home, models={"blue": entry | {"input": FED | {"mean": [0, 0, 1]}}})
    assert fingerprint("blue") != before


@pytest.mark.parametrize(
    ("name", "kind", "size"),
    [
        ("JPEG q90", "JPEG", (160, 128)),
        ("JPEG q70", "JPEG", (160, 128)),
        ("JPEG q50", "JPEG", (160, 128)),
        ("0.5 ×", "PNG", (80, 64)),
        ("0.25 ×", "PNG", (40, 32)),
        ("JPEG q70 + 0.5 ×", "JPEG", (80, 64)),
        ("screenshot", "PNG", (120, 96)),
        ("WebP q80", "WEBP", (160, 128)),
    ],
)
def test_each_transformation_makes_the_file_that_it_names(
    name: str, kind: str, size: tuple[int, int]
) -> None:
    copy = PillowImage.open(io.BytesIO(TRANSFORMATIONS[name](tinted(0, 1.0))))
    assert (copy.format, copy.size) == (kind, size)
    assert list(TRANSFORMATIONS)[-1] == "WebP q80"
    assert len(TRANSFORMATIONS) == 8


def test_a_stronger_compression_is_a_smaller_file() -> None:
    sizes = [len(TRANSFORMATIONS[f"JPEG q{quality}"](tinted(0, 1.0))) for quality in (90, 70, 50)]
    assert sizes == sorted(sizes, reverse=True)


def test_the_curve_is_the_share_of_real_pictures_at_least_as_high() -> None:
    scores = np.linspace(0, 1, 10_001)
    found = curve(scores, np.ones(len(scores)))
    read = Calibration(tuple(found["scores"]), tuple(found["rates"]))
    for share in (0.5, 0.1, 0.01, 0.002):
        assert read.false_alarm_rate(1 - share) == pytest.approx(share, rel=0.1)
    # Beyond the highest real picture nothing is said that the data cannot show.
    assert read.false_alarm_rate(1.0) == pytest.approx(2 / 10_002, rel=1e-3)


def test_equal_scores_count_together() -> None:
    # A network that gives 1 to every tenth real picture has at least that false alarm rate there.
    scores = np.array([1.0] * 100 + list(np.linspace(0.1, 0.9, 900)))
    found = curve(scores, np.ones(1000))
    assert found["scores"][-1] == 1.0
    assert found["rates"][-1] == pytest.approx(101 / 1001)
    with pytest.raises(SystemExit, match=r"Every picture has the score 1\.0"):
        curve(np.ones(5), np.ones(5))


def test_repositories_weigh_the_same_in_the_curve() -> None:
    scores = np.array([0.9] * 90 + [0.1] * 10)
    found = curve(scores, np.array([1 / 90] * 90 + [1 / 10] * 10))
    assert found["rates"][-1] == pytest.approx(0.5, abs=0.02)


def test_a_foreign_model_gets_its_calibration_and_its_card(
    home: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="red has no calibration: --model red --calibrate"):
        run(monkeypatch, data, "--model", "red")
    assert run(monkeypatch, data, "--model", "red", "--calibrate", "--card") == 0
    entry = json.loads((home / "models.json").read_text())["models"]["red"]
    # Nine real pictures, of which one is declined, of four repositories.
    assert entry["calibration"]["of"].startswith("8 real pictures of 4 repositories, training part")
    model = open_model("red")
    assert model.calibration is not None
    real = score_all(data / "train", [{"file": "0.jpg"}], model)[ORIGINAL][0]
    assert model.calibration.false_alarm_rate(real) <= 1
    card = (home / "red.md").read_text()
    assert entry["sha256"] in card
    assert entry["calibration"]["of"] in card
    assert "1 pictures were declined" in card
    assert "| AUC |" in card
    limits = cards.limits("red")
    assert set(limits) == {"Must not be used for", "Limits"}
    assert limits["Must not be used for"][0].startswith("Proof of anything about a picture")
    # A card that a person wrote is never lost.
    (home / "red.md").write_text("# mine\n")
    with pytest.raises(SystemExit, match="written by hand"):
        run(monkeypatch, data, "--model", "red", "--card")
    assert (home / "red.md").read_text() == "# mine\n"


def test_what_was_trained_here_is_not_calibrated_on_its_training(home: Path) -> None:
    entry = weights.catalogue()["models"]["blue"] | {"training": {"pictures": 1}}
    own(home, models={"blue": entry})
    with pytest.raises(SystemExit, match=r"blue was trained on these pictures: scripts\.export"):
        calibration.calibrate(home, open_model("blue"))
    assert weights.catalogue()["models"]["blue"] == entry


def test_an_unknown_model_is_told(
    home: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, data, "--model", "green") == 2
    assert "no model 'green'; there are" in capsys.readouterr().out


class Reader(HTMLParser):
    """Checks that tags are closed in order; keeps tags, attributes and text."""

    VOID = ("meta",)

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs), "an attribute stands once"
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture
def page(
    home: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, dict[str, Any]]:
    run(monkeypatch, data, "--model", "red", "--calibrate", "--card")
    where, file = tmp_path / "page.html", tmp_path / "page.json"
    arguments = ["--model", "red", "--model", "blue", "--page", where, "--json", file]
    assert run(monkeypatch, data, *arguments) == 0
    return where.read_text(), json.loads(file.read_text())


def test_the_page_holds_every_figure(page: tuple[str, dict[str, Any]]) -> None:
    text, figures = page
    said = " ".join(" ".join(Reader(text).text).split())
    red = figures["models"]["red"]
    for value in (red["auc"], *red["recall"], red["calibration"]["error"]):
        assert f"{value[0]:.3f} ({value[1]:.3f} to {value[2]:.3f})" in said
    for words in (ORIGINAL, *TRANSFORMATIONS, *POLICIES, "gen <1>", "art", "graphic", "sd"):
        assert words in said
    assert "blue minus red" not in said, "a pair is told once"
    for words in ("red minus blue, repositories", "a & b/1.jpg"):
        assert words in said
    assert "Proof of anything about a picture" in said
    assert "The model has no card that says it." in said, "blue has none"
    assert figures["data"]["manifest_sha256"] in said
    assert figures["command"] in said


def test_the_page_is_valid_and_stands_alone(page: tuple[str, dict[str, Any]]) -> None:
    text, _ = page
    reader = Reader(text)
    tags = [tag for tag, _ in reader.tags]
    assert text.startswith("<!DOCTYPE html>")
    assert not {"script", "img", "link", "iframe", "object", "a"} & set(tags)
    assert not re.search(r"https?://|@import|url\(|\bon\w+=", text)
    assert dict(reader.tags)["html"] == {"lang": "en"}
    assert tags.count("title") == 1 + tags.count("svg")
    for tag, attributes in reader.tags:
        if tag == "svg":
            assert attributes["role"] == "img"
            assert attributes["aria-label"]
        if attributes.get("class") == "wide":
            assert attributes["tabindex"] == "0"
            assert attributes["aria-label"]
        if tag == "th":
            assert attributes["scope"] in ("row", "col")
    headings = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(headings))
    # Without colour: curves differ by their dashes.
    dashes = [a["stroke-dasharray"] for t, a in reader.tags if t == "path" and len(a) == 3]
    assert len(set(dashes)) == 2
    assert "nan" not in text


def test_figures_are_those_of_the_known_models(page: tuple[str, dict[str, Any]]) -> None:
    _, figures = page
    red, blue = figures["models"]["red"], figures["models"]["blue"]
    assert red["auc"][0] > 0.9
    better, worse = red["against"]["blue"], blue["against"]["red"]
    assert list(better["copies"]) == [ORIGINAL, *TRANSFORMATIONS]
    assert better["copies"][ORIGINAL]["auc"][0] == pytest.approx(red["auc"][0] - blue["auc"][0])
    assert worse["copies"][ORIGINAL]["auc"][0] == -better["copies"][ORIGINAL]["auc"][0]
    errors = [model["calibration"]["error"][0] for model in (red, blue)]
    assert better["calibration_error"][0] == pytest.approx(errors[0] - errors[1])
    assert red["declined"] == 1
    # The smallest copies are too small for the detector, and that is told.
    assert red["transformations"]["0.25 ×"]["declined"] == 17
    assert red["transformations"]["0.25 ×"]["auc"][0] == 0.5
    worst = red["worst"]["false_alarms"]
    assert [w["score"] for w in worst] == sorted((w["score"] for w in worst), reverse=True)
    assert len(worst) == 8, "the declined one is no false alarm"
    misses = red["worst"]["misses"]
    assert [w["score"] for w in misses] == sorted(w["score"] for w in misses)
    assert misses[0]["what"] == "AI, gen <1>, art"


def test_a_second_run_writes_the_same_page(
    page: tuple[str, dict[str, Any]], data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = tmp_path / "again.html"
    run(monkeypatch, data, "--model", "red", "--model", "blue", "--page", again)
    assert again.read_text() == page[0]
