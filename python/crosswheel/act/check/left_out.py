"""Extension modules that a build left out before any compiler was called, told without an oracle.

What is there to go by: sources of the sdist that no compiler was given, and build code that names a module nobody
compiled. Whether a project is meant to be pure on a target it cannot say of itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from .facts import BuiltFacts, DeclaredModule
from .findings import Finding, Severity
from .oracle import names_a_platform
from .wheel_checks import WheelFacts

__all__ = ["left_out_findings"]

_CODE = "sources-not-compiled"
_REMEDY = "give the build what the module needs"
_ACCEPT = f"accept {_CODE} if the project is meant to be pure here"


def left_out_findings(facts: WheelFacts, built: BuiltFacts) -> Iterator[Finding]:
    """Yield what a wheel without an oracle lacks of its sdist.

    Args:
        facts: the wheel.
        built: the circumstances of its build.
    """
    if facts.compiled_files:
        yield from _missing_modules(facts, built)
    elif facts.is_pure and (built.never_compiled or built.missing_modules):
        yield _pure_wheel(facts, built)


def _pure_wheel(facts: WheelFacts, built: BuiltFacts) -> Finding:
    """Return the finding of a wheel with nothing compiled: an error where the build code names a module unconditionally."""
    certain = next((one for one in built.missing_modules if _is_certain(one)), None)
    module = certain or next(iter(built.missing_modules), None)
    sources = _counted(built.never_compiled)
    message = f"the build never compiled {sources}" if sources else "the build compiled nothing"
    message += ", and the wheel holds nothing compiled"
    symbol = module.name or None if module else None
    if certain is not None:
        message += f", though {_named(certain)}; {_REMEDY}"
        return facts.finding(_CODE, "", message, symbol=symbol)
    message += f"; {_named(module)} on a condition" if module is not None else ""
    message += f"; an optional part may be missing: {_ACCEPT}"
    return facts.finding(_CODE, "", message, symbol=symbol, at_most=Severity.WARNING)


def _missing_modules(facts: WheelFacts, built: BuiltFacts) -> Iterator[Finding]:
    """Yield the modules that are missing beside others; only those whose name and sources the code lists."""
    there = {module.name.rpartition(".")[2] for module, _ in facts.modules}
    for module in built.missing_modules:
        if _is_certain(module) and module.sources and module.name.rpartition(".")[2] not in {"", *there}:
            message = (
                f"the build never compiled {_counted(module.sources)}, and the wheel lacks that module, "
                f"though {_named(module)}; {_REMEDY}"
            )
            yield facts.finding(_CODE, "", message, symbol=module.name)


def _is_certain(module: DeclaredModule) -> bool:
    return not module.conditional and not names_a_platform(module.name)


def _counted(sources: tuple[str, ...]) -> str:
    """Name the first of `sources`, and say how many more there are."""
    more = f" and {len(sources) - 1} more" if len(sources) > 1 else ""
    return f"{sources[0]}{more}" if sources else ""


def _named(module: DeclaredModule) -> str:
    return f"{module.place} names the extension module {module.name}".rstrip()
