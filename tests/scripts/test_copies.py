"""Copies of training pictures: what the web does, the same each time, one law for both classes."""

import hashlib
from collections import Counter

import numpy as np
import pytest

from scripts.copies import SMALLEST, copied, degraded
from scripts.drawn import line_art, page
from scripts.pictures import jpeg, scene
from server.image import load

PICTURES = [jpeg(scene(seed, 320, 240)) for seed in range(40)]


def test_a_copy_is_the_same_each_time() -> None:
    assert degraded(PICTURES[0]) == degraded(PICTURES[0])


def test_copies_vary_in_size_and_format_and_are_never_tiny() -> None:
    found = [load(degraded(data)) for data in PICTURES]
    assert Counter(image.format for image in found).keys() == {"JPEG", "WebP", "PNG"}
    shorter = [min(image.width, image.height) for image in found]
    assert SMALLEST <= min(shorter) < 120
    assert max(shorter) > 200


def test_a_picture_smaller_than_the_limit_is_not_enlarged() -> None:
    image = load(degraded(jpeg(scene(0, 90, 70))))
    assert (image.width, image.height) == (90, 70)


@pytest.mark.parametrize("most", [1, 3])
def test_no_source_gives_more_copies_than_the_limit(most: int) -> None:
    rows = [
        {"repo": f"r{at % 4}", "label": "ai" if at % 8 < 4 else "real", "sha256": _digest(at)}
        for at in range(80)
    ]
    found = copied(rows, most)
    assert set(Counter((row["repo"], row["label"]) for row in found).values()) == {most}
    assert copied(rows[::-1], most) == found


def _digest(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def test_a_drawn_page_is_mostly_ground_and_has_words() -> None:
    for seed in range(10):
        grey = np.asarray(page(seed).convert("L")).astype(int)
        ground = np.median(grey)
        ink = (abs(grey - ground) > 60).mean()
        assert 0.005 < ink < 0.4


def test_line_art_is_dark_lines_on_white() -> None:
    for seed in range(5):
        grey = np.asarray(line_art(scene(seed, 200, 200), seed).convert("L"))
        assert grey.max() == 255
        assert (grey > 200).mean() > 0.5
        assert (grey < 200).any()
