"""What the rules of wheels share: their attributes, and what they tell."""

load("//rules:providers.bzl", "WheelInfo")

#: Attributes of every rule of one wheel.
WHEEL_ATTRIBUTES = {
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
        site: File; the folder it is installed in, or None.

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

def file_of_wheel(given):
    """Finds the wheel.

    Args:
        given: Target; a prebuilt wheel itself, or a rule with `WheelInfo`.

    Returns:
        File, as `WheelInfo.wheel`.
    """
    return given[WheelInfo].wheel if WheelInfo in given else given[DefaultInfo].files.to_list()[0]
