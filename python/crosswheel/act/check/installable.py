"""Whether installers take a wheel at all: read by the very code that installs, so that there is one verdict."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from crosswheel.act.wheels.opened_wheels import shared_paths
from crosswheel.act.wheels.program_interpreter import default_interpreter
from crosswheel.act.wheels.schemes import TreeLayout, scheme_for
from crosswheel.act.wheels.wheel_archive import WheelArchive
from crosswheel.act.wheels.wheel_files import wheel_files
from crosswheel.target.targets import Target
from crosswheel.values.errors import CrosswheelError, FaultsError

from .findings import Finding

__all__ = ["check_installable"]


def check_installable(wheel: Path, target: Target, *, built: bool) -> Iterator[Finding]:
    """Yield why `crosswheel install` would refuse the wheel; contents are not compared with RECORD once more.

    Args:
        wheel: the wheel; its names are known to be harmless.
        target: where it would be installed.
        built: we built the wheel.
    """
    try:
        with WheelArchive(wheel) as archive:
            scheme = scheme_for(TreeLayout.TARGET, target)
            shared_paths([wheel_files(archive, scheme, interpreter=default_interpreter(target))])
    except FaultsError as error:
        faults: tuple[CrosswheelError, ...] = error.faults
    except CrosswheelError as error:
        faults = (error,)
    else:
        return
    for fault in faults:
        place = "" if fault.value in (None, wheel.name) else f"{fault.value}: "
        message = f"{place}{fault.why}; installers refuse such a wheel, get the file again or have its author repair it"
        yield Finding.of("not-installable", "", message, built=built)
