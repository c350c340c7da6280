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

    # A label of the main repository as people write it.
    return ("cannot %s '%s': %s; %s" % (doing, value, why, fix)).replace("@@//", "//")

def listed(names):
    """Lists names for a sentence.

    Args:
        names: list of strings.

    Returns:
        string; the names sorted, or `none`.
    """
    return ", ".join(sorted(names)) or "none"

def name_taken(kind, name, modules):
    """Words that two tags give a repository one name.

    Args:
        kind: string; `hub` or `base`.
        name: string; the name.
        modules: list of strings; names of the two modules whose tags they are, "" for one without.

    Returns:
        string; one sentence.
    """
    first, second = ['"%s"' % one if one else "without a name" for one in modules]
    if first == second:
        return refusal("make " + kind, name, "two tags have this name", "give one of them another")
    return refusal(
        "make " + kind,
        name,
        "the modules %s and %s both have one of this name, which is one for the whole build" % (first, second),
        "give yours another; one that is meant for other modules is best named after its own",
    )

def of_the_plan(attribute, package, setting, value):
    """Words that something is said by the configuration and not by a tag.

    Args:
        attribute: string; the attribute of the tag `package`.
        package: string; name of the package.
        setting: string; what the configuration calls it.
        value: dict of strings; what was to be said.

    Returns:
        string; one sentence.
    """
    entries = ", ".join(["%s = %s" % (json.encode(name), json.encode(value[name])) for name in sorted(value)])
    return refusal(
        "use `%s` of package" % attribute,
        package,
        "what goes into a wheel is of the plan, so that all who read it make the same bytes",
        "write %s = { %s } below [packages.%s] in crosswheel.toml, and plan anew" % (setting, entries, package),
    )

def no_target_for_python(hub, targets):
    """Words what is said where a target of a hub fits the platform, but not the Python that is asked for.

    Args:
        hub: string; name of the hub.
        targets: list of strings; the ids of the plan's targets.

    Returns:
        string; one sentence, for `no_match_error`.
    """
    return refusal(
        "choose a target of",
        "@" + hub,
        "none that fits the platform has the Python asked for, or several have one and none is asked for; the plan has " + listed(targets),
        "say it by --@crosswheel//rules/toolchains:python=X.Y, or by `python` of the hub",
    )

def plan_anew(plan_update):
    """Words what makes a plan anew.

    Args:
        plan_update: string; label of a `plan_update`, or "".

    Returns:
        string; a command.
    """
    return "bazel run " + plan_update.removeprefix("@@") if plan_update else "crosswheel plan, as it was made"

def no_target_python(test):
    """Words what an `import_test` says where no Python of the target runs.

    Args:
        test: Label.

    Returns:
        string; one sentence.
    """
    return refusal(
        "import for",
        test,
        "no target_python is registered for the platform",
        "register one (the guide 'Bazel'), or say by `target_compatible_with` of the test for which platforms there is one",
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
