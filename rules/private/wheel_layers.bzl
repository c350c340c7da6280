"""The rule `wheel_layers`: layers of a container image with the wheels of a target."""

load("//rules:providers.bzl", "TargetWheelsInfo", "WheelLayersInfo")
load(":messages.bzl", "refusal")
load(":steps.bzl", "BUILD_PYTHONS_TYPE", "CORE_TYPE", "WHEELS_ATTRIBUTE", "add_target_wheels", "build_python", "run_step")
load(":target_ids.bzl", "parse_target_id")

# Where `crosswheel image` has it.
_ENVIRONMENT = "/opt/venv"

# What its users know of the options that errors and warnings name.
_SPELLED = {
    "build-python": "`build_pythons`",
    "bytecode": "`bytecode`",
}

def _refuse_two_places(ctx):
    if ctx.attr.prefix and ctx.attr.environment:
        fail(refusal(
            "make layers",
            ctx.label,
            "its wheels lie in the `environment` of an `oci_image` or in a `prefix` for other tools, and both are given",
            "leave one of them out",
        ))
    if ctx.attr.interpreter and not ctx.attr.prefix:
        fail(refusal(
            "make layers",
            ctx.label,
            "its `interpreter` is of wheels in a `prefix`; those in the environment of an `oci_image` run with the environment's own",
            "leave `interpreter` out, or give `prefix`, too; where the Python of a base is, `interpreter` of `oci_image` says",
        ))

def _wheel_layers(ctx):
    given = ctx.attr.wheels[TargetWheelsInfo]
    folder = ctx.actions.declare_directory(ctx.label.name)
    _refuse_two_places(ctx)
    environment = "" if ctx.attr.prefix else ctx.attr.environment or _ENVIRONMENT
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
        spelled = _SPELLED,
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
            doc = "Where the virtual environment of an `oci_image` will be: `/opt/venv` where neither this nor `prefix` is given.",
        ),
        "interpreter": attr.string(doc = "With `prefix` alone: the Python on the target that programs shall run under."),
        "max_layers": attr.int(doc = "How many layers at most; 0 leaves it to crosswheel."),
        "own_wheels": attr.label_list(
            doc = "Wheels that are not of the plan, e.g. of `py_wheel`; each is a layer of its own, on top.",
            allow_files = [".whl"],
        ),
        "prefix": attr.string(doc = "Instead of an environment: where wheels are installed, e.g. `/usr/local`, for other tools than `oci_image`."),
    },
    toolchains = [CORE_TYPE, config_common.toolchain_type(BUILD_PYTHONS_TYPE, mandatory = False)],
)
