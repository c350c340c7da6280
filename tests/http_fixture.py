"""A real web server on this machine that misbehaves on request."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[["Exchange"], None]


@dataclass
class Exchange:
    """One request, and the means to answer it."""

    handler: BaseHTTPRequestHandler
    path: str
    headers: Mapping[str, str]
    count: int

    def send(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.begin(status, len(body), headers)
        self.handler.wfile.write(body)

    def begin(self, status: int, length: int, headers: Mapping[str, str] | None = None) -> None:
        self.handler.send_response(status)
        for name, value in (headers or {}).items():
            self.handler.send_header(name, value)
        self.handler.send_header("Content-Length", str(length))
        self.handler.end_headers()

    def break_off(self) -> None:
        self.handler.close_connection = True
        self.handler.connection.close()


@dataclass
class Server:
    """Paths and how they are answered; keeps what was asked."""

    base: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def headers_of(self, path: str) -> list[dict[str, str]]:
        return [headers for asked, headers in self.asked if asked == path]


def serves(
    body: bytes, *, etag: str | None = '"one"', content_type: str = "application/octet-stream"
) -> Answer:
    """Answer with `body`, parts of it on request."""

    def answer(exchange: Exchange) -> None:
        headers = {"Content-Type": content_type} | ({"ETag": etag} if etag else {})
        wanted = exchange.headers.get("range", "")
        if wanted and exchange.headers.get("if-range") == etag:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            exchange.send(206, body[start:], headers)
        else:
            exchange.send(200, body, headers)

    return answer


def breaks_off(body: bytes, after: int, *, times: int = 1, etag: str | None = '"one"') -> Answer:
    """Close the connection after some bytes, the first few times."""

    def answer(exchange: Exchange) -> None:
        if exchange.count > times:
            serves(body, etag=etag)(exchange)
            return
        exchange.begin(200, len(body), {"ETag": etag} if etag else {})
        exchange.handler.wfile.write(body[:after])
        exchange.break_off()

    return answer


def redirects(to: str) -> Answer:
    return lambda exchange: exchange.send(302, b"", {"Location": to})


def status(code: int, *, times: int = 1000, then: Answer | None = None) -> Answer:
    def answer(exchange: Exchange) -> None:
        if then is not None and exchange.count > times:
            then(exchange)
        else:
            exchange.send(code)

    return answer


def wants(username: str, password: str, then: Answer) -> Answer:
    expected = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()

    def answer(exchange: Exchange) -> None:
        if exchange.headers.get("authorization") == expected:
            then(exchange)
        else:
            exchange.send(401)

    return answer


def sleeps(seconds: float, then: Answer) -> Answer:
    def answer(exchange: Exchange) -> None:
        time.sleep(seconds)
        then(exchange)

    return answer


@contextmanager
def running_server() -> Iterator[Server]:
    """Give a server on a free port of this machine."""
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            with server.lock:
                server.asked.append((self.path, headers))
                count = server.paths().count(self.path)
            answer = server.answers.get(self.path, status(404))
            try:
                answer(Exchange(self, self.path, headers, count))
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 # the base class's name
            pass

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            pass

    http = Quiet(("127.0.0.1", 0), Handler)
    server.base = f"http://127.0.0.1:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
