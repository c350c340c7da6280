"""Bases that the target's wheels would not load on, or whose Python would not start."""

from __future__ import annotations

from crosswheel.act.images.base_facts import LIBRARY_FOLDERS, BaseFacts, musl_loader
from crosswheel.act.images.programs import Programs
from crosswheel.target.targets import Target
from crosswheel.values.errors import CheckError, InputError
from crosswheel.values.platforms import Glibc, Linux

__all__ = ["NO_PROGRAM", "refuse_lessened_glibc", "refuse_other_libc", "refuse_other_program"]

#: Files of glibc besides the C library that programs for it name, empty ones of newer releases among them.
_GLIBC_PARTS = ("libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1", "libresolv.so.2")
#: What is said of a file that cannot be started.
NO_PROGRAM = "is no program: nobody may execute it, or it is neither ELF nor a script that names what runs it"


def refuse_other_libc(facts: BaseFacts, python: str | None, target: Target, *, name: str) -> None:
    """Refuse a base on which the target's wheels would not load.

    Args:
        facts: what the base brings.
        python: path of the Python that the image will use; ``None`` where there is none.
        target: whose wheels they are.
        name: what the base is called in messages.

    Raises:
        CheckError: it lacks the C library, or has an older one than the wheels may need.
    """
    libc = _libc(target)
    if isinstance(libc, Glibc):
        glibc, wanted = facts.glibc_of(python), f"glibc {libc.major}.{libc.minor}"
        if glibc is not None and libc <= glibc:
            return
        folders = ", ".join(f"/{folder}" for folder in LIBRARY_FOLDERS)
        has, fix = (
            f"no glibc in {folders}, nor beside the program loader that its Python asks for",
            "use a base with glibc",
        )
        if glibc is not None:
            has, fix = f"glibc {glibc.major}.{glibc.minor}", "use a newer base"
    else:
        program = None if python is None else facts.programs.at(python)
        # Who has musl's loader has musl: it is one file.
        if facts.musl or (program is not None and program.libc == "musl"):
            return
        has, wanted, fix = f"no musl at /{musl_loader(target.platform.arch)}", "musl", "use a base with musl"
    raise CheckError(
        "use base image",
        name,
        why=f"it has {has}, and the wheels of {target.id} may need {wanted}",
        fix=f"{fix}, or plan for a target that it serves",
    )


def refuse_lessened_glibc(below: BaseFacts, facts: BaseFacts, python: str | None, *, name: str) -> None:
    """Refuse a base that has less of a glibc than its own programs were made for, whatever the target needs.

    Args:
        below: what it brings itself.
        facts: what is left of that with layers on it.
        python: path of the Python that the image will use; ``None`` where there is none.
        name: what the base is called in messages.

    Raises:
        CheckError: the C library is an older one, or a part of it is gone.
    """
    was, now = below.glibc_of(python), facts.glibc_of(python)
    folder = None if python is None else below.programs.loader_folder(python)
    parts = [] if folder is None else [f"{folder}/{part}" for part in _GLIBC_PARTS]
    gone = next((part for part in parts if below.paths.is_file(part) and not facts.paths.is_file(part)), None)
    if was is None or now is None or (was <= now and gone is None):
        return
    why = f"it has no /{gone} any more, which is a part of its C library"
    if now < was:
        why = f"it has glibc {now.major}.{now.minor}, and its own programs were made for {was.major}.{was.minor}"
    raise CheckError("use base image", name, why=why, fix="use a base whose C library is whole")


def refuse_other_program(python: str, programs: Programs, target: Target, *, name: str) -> None:
    """Refuse a Python that cannot be started, or that another C library than the target's starts.

    A base may have both. What a script asks for to be started has to be there; what it starts itself is not known.

    Raises:
        CheckError: it is for another C library, or its program loader or what runs it is not there.
        InputError: it is no program.
    """
    program = programs.at(python)
    if program is None or not program.is_executable:
        raise InputError(
            "use base image",
            name,
            why=f"its {python} {NO_PROGRAM}",
            fix="give the path of a Python that Linux can start with --interpreter, or use another base",
        )
    wanted = "glibc" if isinstance(_libc(target), Glibc) else "musl"
    if program.libc not in {None, wanted}:
        raise CheckError(
            "use base image",
            name,
            why=f"its Python {python} is for {program.libc}, whose {program.loader} it asks for, and the wheels of "
            f"{target.id} are for {wanted}",
            fix=f"use a base whose Python is for {wanted}, say with --interpreter where such a one is, or plan for a "
            f"target with {program.libc}",
        )
    lack = programs.lack(python)
    if lack is not None:
        raise CheckError(
            "use base image",
            name,
            why=f"its Python {python}{lack}",
            fix="use a base whose Python starts, or say with --interpreter where such a one is",
        )


def _libc(target: Target) -> object:
    return target.platform.os.libc if isinstance(target.platform.os, Linux) else None
