"""Building one wheel: sandbox, build environment, cross Python, toolchain, PEP 517 hooks."""
