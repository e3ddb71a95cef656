"""Pairing: a one-time code typed by a person gives an extension its own token.

The store keeps SHA-256 of codes and tokens only. Both sides prove themselves: the extension by
its token, the server by an HMAC with it before the extension says it.
"""

import hashlib
import hmac
import re
import secrets
import time

from server.errors import BadRequest, Forbidden, Unauthorized
from server.store import PairingCode, Store, Token

DIGITS = 8
#: Time enough to install the extension and type eight digits.
LIFETIME_S = 600
TRIES = 5
EXTENSION_ORIGIN = re.compile(
    r"chrome-extension://[a-p]{32}|"
    r"moz-extension://[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)


def open_code(store: Store) -> str:
    """Open a new code, closing an earlier one, and return its digits."""
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    store.set_pairing_code(PairingCode(_sha256(code), time.time() + LIFETIME_S, 0))
    return code


def spaced(code: str) -> str:
    """Write a code as a person reads it: 1234 5678."""
    return f"{code[:4]} {code[4:]}"


def redeem(store: Store, code: str, origin: str, client: str) -> tuple[str, str]:
    """Exchange the code for (token id, token). Raises Forbidden or BadRequest."""
    if not EXTENSION_ORIGIN.fullmatch(origin):
        raise Forbidden("Only a browser extension can pair.")
    digits = re.sub(r"[\s-]", "", code)
    if not re.fullmatch(rf"[0-9]{{{DIGITS}}}", digits):
        raise BadRequest(f"A pairing code has {DIGITS} digits.")
    opened = store.take_pairing_code()
    if opened is None or opened.expires < time.time() or opened.tries >= TRIES:
        raise Forbidden(
            "No pairing code is open: it was used, is older than "
            f"{LIFETIME_S // 60} minutes, or was mistyped {TRIES} times. Ask for a new one.",
            "pairing_code_expired",
        )
    if not hmac.compare_digest(opened.hash, _sha256(digits)):
        left = TRIES - opened.tries - 1
        raise Forbidden(f"That is not the pairing code; {left} tries left.", "pairing_code_wrong")
    store.close_pairing_code()
    token = secrets.token_hex(32)
    token_id = secrets.token_hex(8)
    store.add_token(Token(token_id, _sha256(token), origin, client[:80], time.time()))
    return token_id, token


def authenticate(store: Store, token: str) -> Token:
    """Return the paired extension of a token. Raises Unauthorized."""
    wanted = _sha256(token)
    for known in store.tokens():
        if hmac.compare_digest(known.hash, wanted):
            return known
    raise Unauthorized("This token is not known: it was revoked, or made by another server.")


def prove(store: Store, token_id: str, nonce: str) -> str:
    """Return HMAC-SHA256(SHA-256(token), nonce): only who knows the token can check it.

    Raises Unauthorized for an unknown id, BadRequest for a short nonce.
    """
    if not 32 <= len(nonce) <= 256:
        raise BadRequest(f"The nonce has {len(nonce)} characters; it must have 32 to 256.")
    for known in store.tokens():
        if hmac.compare_digest(known.id.encode(), token_id.encode()):
            key = bytes.fromhex(known.hash)
            return hmac.new(key, nonce.encode(), hashlib.sha256).hexdigest()
    raise Unauthorized("No extension with this id is paired.")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
