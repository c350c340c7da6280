"""The rules `target_wheels`, all wheels of one target, and `chosen_wheels`, those of the platform that is built for."""

load("//rules:providers.bzl", "TargetWheelsInfo", "WheelInfo")
load(":any_platform.bzl", "TRANSITION_ATTRIBUTE", "any_platform")
load(":lock_check.bzl", "LOCK_CHECK_ATTRIBUTE", "lock_checks")
load(":wheel_targets.bzl", "file_of_wheel")

def _target_wheels(ctx):
    wheels = depset([file_of_wheel(one) for one in ctx.attr.wheels])
    return [
        DefaultInfo(files = wheels),
        TargetWheelsInfo(
            part = ctx.file.part,
            plan = ctx.file.plan,
            target = ctx.attr.target,
            wheels = wheels,
        ),
    ]

target_wheels = rule(
    implementation = _target_wheels,
    doc = "All wheels of one target of a plan.",
    cfg = any_platform,
    attrs = TRANSITION_ATTRIBUTE | {
        "part": attr.label(
            doc = "The plan, cut down to the target.",
            allow_single_file = True,
            mandatory = True,
        ),
        "plan": attr.label(
            doc = "The whole plan.",
            allow_single_file = True,
            mandatory = True,
        ),
        "target": attr.string(
            doc = "Id of the target.",
            mandatory = True,
        ),
        "wheels": attr.label_list(
            doc = "The wheels: prebuilt files, and builds.",
            allow_files = [".whl"],
            providers = [WheelInfo],
        ),
    },
)

def _chosen_wheels(ctx):
    return [
        ctx.attr.wheels[DefaultInfo],
        ctx.attr.wheels[TargetWheelsInfo],
        OutputGroupInfo(_validation = lock_checks(ctx)),
    ]

chosen_wheels = rule(
    implementation = _chosen_wheels,
    doc = "All wheels of the target that the platform means.",
    attrs = LOCK_CHECK_ATTRIBUTE | {
        "wheels": attr.label(
            doc = "A `target_wheels`, selected.",
            mandatory = True,
            providers = [TargetWheelsInfo],
        ),
    },
)
