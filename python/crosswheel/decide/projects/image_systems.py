"""Which C library and which Python of its own an image has, by the distribution that its name tells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

from crosswheel.values.platforms import Glibc, Musl

__all__ = ["device_platform", "has_other_python", "libc_of_image", "python_of_debian", "python_of_image"]

_Fact = TypeVar("_Fact")

#: The release of Alpine from which on it has musl 1.2: https://alpinelinux.org/posts/Alpine-3.13.0-released.html
_MUSL_1_2 = 13
_ALPINE = re.compile(r"alpine(?::v?|-)?(?:3\.(\d+))?")
#: The glibc 2.x of releases that have an older one than targets usually do, as their packages of it say.
_RELEASES: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "amazonlinux": {"1": 17, "2018.03": 17, "2": 26},
        "centos": {"6": 12, "7": 17},
        "debian": {"7": 13, "8": 19, "9": 24},
        "leap": {"42": 22, "15.0": 26, "15.1": 26, "15.2": 26},
        "oraclelinux": {"6": 12, "7": 17},
        "rhel": {"6": 12, "7": 17},
        "ubi": {"7": 17},
        "ubuntu": {"12.04": 15, "14.04": 19, "16.04": 23, "18.04": 27},
    }
)
_NAMES: Mapping[str, int] = MappingProxyType(
    {
        "precise": 15,
        "trusty": 19,
        "xenial": 23,
        "bionic": 27,
        "wheezy": 13,
        "jessie": 19,
        "stretch": 24,
        # As Lambda calls Amazon Linux in images without a language.
        "al2": 26,
        "alami": 17,
        "provided.al2": 26,
    }
)
#: The Python that each release's package ``python3`` is: packages.debian.org, packages.ubuntu.com, pkgs.alpinelinux.org.
_DEBIAN = (
    ("10", "buster", "3.7"),
    ("11", "bullseye", "3.9"),
    ("12", "bookworm", "3.11"),
    ("13", "trixie", "3.13"),
)
_RED_HAT: Mapping[str, str] = MappingProxyType({"8": "3.6", "9": "3.9", "10": "3.12"})
_PYTHONS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "almalinux": _RED_HAT,
        "alpine": {
            "3.16": "3.10",
            "3.17": "3.10",
            "3.18": "3.11",
            "3.19": "3.11",
            "3.20": "3.12",
            "3.21": "3.12",
            "3.22": "3.12",
        },
        "amazonlinux": {"2": "3.7", "2023": "3.9"},
        "debian": {word: python for number, name, python in _DEBIAN for word in (number, name)},
        "rockylinux": _RED_HAT,
        "ubuntu": {
            "20.04": "3.8",
            "22.04": "3.10",
            "24.04": "3.12",
            "focal": "3.8",
            "jammy": "3.10",
            "noble": "3.12",
        },
    }
)
#: Red Hat's images, whose names have the release: ``ubi9``, ``ubi9/ubi-minimal``, ``ubi8``.
_UBI = re.compile(r"(?:^|/)ubi(\d+)(?:[/:-]|$)")
#: Pythons that are no CPython, by the names of their images.
_OTHER_PYTHON = re.compile(r"(?:^|/)(?:pypy|graalpy|graalpython|micropython)(?:[:/-]|$)")
#: What balena's images call the devices that they are for: https://docs.balena.io/reference/base-images/devicetypes/
_BALENA: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        platform: re.compile(rf"(?:^|/)balenalib/(?:{names})(?:[:-]|$)")
        for platform, names in (
            ("linux/arm64", r"aarch64|generic-aarch64|raspberrypi[\w-]*-64|raspberrypi5|jetson-\w+"),
            ("linux/amd64", r"amd64|generic-amd64|genericx86-64-ext|intel-nuc|qemux86-64"),
            ("linux/386", r"i386|i386-nlp|qemux86"),
            ("linux/arm/v7", r"armv7hf|raspberry-pi2|raspberrypi3|beaglebone\w*"),
            ("linux/arm/v6", r"rpi|raspberry-pi"),
        )
    }
)
_NUMBERED = re.compile(r"([a-z]+)(\d[\d.]*)")


def libc_of_image(image: str) -> Glibc | Musl | None:
    """Return the C library of an image by name and tag; ``None`` where it is a target's usual one, or not told.

    >>> libc_of_image("docker.io/library/ubuntu:18.04"), libc_of_image("nvidia/cuda:11.8.0-base-centos7")
    (Glibc(major=2, minor=27), Glibc(major=2, minor=17))
    """
    if (alpine := _ALPINE.search(image)) is not None:
        return Musl(major=1, minor=1 if alpine[1] and int(alpine[1]) < _MUSL_1_2 else 2)
    path, _, tag = image.rpartition("/")[2].partition(":")
    words = re.split(r"[/-]", image.partition(":")[0]) + tag.split("-")
    minor = _release(path, tag)
    for word in words:
        numbered = _NUMBERED.fullmatch(word)
        minor = minor or _NAMES.get(word) or (None if numbered is None else _release(*numbered.groups()))
    return None if minor is None else Glibc(major=2, minor=minor)


def python_of_image(image: str) -> str:
    """Return the ``X.Y`` that a distribution's image has as its own Python, there or to be installed; empty where not known.

    >>> python_of_image("docker.io/library/ubuntu:22.04"), python_of_image("debian:bookworm-slim"), python_of_image("node:22")
    ('3.10', '3.11', '')
    """
    if (universal := _UBI.search(image)) is not None:
        return _RED_HAT.get(universal[1], "")
    name, _, tag = image.rpartition("/")[2].partition(":")
    return _of_release(_PYTHONS.get(name, {}), tag) or ""


def has_other_python(image: str) -> bool:
    """Tell whether an image's Python is none for which there are wheels of CPython.

    >>> has_other_python("pypy:3.10-slim"), has_other_python("python:3.12")
    (True, False)
    """
    return _OTHER_PYTHON.search(image.partition("@")[0]) is not None


def device_platform(image: str) -> str:
    """Return the platform, in the words of containers, of the device that an image is named for; empty for other images.

    >>> device_platform("balenalib/raspberrypi4-64-python:3.12"), device_platform("python:3.12")
    ('linux/arm64', '')
    """
    return next((platform for platform, name in _BALENA.items() if name.search(image)), "")


def python_of_debian(release: str) -> str:
    """Return the ``X.Y`` of a release of Debian, by its number or its code name; empty where not known.

    >>> python_of_debian("12"), python_of_debian("trixie")
    ('3.11', '3.13')
    """
    return _PYTHONS["debian"].get(release, "")


def _release(name: str, version: str) -> int | None:
    return _of_release(_RELEASES.get(name, {}), version)


def _of_release(releases: Mapping[str, _Fact], version: str) -> _Fact | None:
    """Return what is known of the release that a version, or a tag, is of."""
    for release, fact in releases.items():
        if version == release or version.startswith((f"{release}.", f"{release}-")):
            return fact
    return None
