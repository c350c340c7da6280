"""The rule `prebuilt_wheel`: a wheel that was chosen, and the check that it fits its target.

The check is an output group here, and a validation action only of `@HUB//PROJECT:whl`: repositories, trees and libraries are
made by steps that check every wheel themselves.
"""

load(":any_platform.bzl", "TRANSITION_ATTRIBUTE", "any_platform")
load(":steps.bzl", "CORE_TYPE", "add_wheels", "run_step")
load(":wheel_targets.bzl", "WHEEL_ATTRIBUTES", "install_wheel", "wheel_info")

def _prebuilt_wheel(ctx):
    wheel = ctx.file.wheel
    checked = ctx.actions.declare_file(ctx.label.name + ".checked.json")

    def fill(arguments):
        arguments.add("--target", ctx.attr.target)
        add_wheels(arguments, [wheel])

    run_step(
        ctx,
        step = "check",
        plan = ctx.file.plan,
        output = checked,
        fill = fill,
        inputs = [depset([wheel])],
        mnemonic = "CrosswheelCheck",
        message = "Checking %s %s for %s" % (ctx.attr.project, ctx.attr.version, ctx.attr.target),
    )
    site = install_wheel(ctx, ctx.file.plan, wheel)
    return [
        DefaultInfo(files = depset([wheel])),
        wheel_info(ctx, wheel, site),
        OutputGroupInfo(checked = depset([checked]), site = depset([site])),
    ]

prebuilt_wheel = rule(
    implementation = _prebuilt_wheel,
    doc = "A prebuilt wheel, as it was fetched. Output group `checked`: what the check had to say.",
    cfg = any_platform,
    attrs = TRANSITION_ATTRIBUTE | WHEEL_ATTRIBUTES | {
        "wheel": attr.label(
            doc = "The file.",
            allow_single_file = [".whl"],
            mandatory = True,
        ),
    },
    toolchains = [CORE_TYPE],
)
