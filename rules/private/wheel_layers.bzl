"""The rule `wheel_layers`: layers of a container image with the wheels of a target."""

load("//rules:providers.bzl", "TargetWheelsInfo", "WheelLayersInfo")
load(":steps.bzl", "BUILD_PYTHONS_TYPE", "CORE_TYPE", "WHEELS_ATTRIBUTE", "add_target_wheels", "build_python", "run_step")
load(":target_ids.bzl", "parse_target_id")

def _wheel_layers(ctx):
    given = ctx.attr.wheels[TargetWheelsInfo]
    folder = ctx.actions.declare_directory(ctx.label.name)
    environment = "" if ctx.attr.prefix else ctx.attr.environment
    python = build_python(ctx, parse_target_id(given.target).python if ctx.attr.bytecode else None)

    def fill(arguments):
        add_target_wheels(arguments, given)
        arguments.add_all(ctx.files.own_wheels, before_each = "--own-wheel")
        if environment:
            arguments.add("--environment", environment)
        else:
            arguments.add("--prefix", ctx.attr.prefix)
        if ctx.attr.interpreter:
            arguments.add("--interpreter", ctx.attr.interpreter)
        if ctx.attr.max_layers:
            arguments.add("--max-layers", str(ctx.attr.max_layers))
        arguments.add_all(ctx.attr.changes_often, before_each = "--changes-often")
        arguments.add("--compression", ctx.attr.compression)
        if ctx.attr.bytecode:
            arguments.add("--bytecode")
        python.add(arguments)

    run_step(
        ctx,
        step = "layer",
        plan = given.part,
        output = folder,
        fill = fill,
        inputs = [given.wheels, depset(ctx.files.own_wheels), python.files],
        mnemonic = "CrosswheelLayer",
        message = "Writing layers of the wheels of %s into %%{label}" % given.target,
    )
    return [
        DefaultInfo(files = depset([folder])),
        WheelLayersInfo(environment = environment, folder = folder, target = given.target),
    ]

wheel_layers = rule(
    implementation = _wheel_layers,
    doc = """The wheels of a target as layers of a container image; every wheel is checked.

The output is a folder: `layers.json` lists the layers from the lowest up, and of each there are the archive, its descriptor
with digest and diff_id, and its list of files (mtree).""",
    attrs = WHEELS_ATTRIBUTE | {
        "bytecode": attr.bool(doc = "Whether the bytecode of all modules lies beside them, compiled by the build Python of the target's X.Y."),
        "changes_often": attr.string_list(doc = "Projects that get the uppermost layer, for they change often."),
        "compression": attr.string(
            doc = "How layers are compressed.",
            default = "gzip",
            values = ["gzip", "none"],
        ),
        "environment": attr.string(
            doc = "Where the virtual environment of an `oci_image` will be.",
            default = "/opt/venv",
        ),
        "interpreter": attr.string(doc = "The Python on the target that programs shall run under."),
        "max_layers": attr.int(doc = "How many layers at most; 0 leaves it to crosswheel."),
        "own_wheels": attr.label_list(
            doc = "Wheels that are not of the plan, e.g. of `py_wheel`; each is a layer of its own, on top.",
            allow_files = [".whl"],
        ),
        "prefix": attr.string(doc = "Instead of an environment: where wheels are installed, e.g. `/usr/local`, for other tools than `oci_image`."),
    },
    toolchains = [CORE_TYPE, config_common.toolchain_type(BUILD_PYTHONS_TYPE, mandatory = False)],
)
