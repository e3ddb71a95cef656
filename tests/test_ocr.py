"""Finding and reading lines of text."""

import numpy as np
import pytest

from server import ocr
from server.ocr import Box
from tests.lettering import lettered


def test_a_line_is_found_where_it_is_and_read() -> None:
    picture, (left, top, right, bottom) = lettered([("Kiln 42", 40, (100, 60))], (480, 160))
    (box,) = ocr.find(picture)
    assert box.left < left + 8
    assert box.right > right - 8
    assert box.top < top + 5
    assert box.bottom > bottom - 5
    part = picture[int(box.top) : int(box.bottom), int(box.left) : int(box.right)]
    text, sure = ocr.text(ocr.read(part))
    assert text.replace(" ", "") == "Kiln42"
    assert 0.8 < sure <= 1


def test_chinese_is_read() -> None:
    picture, (left, top, right, bottom) = lettered([("人工智能生成", 40, (60, 60))], (480, 160))
    text, _ = ocr.text(ocr.read(picture[top - 6 : bottom + 6, left - 6 : right + 6]))
    assert text == "人工智能生成"


def test_two_lines_are_two_boxes() -> None:
    lines = [("First line", 30, (40, 20)), ("Second line", 30, (40, 100))]
    picture, _ = lettered(lines, (480, 160))
    assert len(ocr.find(picture)) == 2


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3), (33, 65)])
def test_areas_of_any_size_are_looked_at(size: tuple[int, int]) -> None:
    width, height = size
    area = np.zeros((height, width, 3), np.uint8)
    assert ocr.find(area) == []
    text, sure = ocr.text(ocr.read(area))
    assert isinstance(text, str)
    assert 0 <= sure <= 1


def test_boxes_move_and_scale() -> None:
    box = Box(1, 2, 5, 10)
    assert (box.width, box.height) == (4, 8)
    assert box.moved(1, 1) == Box(2, 3, 6, 11)
    assert box.scaled(2) == Box(2, 4, 10, 20)
