"""What the rules of one wheel share: installing it, and what they tell of it."""

load("//rules:providers.bzl", "WheelInfo")
load(":steps.bzl", "add_wheels", "run_step")

#: Attributes of every rule of one wheel.
WHEEL_ATTRIBUTES = {
    "plan": attr.label(
        doc = "The part of the plan that the wheel depends on.",
        allow_single_file = True,
        mandatory = True,
    ),
    "project": attr.string(
        doc = "Normalized project name.",
        mandatory = True,
    ),
    "target": attr.string(
        doc = "Id of the target.",
        mandatory = True,
    ),
    "version": attr.string(
        doc = "Version as the plan spells it.",
        mandatory = True,
    ),
}

def wheel_info(ctx, wheel, site):
    """Tells of the wheel.

    Args:
        ctx: context of a rule with `WHEEL_ATTRIBUTES`.
        wheel: File.
        site: File; the folder it is installed in, or None where the plan has it for builds only.

    Returns:
        WheelInfo.
    """
    return WheelInfo(
        project = ctx.attr.project,
        site = site,
        target = ctx.attr.target,
        version = ctx.attr.version,
        wheel = wheel,
    )

def install_wheel(ctx, plan, wheel):
    """Declares the action that installs one wheel.

    Args:
        ctx: context of a rule with `WHEEL_ATTRIBUTES`.
        plan: File; the plan with this one wheel.
        wheel: File.

    Returns:
        File; the folder.
    """
    site = ctx.actions.declare_directory(ctx.label.name + ".site-packages")

    def fill(arguments):
        arguments.add("--target", ctx.attr.target)
        add_wheels(arguments, [wheel])

    run_step(
        ctx,
        step = "tree",
        plan = plan,
        output = site,
        fill = fill,
        inputs = [depset([wheel])],
        mnemonic = "CrosswheelInstall",
        message = "Installing %s %s for %s" % (ctx.attr.project, ctx.attr.version, ctx.attr.target),
    )
    return site
