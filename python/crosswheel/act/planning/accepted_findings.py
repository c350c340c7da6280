"""Findings that a configuration accepts, looked at before anything is built."""

from __future__ import annotations

from crosswheel.decide.configuration.policy_model import Policy
from crosswheel.values.errors import CrosswheelError, InputError

__all__ = ["unknown_accepts"]


def unknown_accepts(policy: Policy) -> list[CrosswheelError]:
    """Return a fault for each entry that accepts a finding no check makes, before anything is built."""
    faults: list[CrosswheelError] = []
    for entry in policy.packages:
        codes = {code for one in (entry.policy, *entry.targets.values()) for code in one.accept}
        for code in sorted(codes):
            from crosswheel.act.check.findings import parse_accepts  # few configurations accept anything
            from crosswheel.decide.planning.overlays import ACCEPT_CODE

            try:
                parse_accepts([code] if code != ACCEPT_CODE else [])
            except InputError as error:
                faults.append(error.within(policy.name, entry.place))
    return faults
