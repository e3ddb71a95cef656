"""Words and chance: the words are the published ones, the bound is above what chance does."""

import numpy as np
import pytest

from server.watermarks import WORDS, Word, agreed, log_rate, score

BY_NAME = {word.name: word for word in WORDS}


def signs(word: Word) -> np.ndarray:
    return 2.0 * np.array([int(bit) for bit in word.bits]) - 1


@pytest.mark.parametrize(
    ("name", "bits", "head"),
    [
        ("SDXL", 48, "10110011"),
        ("FLUX", 46, "10101011"),
        ("StableDiffusionV1", 136, "01010011"),
        ("StableDiffusionV1-Inpainting", 224, "01010011"),
        ("SDV2", 32, "01010011"),
        ("InvokeAI", 64, "01001001"),
        ("MindONE", 56, "10110010"),
        ("StableDiffusion", 120, "01010011"),
        ("sige", 32, "01010011"),
    ],
)
def test_the_words_are_the_published_ones(name: str, bits: int, head: str) -> None:
    assert len(BY_NAME[name].bits) == bits
    assert BY_NAME[name].bits.startswith(head)


def test_no_two_words_are_the_same() -> None:
    assert len({word.bits for word in WORDS}) == len(WORDS)


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_full_agreement_is_as_rare_as_the_word_is_long(word: Word) -> None:
    # A random word with these shares of ones has this much entropy, and no bound goes below it.
    shares = np.clip(word.shares, 1e-12, 1 - 1e-12)
    bits = -(shares * np.log2(shares) + (1 - shares) * np.log2(1 - shares))
    entropy = float(bits.sum()) * len(word.bits) / word.period
    found = log_rate(signs(word), word)
    assert -entropy * np.log10(2) - 0.01 <= found <= -0.7 * entropy * np.log10(2)
    assert agreed(signs(word), word) == len(word.bits)


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_what_all_bits_have_in_common_is_no_evidence(word: Word) -> None:
    places = np.tile(np.arange(word.period, dtype=float), len(word.bits) // word.period)
    assert log_rate(100 * places, word) == 0
    assert float(score(100 * places, word)) == pytest.approx(0)
    assert log_rate(np.zeros(len(word.bits)), word) == 0


def test_disagreement_is_no_evidence() -> None:
    word = BY_NAME["FLUX"]
    assert log_rate(-signs(word), word) == 0
    assert agreed(-signs(word), word) == 0


@pytest.mark.parametrize("spread", ["even", "uneven"])
@pytest.mark.parametrize("level", [1e-2, 1e-3])
def test_random_words_agree_no_more_often_than_the_bound_says(spread: str, level: float) -> None:
    random = np.random.default_rng(0)
    picture = random.normal(0, 1, 48) if spread == "even" else random.standard_cauchy(48)
    below, rounds = 0, 20_000
    for bits in random.integers(0, 2, (rounds, 48)):
        word = Word("", "", "".join(map(str, bits)))
        # The bound needs at least this many standard deviations for either level.
        if score(picture, word) > 2 and log_rate(picture, word) < np.log10(level):
            below += 1
    assert below <= level * rounds


def test_stripes_of_eight_blocks_are_no_text() -> None:
    # The top bit of every letter is 0: a picture that repeats after 8 blocks does the same.
    text = BY_NAME["StableDiffusionV1"]
    stripes = np.tile([-9.0, 3, 3, 3, 3, 3, 3, 3], 17)
    plain = Word("", "", text.bits)
    assert float(score(stripes, plain)) > 4
    assert log_rate(stripes, text) == 0
