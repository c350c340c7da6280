"""The platforms that a repository has something for: with any other, what it has is incompatible, and `bazel build //...` passes it over."""

load(":build_text.bzl", "call")

def known_platforms(done, platforms):
    """Writes what tells the platforms that a repository knows from all others.

    Args:
        done: string; what was done for the platforms that are known, e.g. `planned`.
        platforms: dict from name to the constraint values that a platform of this kind has.

    Returns:
        struct with `calls`, list of strings as `call` returns them, and `fits`, a dict for a `select` of `target_compatible_with`.
    """

    # Bazel tells whom asks for what is incompatible the name of the constraint value that is not met, and nothing else.
    unknown = "%s_for_another_platform=%s" % (done, ",".join(platforms))
    calls = [
        call("constraint_setting", name = done),
        call("constraint_value", name = unknown, constraint_setting = ":" + done),
    ]
    for platform, constraints in platforms.items():
        calls.append(call("config_setting", name = platform, constraint_values = constraints))
    fits = {"//:" + platform: [] for platform in platforms}
    return struct(calls = calls, fits = fits | {"//conditions:default": ["//:" + unknown]})
