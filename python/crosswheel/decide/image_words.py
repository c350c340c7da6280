"""What users say of an image, before it is made: names, ports, folders and signals, as readers of images take them."""

from __future__ import annotations

import re

from crosswheel.values.errors import CrosswheelError, InputError, raise_faults

__all__ = ["refuse_wrong_words"]

#: Grammar of org.opencontainers.image.ref.name (image-spec 1.1.1, annotations.md).
_COMPONENT = r"[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*"
_NAME = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_PORT = re.compile(r"([0-9]{1,5})/(?:tcp|udp|sctp)")
_SIGNAL = re.compile(r"SIG[A-Z0-9+-]+|[1-9][0-9]?")


def refuse_wrong_words(*, tag: str, ports: tuple[str, ...], working_dir: str, stop_signal: str) -> None:
    """Refuse what a runtime would refuse, or would take for something else.

    Args:
        tag: what the image is called in its layout.
        ports: with their protocols.
        working_dir: where containers start; empty where nothing is said.
        stop_signal: what asks them to stop; empty where nothing is said.

    Raises:
        CrosswheelError: some words are wrong; all are collected.
    """
    faults: list[CrosswheelError] = []
    if not _NAME.fullmatch(tag):
        why = "it is no name of an image: letters and digits with single ._-:@+ between them, in parts with /"
        faults.append(InputError("give an image the tag", tag, why=why, fix="use for example 1.0 or latest"))
    for port in ports:
        match = _PORT.fullmatch(port)
        if match is None or not 1 <= int(match[1]) <= 65535:
            why = "it is no number from 1 to 65535, with /tcp, /udp or /sctp behind it or without"
            faults.append(InputError("expose port", port, why=why, fix="write for example 8000 or 53/udp"))
    if working_dir and not working_dir.startswith("/"):
        why = "it is no absolute path"
        faults.append(InputError("start containers in", working_dir, why=why, fix="write for example /app"))
    if stop_signal and not _SIGNAL.fullmatch(stop_signal):
        why = "it is neither a name of a signal nor a number"
        faults.append(InputError("stop containers by", stop_signal, why=why, fix="write for example SIGINT"))
    raise_faults(faults)
