"""Gemini's sparkle and DALL-E 2's bar: found at every size, and nowhere else."""

import io

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageFilter

from scripts.composites import lay_bar, lay_sparkle
from scripts.pictures import scene
from server import shapes
from server.image import Pixels

SCENES = [scene(seed, 1000, 760) for seed in range(6)]


def pixels(picture: PillowImage.Image, scale: float = 1.0, quality: int = 0) -> Pixels:
    width, height = (round(side * scale) for side in picture.size)
    picture = picture.resize((width, height), PillowImage.Resampling.BICUBIC)
    if quality:
        packed = io.BytesIO()
        picture.save(packed, "JPEG", quality=quality)
        picture = PillowImage.open(packed)
    return np.asarray(picture.convert("RGB"))


@pytest.mark.parametrize("size", [48, 96])
@pytest.mark.parametrize(("scale", "quality"), [(1.0, 0), (1.0, 75), (0.6, 75), (0.45, 85)])
def test_the_sparkle_is_found_where_it_is(size: int, scale: float, quality: int) -> None:
    laid = lay_sparkle(SCENES[1], size).picture
    shape = shapes.sparkle(pixels(laid, scale, quality))
    assert shape
    assert shape.service == "Gemini"
    assert shape.box.width == pytest.approx(size * scale, rel=0.12)
    far = (laid.width - size * 2 / 3 - size) * scale
    assert shape.box.left == pytest.approx(far, abs=3)


def gravel(seed: int) -> PillowImage.Image:
    """A ground as busy as pebbles: squares of six pixels, each of its own grey."""
    greys = np.random.default_rng(seed).normal(90, 70, (130, 170)).clip(0, 255)
    ground = PillowImage.fromarray(np.kron(greys, np.ones((6, 6))).astype(np.uint8))
    return ground.filter(ImageFilter.GaussianBlur(1.0)).convert("RGB")


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("size", [48, 96])
@pytest.mark.parametrize(("scale", "quality"), [(1.0, 0), (0.6, 75)])
def test_a_busy_ground_hides_no_sparkle(seed: int, size: int, scale: float, quality: int) -> None:
    assert shapes.sparkle(pixels(gravel(seed), scale, quality)) is None
    laid = lay_sparkle(gravel(seed), size)
    shape = shapes.sparkle(pixels(laid.picture, scale, quality))
    assert shape
    assert shape.box.width == pytest.approx(size * scale, rel=0.12)


@pytest.mark.parametrize("picture", SCENES)
def test_pictures_without_marks_have_none(picture: PillowImage.Image) -> None:
    assert shapes.find(pixels(picture)) == []


def test_a_star_elsewhere_is_no_mark_of_gemini() -> None:
    laid = lay_sparkle(SCENES[1], 48).picture
    for turned in (PillowImage.Transpose.ROTATE_180, PillowImage.Transpose.FLIP_LEFT_RIGHT):
        assert shapes.sparkle(pixels(laid.transpose(turned))) is None
    longer = PillowImage.new("RGB", (laid.width, laid.height + 200))
    longer.paste(laid)
    assert shapes.sparkle(pixels(longer)) is None


def test_a_star_of_full_white_is_not_the_translucent_one() -> None:
    picture = np.full((600, 800, 3), 60, np.uint8)
    star = (shapes.draw_sparkle(48) > 0.5)[..., None]
    part = picture[520:568, 720:768]
    part[:] = np.where(star, 255, part)
    assert shapes.sparkle(picture) is None


def test_a_small_sign_of_a_game_is_no_star() -> None:
    """The one false alarm among 3,705 real pictures: a flash of lightning, ten pixels high."""
    rows = (
        "    ##",
        "   ###",
        "  ### ",
        " ###  ",
        " #####",
        "   ## ",
        "   #  ",
        "  ##  ",
        "  #   ",
    )
    picture = np.full((178, 356, 3), (22, 24, 48), np.uint8)
    for y, row in enumerate(rows):
        for x, sign in enumerate(row):
            if sign == "#":
                picture[161 + y, 340 + x] = (140, 142, 160)
    assert shapes.sparkle(picture) is None


@pytest.mark.parametrize(("scale", "quality"), [(1.0, 0), (1.0, 75), (0.6, 75), (0.35, 80)])
def test_the_colour_bar_is_found(scale: float, quality: int) -> None:
    shape = shapes.colour_bar(pixels(lay_bar(SCENES[2]).picture, scale, quality))
    assert shape
    assert shape.box.width == pytest.approx(80 * scale, rel=0.15)


def test_other_colours_or_another_place_are_no_bar() -> None:
    found = pixels(lay_bar(SCENES[2]).picture).copy()
    assert shapes.colour_bar(found[:-20]) is None
    assert shapes.colour_bar(found[:, ::-1]) is None
    found[-16:, -48:-32] = (200, 200, 200)
    assert shapes.colour_bar(found) is None


@pytest.mark.parametrize("size", [(1, 1), (5, 400), (400, 5), (20, 20)])
def test_pictures_of_any_size_are_looked_at(size: tuple[int, int]) -> None:
    width, height = size
    assert shapes.find(np.zeros((height, width, 3), np.uint8)) == []
