"""The rule `plan_test`: a test that a plan was made from its lock, its configuration and its targets as they are now."""

load("//rules:providers.bzl", "PlanCommandInfo")
load(":steps.bzl", "CORE_TYPE", "ENTRY")

_SCRIPT = """\
#!/bin/sh
# Made by crosswheel's plan_test.
set -u
if {check}; then
    exit 0
fi
echo "the plan is stale; make it anew:" >&2
echo "    crosswheel plan {words} -o {plan}" >&2
exit 1
"""

def plan_test_words(lock, targets, options):
    """Returns the arguments of `crosswheel plan` that a plan was made with.

    Args:
        lock: string; path of the lock.
        targets: list of strings; names of targets.
        options: list of strings; further options.

    Returns:
        list of strings.
    """
    return [lock] + ["--target=" + one for one in targets] + options

def quoted(words):
    """Quotes words for a POSIX shell.

    Args:
        words: list of strings.

    Returns:
        string.
    """
    return " ".join(["'%s'" % word.replace("'", "'\\''") for word in words])

def _plan_test(ctx):
    core = ctx.toolchains[CORE_TYPE].core
    python = core.python if type(core.python) == "string" else core.python.short_path
    launch = [python] + core.arguments + [core.program.short_path, ENTRY]
    launch += [one.short_path for one in core.libraries] + ["--"]
    options = list(ctx.attr.options)
    if ctx.file.config:
        options += ["--config", ctx.file.config.short_path]
    words = plan_test_words(ctx.file.lock.short_path, ctx.attr.targets, options)
    plan = ctx.file.plan.short_path
    script = ctx.actions.declare_file(ctx.label.name + ".sh")
    ctx.actions.write(
        script,
        _SCRIPT.format(
            check = quoted(launch + ["plan"] + words + ["-o", plan, "--check"]),
            plan = plan,
            words = " ".join(words),
        ),
        is_executable = True,
    )
    own = [ctx.file.lock, ctx.file.plan] + ctx.files.data + ([ctx.file.config] if ctx.file.config else [])
    return [
        DefaultInfo(executable = script, runfiles = ctx.runfiles(own, transitive_files = core.files)),
        RunEnvironmentInfo(environment = core.environment),
        PlanCommandInfo(plan = plan, words = words),
    ]

plan_test = rule(
    implementation = _plan_test,
    doc = """Fails if a plan was made from another lock, configuration, targets or options, and says how to make it anew.

```starlark
plan_test(
    name = "plan_test",
    config = "crosswheel.toml",
    lock = "pylock.toml",
    options = ["--python=3.11"],
    plan = "wheels.plan.json",
    targets = ["linux_amd64", "linux_arm64"],
)
```""",
    test = True,
    attrs = {
        "config": attr.label(
            doc = "The configuration, if there is one.",
            allow_single_file = True,
        ),
        "data": attr.label_list(
            doc = "What these name: patches, descriptions, headers.",
            allow_files = True,
        ),
        "lock": attr.label(
            doc = "The lock.",
            allow_single_file = True,
            mandatory = True,
        ),
        "options": attr.string_list(doc = "All other options that the plan was made with."),
        "plan": attr.label(
            doc = "The plan.",
            allow_single_file = True,
            mandatory = True,
        ),
        "targets": attr.string_list(
            doc = "The targets, as they were named.",
            mandatory = True,
        ),
    },
    toolchains = [CORE_TYPE],
)
