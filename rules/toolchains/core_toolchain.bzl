"""The toolchain that runs crosswheel's steps: `python3 -I`, the core and its libraries.

No Python rules are needed for it, and none of their bootstrapping: a step is a plain command.
"""

load("//rules:providers.bzl", "CoreInfo")

#: Where programs of the machine are looked for; steps see no other PATH.
_PATH = "/usr/local/bin:/usr/bin:/bin"

def _core_toolchain(ctx):
    own = ctx.attr.interpreter
    python = ctx.file.interpreter if own else "/usr/bin/env"

    def files(of_core):
        return depset(
            [ctx.file._program] + ([ctx.file.interpreter] if own else []),
            transitive = [one.files for one in of_core + ctx.attr.interpreter_files],
        )

    return [platform_common.ToolchainInfo(core = CoreInfo(
        arguments = ([] if own else ["python3"]) + ["-I"],
        environment = {"LC_ALL": "C.UTF-8", "PATH": ctx.attr.path},
        files = files(ctx.attr.files),
        libraries = ctx.files.libraries,
        runtime_files = files(ctx.attr.runtime_files),
        program = ctx.file._program,
        python = python,
    ))]

core_toolchain = rule(
    implementation = _core_toolchain,
    doc = """The core and the Python (3.11 or newer) that runs it.

The default is the `python3` of the machine that the action runs on. To bring one of your own, e.g. that of a rules_python
toolchain, register a `toolchain` of type `@crosswheel//rules/toolchains:core_type` with a `core_toolchain` of your own.""",
    attrs = {
        "files": attr.label_list(
            doc = "All files of the core and its libraries.",
            allow_files = True,
            default = ["//python:core"],
        ),
        "interpreter": attr.label(
            doc = "The interpreter; left out, `python3` on `path`.",
            allow_single_file = True,
        ),
        "interpreter_files": attr.label_list(
            doc = "What the interpreter reads.",
            allow_files = True,
        ),
        "libraries": attr.label_list(
            doc = "One file right in the import package of each library.",
            allow_files = True,
            default = ["//python:crosswheel/__main__.py"],
        ),
        "path": attr.string(
            doc = "The `PATH` of every step.",
            default = _PATH,
        ),
        "runtime_files": attr.label_list(
            doc = "Of `files`, those that are read to compile runtime libraries, which are made anew when one changes.",
            allow_files = True,
            default = ["//python:runtime_core"],
        ),
        "_program": attr.label(
            allow_single_file = True,
            default = "//rules/private:run_core.py",
        ),
    },
)

def core_toolchains(name, machines):  # @unused
    """Declares the core's toolchains; called by this package alone.

    Args:
        name: string; not used.
        machines: dict from kind of machine to the labels of constraint values it is told by.
    """
    for machine, constraints in machines.items():
        libraries = ["@crosswheel_packaging", "@crosswheel_tomli", "@crosswheel_deflate_" + machine]
        library_files = [one + "//:files" for one in libraries]
        packages = [one.removeprefix("@crosswheel_").split("_")[0] for one in libraries]
        core_toolchain(
            name = machine + "_core",
            files = ["//python:core"] + library_files,
            libraries = ["//python:crosswheel/__main__.py"] + [
                "%s//:%s/__init__.py" % (one, package)
                for one, package in zip(libraries, packages)
            ],
            runtime_files = ["//python:runtime_core"] + library_files,
            tags = ["manual"],
            visibility = ["//visibility:public"],
        )
        native.toolchain(
            name = machine,
            exec_compatible_with = constraints,
            toolchain = ":" + machine + "_core",
            toolchain_type = ":core_type",
            visibility = ["//visibility:public"],
        )
