"""Whether the accounts that containers run as are those of their image (passwd(5), group(5))."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["ACCOUNT_FILES", "unknown_accounts"]

_USERS, _GROUPS = "etc/passwd", "etc/group"
#: Where runtimes look names up, below the root of an image.
ACCOUNT_FILES = frozenset({_USERS, _GROUPS})


def unknown_accounts(account: str, *, passwd: bytes | None, group: bytes | None) -> Iterator[tuple[str, str]]:
    """Yield the names that no runtime finds, and why.

    Numbers need no name in the image.

    Args:
        account: ``USER``, or ``USER:GROUP``.
        passwd: content of ``/etc/passwd``, empty without one; ``None`` where it is not known.
        group: the same of ``/etc/group``.

    >>> list(unknown_accounts("web", passwd=b"root:x:0:0::/:/bin/sh", group=b""))
    [('web', 'no line of /etc/passwd is about the user, so that no container starts')]
    """
    user, _, members = account.partition(":")
    for name, content, path, thing in ((user, passwd, _USERS, "user"), (members, group, _GROUPS, "group")):
        if not name or name.isdigit() or content is None:
            continue
        if name.encode(errors="backslashreplace") not in {
            line.partition(b":")[0].strip() for line in content.splitlines()
        }:
            lacks = f"no line of /{path} is about the {thing}" if content else f"there is no /{path}"
            yield name, f"{lacks}, so that no container starts"
