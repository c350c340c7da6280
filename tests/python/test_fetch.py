"""Artifacts arrive whole or not at all, whatever the server does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from crosswheel.act.fetching.fetch import fetch_artifacts
from crosswheel.act.fetching.fetch_settings import Credentials, IndexBase
from crosswheel.act.reporter import SilentReporter
from crosswheel.act.storage.store import Store
from crosswheel.values.digests import digest_of
from crosswheel.values.errors import FetchError, StoreError
from fetching import BODY, CHANGED, FIX, MISPLACED, artifact, content, fetch, refusal, settings
from http_fixture import (
    Answer,
    Exchange,
    Server,
    breaks_off,
    redirects,
    running_server,
    serves,
    sleeps,
    status,
    wants,
)


@pytest.fixture
def server() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def test_a_file_arrives_under_its_name(server: Server, store: Store) -> None:
    server.answers["/a"] = serves(BODY)
    found = fetch(store, artifact(f"{server.base}/a", size=len(BODY)))
    assert content(found) == BODY
    assert next(iter(found.values())).name == "demo-1.0.tar.gz"


def test_what_the_store_has_is_not_asked_for(server: Server, store: Store) -> None:
    store.add_bytes(BODY, "other-name")
    found = fetch(store, artifact(f"{server.base}/a"))
    assert next(iter(found.values())).name == "demo-1.0.tar.gz"
    assert server.paths() == []


def test_a_size_that_was_locked_wrong_is_refused_though_the_store_has_the_file(
    server: Server, store: Store
) -> None:
    store.add_bytes(BODY, "demo-1.0.tar.gz")
    assert refusal(store, artifact(f"{server.base}/a", size=1000)) == (
        f"cannot fetch artifact 'demo-1.0.tar.gz': the file of its SHA-256 has {len(BODY)} bytes, not the 1000 that "
        "were locked; lock and plan again"
    )


def waits_for(others: threading.Barrier, then: Answer) -> Answer:
    def answer(exchange: Exchange) -> None:
        others.wait(5)
        then(exchange)

    return answer


def test_many_files_arrive_at_once(server: Server, store: Store) -> None:
    together = threading.Barrier(8)
    artifacts = []
    for number in range(8):
        body = b"%d" % number
        server.answers[f"/{number}"] = waits_for(together, serves(body))
        artifacts.append(artifact(f"{server.base}/{number}", body=body))
    assert len(fetch(store, *artifacts)) == 8


def test_an_interrupted_transfer_goes_on_where_it_stopped(server: Server, store: Store) -> None:
    server.answers["/a"] = breaks_off(BODY, 600_000)
    assert content(fetch(store, artifact(f"{server.base}/a"))) == BODY
    ranges = [(headers.get("range"), headers.get("if-range")) for headers in server.headers_of("/a")]
    assert ranges[0] == (None, None)
    start, validator = ranges[1]
    assert validator == '"one"'
    assert start is not None
    assert 0 < int(start.removeprefix("bytes=").rstrip("-")) <= 600_000


def test_a_later_run_resumes_what_an_earlier_one_left(server: Server, store: Store) -> None:
    server.answers["/a"] = breaks_off(BODY, 600_000, times=100)
    refusal(store, artifact(f"{server.base}/a"), retries=0)
    server.answers["/a"] = serves(BODY)
    assert content(fetch(store, artifact(f"{server.base}/a"))) == BODY
    assert "range" in server.headers_of("/a")[-1]
    assert list((store.folder / "partial").iterdir()) == []


class _Amounts(SilentReporter):
    def __init__(self) -> None:
        self.amounts: list[int] = []

    def advanced(self, task: str, amount: int) -> None:
        self.amounts.append(amount)


@pytest.mark.parametrize("etag", ['"one"', None])
def test_what_is_resumed_or_begun_anew_is_told_once(server: Server, store: Store, etag: str | None) -> None:
    server.answers["/a"] = breaks_off(BODY, 600_000, etag=etag)
    told = _Amounts()
    fetch_artifacts(store, [artifact(f"{server.base}/a")], base=Path(), settings=settings(), reporter=told)
    assert len(server.headers_of("/a")) == 2
    assert sum(told.amounts) == len(BODY)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (None, "netrc (there is no such file)"),
        ("machine other.example login ada password secret\n", "PATH"),
        ("machine\n", "PATH (which cannot be read: "),
    ],
)
def test_a_server_that_wants_credentials_is_told_with_where_there_are_none(
    server: Server, store: Store, tmp_path: Path, text: str | None, read: str
) -> None:
    netrc = tmp_path / "netrc"
    if text is not None:
        netrc.write_text(text)
        netrc.chmod(0o600)
    server.answers["/a"] = lambda exchange: exchange.send(401)
    told = refusal(store, artifact(f"{server.base}/a"), netrc=str(netrc) if text is not None else None)
    assert (
        "the server answered 401: it wants credentials, and there are none for it in the URL, the indexes of pip and uv, the mirrors or "
        + read.replace("PATH", str(netrc))
    ) in told
    assert told.endswith(
        "; put them into netrc, or into the index's or the mirror's URL (those in the URLs of a lock are left out of its plan, and a "
        "keyring is not asked)"
    )


def test_credentials_that_are_not_taken_are_told_by_where_they_are_from(
    server: Server, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ada password secret\n")
    (tmp_path / "netrc").chmod(0o600)
    server.answers["/a"] = lambda exchange: exchange.send(403)
    told = refusal(store, artifact(f"{server.base}/a"), netrc=str(tmp_path / "netrc"))
    assert told.endswith(
        f"the server answered 403: it does not take the credentials from {tmp_path}/netrc; correct them there"
    )
    index = IndexBase.from_url(server.base.replace("//", "//ada:secret@") + "/simple")
    told = refusal(store, artifact(f"{server.base}/a"), indexes=(index,))
    assert f"the credentials from what is configured for the index {server.base}/simple; correct" in told
    assert "secret" not in told


def test_a_file_that_changed_meanwhile_is_fetched_from_the_start(server: Server, store: Store) -> None:
    server.answers["/a"] = breaks_off(b"x" * len(BODY), 600_000, times=100, etag='"old"')
    refusal(store, artifact(f"{server.base}/a"), retries=0)
    server.answers["/a"] = serves(BODY, etag='"new"')
    assert content(fetch(store, artifact(f"{server.base}/a"))) == BODY


def test_two_halves_of_different_files_are_noticed_and_fetched_anew(server: Server, store: Store) -> None:
    server.answers["/a"] = breaks_off(b"x" * len(BODY), 600_000, times=100)
    refusal(store, artifact(f"{server.base}/a"), retries=0)
    server.answers["/a"] = serves(BODY)  # the same validator: a server that lies
    assert content(fetch(store, artifact(f"{server.base}/a"))) == BODY


def test_a_transfer_without_a_validator_starts_anew(server: Server, store: Store) -> None:
    server.answers["/a"] = breaks_off(BODY, 600_000, etag=None)
    assert content(fetch(store, artifact(f"{server.base}/a"))) == BODY
    assert "range" not in server.headers_of("/a")[-1]


def test_a_range_the_server_refuses_starts_anew(server: Server, store: Store) -> None:
    server.answers["/a"] = breaks_off(BODY, 600_000, times=100)
    refusal(store, artifact(f"{server.base}/a"), retries=0)
    server.answers["/a"] = lambda exchange: (
        exchange.send(416) if "range" in exchange.headers else serves(BODY)(exchange)
    )
    assert content(fetch(store, artifact(f"{server.base}/a"))) == BODY


def test_a_part_that_begins_elsewhere_is_not_appended(server: Server, store: Store) -> None:
    server.answers["/a"] = breaks_off(BODY, 600_000, times=100)
    refusal(store, artifact(f"{server.base}/a"), retries=0)
    server.answers["/a"] = lambda exchange: (
        exchange.send(206, BODY[5:], {"Content-Range": f"bytes 5-{len(BODY) - 1}/{len(BODY)}"})
        if "range" in exchange.headers
        else serves(BODY)(exchange)
    )
    assert "the transfer cannot be resumed" in refusal(store, artifact(f"{server.base}/a"), retries=0)
    assert content(fetch(store, artifact(f"{server.base}/a"))) == BODY


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504])
def test_a_passing_failure_is_tried_again(server: Server, store: Store, code: int) -> None:
    server.answers["/a"] = status(code, times=2, then=serves(BODY))
    assert content(fetch(store, artifact(f"{server.base}/a"))) == BODY
    assert len(server.asked) == 3


def test_a_lasting_failure_is_not_tried_again(server: Server, store: Store) -> None:
    url = f"{server.base}/a"
    assert refusal(store, artifact(url)) == (
        f"cannot fetch artifact 'demo-1.0.tar.gz': {url}: the server answered 404; {FIX}"
    )
    assert len(server.asked) == 1


def test_tries_come_to_an_end(server: Server, store: Store) -> None:
    server.answers["/a"] = status(503)
    assert "the server answered 503" in refusal(store, artifact(f"{server.base}/a"))
    assert len(server.asked) == 3


def test_a_wrong_hash_is_refused_and_nothing_kept(server: Server, store: Store) -> None:
    server.answers["/a"] = serves(b"evil")
    url = f"{server.base}/a"
    assert refusal(store, artifact(url)) == (
        f"cannot fetch artifact 'demo-1.0.tar.gz': {url}: its SHA-256 is {digest_of(b'evil')}, not "
        f"{digest_of(BODY)}; {CHANGED}"
    )
    assert store.artifact(digest_of(b"evil")) is None
    assert not list((store.folder / "partial").rglob("data"))


def test_a_longer_file_is_refused_without_reading_it_all(server: Server, store: Store) -> None:
    sent: list[int] = []

    def endless(exchange: Exchange) -> None:
        exchange.begin(200, 1 << 40)
        for _ in range(200):
            exchange.handler.wfile.write(BODY)
            sent.append(len(BODY))

    server.answers["/a"] = endless
    url = f"{server.base}/a"
    assert refusal(store, artifact(url, size=1000)) == (
        f"cannot fetch artifact 'demo-1.0.tar.gz': {url}: it is longer than 1000 bytes; {CHANGED}"
    )
    assert len(sent) < 100


def test_an_explicit_index_is_not_searched(server: Server, store: Store) -> None:
    with running_server() as index:
        server.answers["/a"] = serves(BODY)
        only = IndexBase(url=f"{index.base}/simple", explicit=True)
        assert content(fetch(store, artifact(f"{server.base}/a"), indexes=(only,))) == BODY
        assert index.paths() == []


def test_a_shorter_file_is_refused(server: Server, store: Store) -> None:
    server.answers["/a"] = serves(b"short")
    url = f"{server.base}/a"
    assert refusal(store, artifact(url, size=1000), retries=0) == (
        f"cannot fetch artifact 'demo-1.0.tar.gz': {url}: it has 5 bytes, not 1000; {CHANGED}"
    )


def test_a_server_that_stops_sending_is_given_up(server: Server, store: Store) -> None:
    server.answers["/a"] = sleeps(1.0, serves(BODY))
    url = f"{server.base}/a"
    assert refusal(store, artifact(url), retries=0, timeout=0.1) == (
        f"cannot fetch artifact 'demo-1.0.tar.gz': {url}: the server stopped sending; {FIX}"
    )


def test_nobody_listening_is_told(store: Store) -> None:
    with running_server() as gone:
        url = f"{gone.base}/a"
    assert refusal(store, artifact(url), retries=0) == (
        f"cannot fetch artifact 'demo-1.0.tar.gz': {url}: no connection (Connection refused); {FIX}"
    )


def test_redirects_are_followed(server: Server, store: Store) -> None:
    server.answers |= {"/a": redirects("b"), "/b": redirects(f"{server.base}/c"), "/c": serves(BODY)}
    assert content(fetch(store, artifact(f"{server.base}/a"))) == BODY


def test_redirects_in_a_circle_end(server: Server, store: Store) -> None:
    server.answers |= {"/a": redirects("/b"), "/b": redirects("/a?signature=secret")}
    server.answers["/a?signature=secret"] = redirects("/b")
    url = f"{server.base}/a"
    text = refusal(store, artifact(url))
    assert text == (
        f"cannot fetch artifact 'demo-1.0.tar.gz': {url}: more than 10 redirects, the last to {server.base}/b; {FIX}"
    )


def test_a_redirect_out_of_http_is_refused(server: Server, store: Store, tmp_path: Path) -> None:
    (tmp_path / "local").write_bytes(BODY)
    server.answers["/a"] = redirects((tmp_path / "local").as_uri())
    assert "which is not HTTP" in refusal(store, artifact(f"{server.base}/a"))


def test_credentials_of_the_url_are_used_and_never_told(server: Server, store: Store) -> None:
    server.answers["/a"] = wants("ada", "se:cret", serves(BODY))
    secret = server.base.replace("//", "//ada:se%3Acret@")
    assert content(fetch(store, artifact(f"{secret}/a"))) == BODY
    wrong = server.base.replace("//", "//ada:wrong@")
    text = refusal(store, artifact(f"{wrong}/a?token=wrong", body=b"other"))
    assert "wrong" not in text
    assert "the server answered" in text


def test_credentials_of_an_index_serve_its_origin(server: Server, store: Store) -> None:
    server.answers["/files/a"] = wants("ada", "secret", serves(BODY))
    index = IndexBase(
        url=f"{server.base}/simple", credentials=Credentials(username="ada", password="secret"), explicit=True
    )
    assert content(fetch(store, artifact(f"{server.base}/files/a"), indexes=(index,))) == BODY


def test_credentials_do_not_follow_a_redirect_to_another_origin(server: Server, store: Store) -> None:
    with running_server() as other:
        other.answers["/b"] = serves(BODY)
        server.answers["/a"] = wants("ada", "secret", redirects(f"{other.base}/b"))
        secret = server.base.replace("//", "//ada:secret@")
        assert content(fetch(store, artifact(f"{secret}/a"))) == BODY
        assert "authorization" not in other.headers_of("/b")[0]


def test_netrc_is_read(server: Server, store: Store, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ada password secret\n")
    (tmp_path / "netrc").chmod(0o600)
    server.answers["/a"] = wants("ada", "secret", serves(BODY))
    assert content(fetch(store, artifact(f"{server.base}/a"), netrc=str(tmp_path / "netrc"))) == BODY


def test_a_proxy_is_asked_instead(server: Server, store: Store) -> None:
    url = "http://files.example/a"
    server.answers[url] = serves(BODY)
    proxy = server.base.replace("//", "//ada:secret@")
    assert content(fetch(store, artifact(url), proxies={"http": proxy})) == BODY
    assert server.headers_of(url)[0]["proxy-authorization"] == "Basic YWRhOnNlY3JldA=="


def test_a_host_of_no_proxy_is_asked_itself(server: Server, store: Store) -> None:
    server.answers["/a"] = serves(BODY)
    proxies = {"http": "http://proxy.example:1", "no": "example.org,127.0.0.1"}
    assert content(fetch(store, artifact(f"{server.base}/a"), proxies=proxies)) == BODY


def test_certificates_that_cannot_be_read_are_told(store: Store, tmp_path: Path) -> None:
    missing = tmp_path / "missing.pem"
    assert refusal(store, artifact("https://127.0.0.1:1/a"), certificates=str(missing), retries=0) == (
        "cannot fetch artifact 'demo-1.0.tar.gz': https://127.0.0.1:1/a: the certificate authorities in "
        f"{missing} cannot be read (No such file or directory); {FIX}"
    )


def test_a_path_is_taken_from_the_folder_of_the_plan(store: Store, tmp_path: Path) -> None:
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor/demo.tar.gz").write_bytes(BODY)
    assert content(fetch(store, artifact(path="vendor/demo.tar.gz"), base=tmp_path)) == BODY


def test_a_file_url_is_read(store: Store, tmp_path: Path) -> None:
    (tmp_path / "de mo").write_bytes(BODY)
    assert content(fetch(store, artifact((tmp_path / "de mo").as_uri()))) == BODY


def test_a_wrong_local_file_is_refused(store: Store, tmp_path: Path) -> None:
    (tmp_path / "demo.tar.gz").write_bytes(b"evil")
    place = tmp_path / "demo.tar.gz"
    assert refusal(store, artifact(path="demo.tar.gz"), base=tmp_path) == (
        f"cannot fetch artifact 'demo-1.0.tar.gz': {place}: its SHA-256 is {digest_of(b'evil')}, not "
        f"{digest_of(BODY)}; {MISPLACED}"
    )
    assert f"{place}: it has 4 bytes, not 9" in refusal(
        store, artifact(path="demo.tar.gz", size=9), base=tmp_path
    )
    place.unlink()
    with pytest.raises(FetchError) as caught:
        fetch(store, artifact(path="demo.tar.gz"), base=tmp_path)
    assert str(caught.value) == (
        f"cannot fetch artifact 'demo-1.0.tar.gz': {place}: No such file or directory; {MISPLACED}"
    )
    assert caught.value.details == (), "the sentence has told it"


def test_an_artifact_that_is_nowhere_is_told(store: Store) -> None:
    assert refusal(store, artifact()) == (
        "cannot fetch artifact 'demo-1.0.tar.gz': the plan names neither a URL nor a path for it; "
        "configure an index that has it"
    )


def test_a_store_that_takes_nothing_is_told_once_and_no_place_is_blamed(
    server: Server, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("x")
    server.answers |= {"/a": serves(b"a"), "/b": serves(b"b")}
    with pytest.raises(StoreError) as caught:
        fetch(
            Store(tmp_path / "file"),
            *(artifact(f"{server.base}/{name}", body=name.encode()) for name in "ab"),
        )
    assert str(caught.value).count("cannot open store") == 1


def test_all_failures_are_told(server: Server, store: Store) -> None:
    server.answers["/c"] = serves(b"c")
    one, two, three = (artifact(f"{server.base}/{name}", body=name.encode()) for name in "abc")
    text = refusal(store, one, two, three)
    assert len(text.splitlines()) == 2
    assert store.artifact(three.sha256) is not None
