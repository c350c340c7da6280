"""The rules of one project of a hub: its wheel, and the wheel installed, on the platform that is built for."""

load("//rules:providers.bzl", "WheelInfo")
load(":lock_check.bzl", "LOCK_CHECK_ATTRIBUTE", "lock_checks")

def _chosen_wheel(ctx):
    wheel = ctx.attr.wheel
    checked = getattr(wheel[OutputGroupInfo], "checked", depset())
    validation = depset(transitive = [checked, lock_checks(ctx)])
    return [wheel[DefaultInfo], wheel[WheelInfo], OutputGroupInfo(_validation = validation, checked = checked)]

chosen_wheel = rule(
    implementation = _chosen_wheel,
    doc = "The wheel of a project; a prebuilt one is checked by a validation action.",
    attrs = LOCK_CHECK_ATTRIBUTE | {
        "wheel": attr.label(
            doc = "The wheel of the target that the platform means.",
            providers = [WheelInfo],
        ),
    },
)

def wheel_library_rule(py_info):
    """Makes the rule `wheel_library`: a wheel, installed.

    Args:
        py_info: the provider `PyInfo` of the Python rules in use, or None.

    Returns:
        rule.
    """

    def implementation(ctx):
        wheel = ctx.attr.wheel[WheelInfo]
        files = depset([wheel.site])
        found = [
            DefaultInfo(files = files, runfiles = ctx.runfiles([wheel.site])),
            wheel,
            OutputGroupInfo(_validation = lock_checks(ctx)),
        ]
        if py_info:
            # As runfiles lie: the repository's name, then the path in it.
            path = wheel.site.short_path
            path = path.removeprefix("../") if path.startswith("../") else ctx.workspace_name + "/" + path
            found.append(py_info(imports = depset([path]), transitive_sources = files))
        return found

    return rule(
        implementation = implementation,
        doc = "A project's wheel, installed, for Python rules to depend on. What it needs itself is not told: a plan does not hold it.",
        attrs = LOCK_CHECK_ATTRIBUTE | {
            "wheel": attr.label(
                doc = "The wheel of the target that the platform means.",
                providers = [WheelInfo],
            ),
        },
    )
