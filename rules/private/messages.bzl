"""What is said when something is refused: the one place for texts of failure.

The shape is the core's: `cannot <verb> <thing> 'value': <why>; <what to do>`.
"""

def refusal(doing, value, why, fix):
    """Words a refusal.

    Args:
        doing: string; verb and thing, e.g. `read plan`.
        value: string; which one.
        why: string; the reason.
        fix: string; what to do.

    Returns:
        string; one sentence.
    """
    return "cannot %s '%s': %s; %s" % (doing, value, why, fix)

def listed(names):
    """Lists names for a sentence.

    Args:
        names: list of strings.

    Returns:
        string; the names sorted, or `none`.
    """
    return ", ".join(sorted(names)) or "none"

def no_target_for_platform(hub, targets):
    """Words what is said of a platform that a hub holds no target for.

    Args:
        hub: string; name of the hub.
        targets: list of strings; the ids of the plan's targets.

    Returns:
        string; one sentence, for `no_match_error`.
    """
    return refusal(
        "choose a target of @" + hub,
        "--platforms",
        "none of the plan's targets fits the platform: it has " + listed(targets),
        "build for a platform of one of these (a newer C library will do), or plan again with this one as --target",
    )

def no_build_environment(build, machines):
    """Words what is said where a build cannot run on the platform that Bazel executes on.

    Args:
        build: string; id of the build.
        machines: list of strings; build platforms that the plan holds build requirements for.

    Returns:
        string; one sentence, for `no_match_error`.
    """
    return refusal(
        "build",
        build,
        "the plan holds build requirements for " + listed(machines),
        "register an execution platform of one of these kinds, or plan again with --build-platform",
    )
