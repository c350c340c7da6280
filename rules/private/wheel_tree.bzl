"""The rule `wheel_tree`: the installed files of a target's wheels."""

load("//rules:providers.bzl", "TargetWheelsInfo", "WheelTreeInfo")
load(":steps.bzl", "CORE_TYPE", "WHEELS_ATTRIBUTE", "add_target_wheels", "run_step")

def _wheel_tree(ctx):
    given = ctx.attr.wheels[TargetWheelsInfo]
    folder = ctx.actions.declare_directory(ctx.label.name)

    def fill(arguments):
        add_target_wheels(arguments, given)
        arguments.add("--layout", ctx.attr.layout)
        if ctx.attr.interpreter:
            arguments.add("--interpreter", ctx.attr.interpreter)

    run_step(
        ctx,
        step = "tree",
        plan = given.part,
        output = folder,
        fill = fill,
        inputs = [given.wheels],
        mnemonic = "CrosswheelTree",
        message = "Installing the wheels of %s into %%{label}" % given.target,
    )
    return [
        DefaultInfo(files = depset([folder]), runfiles = ctx.runfiles([folder])),
        WheelTreeInfo(folder = folder, layout = ctx.attr.layout, target = given.target),
    ]

wheel_tree = rule(
    implementation = _wheel_tree,
    doc = "The wheels of a target, installed into a folder; every wheel is checked.",
    attrs = WHEELS_ATTRIBUTE | {
        "interpreter": attr.string(doc = "The Python on the target that programs shall run under (default: `/usr/bin/env pythonX.Y`)."),
        "layout": attr.string(
            doc = "Modules at the top as in pip's `--target`, or `lib/pythonX.Y/site-packages` as in `--prefix`.",
            default = "target",
            values = ["target", "prefix"],
        ),
    },
    toolchains = [CORE_TYPE],
)
