"""The rule `lock_check`: a validation action that fails if a plan's lock has changed since the plan was made.

Nothing of the graph depends on what it says, so `bazel query` and `bazel run //:plan_update` work with a stale plan. It reads the lock and the
digest that the plan recorded, and is not run again when the rest of the plan changes.
"""

load(":messages.bzl", "plan_anew")
load(":steps.bzl", "CORE_TYPE")

#: The attribute of the targets of a hub that people build.
LOCK_CHECK_ATTRIBUTE = {
    "lock_check": attr.label(doc = "The `lock_check` of the hub, if it has the lock."),
}

def lock_checks(ctx):
    """Returns what a rule with `LOCK_CHECK_ATTRIBUTE` validates.

    Args:
        ctx: its context.

    Returns:
        depset of Files.
    """
    return ctx.attr.lock_check[OutputGroupInfo].checked if ctx.attr.lock_check else depset()

def _lock_check(ctx):
    core = ctx.toolchains[CORE_TYPE].core
    checked = ctx.actions.declare_file(ctx.label.name + ".checked")
    arguments = ctx.actions.args()
    arguments.add_all(core.arguments + [ctx.file._program, ctx.file.lock, ctx.attr.digest, ctx.attr.hub, plan_anew(ctx.attr.plan_update), checked])
    ctx.actions.run(
        executable = core.python,
        arguments = [arguments],
        inputs = [ctx.file.lock],
        tools = [core.files, depset([ctx.file._program])],
        outputs = [checked],
        env = core.environment,
        execution_requirements = {"block-network": "1", "supports-path-mapping": "1"},
        mnemonic = "CrosswheelLockCheck",
        progress_message = "Comparing the plan of @%s with its lock" % ctx.attr.hub,
        toolchain = CORE_TYPE,
    )
    return [DefaultInfo(files = depset()), OutputGroupInfo(checked = depset([checked]))]

lock_check = rule(
    implementation = _lock_check,
    doc = "Fails if the lock is another than the plan was made from.",
    attrs = {
        "digest": attr.string(doc = "SHA-256 of the lock that the plan was made from."),
        "hub": attr.string(
            doc = "Name of the hub.",
            mandatory = True,
        ),
        "lock": attr.label(
            doc = "The lock.",
            allow_single_file = True,
            mandatory = True,
        ),
        "plan_update": attr.string(doc = "Label of what makes the plan anew."),
        "_program": attr.label(
            allow_single_file = True,
            default = ":refuse_stale_plan.py",
        ),
    },
    toolchains = [CORE_TYPE],
)
