"""The words of a mark behind the reader's best guess."""

import numpy as np
import pytest

from server import marks, ocr, spotting


def line(*steps: dict[str, float]) -> ocr.Floats:
    """Chances of one line: each step's letters with their chances, the rest for nothing ("")."""
    alphabet = ocr.alphabet()
    chances = np.full((len(steps), len(alphabet)), 1e-7, np.float32)
    for row, letters in zip(chances, steps, strict=True):
        for letter, chance in letters.items():
            row[alphabet.index(letter)] = chance
        row[0] = 1 - row[1:].sum()
    return chances


def guessed(text: str, *behind: dict[str, float]) -> ocr.Floats:
    """A line whose best guess is this text, with other letters behind some of them."""
    others = {number: letters for number, letters in enumerate(behind) if letters}
    steps = [{letter: 0.9, **others.get(number, {})} for number, letter in enumerate(text)]
    return line(*(step for each in steps for step in (each, {})))


NONE: dict[str, float] = {}


def test_the_best_guess_is_found_as_it_is() -> None:
    spot = spotting.spot(guessed("即梦AI"))
    assert spot
    assert spot.words == "即梦AI"
    assert spot.cost == pytest.approx(4 * np.log(0.9), abs=0.05)


def test_a_letter_that_is_second_best_is_found_and_put_in_its_place() -> None:
    behind = {"林": 0.6, "梦": 0.3}
    chances = guessed("★即x AI5", NONE, NONE, {"x": 0.0, **behind})
    assert ocr.text(chances)[0] == "★即林 AI5"
    assert marks.match(ocr.text(chances)[0]) is None
    spot = spotting.spot(chances)
    assert spot
    assert spot.text(chances) == "★即梦AI5"
    assert marks.match(spot.text(chances))


def test_look_alikes_count_as_the_letter() -> None:
    spot = spotting.spot(guessed("Al主成"))
    assert spot
    assert (spot.words, round(spot.cost)) == ("AI生成", 0)


@pytest.mark.parametrize(
    "text",
    ["", "生成", "AI生活", "人工智能合作", "人工智能生态", "豆包", "Wan", "OpenArt", "KlingX"],
)
def test_a_letter_that_is_not_there_at_all_is_not_made_up(text: str) -> None:
    assert spotting.spot(guessed(text)) is None


def test_a_line_that_says_everything_a_little_says_nothing() -> None:
    count = len(ocr.alphabet())
    assert spotting.spot(np.full((60, count), 1 / count, np.float32)) is None


@pytest.mark.parametrize("text", ["Cancel Generate", "Made with Art", "Sparkling Air", "Gondola"])
def test_words_that_only_begin_like_a_mark_stay_none(text: str) -> None:
    chances = guessed(text)
    spot = spotting.spot(chances)
    assert not spot or marks.match(spot.text(chances)) is None


def test_a_letter_that_goes_on_is_taken_whole() -> None:
    chances = line({"A": 0.9}, {"A": 0.9}, {"I": 0.9}, {"生": 0.9}, {}, {"成": 0.9}, {"成": 0.6})
    spot = spotting.spot(chances)
    assert spot
    assert (spot.first, spot.last, spot.text(chances)) == (0, 7, "AI生成")


def test_lines_without_steps_hold_nothing() -> None:
    assert spotting.spot(line()) is None
