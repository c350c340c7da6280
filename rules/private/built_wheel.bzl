"""The rules `built_wheel` and `wheel_by_c_toolchain`: one build of a plan, from its sdist to a checked wheel."""

load("//rules:providers.bzl", "BuildEnvironmentInfo", "NativeLibrariesInfo", "WheelInfo")
load(":any_platform.bzl", "PLATFORM_ATTRIBUTE", "TRANSITION_ATTRIBUTE", "any_platform", "named_platform")
load(":messages.bzl", "plan_anew")
load(":steps.bzl", "BUILD_PYTHONS_TYPE", "CC_TYPE", "CORE_TYPE", "SANDBOX_ATTRIBUTE", "add_wheels", "build_options", "run_step")
load(":user_files.bzl", "add_placed", "paths_in_package")
load(":wheel_targets.bzl", "WHEEL_ATTRIBUTES", "wheel_info")

def _built_wheel(ctx):
    folder = ctx.actions.declare_directory(ctx.label.name)
    environment = ctx.attr.environment[BuildEnvironmentInfo]
    files = depset(ctx.files.files, transitive = [environment.files])
    wheels = depset([one[WheelInfo].wheel for one in ctx.attr.wheels], transitive = [environment.wheels])
    libraries = ctx.attr.libraries[NativeLibrariesInfo].files if ctx.attr.libraries else []
    options = build_options(ctx, ctx.attr.python, ctx.attr.own_headers)

    def fill(arguments):
        arguments.add("--build", ctx.attr.build)
        arguments.add_all(files, before_each = "--file", expand_directories = False)
        add_wheels(arguments, wheels)
        add_placed(arguments, "--source", paths_in_package(ctx.attr.sources))
        add_placed(arguments, "--source-program", paths_in_package(ctx.attr.programs))
        if ctx.attr.sources or ctx.attr.programs:
            arguments.add("--plan-anew", plan_anew(ctx.attr.plan_update))
        add_placed(arguments, "--library", libraries)
        arguments.add_all(ctx.files.runtime, before_each = "--runtime")
        arguments.add_all(ctx.files.toolchain, before_each = "--toolchain")
        options.add(arguments)

    run_step(
        ctx,
        step = "build",
        plan = ctx.file.plan,
        output = folder,
        fill = fill,
        inputs = [
            files,
            wheels,
            depset(ctx.files.runtime + ctx.files.toolchain + ctx.files.patches + ctx.files.sources + ctx.files.programs),
            depset([one.file for one in libraries]),
            options.files,
        ],
        mnemonic = "CrosswheelBuild",
        message = "Building %s %s for %s" % (ctx.attr.project, ctx.attr.version, ctx.attr.target),
        processors = ctx.attr.processors,
        requirements = ctx.attr.requirements,
    )
    return [DefaultInfo(files = depset([folder])), wheel_info(ctx, folder, None)]

_ATTRIBUTES = {
    "build": attr.string(
        doc = "Id of the build.",
        mandatory = True,
    ),
    "environment": attr.label(
        doc = "What it reads that depends on the platform it runs on.",
        cfg = "exec",
        mandatory = True,
        providers = [BuildEnvironmentInfo],
    ),
    "files": attr.label_list(
        doc = "All else that it reads: sdist, oracle, crates, headers, libraries of the target.",
        allow_files = True,
    ),
    "libraries": attr.label(
        doc = "Libraries of the target, linked in place of those of the plan.",
        providers = [NativeLibrariesInfo],
    ),
    "own_headers": attr.bool(
        doc = "Whether the plan pins the headers of an installed Python, which the build has to run with then.",
    ),
    "patches": attr.label_list(
        doc = "Patches, where the plan's part says.",
        allow_files = True,
    ),
    "plan": attr.label(
        doc = "The part of the plan that the build depends on.",
        allow_single_file = True,
        mandatory = True,
    ),
    "plan_update": attr.string(doc = "Label of what makes the plan anew, where `sources` are not those that were planned."),
    "processors": attr.int(
        doc = "How many processors Bazel sets aside.",
        default = 1,
        values = [1, 2, 4, 8],
    ),
    "programs": attr.label_list(
        doc = "As `sources`, for files that can be executed.",
        allow_files = True,
    ),
    "python": attr.string(
        doc = "`X.Y` of the build Python.",
        mandatory = True,
    ),
    "requirements": attr.string_dict(doc = "Execution requirements of the action."),
    "runtime": attr.label(
        doc = "Runtime libraries of the target.",
        allow_single_file = True,
    ),
    "sources": attr.label_list(
        doc = "The project's own files, built in place of the plan's sdist.",
        allow_files = True,
    ),
    "toolchain": attr.label(
        doc = "A `c_toolchain` that compiles in place of the plan's.",
        allow_single_file = True,
    ),
    "wheels": attr.label_list(
        doc = "Wheels whose headers and libraries are laid over the build environment's.",
        providers = [WheelInfo],
    ),
}

def _rule(doc, cfg, more_attributes, more_toolchains):
    return rule(
        implementation = _built_wheel,
        doc = doc + " The output is a folder with the wheel and `wheel.json`.",
        cfg = cfg,
        attrs = dict(SANDBOX_ATTRIBUTE, **TRANSITION_ATTRIBUTE) | WHEEL_ATTRIBUTES | _ATTRIBUTES | more_attributes,
        toolchains = [CORE_TYPE, config_common.toolchain_type(BUILD_PYTHONS_TYPE, mandatory = False)] + more_toolchains,
    )

built_wheel = _rule("A wheel that is built from its sdist.", any_platform, {}, [])

# Configured for the target's platform, so that it is executed where the C++ toolchain for that platform can be.
wheel_by_c_toolchain = _rule(
    "A wheel that is built from its sdist with the C++ toolchain registered for its platform.",
    named_platform,
    PLATFORM_ATTRIBUTE,
    [CC_TYPE],
)
