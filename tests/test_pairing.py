"""Pairing: one code, five tries, one origin, two proofs."""

import hashlib
import hmac
import time

import pytest

from server import pairing
from server.errors import BadRequest, Forbidden, Unauthorized
from server.store import PairingCode, Store

CHROMIUM = "chrome-extension://" + "abcdefghijklmnop" * 2
FIREFOX = "moz-extension://3f2a8c1e-5b7d-4e90-9a61-0c4d2b8e7f15"


@pytest.mark.parametrize("origin", [CHROMIUM, FIREFOX])
@pytest.mark.parametrize("spelling", ["{}", " {} ", "{0:.4}-{0}"])
def test_the_code_gives_one_token(store: Store, origin: str, spelling: str) -> None:
    code = pairing.open_code(store)
    typed = spelling.format(code) if "." not in spelling else f"{code[:4]}-{code[4:]}"
    token_id, token = pairing.redeem(store, typed, origin, "Browser")
    assert len(bytes.fromhex(token)) == 32
    assert pairing.authenticate(store, token).origin == origin
    with pytest.raises(Forbidden) as caught:
        pairing.redeem(store, code, origin, "Browser")
    assert caught.value.code == "pairing_code_expired"
    assert token not in repr(store.tokens())
    assert token_id == store.tokens()[0].id


@pytest.mark.parametrize("origin", ["", "null", "https://a.example", "chrome-extension://short"])
def test_only_an_extension_can_pair(store: Store, origin: str) -> None:
    code = pairing.open_code(store)
    with pytest.raises(Forbidden):
        pairing.redeem(store, code, origin, "x")
    # A stranger's try costs the person nothing.
    pairing.redeem(store, code, CHROMIUM, "x")


@pytest.mark.parametrize("typed", ["", "1234567", "123456789", "abcdefgh", "１２３４５６７８"])
def test_what_is_no_code_is_told_so(store: Store, typed: str) -> None:
    pairing.open_code(store)
    with pytest.raises(BadRequest, match="8 digits"):
        pairing.redeem(store, typed, CHROMIUM, "x")


def test_five_wrong_tries_close_the_code(store: Store) -> None:
    code = pairing.open_code(store)
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(Forbidden, match=f"{left} tries left"):
            pairing.redeem(store, wrong, CHROMIUM, "x")
    with pytest.raises(Forbidden, match="Ask for a new one"):
        pairing.redeem(store, code, CHROMIUM, "x")


def test_an_old_code_is_closed(store: Store) -> None:
    code = pairing.open_code(store)
    opened = store.take_pairing_code()
    assert opened is not None
    assert 0 < opened.expires - time.time() <= pairing.LIFETIME_S
    store.set_pairing_code(PairingCode(opened.hash, time.time() - 1, 0))
    with pytest.raises(Forbidden, match="older than 10 minutes"):
        pairing.redeem(store, code, CHROMIUM, "x")


def test_a_new_code_closes_the_earlier_one(store: Store) -> None:
    first = pairing.open_code(store)
    second = pairing.open_code(store)
    if first != second:
        with pytest.raises(Forbidden):
            pairing.redeem(store, first, CHROMIUM, "x")
    pairing.redeem(store, second, CHROMIUM, "x")


def test_the_server_proves_itself_without_hearing_the_token(store: Store) -> None:
    token_id, token = pairing.redeem(store, pairing.open_code(store), CHROMIUM, "x")
    nonce = "n" * 32
    key = hashlib.sha256(token.encode()).digest()
    wanted = hmac.new(key, nonce.encode(), hashlib.sha256).hexdigest()
    assert pairing.prove(store, token_id, nonce) == wanted


def test_unknown_ids_and_short_nonces_are_refused(store: Store) -> None:
    with pytest.raises(Unauthorized):
        pairing.prove(store, "unknown é", "n" * 32)
    with pytest.raises(BadRequest, match="5 characters"):
        pairing.prove(store, "unknown", "short")


def test_a_revoked_token_is_unknown(store: Store) -> None:
    token_id, token = pairing.redeem(store, pairing.open_code(store), CHROMIUM, "x")
    store.remove_token(token_id)
    with pytest.raises(Unauthorized):
        pairing.authenticate(store, token)
