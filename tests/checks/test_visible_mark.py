"""Marks that a person can see: found with their measure; words in a text are none."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageDraw

from scripts.composites import lay_bar, lay_sparkle
from scripts.pictures import jpeg, png, scene
from server import marks, weights
from server.checks.visible_mark import SMALLEST, check, place, text_like
from server.errors import CheckUnavailable
from server.evidence import Claim, Evidence, Label, Strength
from server.image import load
from server.ocr import Box
from server.verdict import decide
from tests.lettering import write

WIDTH, HEIGHT = 900, 600


def marked(
    text: str, height: float, corner: str = "br", *, opacity: float = 0.8, seed: int = 1
) -> PillowImage.Image:
    """A scene with words in a corner, their height a share of the shorter side."""
    picture = scene(seed, WIDTH, HEIGHT)
    probe = PillowImage.new("RGB", picture.size)
    left, top, right, bottom = write(probe, text, height * HEIGHT, (0, 0))
    x = 20 if corner[1] == "l" else WIDTH - 20 - (right - left)
    y = 18 if corner[0] == "t" else HEIGHT - 18 - (bottom - top)
    write(picture, text, height * HEIGHT, (x, y), opacity=opacity)
    return picture


def leaves(seed: int) -> PillowImage.Image:
    """A thicket: as many edges as letters have, everywhere."""
    random = np.random.default_rng(seed)
    picture = PillowImage.new("RGB", (WIDTH, HEIGHT), (40, 60, 35))
    draw = ImageDraw.Draw(picture)
    for _ in range(9000):
        x, y, wide, high = *random.uniform(0, (WIDTH, HEIGHT)), *random.uniform(3, 14, 2)
        green = int(random.integers(40, 150))
        colour = (green * 7 // 10, green, green // 2)
        draw.ellipse((x, y, x + wide, y + high), colour)
    return picture


def only(picture: PillowImage.Image) -> Evidence:
    (found,) = check(load(jpeg(picture)))
    return found


def test_a_lawful_label_is_measured() -> None:
    found = only(marked("AI生成", 0.06))
    assert (found.claim, found.strength) == (Claim.SUSPECTED_AI, Strength.DECLARATION)
    assert found.code == "visible_mark_text"
    assert found.params["text"] == "AI生成"
    assert found.params["place"] == "bottom_right"
    assert found.params["rule"] == "label"
    assert found.params["law"] == "words, place, size"
    assert float(found.params["height"]) == pytest.approx(6, rel=0.2)
    left, top, width, height = map(int, str(found.params["box"]).split())
    assert WIDTH / 2 < left < left + width <= WIDTH
    assert HEIGHT * 0.8 < top < top + height <= HEIGHT
    assert json.loads(json.dumps(dict(found.params))) == found.params


@pytest.mark.parametrize(
    ("text", "corner", "rule", "service", "law"),
    [
        ("豆包AI生成", "br", "label", "Doubao", "words, place"),
        ("即梦AI", "br", "service", "Jimeng", "place"),
        ("Made with AI", "tr", "phrase", "", "place"),
        ("RunningHub AI生成", "tl", "label", "RunningHub", "words, place"),
        ("Imagined with AI", "bl", "phrase", "Meta", "place"),
    ],
)
def test_small_translucent_marks_of_services_are_found(
    text: str, corner: str, rule: str, service: str, law: str
) -> None:
    found = only(marked(text, 0.032, corner, opacity=0.6))
    params = found.params
    assert (params["rule"], params["service"], params["law"]) == (rule, service, law)
    rows, columns = {"b": "bottom", "t": "top"}, {"l": "left", "r": "right"}
    assert params["place"] == f"{rows[corner[0]]}_{columns[corner[1]]}"


def test_a_second_line_names_the_service() -> None:
    picture = marked("WORKBUDDY", 0.03)
    write(picture, "AI生成", 0.035 * HEIGHT, (WIDTH - 130, HEIGHT - 66))
    assert only(picture).params["service"] == "WorkBuddy"


@pytest.mark.parametrize(
    ("seed", "text", "opacity"),
    [(3, "KlingAI", 0.6), (4, "AI生成", 0.4), (5, "AI生成", 0.4)],
)
def test_a_mark_on_leaves_is_found_where_the_finder_sees_no_line(
    seed: int, text: str, opacity: float
) -> None:
    picture, probe = leaves(seed), PillowImage.new("RGB", (WIDTH, HEIGHT))
    left, top, right, bottom = write(probe, text, 0.05 * HEIGHT, (0, 0))
    at = (WIDTH - 18 - (right - left), HEIGHT - 16 - (bottom - top))
    write(picture, text, 0.05 * HEIGHT, at, opacity=opacity)
    found = only(picture)
    assert found.params["place"] == "bottom_right"
    assert marks.match(str(found.params["text"]))
    assert float(found.params["height"]) == pytest.approx(5, rel=0.35)


@pytest.mark.parametrize("seed", range(3, 6))
def test_leaves_bear_no_mark(seed: int) -> None:
    assert check(load(jpeg(leaves(seed)))) == []


@pytest.mark.parametrize("seed", range(6))
def test_scenes_bear_no_mark(seed: int) -> None:
    assert check(load(jpeg(scene(seed, WIDTH, HEIGHT)))) == []


def test_other_words_are_no_mark() -> None:
    for text in ("© 2021 Studio", "Wanda", "生成", "AIR FRANCE", "百度"):
        assert check(load(jpeg(marked(text, 0.05)))) == []


def test_an_article_about_labels_bears_none() -> None:
    picture = PillowImage.new("RGB", (WIDTH, HEIGHT), (40, 44, 52))
    lines = ("平台应当标识", "由AI生成", "的图片和视频", "用户应当声明", "AI生成", "的内容")
    for row, text in enumerate(lines * 3):
        write(picture, text, 22, (30, 8 + 33 * row))
    assert check(load(png(picture, {}))) == []
    assert check(load(png(picture, {})), whole=True) == []


def test_a_long_line_is_a_sentence() -> None:
    assert check(load(jpeg(marked("谈谈AI生成内容标识办法的影响", 0.04)))) == []


def test_the_end_of_a_sentence_is_no_mark_by_itself() -> None:
    sentence = "平台应当对用户上传的图片和视频添加标识说明本文讨论的内容均由AI生成"
    picture = scene(2, WIDTH, HEIGHT)
    left, _, right, _ = write(PillowImage.new("RGB", picture.size), sentence, 22, (0, 0))
    assert right - left < WIDTH - 40
    write(picture, sentence, 22, (WIDTH - 20 - (right - left), HEIGHT - 40))
    assert check(load(jpeg(picture))) == []


def test_a_headline_is_too_large() -> None:
    assert check(load(jpeg(marked("AI生成", 0.16)))) == []


def test_words_in_the_middle_count_only_where_a_service_prints_there() -> None:
    label, service = (scene(1, WIDTH, HEIGHT) for _ in range(2))
    write(label, "AI生成", 40, (380, 280))
    write(service, "OpenArt", 45, (350, 280))
    for picture in (label, service):
        assert check(load(jpeg(picture))) == []
    assert check(load(jpeg(label)), whole=True) == []
    (found,) = check(load(jpeg(service)), whole=True)
    assert (found.params["service"], found.params["law"]) == ("OpenArt", "size")


def test_marks_without_words() -> None:
    sparkle, squares = (check(load(jpeg(lay(scene(4, WIDTH, HEIGHT))))) for lay in (star, bar))
    assert [found.code for found in sparkle] == ["visible_mark_sparkle"]
    assert [found.code for found in squares] == ["visible_mark_colour_bar"]
    assert sparkle[0].params["height"] == pytest.approx(8, abs=0.6)


def bar(picture: PillowImage.Image) -> PillowImage.Image:
    return lay_bar(picture).picture


def star(picture: PillowImage.Image) -> PillowImage.Image:
    return lay_sparkle(picture, 48).picture


def test_where_nothing_looks_like_text_no_network_is_asked() -> None:
    smooth = np.linspace(0, 255, 960).astype(np.uint8)
    strip = np.repeat(np.repeat(smooth[None, :, None], 160, axis=0), 3, axis=2)
    assert text_like(strip) == (0, 0)
    strip = strip.copy()
    strip[60:100, 500:620:8] = 255
    left, right = text_like(strip)
    assert 400 < left < 500
    assert 620 < right < 760


def test_without_weights_it_says_so_and_shapes_are_found_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
    weights.load_reader.cache_clear()
    with pytest.raises(CheckUnavailable, match="visible_mark_no_weights"):
        check(load(jpeg(scene(4, WIDTH, HEIGHT))))
    (found,) = check(load(jpeg(star(scene(4, WIDTH, HEIGHT)))))
    assert found.code == "visible_mark_sparkle"


@pytest.mark.parametrize("size", [(SMALLEST - 1, 500), (500, SMALLEST - 1), (1, 1)])
def test_tiny_pictures_are_declined(size: tuple[int, int]) -> None:
    with pytest.raises(CheckUnavailable, match="visible_mark_too_small"):
        check(load(png(scene(0, 600, 600).resize(size), {})))


def test_very_long_pictures_are_looked_at() -> None:
    assert check(load(png(scene(0, 3000, 100), {}))) == []
    assert check(load(png(scene(0, 100, 3000), {}))) == []


@pytest.mark.parametrize(
    ("box", "wanted"),
    [
        (Box(5, 5, 50, 20), "top_left"),
        (Box(820, 560, 890, 590), "bottom_right"),
        (Box(400, 5, 500, 30), "top"),
        (Box(10, 280, 80, 300), "left"),
        (Box(400, 280, 500, 300), "middle"),
    ],
)
def test_places_are_named(box: Box, wanted: str) -> None:
    assert place(box, np.zeros((HEIGHT, WIDTH, 3), np.uint8)) == wanted


def test_a_mark_is_a_suspicion_and_an_absent_reader_hides_no_answer() -> None:
    verdict = decide([only(marked("AI生成", 0.06))], [])
    assert (verdict.label, verdict.basis, verdict.article6) == (
        Label.SUSPECTED_AI,
        "declaration",
        "疑似",
    )
    assert decide([], ["visible_mark"]).label is Label.UNLABELED
