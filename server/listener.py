"""The listening socket: the only import of waitress."""

import json
import sys
from typing import TYPE_CHECKING, Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer, create_server
from waitress.task import ErrorTask

from server.errors import RequestError
from server.gate import HEADERS, JSON_LIMIT, check_head
from server.image import BYTE_LIMIT

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from waitress.adjustments import Adjustments
    from waitress.utilities import Error

THREADS = 16
#: Open files that the process may have; many systems begin with 256 or 1024.
FILES = 1128


class JsonErrorTask(ErrorTask):  # type: ignore[misc]
    """Refusals before the application is asked, in the one error shape."""

    def execute(self) -> None:
        """Write the answer and close: the rest of the request is not read."""
        error = self.request.error
        if not isinstance(error, RequestError):
            error = _translate(error)
        body = json.dumps(error.as_json()).encode()
        self.status = f"{error.status} {error.code}"
        self.content_length = len(body)
        self.response_headers += [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            *HEADERS,
        ]
        self.set_close_on_finish()
        self.write(body)


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """Takes no large body into memory before its headers have passed the gate."""

    content_length: int

    def __init__(self, adj: "Adjustments", port: int, peer: str) -> None:
        super().__init__(adj)
        self._port, self._peer = port, peer

    def parse_header(self, header_plus: bytes) -> None:
        """Parse, and refuse before the body is read. Raises ParsingError."""
        super().parse_header(header_plus)
        # A small body comes with its headers: the gate refuses it in its own time.
        if not self.chunked and self.content_length <= JSON_LIMIT:
            return
        try:
            check_head(self._environ(), chunked=self.chunked)
        except RequestError as e:
            # Without a body to wait for, the request is complete.
            self.error = e
            self.body_rcv = None
            self.content_length = 0
            self.expect_continue = False

    def _environ(self) -> dict[str, Any]:
        """As much of the WSGI environment as the gate looks at."""
        return {f"HTTP_{name}": value for name, value in self.headers.items()} | {
            "REMOTE_ADDR": self._peer,
            "SERVER_PORT": str(self._port),
            "REQUEST_METHOD": self.command,
            "PATH_INFO": self.path,
            "CONTENT_LENGTH": str(self.content_length),
        }


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection whose refusals speak JSON."""

    error_task_class = JsonErrorTask

    def parser_class(self, adj: "Adjustments") -> Parser:
        """Return the parser of one request: it needs to know our port and who asks."""
        return Parser(adj, self.server.effective_port, self.addr[0])


def _translate(error: "Error") -> RequestError:
    """A refusal of the HTTP parser itself."""
    refused = RequestError(
        f"{error.reason}: {error.body}.", "too_large" if error.code == 413 else None
    )
    refused.status = error.code
    return refused


def _connections() -> int:
    """Return how many connections may be open: a web page can hold hundreds and say nothing."""
    if sys.platform == "win32":
        return 400  # select() there ends at 512 sockets
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    # The rest is for the files that a check opens.
    return max(100, wanted - 128)


def listen(application: "WSGIApplication", host: str, port: int) -> TcpWSGIServer:
    """Bind and return the server; `effective_port` is its port, `run()` serves until closed.

    Raises OSError where the address is taken.
    """
    server = create_server(
        application,
        host=host,
        port=port,
        threads=THREADS,
        ident="Touchstone",
        # Above it the parser refuses; the gate refuses from BYTE_LIMIT on, in its own words.
        max_request_body_size=BYTE_LIMIT + 4 * 1024 * 1024,
        # Bodies stay in memory: a picture that someone looks at is never written to a disk.
        inbuf_overflow=BYTE_LIMIT + 8 * 1024 * 1024,
        channel_timeout=60,
        connection_limit=_connections(),
        asyncore_use_poll=True,
        expose_tracebacks=False,
    )
    server.channel_class = Channel
    return server
