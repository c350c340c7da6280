"""Names of repositories and targets that are made from a plan."""

_FIT = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"

def artifact_repository(digest, filename):
    """Names the repository of an artifact: the same for every hub, told apart by the digest.

    Args:
        digest: string; SHA-256 of the file.
        filename: string; the file's own name.

    Returns:
        string, e.g. `artifact_numpy-2.1.0_0c75cfda0d3ccb1f`.
    """
    parts = filename.split("-")
    stem = "-".join(parts[:2]) if filename.endswith(".whl") and len(parts) > 2 else filename
    for suffix in (".tar.gz", ".tar.xz", ".tar.bz2", ".zip", ".crate", ".deb", ".tar"):
        stem = stem.removesuffix(suffix)

    # Most names fit; stripping tells it faster than looking at each letter of thousands.
    fit = "".join([one if one in _FIT else "_" for one in stem.elems()]) if stem.lstrip(_FIT) else stem
    return "artifact_%s_%s" % (fit[:60], digest[:16])

def artifact_label(plan, digest):
    """Returns the label of an artifact's file.

    Args:
        plan: dict; the plan.
        digest: string; which artifact.

    Returns:
        string.
    """
    filename = plan["artifacts"][digest]["filename"]
    return "@%s//:%s" % (artifact_repository(digest, filename), filename)

def build_name(build):
    """Names the target of a build inside the package of its target.

    Args:
        build: dict; a build, or a wheel, of the plan.

    Returns:
        string, e.g. `numpy-2.1.0`.
    """
    return "%s-%s" % (build["name"], build["version"])
