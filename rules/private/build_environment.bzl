"""The rule `build_environment`: what a build reads that depends on the platform it runs on."""

load("//rules:providers.bzl", "BuildEnvironmentInfo", "WheelInfo")

def _build_environment(ctx):
    return [
        DefaultInfo(files = depset(ctx.files.files)),
        BuildEnvironmentInfo(
            files = depset(ctx.files.files),
            wheels = depset([one[WheelInfo].wheel for one in ctx.attr.wheels]),
        ),
    ]

build_environment = rule(
    implementation = _build_environment,
    doc = "The build environment of one build, on the platform this is configured for.",
    attrs = {
        "files": attr.label_list(
            doc = "Wheels of the environment, and toolchains.",
            allow_files = True,
        ),
        "wheels": attr.label_list(
            doc = "Wheels that are built for the environment.",
            providers = [WheelInfo],
        ),
    },
)
