"""Looks for the marks' own words behind the reader's best guess.

The reader gives a chance to every letter at every step along a line; its text keeps the best ones
alone. Here each phrase of the table is laid along the steps (CTC, best path): of small
translucent letters the true one is often the second best.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from server import marks, ocr

Floats = npt.NDArray[np.float64]

#: A step whose letter is not there at all costs this much (natural logarithm), and no more:
#: one letter that something hides does not hide the phrase.
FLOOR = -9.0
#: What a phrase may cost for each of its letters, chosen on real pictures of `train`: words in
#: Latin letters are met by chance at -1.6, those with Chinese ones at -2.5. These are short: not
#: one letter may be wholly missing.
LATIN, CHINESE, MISSING = -1.25, -1.8, -8.5

#: Width of a letter over the height of a line's letters.
LATIN_WIDE, CHINESE_WIDE = 0.6, 1.1


class Spot(NamedTuple):
    """A phrase at its place in a line: steps from `first` to before `last`; cost 0 = surely."""

    cost: float
    words: str
    first: int
    last: int

    @property
    def span(self) -> float:
        """Its length in heights of its letters: Chinese ones are square."""
        return sum(LATIN_WIDE if letter.isascii() else CHINESE_WIDE for letter in self.words)

    def text(self, chances: ocr.Floats) -> str:
        """Return the line's best guess with the phrase at its place."""
        before, after = chances[: self.first], chances[self.last :]
        return f"{ocr.text(before)[0]}{self.words}{ocr.text(after)[0]}"


class Phrase(NamedTuple):
    """A phrase, and for each of its letters the numbers that the reader may give it."""

    words: str
    letters: tuple[tuple[int, ...], ...]

    @property
    def limit(self) -> float:
        """The most that it may cost."""
        if self.words.isascii():
            return LATIN * len(self.letters)
        return max(CHINESE * len(self.letters), MISSING)


def spot(chances: ocr.Floats) -> Spot | None:
    """Return the phrase that a line holds within its limit; None where it holds none."""
    if not len(chances):
        return None
    phrases = _phrases(ocr.alphabet())
    groups = {group for phrase in phrases for group in phrase.letters}
    heard = {group: _logarithm(chances[:, group].sum(axis=1)) for group in groups}
    blank = _logarithm(chances[:, 0] + chances[:, -1])
    spots = []
    for phrase in phrases:
        letters = np.stack([heard[group] for group in phrase.letters])
        # The best step of each letter: no path costs less.
        if letters.max(axis=1).sum() < phrase.limit:
            continue
        found = _whole(_path(letters, blank, phrase), chances, phrase)
        if found.cost >= phrase.limit:
            spots.append(found)
    return max(spots, key=lambda found: (len(found.words), found.cost), default=None)


def _logarithm(chance: npt.NDArray[np.float32]) -> Floats:
    found: Floats = np.log(np.maximum(chance, np.exp(FLOOR))).astype(np.float64)
    return found


def _path(letters: Floats, blank: Floats, phrase: Phrase) -> Spot:
    """Find the cheapest way through the phrase: letter, nothing, letter, …, from any step to any.

    From a letter the way goes on to the next at once, unless both are the same.
    """
    count, steps = letters.shape
    emitted = np.repeat(blank[:, None], 2 * count - 1, axis=1)
    emitted[:, ::2] = letters.T
    jump = np.zeros(2 * count - 1, bool)
    jump[2::2] = [
        one != next_ for one, next_ in zip(phrase.letters, phrase.letters[1:], strict=False)
    ]
    cost, first = np.full(2 * count - 1, -np.inf), np.zeros(2 * count - 1, int)
    found = Spot(-np.inf, phrase.words, 0, 0)
    for step in range(steps):
        ways = np.full((3, 2 * count - 1), -np.inf)
        ways[0], ways[1, 1:], ways[1, 0] = cost, cost[:-1], 0.0
        ways[2, 2:] = np.where(jump[2:], cost[:-2], -np.inf)
        starts = np.stack([first, np.roll(first, 1), np.roll(first, 2)])
        starts[1, 0] = step
        way = ways.argmax(axis=0)
        at = np.arange(2 * count - 1)
        cost, first = ways[way, at] + emitted[step], starts[way, at]
        if cost[-1] > found.cost:
            found = Spot(float(cost[-1]), phrase.words, int(first[-1]), step + 1)
    return found


def _whole(found: Spot, chances: ocr.Floats, phrase: Phrase) -> Spot:
    """Take in the steps on which the first and last letters go on."""
    best, (first, last) = chances.argmax(axis=1), (found.first, found.last)
    while first > 0 and best[first - 1] in phrase.letters[0]:
        first -= 1
    while last < len(best) and best[last] in phrase.letters[-1]:
        last += 1
    return found._replace(first=first, last=last)


@lru_cache(maxsize=1)
def _phrases(alphabet: Sequence[str]) -> list[Phrase]:
    """Write the table's phrases in the reader's numbers."""
    numbers: dict[str, list[int]] = {}
    for number, letter in enumerate(alphabet):
        numbers.setdefault(marks.plain(letter), []).append(number)
    phrases = []
    for words, letters in marks.spellings():
        groups = [
            tuple(n for letter in group for n in numbers.get(letter, ())) for group in letters
        ]
        if all(groups):
            phrases.append(Phrase(words, tuple(groups)))
    return phrases
