"""Signs of refusals of the view, which crosswheel itself writes into a build's log, and what mends each."""

from __future__ import annotations

from .failure_kinds import FailureKind, Sign, sign
from .failure_words import PATCH

__all__ = ["NOTED_SIGNS", "VIEW_SIGNS"]

#: What the modules in `crosswheel.act.building.injected` say as they end a process: nothing else ended that build.
VIEW_SIGNS: tuple[Sign, ...] = (
    sign(
        FailureKind.TARGET_FACT,
        r"^crosswheel: cannot tell the (byte order) of '",
        "the build code asks for the {0}, the target's is another than this machine's, and what the code does with the answer cannot "
        "be told: patch it so that the compiler finds out, or, if the answer does not decide what is compiled, accept it by the "
        "package's `accept-build-facts`",
        "accept-build-facts = true  # only if the answer does not decide what is compiled; else patches",
    ),
    sign(
        FailureKind.TARGET_FACT,
        r"^crosswheel: cannot tell (the size of [^\n]+?) on '|^crosswheel: cannot tell (os\.sysconf\([^\n]+?\)) of '",
        "the build code asks the Python that runs it for {0}, which depends on the target: patch it so that the compiler finds out",
        PATCH,
    ),
    sign(
        FailureKind.TARGET_FACT,
        r"^crosswheel: cannot tell (ctypes\.util\.find_library\([^\n]+?\)) of '",
        "the build code asks the Python that runs it for {0}, and the library is the target's: patch it so that it names the file, or "
        "asks where it runs",
        PATCH,
    ),
    sign(
        FailureKind.TARGET_FACT,
        r"^crosswheel: cannot use (\S+) of '",
        "the build code uses {0}, which the target's system has and the one that builds has not: patch it so that it does not need the "
        "target",
        PATCH,
    ),
    sign(
        FailureKind.VIEW,
        r"^crosswheel: cannot (?:show (?:the target of|target)|read view document) '[^\n]*?': ([^\n]+)",
        "crosswheel could not show the target to the build's Python ({0}): a build by crosswheel has what that needs, so report it as a "
        "bug, with this log",
    ),
)

#: What the view notes and lets pass: it is the cause where nothing more telling is found.
NOTED_SIGNS: tuple[Sign, ...] = (
    sign(
        FailureKind.TARGET_PROGRAM,
        r"^crosswheel: module of the target not loaded: (\S+)",
        "the build code imports '{0}', which is made for the target and cannot be loaded here: look for a setting of the package that "
        "does without, or patch its build code ([tool.crosswheel] patches)",
        PATCH,
    ),
)
