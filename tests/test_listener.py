"""The real server on a real socket: huge and broken requests, nothing on disk."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from scripts.pictures import jpeg, scene
from server import pairing
from server.app import create_app
from server.gate import JSON_LIMIT
from server.image import BYTE_LIMIT
from server.listener import listen
from server.store import Store


@pytest.fixture
def port(store: Store) -> Iterator[int]:
    server = listen(create_app(store), "127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server.effective_port
    # Closed by its own loop, which ends when it has no socket left.
    server.trigger.pull_trigger(server.close)
    thread.join(5)
    server.task_dispatcher.shutdown()


def ask(port: int, request: bytes) -> tuple[int, dict[str, object]]:
    """Send raw bytes; return the status and the JSON body."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def request(port: int, *lines: str, body: bytes = b"", path: str = "/v1/examine") -> bytes:
    head = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close", *lines]
    return "\r\n".join([*head, "", ""]).encode() + body


def test_the_port_of_the_host_is_the_port_we_listen_on(port: int) -> None:
    head = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
    assert ask(port, head.encode())[1]["name"] == "touchstone"
    other = head.replace(str(port), "80")
    assert ask(port, other.encode())[0] == 403


@pytest.mark.parametrize("length", [BYTE_LIMIT * 2, 10**15])
def test_a_huge_body_is_refused_before_it_is_read(port: int, length: int) -> None:
    status, answer = ask(port, request(port, f"Content-Length: {length}"))
    assert status == 413
    assert answer["error"]["code"] == "too_large"


REFUSED_BY_HEADERS = [
    (["Host: evil.example"], "/v1/examine", 403, "forbidden_host"),
    (["Origin: https://evil.example"], "/v1/examine", 403, "forbidden_origin"),
    (["Sec-Fetch-Site: cross-site"], "/v1/examine", 403, "forbidden_site"),
    ([], "/v1/examine", 401, "unauthorized"),
    (["Expect: 100-continue"], "/v1/examine", 401, "unauthorized"),
    (["Authorization: Bearer "], "/v1/examine", 401, "unauthorized"),
    ([], "/nowhere", 413, "too_large"),
    (["Authorization: Bearer x"], "/v1/pair", 413, "too_large"),
]


@pytest.mark.parametrize(("lines", "path", "status", "code"), REFUSED_BY_HEADERS)
@pytest.mark.parametrize("begun", [b"", b"x" * 5000])
def test_a_large_body_is_refused_by_its_headers(
    port: int, lines: list[str], path: str, begun: bytes, *, status: int, code: str
) -> None:
    """No more of the body is ever sent: a server that waits for it answers too late."""
    whole = request(port, f"Content-Length: {BYTE_LIMIT}", *lines, body=begun, path=path)
    if lines and lines[0].startswith("Host"):
        whole = whole.replace(f"Host: 127.0.0.1:{port}\r\n".encode(), b"")
    answer = ask(port, whole)
    assert (answer[0], answer[1]["error"]["code"]) == (status, code)


@pytest.mark.parametrize("path", ["/v1/pair", "/nowhere", "/"])
def test_only_an_image_may_come_without_its_length(port: int, path: str) -> None:
    status, answer = ask(port, request(port, "Transfer-Encoding: chunked", path=path))
    assert (status, answer["error"]["code"]) == (400, "bad_request")


def test_large_bodies_that_are_let_in_arrive_whole(port: int, store: Store) -> None:
    origin = "chrome-extension://" + "abcdefghijklmnop" * 2
    token = pairing.redeem(store, pairing.open_code(store), origin, "x")[1]
    picture = jpeg(scene(0, 640, 426))
    assert len(picture) > JSON_LIMIT
    lines = [f"Authorization: Bearer {token}", "Content-Type: image/jpeg"]
    whole = request(port, f"Content-Length: {len(picture)}", *lines, body=picture)
    assert ask(port, whole)[1]["width"] == 640
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(picture), picture)
    whole = request(port, "Transfer-Encoding: chunked", *lines, body=chunked)
    assert ask(port, whole)[1]["width"] == 640


def test_idle_connections_keep_nobody_out(port: int) -> None:
    """A web page may open hundreds and send nothing."""
    with ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
        head = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
        assert ask(port, head.encode())[0] == 200


@pytest.mark.parametrize(
    "line", ["Content-Length: many", "Content-Length: -1", "Transfer-Encoding: strange"]
)
def test_a_broken_request_gets_the_one_error_shape(port: int, line: str) -> None:
    status, answer = ask(port, request(port, line))
    assert status in (400, 501)
    assert set(answer["error"]) == {"code", "message"}


def test_a_chunked_body_without_a_token_is_refused(port: int) -> None:
    body = b"5\r\nhello\r\n0\r\n\r\n"
    status, answer = ask(port, request(port, "Transfer-Encoding: chunked", body=body))
    assert (status, answer["error"]["code"]) == (401, "unauthorized")


def test_a_web_pages_request_is_refused(port: int) -> None:
    picture = jpeg(scene(0, 96, 64))
    lines = [f"Content-Length: {len(picture)}", "Content-Type: text/plain"]
    lines += ["Origin: https://evil.example", "Sec-Fetch-Site: cross-site"]
    status, answer = ask(port, request(port, *lines, body=picture))
    assert (status, answer["error"]["code"]) == (403, "forbidden_origin")
