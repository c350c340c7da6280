"""Which indexes, mirrors, credentials, proxies and certificates the user has configured for pip and uv.

Reads what pip (https://pip.pypa.io/en/stable/topics/configuration/) and uv
(https://docs.astral.sh/uv/concepts/configuration-files/) read, and writes nothing.
"""

from __future__ import annotations

import configparser
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crosswheel.act.fetching.fetch_settings import (
    Credentials,
    FetchSettings,
    IndexBase,
    Mirror,
    mirror,
    parse_mirror,
)
from crosswheel.values.errors import InputError
from crosswheel.values.toml_text import TomlError, parse_toml

__all__ = ["ResolverIndexes", "configuration_beside", "read_fetch_settings", "read_resolver_indexes"]

#: pip's commands whose sections may hold index settings, weakest first.
_PIP_SECTIONS = ("global", "install", "download")
#: Variables that name certificate authorities, strongest first; pip.conf's ``cert`` comes after PIP_CERT.
_CERTIFICATE_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@dataclass(frozen=True, kw_only=True, slots=True)
class ResolverIndexes:
    """Where versions are looked for.

    Attributes:
        default: the index that stands for the public one; ``None`` if that itself is used.
        others: searched before it, in this order.
    """

    default: IndexBase | None = None
    others: tuple[IndexBase, ...] = ()

    @property
    def all(self) -> tuple[IndexBase, ...]:
        """Every index, the default last."""
        return (*self.others, *((self.default,) if self.default else ()))


def read_resolver_indexes(
    *,
    working_directory: Path,
    environment: Mapping[str, str] | None = None,
    system: Path = Path("/etc"),
) -> ResolverIndexes:
    """Return where versions are looked for by this user in this folder: uv's settings, completed by pip's.

    Args:
        working_directory: where uv.toml and pyproject.toml are looked for.
        environment: environment variables; this process's when ``None``.
        system: folder of the machine's own configuration.

    Raises:
        InputError: a configuration file cannot be read.
    """
    variables = os.environ if environment is None else environment
    uv = _read_uv(variables, working_directory, system)
    options = _read_pip(variables, system)
    pip = _pip_indexes(options)
    has_default = bool(pip) and bool(options.get("index-url"))
    default = uv.default or (pip[0] if has_default else None)
    others = _without_repeats([*uv.others, *(pip[1:] if has_default else pip)])
    return ResolverIndexes(default=default, others=tuple(index for index in others if not index.explicit))


def read_fetch_settings(
    *,
    working_directory: Path,
    mirrors: Sequence[str] = (),
    configuration: Sequence[Path] = (),
    environment: Mapping[str, str] | None = None,
    system: Path = Path("/etc"),
) -> FetchSettings:
    """Return how files are fetched for this user in this folder.

    Args:
        working_directory: where uv.toml and pyproject.toml are looked for.
        mirrors: rewrite rules ``FROM=TO`` of the command line; those of ``CROSSWHEEL_MIRRORS`` and of
            `configuration` come after them.
        configuration: pyproject.toml or crosswheel.toml files whose ``mirrors`` count; see `configuration_beside`.
        environment: environment variables; this process's when ``None``.
        system: folder of the machine's own configuration.

    Raises:
        InputError: a configuration file or a rule cannot be read.
    """
    variables = os.environ if environment is None else environment
    pip = _read_pip(variables, system)
    uv = _read_uv(variables, working_directory, system)
    netrc = Path(variables.get("NETRC") or _home(variables) / ".netrc")
    return FetchSettings(
        indexes=_without_repeats([*uv.all, *_pip_indexes(pip)]),
        mirrors=_read_mirrors(mirrors, variables, configuration),
        proxies=_proxies(variables, pip.get("proxy")),
        certificates=pip.get("cert")
        or _first(variables, _CERTIFICATE_VARIABLES)
        or variables.get("SSL_CERT_DIR"),
        client_certificate=pip.get("client-cert"),
        trusted_hosts=frozenset(pip.get("trusted-host", "").split()),
        netrc=str(netrc) if netrc.is_file() else None,
        timeout=_number(pip, "timeout", _number(pip, "default-timeout", 30.0, least=0.1), least=0.1),
        retries=int(_number(pip, "retries", 4, least=0)),
    )


def configuration_beside(source: Path) -> tuple[Path, ...]:
    """Return the configuration files that go with a lock or plan: those in its folder."""
    return tuple(
        path for name in ("crosswheel.toml", "pyproject.toml") if (path := source.parent / name).is_file()
    )


def _first(variables: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((variables[name] for name in names if variables.get(name)), None)


def _home(variables: Mapping[str, str]) -> Path:
    return Path(variables.get("HOME") or Path.home())


# pip


def _read_pip(variables: Mapping[str, str], system: Path) -> dict[str, str]:
    """Return pip's options by name: its files, weakest first, overridden by ``PIP_*``."""
    options: dict[str, str] = {}
    for path in _pip_files(variables, system):
        options |= _read_pip_file(path)
    for name, value in variables.items():
        if name.startswith("PIP_") and value:
            options[name.removeprefix("PIP_").lower().replace("_", "-")] = value
    return options


def _pip_files(variables: Mapping[str, str], system: Path) -> Iterator[Path]:
    chosen = variables.get("PIP_CONFIG_FILE")
    if chosen == os.devnull:  # pip's way to say: no files at all
        return
    home = _home(variables)
    if sys.platform == "darwin":
        yield Path("/Library/Application Support/pip/pip.conf")
    for folder in reversed((variables.get("XDG_CONFIG_DIRS") or str(system / "xdg")).split(":")):
        if folder:
            yield Path(folder, "pip/pip.conf")
    yield system / "pip.conf"
    yield home / ".pip/pip.conf"
    if sys.platform == "darwin":
        yield home / "Library/Application Support/pip/pip.conf"
    yield Path(variables.get("XDG_CONFIG_HOME") or home / ".config", "pip/pip.conf")
    yield Path(variables.get("VIRTUAL_ENV") or sys.prefix, "pip.conf")
    if chosen:
        yield Path(chosen)


def _read_pip_file(path: Path) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"), source=str(path))
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return {}
    except (configparser.Error, UnicodeDecodeError) as error:
        reason = type(error).__name__
        raise _unreadable(path, f"pip's configuration does not parse ({reason})") from None
    options: dict[str, str] = {}
    for section in _PIP_SECTIONS:
        if parser.has_section(section):
            options |= {name.replace("_", "-"): value for name, value in parser.items(section) if value}
    return options


def _pip_indexes(options: Mapping[str, str]) -> list[IndexBase]:
    if options.get("no-index", "").lower() in {"1", "true", "yes", "on"}:
        return []
    urls = [*options.get("index-url", "").split()[:1], *options.get("extra-index-url", "").split()]
    return [IndexBase.from_url(url) for url in urls]


#: As many seconds or tries as anybody means.
_MOST = 100_000


def _number(options: Mapping[str, str], name: str, default: float, *, least: float) -> float:
    why = "is not a number"
    try:
        number = float(options.get(name, default))
        if least <= number <= _MOST:
            return number
        why = f"is not from {least:g} to {_MOST}"
    except ValueError:
        pass
    raise InputError(
        "read pip option", name, why=f"{options[name]!r} {why}", fix="correct pip's configuration"
    )


# uv


@dataclass(frozen=True, slots=True)
class _UvIndexes:
    """What one uv configuration file says of indexes; `default` is searched last, as uv does."""

    others: tuple[IndexBase, ...] = ()
    default: IndexBase | None = None
    extra: tuple[IndexBase, ...] = field(default=())


def _read_uv(variables: Mapping[str, str], working_directory: Path, system: Path) -> ResolverIndexes:
    files = [_uv_indexes(table, variables) for table in _uv_tables(variables, working_directory, system)]
    named = [_named_index(text, variables) for text in variables.get("UV_INDEX", "").split()]
    extra = [IndexBase.from_url(url) for url in variables.get("UV_EXTRA_INDEX_URL", "").split()]
    default = variables.get("UV_DEFAULT_INDEX") or variables.get("UV_INDEX_URL")
    defaults = [_named_index(default, variables)] if default else []
    defaults += [file.default for file in files if file.default]
    others = [base for file in files for base in (*file.others, *file.extra)]
    return ResolverIndexes(default=defaults[0] if defaults else None, others=(*named, *extra, *others))


def _uv_tables(
    variables: Mapping[str, str], working_directory: Path, system: Path
) -> Iterator[Mapping[str, Any]]:
    """Yield the tables uv would read, strongest first: the project's, the user's, the system's."""
    if chosen := variables.get("UV_CONFIG_FILE"):
        yield _read_toml(Path(chosen))
        return
    if variables.get("UV_NO_CONFIG", "").lower() in {"1", "true"}:
        return
    yield _project_uv_table(working_directory)
    home = Path(variables.get("XDG_CONFIG_HOME") or _home(variables) / ".config")
    yield _read_toml(home / "uv/uv.toml")
    for folder in (variables.get("XDG_CONFIG_DIRS") or str(system / "xdg")).split(":"):
        if folder:
            yield _read_toml(Path(folder, "uv/uv.toml"))
    yield _read_toml(system / "uv/uv.toml")


def _project_uv_table(working_directory: Path) -> Mapping[str, Any]:
    """Return the nearest project's table: uv.toml wins over pyproject.toml in the same folder."""
    for folder in (working_directory, *working_directory.parents):
        if (folder / "uv.toml").is_file():
            return _read_toml(folder / "uv.toml")
        table = _table(_table(_read_toml(folder / "pyproject.toml"), "tool"), "uv")
        if table:
            return table
    return {}


def _uv_indexes(table: Mapping[str, Any], variables: Mapping[str, str]) -> _UvIndexes:
    default: IndexBase | None = None
    others: list[IndexBase] = []
    for entry in table.get("index") or ():
        if not isinstance(entry, Mapping) or not isinstance(entry.get("url"), str):
            continue
        credentials = _index_credentials(str(entry.get("name", "")), variables)
        base = IndexBase.from_url(entry["url"], credentials=credentials, explicit=bool(entry.get("explicit")))
        if entry.get("default"):
            default = base
        else:
            others.append(base)
    settings = {**_table(table, "pip"), **table}
    if default is None and isinstance(settings.get("index-url"), str):
        default = IndexBase.from_url(settings["index-url"])
    extra = tuple(IndexBase.from_url(url) for url in settings.get("extra-index-url") or ())
    return _UvIndexes(others=tuple(others), default=default, extra=extra)


def _named_index(text: str, variables: Mapping[str, str]) -> IndexBase:
    """Return the index of ``NAME=URL`` or ``URL``."""
    match = re.match(r"([A-Za-z0-9._-]+)=(?=[a-z]+:)", text)
    credentials = _index_credentials(match[1], variables) if match else None
    return IndexBase.from_url(text[match.end() :] if match else text, credentials=credentials)


def _index_credentials(name: str, variables: Mapping[str, str]) -> Credentials | None:
    key = re.sub(r"[^A-Z0-9]", "_", name.upper())
    username = variables.get(f"UV_INDEX_{key}_USERNAME")
    password = variables.get(f"UV_INDEX_{key}_PASSWORD")
    if not name or (username is None and password is None):
        return None
    return Credentials(username=username or "", password=password or "")


# Ours


def _read_mirrors(
    arguments: Sequence[str], variables: Mapping[str, str], configuration: Sequence[Path]
) -> tuple[Mirror, ...]:
    """Return the rules without repeats; of several for one source the first counts."""
    rules = [parse_mirror(rule) for rule in (*arguments, *variables.get("CROSSWHEEL_MIRRORS", "").split())]
    for path in configuration:
        document = _read_toml(path)
        if path.name == "pyproject.toml":
            document = _table(_table(document, "tool"), "crosswheel")
        configured = document.get("mirrors", {})
        if not isinstance(configured, Mapping) or not all(isinstance(to, str) for to in configured.values()):
            raise InputError(
                "read setting",
                "mirrors",
                why="it is not a table of texts",
                fix='write for example mirrors = { "https://files.example/" = "https://mirror.example/files/" }',
                context=(str(path),),
            )
        rules += [mirror(source, replacement) for source, replacement in configured.items()]
    return tuple({rule.source: rule for rule in reversed(rules)}.values())


def _proxies(variables: Mapping[str, str], pip_proxy: str | None) -> dict[str, str]:
    """Return proxies by scheme as urllib reads them: the lower-case variable wins."""
    found = {}
    for scheme in ("http", "https", "all", "no"):
        name = f"{scheme}_proxy"
        # https://httpoxy.org: HTTP_PROXY may be a request header of a CGI caller.
        upper = None if scheme == "http" and "REQUEST_METHOD" in variables else variables.get(name.upper())
        if value := variables.get(name) or upper:
            found[scheme] = value
    return found | ({"http": pip_proxy, "https": pip_proxy} if pip_proxy else {})


def _read_toml(path: Path) -> Mapping[str, Any]:
    try:
        return parse_toml(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, PermissionError, IsADirectoryError):
        return {}
    except TomlError as error:
        raise _unreadable(path, str(error), fix=error.fix) from None


def _table(table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = table.get(name)
    return inner if isinstance(inner, Mapping) else {}


def _unreadable(path: Path, why: str, *, fix: str = "") -> InputError:
    return InputError("read configuration", str(path), why=why, fix=fix or "correct or remove that file")


def _without_repeats(indexes: Sequence[IndexBase]) -> tuple[IndexBase, ...]:
    unique: dict[str, IndexBase] = {}
    for index in indexes:
        unique.setdefault(index.url, index)
    return tuple(unique.values())
