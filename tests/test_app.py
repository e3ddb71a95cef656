"""The HTTP API: reports, errors, pairing."""

import json
import sqlite3
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from scripts.pictures import bomb, gallery, jpeg, scene
from server import pairing
from server.store import FILE, Store

CHROMIUM = "chrome-extension://" + "abcdefghijklmnop" * 2
PICTURE = jpeg(scene(0, 96, 64))
JPEG = {"Content-Type": "image/jpeg"}


def test_health_says_only_what_it_is(client: FlaskClient) -> None:
    found = client.get("/healthz").json
    assert set(found) == {"name", "api", "version", "warm"}
    assert (found["name"], found["api"]) == ("touchstone", 1)


def test_a_picture_becomes_a_report(client: FlaskClient, page: dict[str, str]) -> None:
    response = client.post("/v1/examine", data=PICTURE, headers=page | JPEG)
    assert response.status_code == 200
    report = response.json
    assert report["schema"] == 1
    assert (report["format"], report["width"], report["height"]) == ("JPEG", 96, 64)
    wanted = {"label", "basis", "article6", "code", "params"}
    assert set(report["verdict"]) == wanted
    again = client.get(f"/v1/reports/{report['sha256']}", headers=page)
    assert again.json == report


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("ai-signed.jpg", "ai_generated"),
        ("ai-signed-altered.jpg", "invalid_credential"),
        ("aigc-label-1.png", "ai_generated"),
        ("aigc-label-2.jpg", "possibly_ai"),
        ("iptc.jpg", "ai_generated"),
        ("midjourney.png", "ai_generated"),
        ("camera.jpg", "unlabeled"),
    ],
)
def test_the_gallery_has_the_right_labels(
    client: FlaskClient, page: dict[str, str], name: str, label: str
) -> None:
    response = client.post("/v1/examine", data=gallery()[name], headers=page | JPEG)
    assert response.json["verdict"]["label"] == label


def test_pixels_from_a_screen_say_nothing_of_the_file(
    client: FlaskClient, page: dict[str, str]
) -> None:
    data = gallery()["iptc.jpg"]
    screen = client.post("/v1/examine?pixels=screen", data=data, headers=page | JPEG).json
    blind = {"content_credentials", "aigc_label", "metadata"}
    assert {name for name, why in screen["unavailable"].items() if name in blind} == blind
    assert {screen["unavailable"][name]["code"] for name in blind} == {"screen_pixels"}
    verdict = screen["verdict"]
    assert (verdict["label"], verdict["code"]) == ("not_checked", "could_not_look")
    assert screen["versions"]["pixels"] == "screen"
    kept = client.get(f"/v1/reports/{screen['sha256']}", headers=page).json
    assert kept == screen
    # The same bytes as a file are another report, and the one that is asked for by their name.
    whole = client.post("/v1/examine", data=data, headers=page | JPEG).json
    assert (whole["verdict"]["label"], "pixels" in whole["versions"]) == ("ai_generated", False)
    assert client.get(f"/v1/reports/{screen['sha256']}", headers=page).json == whole
    again = client.post("/v1/examine?pixels=screen", data=data, headers=page | JPEG).json
    assert again == screen


def test_any_other_word_for_pixels_is_refused(client: FlaskClient, page: dict[str, str]) -> None:
    response = client.post("/v1/examine?pixels=paper", data=PICTURE, headers=page | JPEG)
    assert (response.status_code, response.json["error"]["code"]) == (400, "bad_request")
    assert "paper" in response.json["error"]["message"]


BAD = [
    (b"", "image/jpeg", 400, "empty_body"),
    (b"hello", "image/jpeg", 415, "unsupported_format"),
    (b"<svg/>", "image/svg+xml", 415, "unsupported_format"),
    (PICTURE[:300], "image/jpeg", 422, "unreadable_image"),
    (PICTURE[: len(PICTURE) // 2], "image/jpeg", 422, "unreadable_image"),
    (bomb(), "image/png", 413, "too_many_pixels"),
    (bomb(12_000, 12_000), "image/png", 413, "too_many_pixels"),
    (bomb(3_000, 3_000), "image/png", 422, "unreadable_image"),
    (PICTURE, "text/plain", 415, "unsupported_media_type"),
    (PICTURE, "multipart/form-data", 415, "unsupported_media_type"),
    (PICTURE, "", 415, "unsupported_media_type"),
]


@pytest.mark.parametrize(("data", "kind", "status", "code"), BAD)
def test_bad_input_gets_the_one_error_shape(
    client: FlaskClient, page: dict[str, str], data: bytes, kind: str, *, status: int, code: str
) -> None:
    response = client.post("/v1/examine", data=data, headers=page | {"Content-Type": kind})
    assert (response.status_code, response.json["error"]["code"]) == (status, code)
    assert set(response.json["error"]) == {"code", "message"}
    # The server stays up.
    assert client.post("/v1/examine", data=PICTURE, headers=page | JPEG).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/v1/examine", 405, "method_not_allowed"),
        ("GET", "/v1/reports/" + "a" * 64, 404, "not_found"),
        ("GET", "/v1/reports/short", 400, "bad_request"),
        ("GET", "/catalogue/xx.json", 404, "not_found"),
        ("GET", "/static/../app.py", 404, "not_found"),
        ("DELETE", "/v1/tokens/none", 404, "not_found"),
    ],
)
def test_wrong_paths_get_the_one_error_shape(
    client: FlaskClient, page: dict[str, str], method: str, path: str, *, status: int, code: str
) -> None:
    response = client.open(path, method=method, headers=page)
    assert (response.status_code, response.json["error"]["code"]) == (status, code)


def test_a_page_can_open_a_code_and_an_extension_pairs_with_it(
    client: FlaskClient, page: dict[str, str]
) -> None:
    code = client.post("/v1/pairing", headers=page).json["code"]
    origin = {"Origin": CHROMIUM}
    body = {"code": code, "client": "Chromium"}
    paired = client.post("/v1/pair", json=body, headers=origin).json
    bearer = origin | {"Authorization": f"Bearer {paired['token']}"} | JPEG
    assert client.post("/v1/examine", data=PICTURE, headers=bearer).status_code == 200
    (listed,) = client.get("/v1/tokens", headers=page).json["tokens"]
    assert (listed["id"], listed["client"]) == (paired["id"], "Chromium")
    assert client.delete(f"/v1/tokens/{paired['id']}", headers=page).status_code == 200
    assert client.post("/v1/examine", data=PICTURE, headers=bearer).status_code == 401


def test_hello_proves_the_server(client: FlaskClient, store: Store) -> None:
    token_id, _ = pairing.redeem(store, pairing.open_code(store), CHROMIUM, "x")
    body = {"id": token_id, "nonce": "n" * 64}
    proof = client.post("/v1/hello", json=body, headers={"Origin": CHROMIUM}).json["proof"]
    assert proof == pairing.prove(store, token_id, "n" * 64)


@pytest.mark.parametrize("path", ["/v1/pair", "/v1/hello"])
@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"code": 1, "client": "x", "id": 2, "nonce": "n"}', "application/json", 400),
        (b"[" * 4000, "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"\xff", "application/json", 400),
    ],
)
def test_a_bad_body_is_told_so(
    client: FlaskClient, path: str, body: bytes, kind: str, *, status: int
) -> None:
    headers = {"Content-Type": kind, "Origin": CHROMIUM}
    response = client.post(path, data=body, headers=headers)
    assert response.status_code == status


@pytest.mark.parametrize("half", ["\\ud800", "\\udfff", "a\\ude00\\ud83d"])
def test_half_a_surrogate_is_refused_and_uses_no_code_up(
    client: FlaskClient, store: Store, half: str
) -> None:
    headers = {"Content-Type": "application/json", "Origin": CHROMIUM}
    code = pairing.open_code(store)
    for path, body in [
        ("/v1/pair", f'{{"code": "{code}", "client": "{half}"}}'),
        ("/v1/pair", f'{{"code": "{half}", "client": "x"}}'),
        ("/v1/hello", f'{{"id": "{half}", "nonce": "{"n" * 64}"}}'),
        ("/v1/hello", f'{{"id": "x", "nonce": "{"n" * 64}{half}"}}'),
    ]:
        response = client.post(path, data=body, headers=headers)
        assert (response.status_code, response.json["error"]["code"]) == (400, "bad_request")
    whole = f'{{"code": "{code}", "client": "\\ud83d\\ude00"}}'
    assert client.post("/v1/pair", data=whole, headers=headers).status_code == 200
    assert store.tokens()[0].client == "\N{GRINNING FACE}"


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_catalogue_is_served_in_both_languages(client: FlaskClient, language: str) -> None:
    with client.get(f"/catalogue/{language}.json") as response:
        assert response.json["label_ai_generated"]["message"]


def test_no_picture_is_stored(
    client: FlaskClient, page: dict[str, str], store: Store, tmp_path: Path
) -> None:
    client.post("/v1/examine", data=PICTURE, headers=page | JPEG)
    store.close()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert PICTURE[200:260] not in path.read_bytes()


def test_a_full_disk_costs_no_report(
    client: FlaskClient,
    page: dict[str, str],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with sqlite3.connect(tmp_path / "data" / FILE) as db:
        db.execute(
            "CREATE TRIGGER f BEFORE INSERT ON reports BEGIN SELECT RAISE(FAIL, 'full'); END"
        )
    db.close()
    for name in ("iptc.jpg", "camera.jpg", "iptc.jpg"):
        response = client.post("/v1/examine", data=gallery()[name], headers=page | JPEG)
        assert (response.status_code, response.json["format"]) == (200, "JPEG")
    told = [record for record in caplog.records if "not kept" in record.getMessage()]
    assert len(told) == 1


def test_the_page_of_a_report_is_the_same_for_a_known_and_an_unknown_picture(
    client: FlaskClient, page: dict[str, str]
) -> None:
    known = client.post("/v1/examine", data=PICTURE, headers=page | JPEG).json["sha256"]
    pages = [client.get(f"/report/{sha}") for sha in (known, "0" * 64)]
    assert [answer.status_code for answer in pages] == [200, 200]
    shown = [
        answer.text.replace(sha, "") for answer, sha in zip(pages, (known, "0" * 64), strict=True)
    ]
    assert shown[0] == shown[1]
    assert known in pages[0].text
    wrong = client.get("/report/x", headers=page)
    assert (wrong.status_code, wrong.json["error"]["code"]) == (400, "bad_request")


def test_a_report_is_json_of_plain_values(client: FlaskClient, page: dict[str, str]) -> None:
    text = client.post("/v1/examine", data=PICTURE, headers=page | JPEG).get_data(as_text=True)
    assert json.loads(text)["versions"]["touchstone"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/catalogue/words.js", "text/javascript"),
        ("/catalogue/weight.js", "text/javascript"),
        ("/catalogue/heat.js", "text/javascript"),
        ("/catalogue/ways.js", "text/javascript"),
        ("/static/page.js", "text/javascript"),
        ("/static/page.css", "text/css"),
        ("/static/mark.svg", "image/svg+xml"),
    ],
)
def test_the_pages_parts_are_served_under_their_type(
    client: FlaskClient, path: str, kind: str
) -> None:
    with client.get(path) as response:
        assert (response.status_code, response.mimetype) == (200, kind)


def test_a_hurried_caller_gets_a_report_that_says_so(
    client: FlaskClient, page: dict[str, str]
) -> None:
    # Too small for the model to have looked itself.
    other = jpeg(scene(11, 96, 48))
    quick = client.post("/v1/examine?speed=quick", data=other, headers=page | JPEG).json
    assert quick["versions"]["speed"] == "quick"
    found = client.get(f"/v1/reports/{quick['sha256']}", headers=page).json
    assert found == quick
    full = client.post("/v1/examine", data=other, headers=page | JPEG).json
    assert "speed" not in full["versions"]
    # What was looked at fully need not be looked at again.
    again = client.post("/v1/examine?speed=quick", data=other, headers=page | JPEG).json
    assert again == full


def test_an_unknown_speed_is_refused(client: FlaskClient, page: dict[str, str]) -> None:
    answer = client.post("/v1/examine?speed=warp", data=PICTURE, headers=page | JPEG)
    assert answer.status_code == 400
    assert answer.json["error"]["message"] == "speed is 'warp'; it must be one of full, quick."
