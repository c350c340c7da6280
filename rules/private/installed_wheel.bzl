"""The rule `installed_wheel`: one wheel of a target, installed, and the check that a prebuilt one fits its target.

It is a target of its own, in a package of its own: what is made of all wheels (repositories, trees, layers) takes the wheels themselves, so
that a large plan is loaded and analysed without an action for each. The check is an output group here, and a validation action only of
`@HUB//PROJECT:whl`: repositories, trees and libraries are made by steps that check every wheel themselves.
"""

load("//rules:providers.bzl", "WheelInfo")
load(":any_platform.bzl", "TRANSITION_ATTRIBUTE", "any_platform")
load(":steps.bzl", "CORE_TYPE", "add_wheels", "run_step")
load(":wheel_targets.bzl", "WHEEL_ATTRIBUTES", "file_of_wheel", "wheel_info")

def _installed_wheel(ctx):
    wheel = file_of_wheel(ctx.attr.wheel)
    plan = ctx.actions.declare_file(ctx.label.name + ".plan.json")
    ctx.actions.write(plan, ctx.attr.plan + "\n")
    site = ctx.actions.declare_directory(ctx.label.name + ".site-packages")
    _run(ctx, plan, wheel, "tree", site, "CrosswheelInstall", "Installing")
    checked = []
    if WheelInfo not in ctx.attr.wheel:
        checked = [ctx.actions.declare_file(ctx.label.name + ".checked.json")]
        _run(ctx, plan, wheel, "check", checked[0], "CrosswheelCheck", "Checking")
    return [
        DefaultInfo(files = depset([wheel])),
        wheel_info(ctx, wheel, site),
        OutputGroupInfo(checked = depset(checked), site = depset([site])),
    ]

def _run(ctx, plan, wheel, step, output, mnemonic, doing):
    def fill(arguments):
        arguments.add("--target", ctx.attr.target)
        add_wheels(arguments, [wheel])

    run_step(
        ctx,
        step = step,
        plan = plan,
        output = output,
        fill = fill,
        inputs = [depset([wheel])],
        quiet = True,
        mnemonic = mnemonic,
        message = "%s %s %s for %s" % (doing, ctx.attr.project, ctx.attr.version, ctx.attr.target),
    )

installed_wheel = rule(
    implementation = _installed_wheel,
    doc = "A wheel of a target. Its default output is the wheel; output group `site`: it, installed; `checked`: what the check of a prebuilt one had to say.",
    cfg = any_platform,
    attrs = TRANSITION_ATTRIBUTE | WHEEL_ATTRIBUTES | {
        "plan": attr.string(
            doc = "JSON: the plan with this one wheel.",
            mandatory = True,
        ),
        "wheel": attr.label(
            doc = "The file, if it is prebuilt; else its build.",
            allow_files = [".whl"],
            mandatory = True,
            providers = [WheelInfo],
        ),
    },
    toolchains = [CORE_TYPE],
)
