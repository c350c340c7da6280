"""The few files a system without an installer needs: users, groups, the order of name services, folders for scratch."""

from __future__ import annotations

from crosswheel.act.images.debian_files import CERTIFICATES, PackageFiles
from crosswheel.decide.images.image_config import ContainerSettings

__all__ = ["BASE_PATH", "NONROOT", "add_system_files", "base_settings"]

#: Number of the user that images run as; the one that others use for the same purpose.
NONROOT = 65532
#: Where programs are looked for.
BASE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_NOBODY = 65534
_PASSWD = f"""\
root:x:0:0:root:/root:/sbin/nologin
nobody:x:{_NOBODY}:{_NOBODY}:nobody:/nonexistent:/sbin/nologin
nonroot:x:{NONROOT}:{NONROOT}:nonroot:/home/nonroot:/sbin/nologin
"""
_GROUP = f"""\
root:x:0:
tty:x:5:
mail:x:8:
staff:x:50:
nogroup:x:{_NOBODY}:
nonroot:x:{NONROOT}:
"""
# Without the file glibc asks DNS before /etc/hosts.
_NSSWITCH = (
    "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nservices: files\nprotocols: files\n"
)


def add_system_files(files: PackageFiles) -> None:
    """Add them to the files of a system."""
    files.file("etc/passwd", _PASSWD.encode())
    files.file("etc/group", _GROUP.encode())
    files.file("etc/nsswitch.conf", _NSSWITCH.encode())
    files.folder("tmp", mode=0o1777)
    files.folder("var/tmp", mode=0o1777)
    files.folder("root", mode=0o700)
    files.folder("home/nonroot", mode=0o700, uid=NONROOT, gid=NONROOT)


def base_settings(files: PackageFiles) -> ContainerSettings:
    """Return what containers of a system made of packages start with."""
    env = {"PATH": BASE_PATH, "LANG": "C.UTF-8"}
    if files.certificates:
        env["SSL_CERT_FILE"] = f"/{CERTIFICATES}"
    return ContainerSettings(env=env, user=f"{NONROOT}:{NONROOT}")
