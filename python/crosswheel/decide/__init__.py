"""Decisions: which file each package of a lock becomes on each target, and the plan that records it."""
