"""The rule `wheel_tree`: the installed files of a target's wheels."""

load("//rules:providers.bzl", "TargetWheelsInfo", "WheelTreeInfo")
load(":steps.bzl", "CORE_TYPE", "add_wheels", "run_step")

def _wheel_tree(ctx):
    given = ctx.attr.wheels[TargetWheelsInfo]
    folder = ctx.actions.declare_directory(ctx.label.name)

    def fill(arguments):
        arguments.add("--target", given.target)
        add_wheels(arguments, given.wheels)
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
    attrs = {
        "interpreter": attr.string(doc = "The Python on the target that programs shall run under (default: `/usr/bin/env pythonX.Y`)."),
        "layout": attr.string(
            doc = "Modules at the top as in pip's `--target`, or `lib/pythonX.Y/site-packages` as in `--prefix`.",
            default = "target",
            values = ["target", "prefix"],
        ),
        "wheels": attr.label(
            doc = "`@HUB//:wheels`, or those of one target, `@HUB//TARGET:wheels`.",
            mandatory = True,
            providers = [TargetWheelsInfo],
        ),
    },
    toolchains = [CORE_TYPE],
)
