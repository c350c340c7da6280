"""The toolchain of interpreters that builds run with, by X.Y."""

load("//rules:providers.bzl", "BuildPythonsInfo")

def _build_pythons(ctx):
    interpreters = {version: path for version, path in ctx.attr.paths.items()}
    files = {version: depset() for version in interpreters}
    for interpreter, version in ctx.attr.interpreters.items():
        interpreters[version] = interpreter[DefaultInfo].files.to_list()[0]
        files[version] = depset(transitive = [interpreter[DefaultInfo].files])
    for group, version in ctx.attr.files.items():
        files[version] = depset(transitive = [files.get(version, depset()), group[DefaultInfo].files])
    return [platform_common.ToolchainInfo(build_pythons = BuildPythonsInfo(files = files, interpreters = interpreters))]

build_pythons = rule(
    implementation = _build_pythons,
    doc = """Interpreters that builds run with.

A build for cp311 runs with Python 3.11, and the plan pins the headers it was made with. Without a toolchain of this kind the
interpreter is looked for as `crosswheel build` does, on the `PATH` of the machine that the action runs on.

```starlark
build_pythons(
    name = "pythons",
    files = {"@python_3_11_x86_64-unknown-linux-gnu//:files": "3.11"},
    interpreters = {"@python_3_11_x86_64-unknown-linux-gnu//:bin/python3.11": "3.11"},
)

toolchain(
    name = "pythons_toolchain",
    exec_compatible_with = ["@platforms//os:linux", "@platforms//cpu:x86_64"],
    toolchain = ":pythons",
    toolchain_type = "@crosswheel//rules/toolchains:build_pythons_type",
)
```""",
    attrs = {
        "files": attr.label_keyed_string_dict(
            doc = "What an interpreter reads (standard library, headers), to its `X.Y`.",
            allow_files = True,
        ),
        "interpreters": attr.label_keyed_string_dict(
            doc = "An interpreter, to its `X.Y`.",
            allow_files = True,
        ),
        "paths": attr.string_dict(doc = "`X.Y` to the absolute path of an interpreter that every machine has."),
    },
)
