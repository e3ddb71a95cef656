"""Provider codes: shape, check character, names."""

import pytest

from server.provider_code import PLAIN, PROVIDERS, decode, name

DOUBAO = "001191110102MACQD9K64010000"


def test_a_code_is_taken_apart() -> None:
    code = decode(DOUBAO)
    assert code is not None
    assert (code.uscc, code.service, code.own) == ("91110102MACQD9K640", "generation", "0000")
    assert code.genuine
    assert name(DOUBAO) == "Doubao (豆包)"


@pytest.mark.parametrize("uscc", PROVIDERS)
def test_every_known_code_has_the_right_check_character(uscc: str) -> None:
    for service, word in (("1", "generation"), ("2", "propagation"), ("9", "")):
        code = decode(f"0011{uscc}{service}0000")
        assert code is not None
        assert (code.genuine, code.service) == (True, word)


@pytest.mark.parametrize("position", range(4, 22))
def test_one_wrong_character_of_the_company_is_noticed(position: int) -> None:
    wrong = "1" if DOUBAO[position] != "1" else "2"
    code = decode(DOUBAO[:position] + wrong + DOUBAO[position + 1 :])
    assert code is not None
    assert not code.genuine


def test_letters_that_no_company_code_has_are_noticed() -> None:
    code = decode(DOUBAO.replace("MACQ", "MAOQ"))
    assert code is not None
    assert not code.genuine


@pytest.mark.parametrize(
    "text", ["", "doubao", DOUBAO[:-1], DOUBAO + "0", DOUBAO.lower(), "01" + DOUBAO[2:]]
)
def test_what_has_not_the_shape_is_no_code(text: str) -> None:
    assert decode(text) is None


def test_plain_names_are_known_in_any_case() -> None:
    assert {name(plain.upper()) for plain in PLAIN} == set(PLAIN.values())
    assert name("somebody") == ""
    assert name("0011" + "9" * 18 + "10000") == ""


def test_a_person_bound_otherwise_has_no_check_character() -> None:
    code = decode("0029" + "X" * 18 + "10000")
    assert code is not None
    assert code.genuine
