"""What a build that failed was given: advice that it had already is none."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from crosswheel.values.canonical_json import JsonValue

__all__ = ["GivenBuild", "given_from_json"]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_PYTHON = re.compile(r"cp3(\d+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenBuild:
    """What a build was given of what configuration gives.

    Attributes:
        requirements: version of each build requirement in its environment, by normalized name.
        environment: the variables.
        config_settings: what the backend is passed; of several values of one name, each on a line.
        packages: Debian's packages in its sysroot.
        own_libraries: what folders of libraries it was given in place of those.
        suite: the release of Debian they are of; empty where there are none.
        tried: the releases of Debian whose libraries it failed for.
        link: how libraries are linked; empty where there are none.
        other_headers: headers that the log shows not to be there, and whose folders its libraries have without them.
        listed: what its lists in the configuration hold, by their keys; of downloads the names alone.
        entry: the table of the configuration that is about it, by its place there; empty where none is known.
        own: it is a project of the user's own, whose source is at hand.
    """

    requirements: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    config_settings: Mapping[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    own_libraries: tuple[str, ...] = ()
    suite: str = ""
    tried: tuple[str, ...] = ()
    link: str = ""
    other_headers: tuple[str, ...] = ()
    listed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    entry: str = ""
    own: bool = False

    def whole(self, line: str) -> str:
        """Return a line of a package's table with what the build was given by the same key, which it takes the place of.

        Args:
            line: TOML, and a comment of two spaces and more.
        """
        setting, _, comment = line.partition("  #")
        ((key, value),) = tomllib.loads(setting).items()
        if key == "downloads" and key in self.listed:
            return f"{line}; add it to the entry's own"
        merged = self._merged(key, value)
        if merged == value:
            return line
        comment = f"{comment.strip()}; " if comment else ""
        return f"{key} = {_toml(merged)}  # {comment}in place of the entry's {key}"

    def _merged(self, key: str, value: object) -> object:
        if isinstance(value, list) and value and isinstance(value[0], str):
            return list(dict.fromkeys([*self.listed.get(key, ()), *value]))
        there = {"environment": self.environment, "config-settings": self.config_settings}.get(key)
        if isinstance(value, Mapping) and there is not None:
            return {
                **there,
                **{name: _joined(name, there.get(name, ""), text) for name, text in value.items()},
            }
        return value

    def has(self, setting: str, target: str) -> bool:
        """Return whether a line of configuration would give the build nothing that it did not have.

        Args:
            setting: the line, TOML.
            target: id of what was built for.
        """
        tests: Mapping[str, Callable[[object], bool]] = {
            "build-requires": lambda value: all(
                canonicalize_name(one) in self.requirements for one in _texts(value)
            ),
            "build-constraints": lambda value: all(self._within(one) for one in _texts(value)),
            "environment": lambda value: _holds(self.environment, value),
            "config-settings": lambda value: _holds(self.config_settings, value),
            "link": lambda value: value == self.link,
            "sysroot": lambda value: isinstance(value, list) and set(_texts(value)) <= set(self.packages),
            # Where no library is Debian's, its release changes nothing.
            "suite": lambda value: not self.suite or value in (self.suite, *self.tried),
            "python": lambda value: _is_older_python(target, str(value)),
        }
        table = tomllib.loads(setting)
        return bool(table) and all(key in tests and tests[key](value) for key, value in table.items())

    def after(self, earlier: GivenBuild | None) -> GivenBuild:
        """Return it with what an earlier failure of the same build was given in vain."""
        tried = () if earlier is None else earlier.tried
        return replace(self, tried=tuple(dict.fromkeys((*tried, *self.tried))))

    def json_value(self) -> Mapping[str, JsonValue]:
        """Return it as `given_from_json` reads it."""
        return {
            "requirements": dict(self.requirements),
            "environment": dict(self.environment),
            "config_settings": dict(self.config_settings),
            "packages": list(self.packages),
            "own_libraries": list(self.own_libraries),
            "suite": self.suite,
            "tried": list(self.tried),
            "link": self.link,
            "other_headers": list(self.other_headers),
            "listed": {key: list(items) for key, items in self.listed.items()},
            "entry": self.entry,
            "own": self.own,
        }

    def _within(self, limit: str) -> bool:
        """Return whether a limit holds: one of a project that is not there always does."""
        requirement = Requirement(limit)
        version = self.requirements.get(canonicalize_name(requirement.name))
        return version is None or requirement.specifier.contains(version, prereleases=True)


def given_from_json(value: JsonValue) -> GivenBuild | None:
    """Return what `GivenBuild.json_value` gave; ``None`` for what an older crosswheel did not write."""
    if not isinstance(value, Mapping):
        return None
    return GivenBuild(
        requirements=_texts_by_name(value.get("requirements")),
        environment=_texts_by_name(value.get("environment")),
        config_settings=_texts_by_name(value.get("config_settings")),
        packages=_texts(value.get("packages")),
        own_libraries=_texts(value.get("own_libraries")),
        suite=str(value.get("suite", "")),
        tried=_texts(value.get("tried")),
        link=str(value.get("link", "")),
        other_headers=_texts(value.get("other_headers")),
        listed={str(key): _texts(items) for key, items in _mapping(value.get("listed")).items()},
        entry=str(value.get("entry", "")),
        own=value.get("own") is True,
    )


def _joined(name: str, there: str, text: str) -> str:
    """Return the value of a variable: of one that holds options, those that are there stay."""
    words = there.split() if name.endswith(("FLAGS", "ARGS")) else []
    return " ".join(dict.fromkeys([*words, *text.split()])) if words else text


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(str(name))} = {_toml(one)}' for name, one in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    # What JSON escapes, TOML does in the same way, and one more.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _toml(name)


def _mapping(value: object) -> Mapping[object, object]:
    return value if isinstance(value, Mapping) else {}


def _texts_by_name(value: object) -> Mapping[str, str]:
    return {str(name): str(text) for name, text in _mapping(value).items()}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else ()


def _holds(there: Mapping[str, str], wanted: object) -> bool:
    """Return whether every variable is there with a value that has the words of the one wanted."""
    if not isinstance(wanted, Mapping):
        return False
    return all(
        name in there and set(str(text).split()) <= set(there[name].split()) for name, text in wanted.items()
    )


def _is_older_python(target: str, wanted: str) -> bool:
    found = _PYTHON.match(target)
    return found is not None and int(found[1]) <= int(wanted.partition(".")[2] or 0)
