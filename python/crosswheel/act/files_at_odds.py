"""Files that wheels of one target bring with different bytes: they cannot be installed together, and a build tells so."""

from __future__ import annotations

from collections.abc import Sequence

from crosswheel.act.building.recipe import recipe_digest
from crosswheel.act.ready_wheel import ReadyWheel
from crosswheel.act.storage.store import Store
from crosswheel.act.wheels.opened_wheels import opened_wheels, shared_paths
from crosswheel.act.wheels.schemes import TreeLayout, scheme_for
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import digest_of_json
from crosswheel.values.errors import CrosswheelError, FaultsError

__all__ = ["files_at_odds"]

_KIND = "wheel-sets"
#: Any will do: it is written into programs, and two with the same entry point are equal with each.
_INTERPRETER = "/usr/bin/python3"


def files_at_odds(target: Target, wheels: Sequence[ReadyWheel], store: Store) -> tuple[str, ...]:
    """Return what `crosswheel install` would refuse the wheels of `target` for, one sentence a file.

    The store remembers the answer, so that a build with nothing to do opens no wheel.
    """
    key = digest_of_json(
        {
            "target": target.id,
            "wheels": sorted(f"{wheel.sha256.hex} {wheel.filename}" for wheel in wheels),
            "recipe": recipe_digest().hex,
        }
    )
    record = store.read_record(_KIND, key)
    if isinstance(record, list):
        return tuple(map(str, record))
    told = _looked_for(target, wheels)
    store.write_record(_KIND, key, list(told))
    return told


def _looked_for(target: Target, wheels: Sequence[ReadyWheel]) -> tuple[str, ...]:
    paths = [wheel.path for wheel in wheels]
    try:
        with opened_wheels(paths, scheme_for(TreeLayout.TARGET, target), interpreter=_INTERPRETER) as opened:
            shared_paths(one.files for one in opened)
    except FaultsError as error:
        return tuple(map(str, error.faults))
    except CrosswheelError as error:
        return (str(error),)
    return ()
