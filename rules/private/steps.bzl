"""How a step of the core becomes an action."""

load("@bazel_skylib//rules:common_settings.bzl", "BuildSettingInfo")
load("//rules:providers.bzl", "TargetWheelsInfo")

CORE_TYPE = Label("//rules/toolchains:core_type")
BUILD_PYTHONS_TYPE = Label("//rules/toolchains:build_pythons_type")

#: Bazel's own, of C++ toolchains.
CC_TYPE = "@bazel_tools//tools/cpp:toolchain_type"

#: The module of the whole command line.
ENTRY = "crosswheel.command_line.main"

# That of the step that compiles runtime libraries alone, which imports no more than it needs.
_RUNTIME_ENTRY = "crosswheel.command_line.runtime_step"

#: The attribute of rules whose actions build.
SANDBOX_ATTRIBUTE = {"_sandbox": attr.label(default = "//rules/toolchains:sandbox")}

#: The attribute of rules about all wheels of a target.
WHEELS_ATTRIBUTE = {
    "wheels": attr.label(
        doc = "`@HUB//:wheels`, or those of one target, `@HUB//TARGET:wheels`.",
        mandatory = True,
        providers = [TargetWheelsInfo],
    ),
}

# A resource set has to be a function that is loaded by name; there can be none made for a number.
def _one(_os, _inputs):
    return {"cpu": 1, "memory": 500}

def _two(_os, _inputs):
    return {"cpu": 2, "memory": 1000}

def _four(_os, _inputs):
    return {"cpu": 4, "memory": 2000}

def _eight(_os, _inputs):
    return {"cpu": 8, "memory": 4000}

#: What an action asks of the machine, by its processors.
RESOURCES = {1: _one, 2: _two, 4: _four, 8: _eight}

def run_step(
        ctx,
        *,
        step,
        output,
        fill,
        inputs,
        mnemonic,
        message,
        paths_mapped = True,
        plan = None,
        processors = 1,
        quiet = False,
        requirements = {},
        runtime = False,
        sbom = None,
        spelled = {}):
    """Declares the action of one step: nothing but its inputs is read, and nothing is fetched.

    Args:
        ctx: context of a rule with the toolchain `CORE_TYPE`.
        step: string; e.g. `build`.
        output: File.
        fill: function that adds the arguments of the step to an `Args`.
        inputs: list of depsets of Files.
        mnemonic: string.
        message: string; what is being done, for people.
        paths_mapped: bool; whether Bazel may show the action its files at other paths than they have, the same in every configuration
            (`--experimental_output_paths=strip`): all that it is told of files it is told by Files.
        plan: File; the plan, or the part of it that matters; None for steps that need none.
        processors: int; one of `RESOURCES`.
        quiet: bool; whether warnings are left out: of one wheel by itself all that it requires is missing.
        requirements: dict; execution requirements besides these.
        runtime: bool; whether the step is the one that compiles runtime libraries, which reads less of the core.
        sbom: struct with `files` (depset of Files) and `libraries` (list of Files, one right in the import package of each) of what
            the step imports besides to write a bill of materials; None if it writes none.
        spelled: dict from an option of the step, without dashes, to what errors and warnings call it.
    """
    core = ctx.toolchains[CORE_TYPE].core
    launch = ctx.actions.args()
    launch.add_all(core.arguments)
    launch.add_all([core.program, _RUNTIME_ENTRY if runtime else ENTRY])
    launch.add_all(core.libraries + (sbom.libraries if sbom else []))
    launch.add_all(["--", "step", step, "--quiet" if quiet else "--only-warnings"])
    arguments = ctx.actions.args()
    arguments.use_param_file("@%s", use_always = True)

    # Quoted, so that a value may have several lines.
    arguments.set_param_file_format("shell")
    if plan:
        arguments.add(plan)
    fill(arguments)
    arguments.add_all(["%s=%s" % pair for pair in spelled.items()], before_each = "--spelled")

    # The path alone: a folder as an output would be expanded to its files.
    arguments.add_all("-o", [output], expand_directories = False)
    ctx.actions.run(
        executable = core.python,
        arguments = [launch, arguments],
        inputs = depset([plan] if plan else [], transitive = inputs),
        tools = [core.runtime_files if runtime else core.files] + ([sbom.files] if sbom else []),
        outputs = [output],
        env = core.environment,
        execution_requirements = dict({"block-network": "1"} | ({"supports-path-mapping": "1"} if paths_mapped else {}), **requirements),
        mnemonic = mnemonic,
        progress_message = message,
        resource_set = RESOURCES[processors],
        toolchain = CORE_TYPE,
    )

def add_wheels(arguments, wheels):
    """Adds `--wheel` for each wheel, a folder by its own path.

    Args:
        arguments: Args.
        wheels: depset or list of Files.
    """
    arguments.add_all(wheels, before_each = "--wheel", expand_directories = False)

def add_target_wheels(arguments, given):
    """Adds a target and all its wheels.

    Args:
        arguments: Args.
        given: TargetWheelsInfo.
    """
    arguments.add("--target", given.target)
    add_wheels(arguments, given.wheels)

def build_options(ctx, python, own_headers = False):
    """Finds the options that every step which compiles takes.

    Args:
        ctx: context of a rule with `SANDBOX_ATTRIBUTE` and the toolchain `BUILD_PYTHONS_TYPE`.
        python: string; `X.Y` of the build Python, or None if it does not matter.
        own_headers: bool; whether the plan pins the headers of an installed Python, so that it has to be that one and not any `X.Y`.

    Returns:
        struct with `add`, a function that adds them to an `Args`, and `files`, a depset of Files.
    """
    sandbox = ctx.attr._sandbox[BuildSettingInfo].value
    found = build_python(ctx, python, own_headers)

    def add(arguments):
        arguments.add("--sandbox", sandbox)
        found.add(arguments)

    return struct(add = add, files = found.files)

def build_python(ctx, python, own_headers = False):
    """Finds the build Python that is registered; the step looks for one of the machine where none is.

    Args:
        ctx: context of a rule with the toolchain `BUILD_PYTHONS_TYPE`.
        python: string; `X.Y` of the build Python, or None if it does not matter.
        own_headers: bool; as of `build_options`.

    Returns:
        struct with `add`, a function that adds the option that names it to an `Args`, and `files`, a depset of Files.
    """
    toolchain = ctx.toolchains[BUILD_PYTHONS_TYPE]
    pythons = toolchain.build_pythons if toolchain else None
    known = pythons and python and not (own_headers and getattr(pythons, "registered", False))
    interpreter = pythons.interpreters.get(python) if known else None

    def add(arguments):
        if interpreter:
            arguments.add("--build-python", interpreter)

    return struct(add = add, files = pythons.files[python] if interpreter else depset())
