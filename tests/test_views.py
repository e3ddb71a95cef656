"""What a model is fed: each way to cut a picture, each form of the numbers, each bad entry."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from server.errors import WeightsError
from server.views import VIEWS, Input, bounded, read_input, views

PLAIN = Input(8, 32, ("whole", "native"), (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
#: A picture whose red tells the column and whose green tells the row.
RAMP = np.stack(
    [*np.meshgrid(np.arange(0, 160, 2), np.arange(0, 80, 2)), np.zeros((40, 80))], axis=-1
).astype(np.uint8)


def entry(**changes: object) -> dict[str, Any]:
    whole: dict[str, Any] = {"size": 8, "views": ["whole"], "mean": [0, 0, 0], "std": [1, 1, 1]}
    return whole | changes


def test_an_entry_is_read_with_its_defaults() -> None:
    found = read_input(entry(limit=512))
    assert found == Input(8, 512, ("whole",), (0, 0, 0), (1, 1, 1))
    assert (found.shorter, found.interpolation, found.range) == (0, "bicubic", (0, 1))
    assert (found.layout, found.channels) == ("NCHW", "RGB")
    assert read_input(entry()).limit is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"size": "8"}, "input: size is '8'; it must be a whole number from 8 to 4096"),
        ({"size": True}, "size is True"),
        ({"limit": 0}, "limit is 0"),
        ({"views": []}, r"views is \[\]; it must be a list of whole, native, tiles, crop"),
        ({"views": ["half"]}, "half"),
        ({"mean": [0, 0]}, r"mean is \[0, 0\]; it must be a list of 3 numbers"),
        ({"mean": None}, "mean is None"),
        ({"std": [1, 1, "1"]}, "std is"),
        ({"std": [1, 1, 0]}, "std is .* a list of 3 numbers above 0"),
        ({"range": [1, 0]}, r"range is \[1, 0\]; it must be two numbers, black's below white's"),
        ({"range": [1]}, "range is"),
        ({"shorter": 7}, "shorter is 7; it must be a whole number from 8"),
        ({"interpolation": "nearest"}, "'nearest'; it must be one of bicubic, bilinear"),
        ({"layout": "HWC"}, "'HWC'; it must be one of NCHW, NHWC"),
        ({"channels": "GBR"}, "'GBR'; it must be one of RGB, BGR"),
        ({"sise": 8}, "sise is not known; the fields are size, limit"),
    ],
)
def test_a_bad_entry_is_refused_by_field_value_and_limit(
    changes: dict[str, object], said: str
) -> None:
    with pytest.raises(WeightsError, match=said):
        read_input(entry(**changes))


@pytest.mark.parametrize("field", ["size", "views", "mean", "std"])
def test_a_missing_field_is_named(field: str) -> None:
    short = {key: value for key, value in entry().items() if key != field}
    with pytest.raises(WeightsError, match=f"input: {field} is missing; it must be"):
        read_input(short)


def test_views_are_normalised_and_channels_first() -> None:
    picture = np.full((16, 20, 3), 255, np.uint8)
    found = views(picture, PLAIN)
    assert (found.shape, found.dtype) == ((2, 3, 8, 8), np.float32)
    assert (found == 1).all()


def test_the_whole_view_sees_every_edge() -> None:
    picture = np.zeros((16, 64, 3), np.uint8)
    picture[:, :16] = 255
    whole, native = views(picture, PLAIN)
    assert whole[:, :, 0].mean() > 0.9
    assert (native == -1).all()


@pytest.mark.parametrize(("size", "wanted"), [((100, 50), (32, 16)), ((30, 20), (30, 20))])
def test_large_pictures_are_brought_to_the_trained_scale(
    size: tuple[int, int], wanted: tuple[int, int]
) -> None:
    width, height = size
    found = bounded(np.zeros((height, width, 3), np.uint8), 32)
    assert found.shape == (wanted[1], wanted[0], 3)


@pytest.mark.parametrize("size", [(5, 40), (40, 5), (7, 7)])
def test_pictures_smaller_than_a_view_are_shown_whole(size: tuple[int, int]) -> None:
    width, height = size
    found = views(np.zeros((height, width, 3), np.uint8), PLAIN)
    assert found.shape == (2, 3, 8, 8)


@pytest.mark.parametrize(
    ("name", "count"),
    [("whole", 1), ("native", 1), ("tiles", 4), ("crop", 1), ("five", 5), ("pad", 1)],
)
@pytest.mark.parametrize("size", [(80, 40), (5, 40), (40, 5), (8, 8), (1, 4000), (3000, 1)])
def test_every_way_gives_its_squares_whatever_the_picture(
    name: str, count: int, size: tuple[int, int]
) -> None:
    width, height = size
    wanted = replace(PLAIN, views=(name,), limit=None, shorter=12)
    assert views(np.zeros((height, width, 3), np.uint8), wanted).shape == (count, 3, 8, 8)
    assert set(VIEWS) == {"whole", "native", "tiles", "crop", "five", "pad"}


def test_the_tiles_are_the_quarters_of_the_squeezed_picture() -> None:
    large = views(RAMP, replace(PLAIN, size=16, views=("whole",)))[0]
    tiles = views(RAMP, replace(PLAIN, views=("tiles",)))
    joined = np.concatenate(
        [np.concatenate(tiles[:2], axis=2), np.concatenate(tiles[2:], axis=2)], axis=1
    )
    assert (joined == large).all()


def test_names_give_their_squares_in_their_order() -> None:
    found = views(RAMP, replace(PLAIN, views=("tiles", "whole")))
    assert found.shape == (5, 3, 8, 8)
    assert (found[4] == views(RAMP, replace(PLAIN, views=("whole",)))[0]).all()


def test_the_crop_is_the_middle_of_the_picture_in_its_own_shape() -> None:
    # Shrunk to a quarter: 20 x 10 pixels, of which the middle 8 x 8 shows columns 24 to 56.
    red, green, _ = views(RAMP, replace(PLAIN, views=("crop",), shorter=10))[0]
    grey = (red * 0.5 + 0.5) * 255
    assert grey.mean() == pytest.approx(79, abs=1)
    assert np.ptp(grey, axis=1).mean() == pytest.approx(7 * 8, abs=2)
    assert ((green * 0.5 + 0.5) * 255).mean() == pytest.approx(39, abs=1)


def test_five_crops_see_the_middle_and_the_corners() -> None:
    found = views(RAMP, replace(PLAIN, views=("five",), shorter=20))
    middle, *corners = ((view * 0.5 + 0.5) * 255 for view in found)
    assert middle[:2].mean(axis=(1, 2)) == pytest.approx([79, 39], abs=1)
    reds, greens = np.transpose([corner[:2].mean(axis=(1, 2)) for corner in corners])
    assert reds[0] == pytest.approx(reds[2])
    assert reds[1] > 120 > 40 > reds[0]
    assert greens[2] > 55 > 25 > greens[0]


def test_padding_keeps_the_shape_and_is_black() -> None:
    found = views(np.full((40, 80, 3), 255, np.uint8), replace(PLAIN, views=("pad",)))[0]
    assert (found[:, 2:6] == 1).all()
    assert (found[:, :2] == -1).all()
    assert (found[:, 6:] == -1).all()


def test_the_interpolation_is_the_one_asked_for() -> None:
    cubic = views(RAMP, PLAIN)
    linear = views(RAMP, replace(PLAIN, interpolation="bilinear"))
    assert (cubic[0] != linear[0]).any()
    assert (cubic[1] == linear[1]).all(), "nothing is resized for the native view"


@pytest.mark.parametrize(
    ("scale", "white", "black"), [((0.0, 1.0), 1, 0), ((-1.0, 1.0), 1, -1), ((0.0, 255.0), 255, 0)]
)
def test_the_range_of_values_is_the_one_asked_for(
    scale: tuple[float, float], white: float, black: float
) -> None:
    wanted = replace(PLAIN, mean=(0, 0, 0), std=(1, 1, 1), range=scale)
    assert views(np.full((9, 9, 3), 255, np.uint8), wanted) == pytest.approx(white)
    assert views(np.zeros((9, 9, 3), np.uint8), wanted) == pytest.approx(black)


def test_layout_and_order_of_channels_are_those_asked_for() -> None:
    plain = replace(PLAIN, mean=(0.1, 0.2, 0.3))
    usual = views(RAMP, plain)
    last = views(RAMP, replace(plain, layout="NHWC"))
    blue = views(RAMP, replace(plain, channels="BGR"))
    assert last.shape == (2, 8, 8, 3)
    assert (last.transpose(0, 3, 1, 2) == usual).all()
    assert (blue == usual[:, ::-1]).all(), "each channel keeps its own mean"
    assert last.flags.c_contiguous
    assert blue.flags.c_contiguous


def test_without_a_limit_a_picture_keeps_its_scale() -> None:
    assert bounded(RAMP, None) is RAMP
