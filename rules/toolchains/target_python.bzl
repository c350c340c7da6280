"""The toolchain of a target's Python: the command that runs programs of the target on the machine that tests run on."""

load("//rules:providers.bzl", "TargetPythonInfo")

def _target_python(ctx):
    command = [ctx.expand_location(word, ctx.attr.data) for word in ctx.attr.command]
    return [platform_common.ToolchainInfo(target_python = TargetPythonInfo(
        command = command,
        environment = ctx.attr.environment,
        files = depset(transitive = [one[DefaultInfo].files for one in ctx.attr.data]),
    ))]

target_python = rule(
    implementation = _target_python,
    doc = """How the Python of a target is run where tests run; `import_test` needs it.

```starlark
target_python(
    name = "arm64_python",
    command = [
        "/usr/bin/qemu-aarch64-static",
        "-L",
        "/opt/arm64",
        "/opt/arm64/usr/bin/python3.11",
    ],
)

toolchain(
    name = "arm64_python_toolchain",
    target_compatible_with = ["@platforms//os:linux", "@platforms//cpu:aarch64"],
    toolchain = ":arm64_python",
    toolchain_type = "@crosswheel//rules/toolchains:target_python_type",
)
```

and `register_toolchains("//:arm64_python_toolchain")` in `MODULE.bazel`.""",
    attrs = {
        "command": attr.string_list(
            doc = "The command, emulator first if there is one: absolute paths of the machine, or `$(rootpath LABEL)` of `data`.",
            allow_empty = False,
            mandatory = True,
        ),
        "data": attr.label_list(
            doc = "Emulator, interpreter, standard library and C library, where Bazel brings them.",
            allow_files = True,
        ),
        "environment": attr.string_dict(doc = "Variables that it sees."),
    },
)
