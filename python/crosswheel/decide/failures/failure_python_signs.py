"""Signs of failures that are about Python and about what a build requires of the index: a part of `failure_signs.SIGNS`."""

from __future__ import annotations

from .failure_kinds import FailureKind, Sign, sign, then, undeclared
from .failure_remedies import LIMITED_SETUPTOOLS, NO_SUCH_MODULE
from .failure_words import (
    CHANGED_MODULES,
    FORTRAN_COMPILERS,
    LIMIT,
    NO_FORTRAN,
    NO_RUST,
    NO_SETUPTOOLS,
    OLD_PYTHON_API,
    OLD_PYTHON_CODE,
    OLDER_PYTHON,
    OTHER_RUST,
    OWN_STRUCTURES,
    PATCH,
    PYTHON_2_API,
    PYTHON_2_MODULES,
    PYTHON_2_NAMES,
    RAISE,
    REMOVED_API,
    REMOVED_MODULES,
    SETUPTOOLS,
    WHEEL_INSTEAD,
)

__all__ = ["PYTHON_SIGNS"]

#: A name of Python 2 that a generator took for one of Python 3, as long as it knew the former.
_FORMER = (
    "{generator} since {release} no longer stands in for '{{0}}' of Python 2 in what it generates: limit it by the package's "
    "`build-constraints`, or patch what it generates from"
)
#: What is left of a name of Python 2.
_OF_PYTHON_2 = then(FailureKind.PYTHON_2, OLD_PYTHON_API, PATCH)

#: In their order among the others, most telling first.
PYTHON_SIGNS: tuple[Sign, ...] = (
    sign(
        # https://github.com/swig/swig/blob/master/CHANGES
        FailureKind.TOO_NEW_REQUIREMENT,
        rf"^[^\n:]*_wrap\.c\w*:\d[^\n]*?(?:{undeclared(PYTHON_2_API)})",
        _FORMER.format(generator="SWIG", release="4.5"),
        'build-constraints = ["swig<4.5"]',
        besides=r"\bswig[\d.]*['\"]?,? [^\n]*-python\b|^swigging |\b[Ss]wig (?:compile|source) ",
        otherwise=_OF_PYTHON_2,
    ),
    sign(
        # https://cython.readthedocs.io/en/latest/src/changes.html: 3.1 is without Python 2
        FailureKind.TOO_NEW_REQUIREMENT,
        rf"(?:{undeclared(PYTHON_2_API)})(?=[^\n]*\n[^\n]*\b__pyx_)",
        _FORMER.format(generator="Cython", release="3.1"),
        'build-constraints = ["cython<3.1"]',
        besides=r"\bCythonizing |\bCompiling (?:\S+\.pyx because|Cython source) |\bcython[\w.]*['\"]?,? [^\n]*\.pyx\b",
        otherwise=_OF_PYTHON_2,
    ),
    sign(FailureKind.PYTHON_2, undeclared(PYTHON_2_API), OLD_PYTHON_API, PATCH),
    sign(
        FailureKind.PYTHON_API,
        undeclared(r"_?Py[A-Za-z_]\w+")
        # Structures whose members are Python's own now, as C and C++ compilers call them.
        + rf"|no member named '(\w+)' in '(?:struct )?(?:{OWN_STRUCTURES})'"
        rf"|['\u2018](?:struct )?(?:{OWN_STRUCTURES})['\u2019](?: \{{aka [^}}\n]*\}})? has no member named ['\u2018](\w+)['\u2019]"
        rf"|incomplete (?:definition of )?type(?:def)? ['\u2018](?:struct )?({OWN_STRUCTURES})['\u2019]"
        rf"|undefined type ['\u2018](?:struct )?({OWN_STRUCTURES})['\u2019]"
        # https://docs.python.org/3/whatsnew/3.11.html: functions have taken the place of macros, and nothing is assigned to these.
        r"|error: (?:expression is not assignable|lvalue required as [^\n]*)\n[^\n]*?\b(Py_(?:TYPE|SIZE|REFCNT))[ \t]*\(",
        REMOVED_API,
        OLDER_PYTHON,
        place="",
    ),
    sign(
        FailureKind.PYTHON_2,
        r"^[ \t]*(print [^\n(=]+|exec [^\n(=]+|except [\w.]+, \w+:[^\n]*|raise [\w.]+, [^\n]+)\n[ \t^~]*\nSyntaxError: "
        r"|SyntaxError: (Missing parentheses in call to '(?:print|exec)'|multiple exception types must be parenthesized)"
        r"|SyntaxError: (leading zeros in decimal integer literals|invalid hexadecimal literal)"
        rf"|NameError: name '({PYTHON_2_NAMES})' is not defined|No module named '({PYTHON_2_MODULES})'"
        r"|'dict' object has no attribute '(has_key|iteritems|iterkeys|itervalues)'"
        r"|^[^\n]*(<>)[^\n]*\n[ \t^~]*\n(?:E +)?SyntaxError: invalid syntax|\b(?:only|solely) (?:for|on|in|under|with) (Python 2)\b",
        OLD_PYTHON_CODE,
        PATCH,
    ),
    sign(
        FailureKind.COMPILER,
        r"(can't find Rust compiler|can't find cargo|requires Rust and Cargo|Cargo, the Rust package manager, is not installed)"
        r"|\b(cargo|rustc): (?:command )?not found|No such file or directory: b?'(cargo|rustc)'|Rust (compiler) not found",
        NO_RUST,
        'build-requires = ["setuptools-rust"]',
    ),
    sign(
        FailureKind.COMPILER,
        r"error: linker [`'\u2018]([^`'\u2019\n]+)[`'\u2019] not found",
        OTHER_RUST,
        'build-requires = ["setuptools-rust"]',
    ),
    sign(
        FailureKind.COMPILER,
        rf"Unknown compiler\(s\): \[\['({FORTRAN_COMPILERS})'|\b({FORTRAN_COMPILERS}): (?:command )?not found"
        rf"|No such file or directory: b?'({FORTRAN_COMPILERS})'|no (Fortran) compiler found|No CMAKE_(Fortran)_COMPILER could be found"
        # Meson, of the cross file that tells it of all compilers that there are.
        r"|'(fortran)' compiler binary not defined in cross file|(Fortran)(?:CompilerNotFound| compiler not found)",
        NO_FORTRAN,
        WHEEL_INSTEAD,
    ),
    sign(
        # https://numpy.org/doc/stable/reference/distutils_status_migration.html
        FailureKind.PYTHON_API,
        r"No module named '(numpy\.distutils)\b",
        REMOVED_API,
        OLDER_PYTHON,
        place="",
    ),
    sign(
        FailureKind.PYTHON_API,
        rf"No module named '({REMOVED_MODULES})'|cannot import name '([^'\n]+)' from '(?:{CHANGED_MODULES})\b"
        rf"|module '(?:{CHANGED_MODULES})' has no attribute '([^'\n]+)'",
        REMOVED_API,
        OLDER_PYTHON,
        place="",
    ),
    sign(
        FailureKind.TOO_NEW_REQUIREMENT,
        r"AttributeError: (cython_sources)",
        LIMIT,
        'build-constraints = ["cython<3"]',
    ),
    sign(
        FailureKind.TOO_NEW_REQUIREMENT,
        r"(use_2to3) is invalid",
        LIMIT,
        'build-constraints = ["setuptools<58"]',
    ),
    sign(
        FailureKind.TOO_NEW_REQUIREMENT,
        r"(Compatibility with CMake < [\d.]+ has been removed from CMake)",
        "the project is for an older CMake ({0}): have the new one take it for one of 3.5, by a variable, or limit it by the package's "
        "`build-constraints`",
        'environment = { CMAKE_POLICY_VERSION_MINIMUM = "3.5" }',
    ),
    sign(
        # https://setuptools.pypa.io/en/latest/userguide/package_discovery.html
        FailureKind.PACKAGES,
        r"Multiple top-level (?:packages|modules) discovered in a flat-layout()",
        "setuptools does not choose which of several folders or modules are the project's: if it is yours, name them in its pyproject.toml ([tool.setuptools] "
        "packages or py-modules), or if it is no package leave it out of `projects`; if it is another's without a [project] table, "
        "limit setuptools by the package's `build-constraints`",
        'build-constraints = ["setuptools<61"]  # of a project without a [project] table',
    ),
    sign(
        # PEP 639: a licence as a text. https://setuptools.pypa.io/en/latest/history.html#v77-0-0
        FailureKind.TOO_OLD_REQUIREMENT,
        r"configuration error: `(project\.license)` must be",
        RAISE,
        'build-constraints = ["setuptools>=77"]',
    ),
    sign(
        FailureKind.TOO_OLD_REQUIREMENT,
        r"ERROR: Meson version is [\w.]+ but project requires [^\d\n]*([\d.]+\d)",
        RAISE,
        'build-constraints = ["meson>=1.5"]  # at least {0}',
    ),
    sign(
        FailureKind.TOO_OLD_REQUIREMENT,
        r"CMake ([\d.]+\d) or higher is required\.  You are running version",
        RAISE,
        'build-constraints = ["cmake>=3.30"]  # at least {0}',
    ),
    sign(
        FailureKind.BUILD_REQUIREMENT,
        r"error: invalid command 'bdist_(wheel)'",
        "the build makes a wheel by the project '{0}', which nothing asked for: add it to the package's `build-requires`",
        'build-requires = ["{project}"]',
    ),
    sign(
        LIMITED_SETUPTOOLS.kind,
        r"No module named '(pkg_resources)\b",
        LIMITED_SETUPTOOLS.advice,
        LIMITED_SETUPTOOLS.setting,
        besides=r"/site-packages/setuptools/",
    ),
    sign(
        FailureKind.BUILD_REQUIREMENT,
        r"No module named '(pkg_resources)\b",
        NO_SETUPTOOLS,
        SETUPTOOLS,
        otherwise=LIMITED_SETUPTOOLS,
    ),
    sign(
        # It is setuptools that has distutils now: https://peps.python.org/pep-0632/
        FailureKind.BUILD_REQUIREMENT,
        r"No module named '(?:setuptools|distutils)\b()",
        NO_SETUPTOOLS,
        SETUPTOOLS,
    ),
    sign(
        FailureKind.TARGET_PROGRAM,
        r"No module named '([^'\n]+)'",
        "to write type stubs, the build imports '{0}', which it has just compiled for the target: leave that step out with a setting of the "
        "project or a patch ([tool.crosswheel] patches), or take a prebuilt wheel",
        PATCH,
        besides=r'File "[^"\n]*stubgen(?:\.py|/)',
    ),
    sign(
        FailureKind.BUILD_REQUIREMENT,
        r"(?:ModuleNotFoundError: |cannot be imported: )No module named '([^'\n]+)'",
        "the build needs the module '{0}': add the project it comes from to the package's `build-requires`",
        'build-requires = ["{project}"]  # if the project has the name of its module',
        otherwise=NO_SUCH_MODULE,
    ),
)
