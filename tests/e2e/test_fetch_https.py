"""Certificates decide: the user's authority is trusted, an unknown one is not, a trusted host needs none."""

from __future__ import annotations

import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from crosswheel.act.fetching.fetch import fetch_artifacts
from crosswheel.act.fetching.fetch_settings import FetchSettings
from crosswheel.act.reporter import SilentReporter
from crosswheel.act.storage.store import Store
from crosswheel.decide.plans.plan import Artifact
from crosswheel.values.digests import digest_of
from crosswheel.values.errors import FetchError

pytestmark = pytest.mark.e2e

BODY = b"body"


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Give the address of a server with a certificate of its own making, and that certificate."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command, *names], check=True, capture_output=True)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(BODY)))
            self.end_headers()
            self.wfile.write(BODY)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 # the base class's name
            pass

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            pass

    server = Quiet(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}", certificate
    server.shutdown()
    server.server_close()
    thread.join()


def fetch(tmp_path: Path, base: str, settings: FetchSettings) -> bytes:
    artifact = Artifact(sha256=digest_of(BODY), filename="demo.whl", url=f"{base}/demo.whl")
    store = Store(tmp_path / "store")
    found = fetch_artifacts(store, [artifact], base=tmp_path, settings=settings, reporter=SilentReporter())
    return found[artifact.sha256].read_bytes()


def test_the_users_authority_is_trusted(secure: tuple[str, Path], tmp_path: Path) -> None:
    base, certificate = secure
    assert fetch(tmp_path, base, FetchSettings(certificates=str(certificate))) == BODY


def test_an_unknown_authority_is_not_trusted(secure: tuple[str, Path], tmp_path: Path) -> None:
    base, _ = secure
    with pytest.raises(FetchError, match="the secure connection failed"):
        fetch(tmp_path, base, FetchSettings(retries=0))


def test_a_trusted_host_needs_no_certificate(secure: tuple[str, Path], tmp_path: Path) -> None:
    base, _ = secure
    assert fetch(tmp_path, base, FetchSettings(trusted_hosts=frozenset({"127.0.0.1"}))) == BODY
