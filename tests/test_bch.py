"""BCH codes: what was sent comes back with up to t errors, and nothing is made up beyond."""

import random

import pytest

from server import bch

#: (data bits with their padding, parity bits, errors): the four forms of TrustMark.
FORMS = [(40, 56, 8), (64, 35, 5), (72, 28, 4), (80, 21, 3)]


@pytest.mark.parametrize(("data", "checks", "errors"), FORMS)
def test_a_codeword_has_no_remainder(data: int, checks: int, errors: int) -> None:
    chance = random.Random(data)
    bits = [chance.getrandbits(1) for _ in range(data)]
    assert len(bch.parity(bits, errors)) == checks
    word = bits + bch.parity(bits, errors)
    assert bch.parity(word, errors) == [0] * checks
    assert bch.correct(word, errors) == word


def test_the_generators_are_those_of_the_tables() -> None:
    # Lin and Costello, table 6.4 (n = 127), octal: t = 1 is the field's own polynomial.
    assert oct(bch.generator(1)) == "0o211"
    assert oct(bch.generator(2)) == "0o41567"
    assert oct(bch.generator(3)) == "0o11554743"


@pytest.mark.parametrize(("data", "checks", "errors"), FORMS)
def test_errors_up_to_the_limit_are_taken_back(data: int, checks: int, errors: int) -> None:
    chance = random.Random(errors)
    for _ in range(60):
        bits = [chance.getrandbits(1) for _ in range(data)]
        word = bits + bch.parity(bits, errors)
        wrong = list(word)
        for at in chance.sample(range(len(word)), chance.randint(1, errors)):
            wrong[at] ^= 1
        assert bch.correct(wrong, errors) == word


@pytest.mark.parametrize(("data", "checks", "errors"), FORMS)
def test_what_comes_back_is_a_codeword_near_by(data: int, checks: int, errors: int) -> None:
    chance = random.Random(data + errors)
    for _ in range(300):
        word = [chance.getrandbits(1) for _ in range(data + checks)]
        found = bch.correct(word, errors)
        if found is not None:
            assert bch.parity(found, errors) == [0] * checks
            assert sum(one != other for one, other in zip(found, word, strict=True)) <= errors
