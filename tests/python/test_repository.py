"""A wheel repository is whole, the same each time, and says what it holds."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import pytest
from packaging.pylock import Pylock

from crosswheel.act.storage.store import digest_of_file
from crosswheel.act.wheels.repository import (
    RepositoryWheel,
    is_current,
    read_repository,
    write_repository,
)
from crosswheel.target.targets import parse_target_id
from crosswheel.values.digests import digest_of
from crosswheel.values.errors import CheckError, InputError, OutputError, StoreError
from made_wheels import make_wheel

ARM = parse_target_id("cp311-linux_aarch64_glibc_2_28")
PLAN = digest_of(b"plan")


def wheels_in(folder: Path) -> list[RepositoryWheel]:
    made = [
        make_wheel(folder, "zeta_lib", "2.0", metadata="Requires-Python: >=3.9,<4\n"),
        make_wheel(
            folder, "Alpha", "1.0+local.1", tag="cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64"
        ),
    ]
    return [
        RepositoryWheel(path=path, sha256=digest_of_file(path), origin=origin)
        for path, origin in zip(made, ("prebuilt", "built"), strict=True)
    ]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    place = tmp_path / "dist" / ARM.id
    place.parent.mkdir()
    write_repository(place, target=ARM, wheels=wheels_in(tmp_path / "in"), plan_digest=PLAN)
    return place


ALPHA = "Alpha-1.0+local.1-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl"
ZETA = "zeta_lib-2.0-py3-none-any.whl"


def test_everybody_may_read_it_whatever_the_umask(tmp_path: Path) -> None:
    umask = os.umask(0o077)
    try:
        write_repository(tmp_path / "site", target=ARM, wheels=wheels_in(tmp_path / "in"), plan_digest=PLAN)
    finally:
        os.umask(umask)
    modes = {
        (path.is_dir(), stat.S_IMODE(path.stat().st_mode))
        for path in (tmp_path / "site", *(tmp_path / "site").rglob("*"))
    }
    assert modes == {(True, 0o755), (False, 0o644)}


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): os.fsencode(path.readlink())
        if path.is_symlink()
        else path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_folder_holds_what_is_documented(repository: Path) -> None:
    assert sorted(snapshot(repository)) == sorted(
        [
            ALPHA,
            f"{ALPHA}.metadata",
            ZETA,
            f"{ZETA}.metadata",
            "manifest.json",
            f"pylock.{ARM.id}.toml",
            "requirements.txt",
            "simple/alpha/index.html",
            "simple/alpha/index.json",
            "simple/index.html",
            "simple/index.json",
            "simple/zeta-lib/index.html",
            "simple/zeta-lib/index.json",
        ]
    )


def test_the_same_wheels_make_the_same_bytes_in_any_order(repository: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    write_repository(other, target=ARM, wheels=wheels_in(tmp_path / "in")[::-1], plan_digest=PLAN)
    assert snapshot(other) == snapshot(repository)


def test_the_html_page_says_hash_metadata_and_python(repository: Path) -> None:
    anchors: list[dict[str, str | None]] = []

    class Anchors(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag == "a":
                anchors.append(dict(attrs))

    Anchors().feed((repository / "simple/zeta-lib/index.html").read_text())
    metadata = hashlib.sha256((repository / f"{ZETA}.metadata").read_bytes()).hexdigest()
    assert anchors == [
        {
            "href": f"../../{ZETA}#sha256={digest_of_file(repository / ZETA)}",
            "data-requires-python": ">=3.9,<4",
            "data-core-metadata": f"sha256={metadata}",
            "data-dist-info-metadata": f"sha256={metadata}",
        }
    ]


def test_attributes_and_links_are_escaped(repository: Path) -> None:
    assert 'data-requires-python="&gt;=3.9,&lt;4"' in (repository / "simple/zeta-lib/index.html").read_text()
    assert 'href="../../Alpha-1.0%2Blocal.1-cp311' in (repository / "simple/alpha/index.html").read_text()


def test_the_json_page_is_that_of_the_standard(repository: Path) -> None:
    page = json.loads((repository / "simple/alpha/index.json").read_bytes())
    wheel = repository / ALPHA
    assert page == {
        "meta": {"api-version": "1.1"},
        "name": "alpha",
        "versions": ["1.0+local.1"],
        "files": [
            {
                "filename": ALPHA,
                "url": "../../Alpha-1.0%2Blocal.1-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
                "hashes": {"sha256": digest_of_file(wheel).hex},
                "size": wheel.stat().st_size,
                "core-metadata": {"sha256": digest_of_file(repository / f"{ALPHA}.metadata").hex},
            }
        ],
    }


def test_the_root_pages_list_normalized_projects(repository: Path) -> None:
    assert re.findall(r'href="([^"]*)"', (repository / "simple/index.html").read_text()) == [
        "alpha/",
        "zeta-lib/",
    ]
    page = json.loads((repository / "simple/index.json").read_bytes())
    assert page["projects"] == [{"name": "alpha"}, {"name": "zeta-lib"}]


def test_the_metadata_beside_a_wheel_is_its_own(repository: Path) -> None:
    assert (repository / f"{ZETA}.metadata").read_text().startswith("Metadata-Version: 2.1\nName: zeta_lib\n")


def test_the_lock_file_is_valid_and_names_the_files(repository: Path) -> None:
    lock = Pylock.from_dict(tomllib.loads((repository / f"pylock.{ARM.id}.toml").read_text()))
    assert [(package.name, str(package.version)) for package in lock.packages] == [
        ("alpha", "1.0+local.1"),
        ("zeta-lib", "2.0"),
    ]
    for package in lock.packages:
        (wheel,) = package.wheels or ()
        path = repository / str(wheel.path)
        assert wheel.size == path.stat().st_size
        assert wheel.hashes == {"sha256": digest_of_file(path).hex}


def test_requirements_are_pinned_with_hashes(repository: Path) -> None:
    assert (repository / "requirements.txt").read_text() == (
        f"alpha==1.0+local.1 \\\n    --hash=sha256:{digest_of_file(repository / ALPHA)}\n"
        f"zeta-lib==2.0 \\\n    --hash=sha256:{digest_of_file(repository / ZETA)}\n"
    )


def test_the_manifest_says_where_each_wheel_comes_from(repository: Path) -> None:
    manifest = json.loads((repository / "manifest.json").read_bytes())
    assert (manifest["schema"], manifest["target"], manifest["plan"]) == (2, ARM.id, PLAN.hex)
    assert [
        (wheel["name"], wheel["version"], wheel["origin"], wheel["tags"]) for wheel in manifest["wheels"]
    ] == [
        (
            "alpha",
            "1.0+local.1",
            "built",
            ["cp311-cp311-manylinux2014_aarch64", "cp311-cp311-manylinux_2_17_aarch64"],
        ),
        ("zeta-lib", "2.0", "prebuilt", ["py3-none-any"]),
    ]


def test_what_was_written_is_read_back(repository: Path) -> None:
    found = read_repository(repository)
    assert (found.target, found.plan_digest) == (ARM, PLAN)
    assert [wheel.path.name for wheel in found.wheels] == [ALPHA, ZETA]
    assert all(digest_of_file(wheel.path) == wheel.sha256 for wheel in found.wheels)


def test_a_whole_repository_of_the_plan_is_current(repository: Path) -> None:
    assert is_current(repository, PLAN)
    assert not is_current(repository, digest_of(b"other plan"))
    assert not is_current(repository.parent, PLAN)


def test_a_folder_of_repositories_is_told_to_be_one(repository: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_repository(repository.parent)
    assert str(caught.value) == (
        f"cannot read wheel repository '{repository.parent}': it holds one repository for each target; "
        f"give one of them: {repository.name}"
    )


@pytest.mark.parametrize(
    "name",
    [
        ZETA,
        f"{ZETA}.metadata",
        "manifest.json",
        "simple/index.html",
        f"pylock.{ARM.id}.toml",
    ],
)
def test_a_repository_that_lacks_a_file_is_not_current(repository: Path, name: str) -> None:
    (repository / name).unlink()
    assert not is_current(repository, PLAN)


def test_a_repository_with_a_cut_wheel_is_not_current(repository: Path) -> None:
    wheel = repository / ZETA
    wheel.write_bytes(wheel.read_bytes()[:-1])
    assert not is_current(repository, PLAN)


@pytest.mark.parametrize(
    "name",
    [
        ZETA,
        f"{ZETA}.metadata",
        "simple/index.html",
        "simple/alpha/index.json",
        "requirements.txt",
    ],
)
def test_a_repository_with_one_other_byte_is_not_current(repository: Path, name: str) -> None:
    data = bytearray((repository / name).read_bytes())
    data[len(data) // 2] ^= 1
    (repository / name).write_bytes(data)
    assert not is_current(repository, PLAN)


@pytest.mark.parametrize("name", ["simple/evil/index.html", "evil-1.0-py3-none-any.whl"])
def test_what_was_planted_where_installers_look_is_seen(repository: Path, name: str) -> None:
    (repository / name).parent.mkdir(exist_ok=True)
    (repository / name).write_bytes(b"")
    assert not is_current(repository, PLAN)


def test_what_lies_beside_a_repository_is_nobodys_business(repository: Path) -> None:
    (repository / "README").write_text("mine")
    assert is_current(repository, PLAN)


def test_a_link_that_leads_elsewhere_is_seen(repository: Path) -> None:
    (repository / ZETA).unlink()
    (repository / ZETA).symlink_to(ALPHA)
    assert not is_current(repository, PLAN)


def _manifest(**changes: object) -> str:
    wheel = {"filename": ZETA, "origin": "built", "sha256": PLAN.hex}
    whole = {"schema": 1, "target": "cp311-linux_aarch64_glibc_2_28", "plan": PLAN.hex, "wheels": [wheel]}
    return json.dumps({**whole, **changes})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "[" * 5000,
        f'{{"plan": "{PLAN}", "wheels": 3}}',
        _manifest(target=["x"]),
        _manifest(plan=1),
        _manifest(wheels=[{"filename": f"../{ZETA}", "origin": "built", "sha256": PLAN.hex}]),
    ],
)
def test_a_damaged_manifest_is_not_current_and_not_read(repository: Path, text: str) -> None:
    (repository / "manifest.json").write_text(text)
    assert not is_current(repository, PLAN)
    with pytest.raises(InputError) as caught:
        read_repository(repository)
    assert str(caught.value) == (
        f"cannot read wheel repository '{repository}': its manifest.json is not one that crosswheel wrote; "
        "give a folder `crosswheel build` wrote"
    )


def test_changing_the_repository_does_not_change_the_source(repository: Path, tmp_path: Path) -> None:
    before = (tmp_path / "in" / ZETA).read_bytes()
    with (repository / ZETA).open("r+b") as stream:
        stream.write(b"xxxx")
    assert (tmp_path / "in" / ZETA).read_bytes() == before


def test_an_earlier_repository_is_replaced_whole(repository: Path, tmp_path: Path) -> None:
    only = wheels_in(tmp_path / "in")[:1]
    write_repository(repository, target=ARM, wheels=only, plan_digest=PLAN)
    assert not (repository / ALPHA).exists()
    assert is_current(repository, PLAN)
    assert [path.name for path in repository.parent.iterdir()] == [ARM.id]


def test_a_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/file").write_text("x")
    with pytest.raises(OutputError) as caught:
        write_repository(tmp_path / "mine", target=ARM, wheels=[], plan_digest=PLAN)
    assert str(caught.value) == (
        f"cannot write wheel repository '{tmp_path / 'mine'}': the folder holds something else (it has no "
        "manifest.json); remove it or choose another folder"
    )


def test_an_empty_lock_makes_an_empty_repository(tmp_path: Path) -> None:
    write_repository(tmp_path / "empty", target=ARM, wheels=[], plan_digest=PLAN)
    assert is_current(tmp_path / "empty", PLAN)


def test_a_wheel_without_metadata_or_with_a_wrong_name_is_refused_by_name(tmp_path: Path) -> None:
    good = make_wheel(tmp_path)
    misnamed = good.rename(tmp_path / "demo.whl")
    with pytest.raises(CheckError) as caught:
        write_repository(
            tmp_path / "out",
            target=ARM,
            wheels=[RepositoryWheel(path=misnamed, sha256=digest_of_file(misnamed), origin="built")],
            plan_digest=PLAN,
        )
    assert str(caught.value).startswith("cannot publish wheel 'demo.whl': ")
    assert not (tmp_path / "out").exists()


def test_a_wheel_that_is_not_what_its_digest_says_is_never_published(tmp_path: Path) -> None:
    wheel = wheels_in(tmp_path / "in")[1]
    data = bytearray(wheel.path.read_bytes())
    data[10] ^= 1  # the time of the first member: every check of the archive still passes
    wheel.path.write_bytes(data)
    with pytest.raises(StoreError) as caught:
        write_repository(tmp_path / "dist", target=ARM, wheels=[wheel], plan_digest=PLAN)
    assert str(caught.value) == (
        f"cannot publish wheel '{wheel.path.name}': the store's file was damaged since it was verified: "
        "its content is not that of its SHA-256; run again, which drops the file and gets it anew"
    )
    assert not (tmp_path / "dist").exists()
