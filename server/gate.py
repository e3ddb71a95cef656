"""Who may speak to the API: WSGI, before any routing, so that no route can be forgotten.

Every web page a person opens can send requests to a loopback port. In this order: peer, Host
(DNS rebinding), OPTIONS (no page gets a CORS answer), Origin, Sec-Fetch-Site, token, body, rate.
"""

import hmac
import json
import re
import secrets
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from server import pairing
from server.errors import Forbidden, ImageTooLarge, RateLimited, RequestError, Unauthorized
from server.image import BYTE_LIMIT
from server.store import Store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: The pages and what they are made of; everything else needs a token.
OPEN_PATHS = {"/", "/healthz", "/v1/pair", "/v1/hello"}
#: The page of one report is the same for every picture; the report itself needs a token.
REPORT_PAGE = re.compile(r"/report/[0-9a-f]{64}")
OPEN_PREFIXES = ("/static/", "/catalogue/")
#: What takes a picture's bytes; every other body is a few words.
PICTURE_PATHS = ("/v1/examine", "/v1/regions")
LOOPBACK = {"127.0.0.1", "::1"}
JSON_LIMIT = 4096
#: Requests a minute and one burst, for each token or for all that have none.
RATE, BURST = 600, 200

HEADERS = [
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
]
#: environ key under which the app finds whose request it is: a token id, or "page".
CALLER = "touchstone.caller"
PAGE = "page"


class Gate:
    """Wraps the application; refuses with the one JSON error shape."""

    def __init__(self, application: "WSGIApplication", store: Store) -> None:
        self._application = application
        self._store = store
        self._buckets = Buckets()
        #: Lets our own page call the API; new at every start, readable by our origin only.
        self.page_token = secrets.token_hex(32)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Check, then hand on; every answer bears the security headers."""
        try:
            environ[CALLER] = self._admit(environ)
        except RequestError as e:
            return refuse(e, start_response)

        def with_headers(status, headers, exc_info=None):  # type: ignore[no-untyped-def]
            return start_response(status, [*headers, *HEADERS], exc_info)

        return self._application(environ, with_headers)

    def _admit(self, environ: "WSGIEnvironment") -> str:
        """Return whose request it is. Raises RequestError."""
        _check_sender(environ)
        origin = environ.get("HTTP_ORIGIN")
        path = environ.get("PATH_INFO", "")
        caller = ""
        if not _is_open(path):
            caller = self._authenticate(environ, origin)
        _check_length(environ, path)
        self._buckets.take(caller)
        return caller

    def _authenticate(self, environ: "WSGIEnvironment", origin: str | None) -> str:
        token = _token(environ)
        if hmac.compare_digest(token.encode(), self.page_token.encode()):
            if origin not in (None, *_own_origins(environ)):
                raise Forbidden(f"The origin {origin} is not this server's page.")
            return PAGE
        known = pairing.authenticate(self._store, token)
        if origin not in (None, known.origin):
            raise Forbidden(f"The origin {origin} is not the one that this token was made for.")
        return known.id


def check_head(environ: "WSGIEnvironment", *, chunked: bool) -> None:
    """Refuse by its headers alone a request whose body is not worth the memory.

    `__call__` checks all of it again, and the token itself. Raises RequestError.
    """
    _check_sender(environ)
    path = environ.get("PATH_INFO", "")
    _check_length(environ, path)
    if chunked and path not in PICTURE_PATHS:
        names = " and ".join(PICTURE_PATHS)
        raise RequestError(f"Only {names} take a body without Content-Length.")
    if not _is_open(path):
        _token(environ)


def refuse(error: RequestError, start_response: "StartResponse") -> list[bytes]:
    """Answer with an error before the application is asked."""
    body = json.dumps(error.as_json()).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    if error.retry_after:
        headers.append(("Retry-After", str(error.retry_after)))
    start_response(f"{error.status} {error.code}", [*headers, *HEADERS])
    return [body]


def _check_sender(environ: "WSGIEnvironment") -> None:
    _check_peer(environ)
    _check_host(environ)
    if environ["REQUEST_METHOD"] == "OPTIONS":
        raise Forbidden("OPTIONS is refused: no other origin may call this server.")
    _check_site(environ, environ.get("HTTP_ORIGIN"))


def _token(environ: "WSGIEnvironment") -> str:
    token: str
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme != "Bearer" or not token:
        raise Unauthorized("This path needs the header Authorization: Bearer TOKEN.")
    return token


def _check_peer(environ: "WSGIEnvironment") -> None:
    peer = environ.get("REMOTE_ADDR", "")
    if peer not in LOOPBACK:
        raise Forbidden(f"The address {peer} is not this computer.", "forbidden_peer")


def _check_host(environ: "WSGIEnvironment") -> None:
    host = environ.get("HTTP_HOST", "")
    if host not in _own_hosts(environ):
        raise Forbidden(f"The host {host[:80]!r} is not this server's.", "forbidden_host")


def _check_site(environ: "WSGIEnvironment", origin: str | None) -> None:
    """Let in our own page, extensions (their token is checked next) and no other page."""
    if origin is not None:
        if origin not in _own_origins(environ) and not pairing.EXTENSION_ORIGIN.fullmatch(origin):
            raise Forbidden(f"The origin {origin[:80]} may not call this server.")
        return
    site = environ.get("HTTP_SEC_FETCH_SITE", "none")
    if site not in ("none", "same-origin") and not _is_link(environ):
        raise Forbidden(f"A {site[:20]} request is refused.", "forbidden_site")


def _is_link(environ: "WSGIEnvironment") -> bool:
    """Whether a person followed a link to our page: its site can neither read nor frame it."""
    wanted = ("GET", "navigate", "document")
    names = ("REQUEST_METHOD", "HTTP_SEC_FETCH_MODE", "HTTP_SEC_FETCH_DEST")
    return _is_page(environ.get("PATH_INFO", "")) and (
        tuple(environ.get(name) for name in names) == wanted
    )


def _check_length(environ: "WSGIEnvironment", path: str) -> None:
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError as e:
        raise RequestError("Content-Length is not a number.") from e
    limit = BYTE_LIMIT if path in PICTURE_PATHS else JSON_LIMIT
    if length > limit:
        raise ImageTooLarge(f"The body has {length} bytes; the limit is {limit}.")


def _own_hosts(environ: "WSGIEnvironment") -> set[str]:
    # SERVER_PORT is the port that we listen on, not a header.
    port = environ["SERVER_PORT"]
    hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
    return hosts | ({"127.0.0.1", "localhost", "[::1]"} if port == "80" else set())


def _own_origins(environ: "WSGIEnvironment") -> set[str]:
    return {f"http://{host}" for host in _own_hosts(environ)}


def _is_open(path: str) -> bool:
    return path in OPEN_PATHS or path.startswith(OPEN_PREFIXES) or _is_page(path)


def _is_page(path: str) -> bool:
    return path == "/" or REPORT_PAGE.fullmatch(path) is not None


class Buckets:
    """A token bucket for each caller."""

    def __init__(self, rate: float = RATE / 60, burst: int = BURST) -> None:
        self._rate, self._burst = rate, burst
        self._left: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, caller: str) -> None:
        """Take one. Raises RateLimited."""
        now = time.monotonic()
        with self._lock:
            left, then = self._left.get(caller, (float(self._burst), now))
            left = min(self._burst, left + (now - then) * self._rate)
            if left < 1:
                limit = round(self._rate * 60)
                raise RateLimited(f"More than {limit} requests a minute.", retry_after=2)
            self._left[caller] = (left - 1, now)
