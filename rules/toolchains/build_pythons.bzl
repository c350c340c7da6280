"""The toolchain of interpreters that builds run with, by X.Y: those that the user names, and the Python that is registered."""

load("//rules:providers.bzl", "BuildPythonsInfo")
load("//rules/private:messages.bzl", "refusal")
load("//rules/private:python_runtimes.bzl", "version_brought", "version_said")

# Bazel's own, of Python toolchains; that of rules_python is an alias of it.
_PYTHON_TYPE = "@bazel_tools//tools/python:toolchain_type"

def _version_brought(runtime):
    """Returns the version of a runtime whose interpreter is a file and brings its standard library, or None."""
    if not runtime or not runtime.interpreter:
        return None
    return version_brought(runtime.interpreter.path, [file.path for file in runtime.files.to_list()])

def _files(runtime):
    return depset([runtime.interpreter] if runtime.interpreter else [], transitive = [runtime.files] if runtime.files else [])

def _toolchain(interpreters, files, registered):
    return [platform_common.ToolchainInfo(
        build_pythons = BuildPythonsInfo(files = files, interpreters = interpreters, registered = registered),
    )]

def _checked_runtime(target, version):
    """Returns the runtime that a target holds, which is not known to be another version than the one it is named for."""
    pair = target[platform_common.ToolchainInfo] if platform_common.ToolchainInfo in target else None
    runtime = getattr(pair, "py3_runtime", None)
    if not runtime:
        fail(refusal(
            "build with the Python runtime",
            target.label,
            "it is no toolchain of a Python 3",
            "name a `py_runtime_pair`, as rules_python's @python_%s//:python_runtimes is" % version.replace(".", "_"),
        ))
    found = _version_brought(runtime) or version_said(runtime) or version
    if found != version:
        fail(refusal(
            "build with the Python runtime",
            target.label,
            "it is named as Python %s, and is Python %s" % (version, found),
            "mend the version, or name a runtime of Python " + version,
        ))
    return runtime

def _build_pythons(ctx):
    interpreters = {version: path for version, path in ctx.attr.paths.items()}
    files = {version: depset() for version in interpreters}
    for target, version in ctx.attr.runtimes.items():
        runtime = _checked_runtime(target, version)
        interpreters[version] = runtime.interpreter or runtime.interpreter_path
        files[version] = _files(runtime)
    for interpreter, version in ctx.attr.interpreters.items():
        interpreters[version] = interpreter[DefaultInfo].files.to_list()[0]
        files[version] = depset(transitive = [interpreter[DefaultInfo].files])
    for group, version in ctx.attr.files.items():
        files[version] = depset(transitive = [files.get(version, depset()), group[DefaultInfo].files])
    return _toolchain(interpreters, files, False)

build_pythons = rule(
    implementation = _build_pythons,
    doc = """Interpreters that builds run with.

A build for cp311 runs with Python 3.11. Without a toolchain of this kind it is the Python toolchain that is registered for the platform
the action runs on, if that is a 3.11 made of files, with its standard library; else the interpreter is looked for as `crosswheel build`
does, on the `PATH` of the machine that the action runs on. With one, nothing but what it names is taken before `PATH`.

```starlark
build_pythons(
    name = "pythons",
    runtimes = {
        "@python_3_11//:python_runtimes": "3.11",
        "@python_3_13//:python_runtimes": "3.13",
    },
)

toolchain(
    name = "pythons_toolchain",
    toolchain = ":pythons",
    toolchain_type = "@crosswheel//rules/toolchains:build_pythons_type",
)
```

All labels are configured for the platform that the action runs on.""",
    attrs = {
        "files": attr.label_keyed_string_dict(
            doc = "What an interpreter of `interpreters` or `paths` reads (standard library, headers), to its `X.Y`.",
            allow_files = True,
            cfg = "exec",
        ),
        "interpreters": attr.label_keyed_string_dict(
            doc = "An interpreter, to its `X.Y`.",
            allow_files = True,
            cfg = "exec",
        ),
        "paths": attr.string_dict(doc = "`X.Y` to the absolute path of an interpreter that every machine has."),
        "runtimes": attr.label_keyed_string_dict(
            doc = """A Python toolchain (`py_runtime_pair`), to its `X.Y`: of rules_python `@python_3_11//:python_runtimes`, or
            `@rules_python//python:current_py_toolchain` for the one that is registered.""",
            cfg = "exec",
        ),
    },
)

def _registered_python(ctx):
    return [platform_common.ToolchainInfo(py3_runtime = getattr(ctx.toolchains[_PYTHON_TYPE], "py3_runtime", None))]

registered_python = rule(
    implementation = _registered_python,
    doc = "The Python toolchain that is registered for the platform this is configured for, if there is one.",
    toolchains = [config_common.toolchain_type(_PYTHON_TYPE, mandatory = False)],
)

def _registered_build_pythons(ctx):
    runtime = ctx.attr.python[platform_common.ToolchainInfo].py3_runtime
    version = _version_brought(runtime)
    if not version:
        return _toolchain({}, {}, True)
    return _toolchain({version: runtime.interpreter}, {version: _files(runtime)}, True)

registered_build_pythons = rule(
    implementation = _registered_build_pythons,
    doc = """Of the Python toolchains that are registered, the one that builds run with where the user names none.

It is one that is made of files and brings its standard library. What only names a program of the machine, as Bazel's own does that finds a
Python by itself, is passed over: it is no input of an action, and its version is not known before it runs.""",
    attrs = {
        "python": attr.label(
            doc = "A `registered_python`.",
            cfg = "exec",
            mandatory = True,
            providers = [platform_common.ToolchainInfo],
        ),
    },
)
