"""What pip and uv are configured to do is what fetching does."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from crosswheel.act.fetching.fetch_settings import Credentials, FetchSettings, credentials_for
from crosswheel.act.fetching.index_configuration import (
    configuration_beside,
    read_fetch_settings,
    read_resolver_indexes,
)
from crosswheel.values.errors import InputError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    (tmp_path / "work").mkdir()
    return tmp_path / "home"


def read(home: Path, mirrors: tuple[str, ...] = (), **variables: str) -> FetchSettings:
    environment: Mapping[str, str] = {
        "HOME": str(home),
        "VIRTUAL_ENV": str(home.parent / "venv"),
        **variables,
    }
    return read_fetch_settings(
        working_directory=home.parent / "work",
        mirrors=mirrors,
        environment=environment,
        system=home.parent / "etc",
    )


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def urls(settings: FetchSettings) -> list[str]:
    return [index.url for index in settings.indexes]


def test_without_configuration_there_is_no_index(home: Path) -> None:
    assert read(home) == FetchSettings()


def test_pips_variables_are_read(home: Path) -> None:
    settings = read(
        home,
        PIP_INDEX_URL="https://one.example/simple/",
        PIP_EXTRA_INDEX_URL="https://two.example/simple https://three.example/simple",
        PIP_CERT="/ca.pem",
        PIP_CLIENT_CERT="/client.pem",
        PIP_TRUSTED_HOST="a.example b.example:8080",
        PIP_PROXY="http://proxy.example:3128",
        PIP_TIMEOUT="7",
        PIP_RETRIES="9",
    )
    assert urls(settings) == [
        "https://one.example/simple",
        "https://two.example/simple",
        "https://three.example/simple",
    ]
    assert settings.certificates == "/ca.pem"
    assert settings.client_certificate == "/client.pem"
    assert settings.trusted_hosts == {"a.example", "b.example:8080"}
    assert settings.proxies == {"http": "http://proxy.example:3128", "https": "http://proxy.example:3128"}
    assert (settings.timeout, settings.retries) == (7.0, 9)


@pytest.mark.parametrize(
    "place",
    [
        "etc/xdg/pip/pip.conf",
        "etc/pip.conf",
        "home/.pip/pip.conf",
        "home/.config/pip/pip.conf",
        "venv/pip.conf",
        "chosen.conf",
    ],
)
def test_each_place_of_pip_conf_is_read(home: Path, place: str) -> None:
    write(home.parent / place, "[global]\nindex-url = https://one.example/simple\n")
    assert urls(read(home, PIP_CONFIG_FILE=str(home.parent / "chosen.conf"))) == [
        "https://one.example/simple"
    ]


def test_nearer_files_and_sections_and_variables_win(home: Path) -> None:
    write(home.parent / "etc/xdg/pip/pip.conf", "[global]\nindex-url = https://far.example\ntimeout = 1\n")
    write(
        home / ".config/pip/pip.conf",
        "[install]\nindex_url = https://install.example\n[global]\nindex-url = https://near.example\n"
        "extra-index-url =\n    https://a.example\n    https://b.example\n",
    )
    assert urls(read(home)) == ["https://install.example", "https://a.example", "https://b.example"]
    assert read(home).timeout == 1.0
    assert urls(read(home, PIP_INDEX_URL="https://variable.example"))[0] == "https://variable.example"


def test_pip_told_to_read_no_files_reads_none(home: Path) -> None:
    write(home / ".config/pip/pip.conf", "[global]\nindex-url = https://one.example/simple\n")
    assert urls(read(home, PIP_CONFIG_FILE=os.devnull)) == []


def test_pip_told_to_use_no_index_uses_none(home: Path) -> None:
    assert urls(read(home, PIP_INDEX_URL="https://one.example", PIP_NO_INDEX="1")) == []


def test_uvs_variables_are_read_default_last(home: Path) -> None:
    settings = read(
        home,
        UV_DEFAULT_INDEX="https://default.example/simple",
        UV_INDEX="corp=https://corp.example/simple https://plain.example/simple",
        UV_EXTRA_INDEX_URL="https://extra.example/simple",
        UV_INDEX_CORP_USERNAME="ada",
        UV_INDEX_CORP_PASSWORD="secret",
    )
    assert urls(settings) == [
        "https://corp.example/simple",
        "https://plain.example/simple",
        "https://extra.example/simple",
        "https://default.example/simple",
    ]
    assert settings.indexes[0].credentials == Credentials(username="ada", password="secret")


def test_uvs_older_variable_is_read(home: Path) -> None:
    assert urls(read(home, UV_INDEX_URL="https://one.example/simple")) == ["https://one.example/simple"]


@pytest.mark.parametrize(
    "place", ["work/uv.toml", "home/.config/uv/uv.toml", "etc/uv/uv.toml", "etc/xdg/uv/uv.toml", "uv.toml"]
)
def test_each_place_of_uv_toml_is_read(home: Path, place: str) -> None:
    text = '[[index]]\nname = "one"\nurl = "https://one.example/simple"\n[[index]]\nurl = "https://d.example"\ndefault = true\n'
    write(home.parent / place, text)
    assert urls(read(home)) == ["https://one.example/simple", "https://d.example"]


def test_uvs_table_in_pyproject_is_read(home: Path) -> None:
    write(
        home.parent / "work/pyproject.toml",
        '[[tool.uv.index]]\nname = "my-corp"\nurl = "https://one.example/simple"\nexplicit = true\n',
    )
    (index,) = read(home, UV_INDEX_MY_CORP_PASSWORD="secret").indexes
    assert (index.url, index.explicit) == ("https://one.example/simple", True)
    assert index.credentials == Credentials(username="", password="secret")


def test_uvs_older_settings_are_read(home: Path) -> None:
    write(
        home.parent / "work/uv.toml",
        'extra-index-url = ["https://x.example"]\n[pip]\nindex-url = "https://one.example"\n',
    )
    assert urls(read(home)) == ["https://x.example", "https://one.example"]


def test_uv_toml_wins_over_pyproject(home: Path) -> None:
    write(home.parent / "work/uv.toml", 'index-url = "https://one.example"\n')
    write(home.parent / "work/pyproject.toml", '[tool.uv]\nindex-url = "https://two.example"\n')
    assert urls(read(home)) == ["https://one.example"]


def test_uv_told_to_read_no_files_reads_none(home: Path) -> None:
    write(home.parent / "work/uv.toml", 'index-url = "https://one.example"\n')
    assert urls(read(home, UV_NO_CONFIG="1")) == []


def test_uv_told_which_file_to_read_reads_that(home: Path) -> None:
    write(home.parent / "work/uv.toml", 'index-url = "https://one.example"\n')
    chosen = write(home / "chosen.toml", 'index-url = "https://two.example"\n')
    assert urls(read(home, UV_CONFIG_FILE=str(chosen))) == ["https://two.example"]


def test_an_index_named_twice_is_asked_once(home: Path) -> None:
    one = "https://one.example/simple"
    assert urls(read(home, PIP_INDEX_URL=f"{one}/", UV_DEFAULT_INDEX=one)) == [one]


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_DIR"])
def test_certificate_variables_are_read(home: Path, name: str) -> None:
    assert read(home, (), **{name: "/ca"}).certificates == "/ca"


def test_proxy_variables_are_read_the_lower_case_one_first(home: Path) -> None:
    settings = read(
        home,
        HTTPS_PROXY="http://upper.example",
        https_proxy="http://lower.example",
        NO_PROXY="a.example",
        ALL_PROXY="x",
    )
    assert settings.proxies == {"https": "http://lower.example", "no": "a.example", "all": "x"}


def test_a_cgi_request_cannot_set_the_proxy(home: Path) -> None:
    assert read(home, HTTP_PROXY="http://evil.example", REQUEST_METHOD="GET").proxies == {}


def test_mirrors_come_from_arguments_variable_and_files(home: Path) -> None:
    folder = home.parent / "plan"
    write(folder / "pyproject.toml", '[tool.crosswheel.mirrors]\n"https://d/" = "https://four/"\n')
    write(
        folder / "crosswheel.toml",
        '[mirrors]\n"https://c/" = "https://ada:secret@three/"\n"https://a/" = "https://late/"\n',
    )
    settings = read_fetch_settings(
        working_directory=home,
        mirrors=["https://a/=https://one/"],
        configuration=configuration_beside(folder / "wheels.plan.json"),
        environment={
            "HOME": str(home),
            "CROSSWHEEL_MIRRORS": "https://b/=https://two/ https://a/=https://late/",
        },
        system=home,
    )
    assert {rule.source: rule.replacement for rule in settings.mirrors} == {
        "https://a/": "https://one/",
        "https://b/": "https://two/",
        "https://c/": "https://three/",
        "https://d/": "https://four/",
    }
    assert [rule.credentials for rule in settings.mirrors if rule.source == "https://c/"] == [
        Credentials(username="ada", password="secret")
    ]


def test_no_text_form_shows_a_secret(home: Path) -> None:
    settings = read(
        home,
        ("https://a/=https://ada:secret@mirror.example/",),
        PIP_INDEX_URL="https://ada:secret@one.example/simple",
        HTTPS_PROXY="http://ada:secret@proxy.example",
    )
    assert settings.indexes[0].credentials == Credentials(username="ada", password="secret")
    assert "secret" not in repr(settings)


def test_of_two_indexes_of_one_origin_the_nearer_lends_its_credentials(home: Path) -> None:
    settings = read(
        home,
        PIP_INDEX_URL="https://a:1@one.example/x/simple",
        PIP_EXTRA_INDEX_URL="https://b:2@one.example/y/simple",
    )
    found = credentials_for("https://one.example/y/simple/demo/", settings)
    assert found.credentials == Credentials(username="b", password="2")
    assert credentials_for("https://one.example:8443/y/", settings).credentials is None


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        (
            "home/.config/pip/pip.conf",
            "index-url = x",
            "pip's configuration does not parse (MissingSectionHeaderError)",
        ),
        ("work/uv.toml", "x = ", "it is not TOML: Invalid value (at end of document)"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(home: Path, name: str, text: str, why: str) -> None:
    path = write(home.parent / name, text)
    with pytest.raises(InputError) as caught:
        read(home)
    assert str(caught.value) == f"cannot read configuration '{path}': {why}; correct or remove that file"


@pytest.mark.parametrize(
    ("option", "text", "why"),
    [
        ("timeout", "soon", "is not a number"),
        ("timeout", "-3", "is not from 0.1 to 100000"),
        ("timeout", "inf", "is not from 0.1 to 100000"),
        ("retries", "nan", "is not from 0 to 100000"),
        ("retries", "-1", "is not from 0 to 100000"),
    ],
)
def test_a_number_that_is_none_or_makes_no_sense_is_named(
    home: Path, option: str, text: str, why: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(home, **{f"PIP_{option.upper()}": text})  # type: ignore[arg-type]  # a variable, never a mirror
    assert (
        str(caught.value) == f"cannot read pip option '{option}': '{text}' {why}; correct pip's configuration"
    )


def test_mirrors_that_are_no_table_are_refused(home: Path) -> None:
    path = write(home / "crosswheel.toml", 'mirrors = "https://a/=https://b/"\n')
    with pytest.raises(InputError) as caught:
        read_fetch_settings(
            working_directory=home, configuration=[path], environment={"HOME": str(home)}, system=home
        )
    assert str(caught.value) == (
        f"{path}: cannot read setting 'mirrors': it is not a table of texts; write for example "
        'mirrors = { "https://files.example/" = "https://mirror.example/files/" }'
    )


def resolver_urls(home: Path, **variables: str) -> tuple[str | None, list[str]]:
    found = read_resolver_indexes(
        working_directory=home.parent / "work",
        environment={"HOME": str(home), "VIRTUAL_ENV": str(home.parent / "venv"), **variables},
        system=home.parent / "etc",
    )
    return found.default.url if found.default else None, [index.url for index in found.others]


def test_versions_are_looked_for_on_uvs_default_before_pips(home: Path) -> None:
    assert resolver_urls(home, PIP_INDEX_URL="https://pip.example") == ("https://pip.example", [])
    assert resolver_urls(
        home,
        PIP_INDEX_URL="https://pip.example",
        PIP_EXTRA_INDEX_URL="https://x.example",
        UV_DEFAULT_INDEX="https://uv.example",
    ) == ("https://uv.example", ["https://x.example"])


def test_no_version_is_looked_for_on_an_explicit_index(home: Path) -> None:
    write(home.parent / "work/uv.toml", '[[index]]\nname = "a"\nurl = "https://a.example"\nexplicit = true\n')
    assert resolver_urls(home) == (None, [])
