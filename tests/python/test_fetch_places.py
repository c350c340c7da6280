"""Files come from where the user says: indexes in order, mirrors, and the plan's URL last."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from crosswheel.act.fetching.fetch import fetch_artifacts
from crosswheel.act.fetching.fetch_settings import IndexBase, Mirror, parse_mirror
from crosswheel.act.fetching.index_pages import parse_project_page
from crosswheel.act.storage.store import Store
from crosswheel.decide.plans.plan import Artifact
from crosswheel.values.digests import digest_of
from crosswheel.values.errors import FetchError, InputError
from fetching import BODY, FIX, Places, artifact, content, fetch, places, refusal, settings
from http_fixture import (
    Server,
    running_server,
    serves,
    wants,
)


@pytest.fixture
def server() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def html_page(link: str, digest: str = digest_of(BODY).hex) -> bytes:
    return f'<html><a href="{link}#sha256={digest}">demo-1.0.tar.gz</a></html>'.encode()


def json_page(link: str, digest: str = digest_of(BODY).hex) -> bytes:
    file = {"filename": "demo-1.0.tar.gz", "url": link, "hashes": {"sha256": digest}}
    return json.dumps({"meta": {"api-version": "1.1"}, "name": "demo", "files": [file]}).encode()


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        (html_page("../../files/demo-1.0.tar.gz"), "text/html; charset=utf-8"),
        (json_page("../../files/demo-1.0.tar.gz"), "application/vnd.pypi.simple.v1+json"),
    ],
)
def test_a_configured_index_is_asked_before_the_plans_url(
    server: Server, store: Store, page: bytes, kind: str
) -> None:
    server.answers |= {
        "/simple/demo/": serves(page, content_type=kind),
        "/files/demo-1.0.tar.gz": serves(BODY),
    }
    found = fetch(
        store,
        artifact("http://files.example/demo-1.0.tar.gz"),
        indexes=(IndexBase(url=f"{server.base}/simple"),),
    )
    assert content(found) == BODY
    assert "vnd.pypi.simple.v1+json" in server.headers_of("/simple/demo/")[0]["accept"]


def test_the_plans_url_is_the_last_resort(server: Server, store: Store) -> None:
    with running_server() as index:
        index.answers["/simple/demo/"] = serves(
            html_page("demo-1.0.tar.gz", digest_of(b"rebuilt").hex), content_type="text/html"
        )
        server.answers["/a"] = serves(BODY)
        indexes = (IndexBase(url=f"{index.base}/missing"), IndexBase(url=f"{index.base}/simple"))
        assert content(fetch(store, artifact(f"{server.base}/a"), indexes=indexes)) == BODY
        assert index.paths() == ["/missing/demo/", "/simple/demo/"]


def test_every_place_that_was_tried_is_told_once(server: Server, store: Store) -> None:
    with running_server() as index:
        index.answers["/simple/demo/"] = serves(
            html_page("demo-1.0.tar.gz", "0" * 64), content_type="text/html"
        )
        indexes = (IndexBase(url=f"{index.base}/missing"), IndexBase(url=f"{index.base}/simple"))
        with pytest.raises(FetchError) as caught:
            fetch(store, artifact(f"{server.base}/a"), indexes=indexes)
        assert str(caught.value) == (
            "cannot fetch artifact 'demo-1.0.tar.gz': tried 3 places, the last: "
            f"{server.base}/a: the server answered 404; {FIX}"
        )
        assert caught.value.details == (
            f"{index.base}/missing: the server answered 404",
            f"{index.base}/simple: its page lists the file with another SHA-256, {'0' * 64}",
        )


def test_an_index_that_takes_no_credentials_is_told_once_though_the_file_is_elsewhere(
    server: Server, store: Store
) -> None:
    with running_server() as index:
        index.answers |= dict.fromkeys(
            ("/simple/demo/", "/simple/other/"), lambda exchange: exchange.send(401)
        )
        server.answers["/a"] = serves(BODY)
        server.answers["/b"] = serves(b"other")
        other = Artifact(
            sha256=digest_of(b"other"), filename="demo-1.0.tar.gz", project="other", url=f"{server.base}/b"
        )
        heard = Places()
        files = [artifact(f"{server.base}/a"), other]
        where = settings(indexes=(IndexBase(url=f"{index.base}/simple"),))
        fetch_artifacts(store, files, base=Path(), settings=where, reporter=heard)
        refused = (
            f"{index.base}/simple: the server answered 401: it wants credentials, and there are none for it in the URL, "
            "the indexes of pip and uv, the mirrors or netrc (there is no such file)"
        )
        assert sorted(heard.places) == [f"{server.base}/{one} (not from {refused})" for one in "ab"]
        assert heard.warnings == [
            (
                f"{refused}; what it has is looked for elsewhere, as the lock says: "
                "put them into netrc, or into the index's or the mirror's URL (those in the URLs of a lock are left out of its plan, and a "
                "keyring is not asked)"
            )
        ]


def test_a_page_is_read_once_for_many_files(server: Server, store: Store) -> None:
    links = "".join(f'<a href="/files/{n}.whl">x</a>' for n in range(5))
    server.answers["/simple/demo/"] = serves(links.encode(), content_type="text/html")
    artifacts = []
    for number in range(5):
        body = b"%d" % number
        server.answers[f"/files/{number}.whl"] = serves(body)
        artifacts.append(Artifact(sha256=digest_of(body), filename=f"{number}.whl", project="demo"))
    assert len(fetch(store, *artifacts, indexes=(IndexBase(url=f"{server.base}/simple"),))) == 5
    assert server.paths().count("/simple/demo/") == 1


def test_an_index_in_a_folder_is_read(store: Store, tmp_path: Path) -> None:
    (tmp_path / "simple/demo").mkdir(parents=True)
    (tmp_path / "simple/demo/index.html").write_bytes(html_page("../../demo-1.0.tar.gz"))
    (tmp_path / "demo-1.0.tar.gz").write_bytes(BODY)
    index = IndexBase(url=(tmp_path / "simple").as_uri())
    assert content(fetch(store, artifact("http://127.0.0.1:1/a"), indexes=(index,))) == BODY


def test_the_place_a_file_came_from_is_told_without_secrets(
    server: Server, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a").write_bytes(BODY)
    server.answers |= {
        "/x/a": serves(BODY),
        "/simple/demo/": serves(html_page("../../x/demo-1.0.tar.gz?token=1"), content_type="text/html"),
        "/x/demo-1.0.tar.gz?token=1": serves(BODY),
    }
    known = server.base.replace("//", "//ada:secret@")
    elsewhere = "https://files.example/x/a"

    def told(wanted: Artifact, name: str, **fields: object) -> list[str]:
        return places(Store(tmp_path / name), wanted, base=tmp_path, **fields)

    by_url = artifact(f"{known}/x/a?signature=1")
    server.answers["/x/a?signature=1"] = serves(BODY)
    assert told(by_url, "url") == [f"{server.base}/x/a"]
    assert told(by_url, "url") == ["the store"]
    assert told(artifact(path="files/a"), "path") == [f"{tmp_path}/files/a"]
    index = IndexBase(url=f"{server.base}/simple")
    assert told(artifact(elsewhere), "index", indexes=(index,)) == [f"index {server.base}/x/demo-1.0.tar.gz"]
    of_web = parse_mirror(f"https://files.example/={known}/")
    assert told(artifact(elsewhere), "mirror", mirrors=(of_web,)) == [f"mirror {server.base}/x/a"]
    of_folder = parse_mirror(f"https://files.example/x/=file://{tmp_path}/files/")
    assert told(artifact(elsewhere), "folder", mirrors=(of_folder,)) == [f"mirror {tmp_path}/files/a"]


def test_a_mirror_stands_in_for_the_place_it_replaces(server: Server, store: Store) -> None:
    server.answers["/mirror/x/a"] = wants("ada", "secret", serves(BODY))
    rule = parse_mirror(f"https://files.example/={server.base.replace('//', '//ada:secret@')}/mirror/")
    assert content(fetch(store, artifact("https://files.example/x/a"), mirrors=(rule,))) == BODY
    text = refusal(store, artifact("https://files.example/missing", body=b"other"), mirrors=(rule,))
    assert text == (
        f"cannot fetch artifact 'demo-1.0.tar.gz': {server.base}/mirror/missing: the server answered 404; {FIX}"
    )


def test_the_longest_rule_wins(server: Server, store: Store) -> None:
    server.answers["/long/a"] = serves(BODY)
    rules = (
        Mirror(source="https://files.example/", replacement=f"{server.base}/short/"),
        Mirror(source="https://files.example/x/", replacement=f"{server.base}/long/"),
    )
    assert content(fetch(store, artifact("https://files.example/x/a"), mirrors=rules)) == BODY


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("foo", "foo"),
        ("a=b", "a=b"),
        ("https://a.example/", "https://a.example/"),
        ("https://ada:secret@a.example=b", "https://a.example=b"),
        ("http://ada:secret@[::1=b", "http://[::1=b"),
    ],
)
def test_a_rule_that_is_none_is_refused_and_shown_without_secrets(text: str, shown: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_mirror(text)
    assert str(caught.value) == (
        f"cannot read mirror '{shown}': it is not two URLs joined by '='; "
        "write FROM=TO, for example https://files.example/=https://mirror.example/files/"
    )


def test_links_are_read_as_browsers_read_them() -> None:
    page = (
        b'<base href="https://cdn.example/packages/"><a data-x="1" href="a%2B1.whl?x=1&amp;y=2#sha256=ab&egg=x">a</a>'
        b"<a>no link</a><A HREF='b.whl#md5=1'>b</A>"
    )
    found = parse_project_page(page, "text/html", "https://index.example/simple/demo/")
    assert {name: (file.url, file.sha256) for name, file in found.items()} == {
        "a+1.whl": ("https://cdn.example/packages/a%2B1.whl?x=1&y=2", "ab"),
        "b.whl": ("https://cdn.example/packages/b.whl", None),
    }


def test_a_page_that_is_not_what_it_says_is_no_page(server: Server, store: Store) -> None:
    server.answers["/simple/demo/"] = serves(b"[1]", content_type="application/json")
    text = refusal(store, artifact(), indexes=(IndexBase(url=f"{server.base}/simple"),))
    assert text == (
        f"cannot fetch artifact 'demo-1.0.tar.gz': {server.base}/simple: its page {server.base}/simple/demo/ is not "
        f"a PEP 691 document; {FIX}"
    )


def test_a_mirror_that_nothing_is_fetched_from_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        parse_mirror("https://a.example/=ftp://ada:secret@b.example/")
    assert str(caught.value) == (
        "cannot read mirror 'https://a.example/=ftp://b.example/': nothing is fetched by ftp; name a mirror by https, http or file"
    )
