"""The licence that a wheel's METADATA says, in one short line (core metadata 2.4, and what came before PEP 639)."""

from __future__ import annotations

from email.parser import HeaderParser

__all__ = ["licence_of_metadata"]

#: The field ``License`` used to hold whole texts; an expression and a name are shorter.
_LONGEST_NAME = 60
_CLASSIFIER = "License :: "
#: Classifiers that name no licence.
_NO_NAME = frozenset({"OSI Approved", "DFSG approved"})


def licence_of_metadata(metadata: bytes) -> str:
    r"""Return the licence of a METADATA file; empty if it says none.

    ``License-Expression`` is exact; else a short ``License``, else the classifiers.

    >>> licence_of_metadata(b"Metadata-Version: 2.4\nLicense-Expression: MIT\n\n")
    'MIT'
    """
    message = HeaderParser().parsestr(metadata.decode("utf-8", "replace"))
    for field in ("License-Expression", "License"):
        text = str(message.get(field, "")).strip()
        if text and text.upper() != "UNKNOWN" and len(text) <= _LONGEST_NAME and "\n" not in text:
            return text
    names = [
        str(one).rpartition(" :: ")[2]
        for one in message.get_all("Classifier", [])
        if str(one).startswith(_CLASSIFIER)
    ]
    return ", ".join(name for name in names if name not in _NO_NAME)
