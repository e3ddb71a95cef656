"""The listening socket: the only import of waitress."""

import json
from typing import TYPE_CHECKING

from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer, create_server
from waitress.task import ErrorTask

from server.image import BYTE_LIMIT

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS = 16


class JsonErrorTask(ErrorTask):  # type: ignore[misc]
    """Refusals of the HTTP parser itself, in the one error shape."""

    def execute(self) -> None:
        """Write the answer and close: the rest of the request is not read."""
        error = self.request.error
        code = {413: "too_large"}.get(error.code, "bad_request")
        message = f"{error.reason}: {error.body}."
        body = json.dumps({"error": {"code": code, "message": message}}).encode()
        self.status = f"{error.code} {error.reason}"
        self.content_length = len(body)
        self.response_headers += [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
        ]
        self.set_close_on_finish()
        self.write(body)


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection whose refusals speak JSON."""

    error_task_class = JsonErrorTask


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
        expose_tracebacks=False,
    )
    server.channel_class = Channel
    return server
