"""The files of a repository that stands for a base lock: one BUILD file that says what the lock says."""

load(":build_text.bzl", "build_file", "call", "select_of")
load(":known_platforms.bzl", "known_platforms")
load(":messages.bzl", "listed", "refusal")
load(":names.bzl", "artifact_label")
load(":plan.bzl", "artifacts_named")

#: Platforms of images, and what Bazel's say of the processor.
_CPUS = {
    "linux/386": "x86_32",
    "linux/amd64": "x86_64",
    "linux/arm/v7": "armv7",
    "linux/arm64": "aarch64",
    "linux/ppc64le": "ppc64le",
    "linux/riscv64": "riscv64",
    "linux/s390x": "s390x",
}

def checked_base_lock(document, name):
    """Looks whether a document is a base lock, and one that is read here.

    Args:
        document: what the file holds, decoded, or None if it is no JSON.
        name: string; what to call it in a message.

    Returns:
        dict; the base lock.
    """
    lock = document
    if type(lock) != "dict" or "schema" not in lock:
        fail(refusal("read base lock", name, "it is not a base lock", "make one with `crosswheel image lock`"))
    if lock["schema"] != 1:
        fail(refusal(
            "read base lock",
            name,
            "its schema is %s, and this crosswheel reads schema 1" % json.encode(lock["schema"]),
            "make it anew with `crosswheel image lock`",
        ))
    if "bases" not in lock or "artifacts" not in lock:
        fail(refusal("read base lock", name, "it is not a base lock", "make one with `crosswheel image lock`"))
    return lock

def base_files(lock, *, base):
    """Writes out the repository of a base lock.

    Args:
        lock: dict; the base lock.
        base: string; the name of the repository.

    Returns:
        dict from path to text; all files but the lock itself.
    """
    labels = {}
    for one in lock["bases"]:
        found = labels.setdefault(one["platform"], {})
        found.update({artifact_label(lock, digest): True for digest in artifacts_named(lock, one)})
    platforms = {}
    choices = {}
    for platform, files in labels.items():
        if platform not in _CPUS:
            fail(refusal("use base lock", base, "it has a base for %s, and Bazel's platforms are known for %s" % (platform, listed(_CPUS)), "leave it out"))
        condition = platform.replace("/", "_")
        platforms[condition] = ["@platforms//os:linux", "@platforms//cpu:" + _CPUS[platform]]
        choices["//:" + condition] = sorted(files)
    known = known_platforms("locked", platforms)
    calls = known.calls + [call(
        "base_lock",
        name = base,
        files = select_of(choices | {"//conditions:default": []}),
        lock = "base.lock.json",
        target_compatible_with = select_of(known.fits),
    )]
    loads = {"@crosswheel//rules/private:base_lock.bzl": ["base_lock"]}
    return {"BUILD.bazel": build_file("The base %s." % base, loads, calls)}
