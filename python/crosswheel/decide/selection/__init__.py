"""Which file each package of a lock becomes on a target, and why no other."""
