"""What users say of an image, before it is made: names, ports, folders and signals, as readers of images take them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from crosswheel.decide.images.image_config import ContainerSettings
from crosswheel.decide.images.oci_documents import BASE_DIGEST
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults
from crosswheel.values.moments import is_moment

__all__ = ["doubtful_name", "doubtful_settings", "port_and_protocol", "refuse_wrong_words"]

#: Grammar of org.opencontainers.image.ref.name (image-spec 1.1.1, annotations.md).
_COMPONENT = r"[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*"
_NAME = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_PORT = re.compile(r"([0-9]{1,5})/(?:tcp|udp|sctp)")
#: Linux's signals (signal(7)); the real-time ones are counted from either end.
_SIGNAL = re.compile(
    r"SIG(?:ABRT|ALRM|BUS|CHLD|CLD|CONT|FPE|HUP|ILL|INT|IO|IOT|KILL|PIPE|POLL|PROF|PWR|QUIT|SEGV|STKFLT|STOP|SYS|TERM|TRAP"
    r"|TSTP|TTIN|TTOU|URG|USR1|USR2|VTALRM|WINCH|XCPU|XFSZ"
    r"|RTMIN(?:\+(?:[1-9]|1[0-5]))?|RTMAX(?:-(?:[1-9]|1[0-4]))?)"
    r"|[1-9]|[1-5][0-9]|6[0-4]"
)
#: A name as useradd takes it, or a number.
_ACCOUNT = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\$?|[0-9]{1,10}")
#: The last number that is a user's or a group's; the one after it means nobody at all (chown(2)).
_LAST_ACCOUNT = 2**32 - 2
#: https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md
_CREATED = "org.opencontainers.image.created"
#: https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#digests
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")


def port_and_protocol(text: str) -> str:
    """Return a port as configurations have it, with its protocol and no zeros before it.

    >>> port_and_protocol("080"), port_and_protocol("53/udp")
    ('80/tcp', '53/udp')
    """
    number, slash, protocol = text.partition("/")
    plain = number.lstrip("0") or number if number.isascii() and number.isdigit() else number
    return f"{plain}/{protocol if slash else 'tcp'}"


def refuse_wrong_words(
    settings: ContainerSettings, *, tag: str, annotations: Mapping[str, str], interpreter: str | None = None
) -> None:
    """Refuse what a runtime would refuse, or would take for something else.

    Args:
        settings: what containers start with; ports have their protocols.
        tag: what the image is called in its layout.
        annotations: words about it.
        interpreter: path of the base's Python; ``None`` to find it.

    Raises:
        CrosswheelError: some words are wrong; all are collected.
    """
    faults = [*_tag_faults(tag), *_faults(settings), *_text_faults(settings, annotations)]
    if interpreter is not None and not interpreter.startswith("/"):
        why, fix = "it is no absolute path", "write for example /usr/bin/python3.11, or leave it out"
        faults.append(InputError("run the base's Python", interpreter, why=why, fix=fix))
    raise_faults(faults)


def doubtful_settings(settings: ContainerSettings, variables: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the values in an image's configuration that runtimes refuse, or take for something else, and why.

    Args:
        settings: what the configuration says.
        variables: its variables as they stand there, ``NAME=value``.
    """
    yield from ((fault.value or "", fault.why) for fault in _faults(settings))
    seen: set[str] = set()
    for variable in variables:
        name = variable.partition("=")[0]
        if name in seen:
            yield name, "the variable is there twice: some runtimes take the first, others the last"
        seen.add(name)


def doubtful_name(name: str) -> tuple[str, str] | None:
    """Return the name of an image in a layout that no program can be given, and why; ``None`` where one can."""
    fault = _with_nul(name, "use image") if "\0" in name else None
    return None if fault is None else (fault.value or "", fault.why)


def _tag_faults(tag: str) -> Iterator[CrosswheelError]:
    if not _NAME.fullmatch(tag):
        why = "it is no name of an image: letters and digits with single ._-:@+ between them, in parts with /"
        yield InputError("give an image the tag", tag, why=why, fix="use for example 1.0 or latest")


def _faults(settings: ContainerSettings) -> Iterator[CrosswheelError]:
    for port in settings.exposed_ports:
        match = _PORT.fullmatch(port)
        if match is None or not 1 <= int(match[1]) <= 65535:
            why = "it is no number from 1 to 65535, with /tcp, /udp or /sctp behind it or without"
            yield InputError("expose port", port, why=why, fix="write for example 8000 or 53/udp")
    folder = settings.working_dir
    if "\0" in folder:
        yield _with_nul(folder, "start containers in")
    elif folder and (not folder.startswith("/") or ".." in folder.split("/")):
        why = "it is no absolute path" if not folder.startswith("/") else "it has '..' in it"
        yield InputError("start containers in", folder, why=why, fix="write for example /app")
    if settings.stop_signal and not _SIGNAL.fullmatch(settings.stop_signal):
        why = "it is neither the name of a signal of Linux nor its number"
        yield InputError("stop containers by", settings.stop_signal, why=why, fix="write for example SIGINT")
    if settings.user and not all(map(_is_account, settings.user.split(":", 1))):
        why = "it is neither a user's name nor a number, with a group's after a colon or without"
        yield InputError("run containers as", settings.user, why=why, fix="write for example 65532:65532")
    for name, value in settings.env.items():
        if name.split() != [name] or "=" in name:
            why = "the name of a variable is a word without blanks and without '='"
            yield InputError("give an image the variable", name, why=why, fix="name it so")
        if "\0" in name + value:
            yield _with_nul(f"{name}={value}", "give an image the variable")
    for word in (*(settings.entrypoint or ()), *(settings.cmd or ())):
        if "\0" in word:
            yield _with_nul(word, "start containers by")
    if settings.entrypoint is not None and not any(settings.entrypoint[:1]):
        yield InputError(
            "start containers by", "", why="it names no program", fix="name one, or leave the entry point out"
        )


def _with_nul(text: str, doing: str) -> InputError:
    why = "it holds a NUL character, which no program can be given"
    return InputError(doing, text.replace("\0", "\\0"), why=why, fix="leave it out")


def _is_account(text: str) -> bool:
    return _ACCOUNT.fullmatch(text) is not None and not (text.isdigit() and int(text) > _LAST_ACCOUNT)


def _text_faults(settings: ContainerSettings, annotations: Mapping[str, str]) -> Iterator[CrosswheelError]:
    """Yield a fault for each text that JSON cannot hold, an argument that was no UTF-8, and for a time that is none."""
    pairs = {"variable": settings.env, "label": settings.labels, "annotation": annotations}
    for thing, texts in pairs.items():
        for name, value in texts.items():
            yield from _not_unicode(thing, f"{name}={value}")
    created = annotations.get(_CREATED)
    if created is not None and not is_moment(created):
        yield InputError(
            "give an image the annotation",
            f"{_CREATED}={created}",
            why="it is no time as RFC 3339 has it",
            fix="write for example 2026-01-31T12:00:00Z",
        )
    base = annotations.get(BASE_DIGEST)
    if base is not None and _DIGEST.fullmatch(base) is None:
        yield InputError(
            "give an image the annotation",
            f"{BASE_DIGEST}={base}",
            why="it is no digest",
            fix="write sha256: and 64 hexadecimal digits, or leave it out: an image says so of its base by itself",
        )
    for word in (*(settings.entrypoint or ()), *(settings.cmd or ())):
        yield from _not_unicode("argument", word)
    yield from _not_unicode("working directory", settings.working_dir)


def _not_unicode(thing: str, text: str) -> Iterator[CrosswheelError]:
    try:
        text.encode()
    except UnicodeEncodeError:
        yield InputError(
            f"give an image the {thing}",
            text,
            why="it is no UTF-8",
            fix="write it in UTF-8, in a locale of UTF-8",
        )
