"""Who is let in: every refusal on every path, before any routing."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server import pairing
from server.errors import RateLimited
from server.gate import BURST, JSON_LIMIT, Buckets
from server.image import BYTE_LIMIT
from server.store import Store

CHROMIUM = "chrome-extension://" + "abcdefghijklmnop" * 2
OTHER = "chrome-extension://" + "ponmlkjihgfedcba" * 2
REPORT = "/report/" + "a" * 64
#: What a link of another site may open.
PAGES = ["/", REPORT]
PATHS = [*PAGES, "/healthz", "/v1/examine", "/v1/reports/" + "a" * 64]
PATHS += ["/static/page.js", "/report/x", REPORT + "/", REPORT + "0", "/nowhere"]


@pytest.fixture
def token(store: Store) -> str:
    return pairing.redeem(store, pairing.open_code(store), CHROMIUM, "x")[1]


def refused(response: TestResponse, status: int, code: str) -> None:
    """Hold the one error shape, its status, and that nothing invites another origin."""
    assert (response.status_code, response.json["error"]["code"]) == (status, code)
    assert list(response.json) == ["error"]
    assert response.json["error"]["message"].endswith(".")
    assert not [name for name, _ in response.headers if name.startswith("Access-Control")]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("peer", ["192.168.1.7", "8.8.8.8", "::ffff:10.0.0.1", ""])
def test_only_this_computer_may_call(client: FlaskClient, path: str, peer: str) -> None:
    refused(client.get(path, environ_base={"REMOTE_ADDR": peer}), 403, "forbidden_peer")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.", "127.0.0.1.nip.io", "localhost:81", "127.0.0.1:", ""]
)
def test_a_foreign_host_is_refused(client: FlaskClient, path: str, host: str) -> None:
    refused(client.get(path, headers={"Host": host}), 403, "forbidden_host")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "localhost:80"])
def test_our_own_hosts_are_let_in(client: FlaskClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_options_is_refused(client: FlaskClient, path: str) -> None:
    refused(client.options(path, headers={"Origin": CHROMIUM}), 403, "forbidden_origin")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:81", "https://localhost", "x"]
)
def test_a_foreign_origin_is_refused(client: FlaskClient, path: str, origin: str) -> None:
    refused(client.get(path, headers={"Origin": origin}), 403, "forbidden_origin")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_sites_request_is_refused(client: FlaskClient, path: str, site: str) -> None:
    refused(client.get(path, headers={"Sec-Fetch-Site": site}), 403, "forbidden_site")


LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_from_another_site_opens_a_page(client: FlaskClient, path: str, site: str) -> None:
    response = client.get(path, headers=LINK | {"Sec-Fetch-Site": site})
    assert (response.status_code, response.mimetype) == (200, "text/html")
    assert response.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "other",
    [
        {"Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Dest": "image"},
        {"Sec-Fetch-Dest": ""},
        {"Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Mode": "cors"},
    ],
)
@pytest.mark.parametrize("path", PAGES)
def test_what_is_no_link_is_refused(client: FlaskClient, path: str, other: dict[str, str]) -> None:
    refused(client.get(path, headers=LINK | other), 403, "forbidden_site")


@pytest.mark.parametrize("path", PATHS[2:])
def test_a_link_opens_pages_only(client: FlaskClient, path: str) -> None:
    refused(client.get(path, headers=LINK), 403, "forbidden_site")


def test_a_form_of_another_site_is_refused(client: FlaskClient) -> None:
    refused(client.post("/", headers=LINK), 403, "forbidden_site")
    origin = {"Origin": "https://evil.example"}
    refused(client.get("/", headers=LINK | origin), 403, "forbidden_origin")


@pytest.mark.parametrize(
    "path", ["/v1/examine", "/v1/reports/x", "/v1/tokens", "/report/x", "/nowhere"]
)
@pytest.mark.parametrize(
    "header", [None, "Bearer ", "Bearer wrong", "Basic abc", "wrong", "Bearer é"]
)
def test_every_other_path_needs_a_token(client: FlaskClient, path: str, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    refused(client.get(path, headers=headers), 401, "unauthorized")


def test_a_token_works_for_its_own_origin_only(client: FlaskClient, token: str) -> None:
    bearer = {"Authorization": f"Bearer {token}"}
    path = "/v1/reports/" + "a" * 64
    # An extension's GET bears no Origin in Chromium and Firefox.
    assert client.get(path, headers=bearer).json["error"]["code"] == "not_found"
    own = client.get(path, headers=bearer | {"Origin": CHROMIUM})
    assert own.json["error"]["code"] == "not_found"
    for origin in (OTHER, "http://localhost"):
        refused(client.get(path, headers=bearer | {"Origin": origin}), 403, "forbidden_origin")


def test_the_pages_token_works_for_the_page_only(client: FlaskClient, page: dict[str, str]) -> None:
    assert client.get("/v1/tokens", headers=page).status_code == 200
    refused(client.get("/v1/tokens", headers=page | {"Origin": CHROMIUM}), 403, "forbidden_origin")


def test_an_extension_may_not_manage_pairings(client: FlaskClient, token: str) -> None:
    bearer = {"Authorization": f"Bearer {token}"}
    refused(client.get("/v1/tokens", headers=bearer), 401, "unauthorized")
    refused(client.post("/v1/pairing", headers=bearer), 401, "unauthorized")
    refused(client.delete("/v1/tokens/x", headers=bearer), 401, "unauthorized")


@pytest.mark.parametrize(("path", "limit"), [("/v1/examine", BYTE_LIMIT), ("/v1/pair", JSON_LIMIT)])
def test_a_body_over_the_limit_is_refused_by_its_length(
    client: FlaskClient, page: dict[str, str], path: str, limit: int
) -> None:
    environ = {"CONTENT_LENGTH": str(limit + 1)}
    response = client.post(path, headers=page, environ_overrides=environ)
    refused(response, 413, "too_large")
    assert f"{limit + 1} bytes; the limit is {limit}" in response.json["error"]["message"]


def test_a_length_that_is_no_number_is_refused(client: FlaskClient, page: dict[str, str]) -> None:
    environ = {"CONTENT_LENGTH": "many"}
    response = client.post("/v1/examine", headers=page, environ_overrides=environ)
    refused(response, 400, "bad_request")


def test_too_many_requests_are_told_to_wait(client: FlaskClient) -> None:
    responses = [client.get("/healthz") for _ in range(BURST + 20)]
    late = responses[-1]
    refused(late, 429, "rate_limited")
    assert late.headers["Retry-After"] == "2"


def test_one_callers_haste_does_not_stop_another() -> None:
    buckets = Buckets(rate=0, burst=2)
    buckets.take("a")
    buckets.take("a")
    with pytest.raises(RateLimited):
        buckets.take("a")
    buckets.take("b")


@pytest.mark.parametrize("path", [*PAGES, "/healthz", "/nowhere"])
def test_every_answer_bears_the_security_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Set-Cookie" not in headers
