"""The rule `runtime_libraries`: the compiler's runtime libraries for a target, made once for all its builds."""

load("//rules:providers.bzl", "BuildEnvironmentInfo")
load(":any_platform.bzl", "TRANSITION_ATTRIBUTE", "any_platform")
load(":steps.bzl", "BUILD_PYTHONS_TYPE", "CORE_TYPE", "SANDBOX_ATTRIBUTE", "build_options", "run_step")

def _runtime_libraries(ctx):
    archive = ctx.actions.declare_file(ctx.label.name + ".tar")
    files = ctx.attr.compiler[BuildEnvironmentInfo].files
    options = build_options(ctx, None)

    def fill(arguments):
        arguments.add("--target", ctx.attr.target)
        arguments.add_all(files, before_each = "--file")
        options.add(arguments)

    run_step(
        ctx,
        step = "runtime",
        plan = ctx.file.plan,
        output = archive,
        fill = fill,
        inputs = [files, options.files],
        mnemonic = "CrosswheelRuntime",
        message = "Compiling runtime libraries for " + ctx.attr.target,
        processors = 2,
        runtime = True,
    )
    return [DefaultInfo(files = depset([archive]))]

runtime_libraries = rule(
    implementation = _runtime_libraries,
    doc = "The compiler's runtime libraries for a target. No byte of a wheel depends on them.",
    cfg = any_platform,
    attrs = dict(SANDBOX_ATTRIBUTE, **TRANSITION_ATTRIBUTE) | {
        "plan": attr.label(
            doc = "The part of the plan that they depend on.",
            allow_single_file = True,
            mandatory = True,
        ),
        "target": attr.string(
            doc = "Id of the target.",
            mandatory = True,
        ),
        "compiler": attr.label(
            doc = "The compiler.",
            cfg = "exec",
            mandatory = True,
            providers = [BuildEnvironmentInfo],
        ),
    },
    toolchains = [CORE_TYPE, config_common.toolchain_type(BUILD_PYTHONS_TYPE, mandatory = False)],
)
