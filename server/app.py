"""The HTTP API, version 1, and the page that a person opens."""

import json
import logging
import re
from typing import Any

from flask import Flask, Response, jsonify, render_template, request, send_from_directory
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed as WrongMethod
from werkzeug.exceptions import NotFound as NoRoute

from server import __version__, home, models, pairing
from server.errors import (
    BadRequest,
    EmptyImage,
    MethodNotAllowed,
    NotFound,
    RequestError,
    Unauthorized,
    UnsupportedMediaType,
)
from server.gate import CALLER, PAGE, Gate
from server.image import Image, load
from server.reports import Reports
from server.store import Store

LOG = logging.getLogger("touchstone")
#: The one catalogue of texts; the extension's browser needs it in this place.
CATALOGUE = home.ROOT / "extension" / "_locales"
#: How a report is put into words, for the page as for the badge.
WORDS = home.ROOT / "extension" / "lib"
LANGUAGES = ("en", "zh_CN")
#: How thoroughly the pixels are looked at: a page of many pictures is in a hurry.
SPEEDS = ("full", "quick")


def create_app(store: Store, policy: str = "cautious") -> Flask:
    """Make the application, gated: there is no other way to reach a route."""
    app = Flask(__name__, template_folder="web/templates", static_folder="web/static")
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    reports = Reports(store, policy)
    gate = Gate(app.wsgi_app, store)
    _add_errors(app)
    _add_page(app, gate)
    _add_images(app, reports)
    _add_pairing(app, store)
    app.wsgi_app = gate  # type: ignore[method-assign]
    return app


def _add_errors(app: Flask) -> None:
    @app.errorhandler(RequestError)
    def refused(error: RequestError) -> tuple[Response, int, dict[str, str]]:
        headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
        return jsonify(error.as_json()), error.status, headers

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> tuple[Response, int, dict[str, str]]:
        if isinstance(error, NoRoute):
            return refused(NotFound(f"There is nothing at {request.path}."))
        if isinstance(error, WrongMethod):
            return refused(MethodNotAllowed(f"{request.path} does not take {request.method}."))
        return refused(BadRequest(f"{error.code} {error.name}."))

    @app.errorhandler(Exception)
    def failed(error: Exception) -> tuple[Response, int, dict[str, str]]:
        # The outermost edge: one bad image must not take the server down.
        LOG.exception("%s %s failed", request.method, request.path, exc_info=error)
        shape = {"error": {"code": "internal_error", "message": "The server failed; see its log."}}
        return jsonify(shape), 500, {}


def _add_page(app: Flask, gate: Gate) -> None:
    @app.get("/")
    def page() -> str:
        return render_template("page.html", token=gate.page_token, version=__version__)

    @app.get("/report/<sha256>")
    def report_page(sha256: str) -> str:
        # The page asks for the report by itself, with its token: to open it tells nobody anything.
        sha256 = _sha256(sha256)
        return render_template(
            "report.html", token=gate.page_token, version=__version__, sha256=sha256
        )

    @app.get("/catalogue/<language>.json")
    def catalogue(language: str) -> Response:
        if language not in LANGUAGES:
            raise NotFound(f"There are texts in {', '.join(LANGUAGES)}, not in {language[:20]!r}.")
        return send_from_directory(CATALOGUE / language, "messages.json")

    @app.get("/catalogue/<any(words, weight, ways, heat):module>.js")
    def words(module: str) -> Response:
        return send_from_directory(WORDS, f"{module}.js", mimetype="text/javascript")

    @app.get("/healthz")
    def health() -> dict[str, Any]:
        warm = models.load.cache_info().currsize > 0
        return {"name": "touchstone", "api": 1, "version": __version__, "warm": warm}


def _add_images(app: Flask, reports: Reports) -> None:
    @app.post("/v1/examine")
    def examine() -> dict[str, Any]:
        speed = request.args.get("speed", "full")
        if speed not in SPEEDS:
            raise BadRequest(f"speed is {speed[:20]!r}; it must be one of {', '.join(SPEEDS)}.")
        return reports.of(_image(), quick=speed == "quick", screen=_from_screen())

    @app.post("/v1/regions")
    def regions() -> dict[str, Any]:
        return reports.regions(_image())

    @app.get("/v1/reports/<sha256>")
    def report(sha256: str) -> dict[str, Any]:
        sha256 = _sha256(sha256)
        if found := reports.find(sha256) or reports.find(sha256, screen=True):
            return found
        raise NotFound("No image with this SHA-256 was examined by these versions.")


def _add_pairing(app: Flask, store: Store) -> None:
    @app.post("/v1/pair")
    def pair() -> dict[str, str]:
        body = _json_body("code", "client")
        origin = request.headers.get("Origin", "")
        token_id, token = pairing.redeem(store, body["code"], origin, body["client"])
        return {"id": token_id, "token": token}

    @app.post("/v1/hello")
    def hello() -> dict[str, str]:
        body = _json_body("id", "nonce")
        return {"proof": pairing.prove(store, body["id"], body["nonce"])}

    @app.post("/v1/pairing")
    def open_pairing() -> dict[str, Any]:
        _only_page()
        code = pairing.open_code(store)
        return {"code": pairing.spaced(code), "expires_in": pairing.LIFETIME_S}

    @app.get("/v1/tokens")
    def tokens() -> dict[str, Any]:
        _only_page()
        known = store.tokens()
        return {"tokens": [{"id": t.id, "client": t.client, "made": t.made} for t in known]}

    @app.delete("/v1/tokens/<token_id>")
    def revoke(token_id: str) -> dict[str, Any]:
        _only_page()
        if not store.remove_token(token_id):
            raise NotFound("No extension with this id is paired.")
        return {"revoked": token_id}


def _image() -> Image:
    """Return the body as an image. Raises RequestError."""
    kind = request.mimetype
    if kind != "application/octet-stream" and not kind.startswith("image/"):
        raise UnsupportedMediaType(
            f"Content-Type is {kind or 'missing'}; send application/octet-stream or image/*."
        )
    data = request.get_data(cache=False)
    if not data:
        raise EmptyImage("The body has 0 bytes.")
    return load(data)


def _from_screen() -> bool:
    """Whether the body is a copy of pixels on a screen. Raises BadRequest for any other word."""
    pixels = request.args.get("pixels")
    if pixels not in (None, "screen"):
        raise BadRequest(f"pixels is {pixels[:20]!r}; it may be screen, or absent for a file.")
    return pixels == "screen"


def _sha256(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise BadRequest("A SHA-256 has 64 digits of 0-9 and a-f.")
    return text


def _json_body(*names: str) -> dict[str, str]:
    """Return the named text fields of a JSON body. Raises RequestError."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Content-Type must be application/json.")
    try:
        body = json.loads(request.get_data(cache=False))
    except (ValueError, RecursionError) as e:
        raise BadRequest("The body is not JSON.") from e
    if not isinstance(body, dict) or any(not isinstance(body.get(name), str) for name in names):
        raise BadRequest(f"The body must be an object with the texts {', '.join(names)}.")
    fields = {name: str(body[name]) for name in names}
    try:
        "".join(fields.values()).encode()
    except UnicodeEncodeError as e:
        # JSON can escape it, but no file and no hash takes it.
        raise BadRequest("The texts hold half a surrogate pair.") from e
    return fields


def _only_page() -> None:
    if request.environ[CALLER] != PAGE:
        raise Unauthorized("Only this server's own page may do that.")
