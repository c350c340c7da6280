"""The rule `wheel_repository`: the wheels of a target as a simple index, a flat folder and a lock."""

load("//rules:providers.bzl", "TargetWheelsInfo", "WheelRepositoryInfo")
load(":steps.bzl", "CORE_TYPE", "WHEELS_ATTRIBUTE", "add_target_wheels", "run_step")

def _wheel_repository(ctx):
    given = ctx.attr.wheels[TargetWheelsInfo]
    folder = ctx.actions.declare_directory(ctx.label.name)

    def fill(arguments):
        add_target_wheels(arguments, given)

    run_step(
        ctx,
        step = "repository",
        plan = given.plan,
        output = folder,
        fill = fill,
        inputs = [given.wheels],
        mnemonic = "CrosswheelRepository",
        message = "Writing the wheel repository %{label} of " + given.target,
    )
    return [
        DefaultInfo(files = depset([folder]), runfiles = ctx.runfiles([folder])),
        WheelRepositoryInfo(folder = folder, target = given.target),
    ]

wheel_repository = rule(
    implementation = _wheel_repository,
    doc = """The wheels of a target as a wheel repository, from which pip and uv install unchanged; every wheel is checked.

```starlark
wheel_repository(
    name = "wheels",
    wheels = "@pypi//:wheels",
)
```

`bazel build //:wheels --platforms=//:linux_arm64` makes the folder `wheels`, byte for byte what `crosswheel build` makes.""",
    attrs = WHEELS_ATTRIBUTE,
    toolchains = [CORE_TYPE],
)
