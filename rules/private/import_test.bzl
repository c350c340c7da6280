"""The rule `import_test`: modules of installed wheels are imported by the target's Python."""

load("//rules:providers.bzl", "WheelInfo", "WheelTreeInfo")
load(":messages.bzl", "no_target_python", "refusal")
load(":plan_test.bzl", "quoted")

_TARGET_PYTHON_TYPE = Label("//rules/toolchains:target_python_type")
_SCRIPT = """\
#!/bin/sh
# Made by crosswheel's import_test.
exec {command} -I -B -c {program} {site} {modules}
"""
_REFUSAL = """\
#!/bin/sh
# Made by crosswheel's import_test.
echo {message} >&2
exit 1
"""
_PROGRAM = """\
import importlib, os, sys
sys.path.insert(0, os.path.abspath(sys.argv[1]))
for name in sys.argv[2:]:
    module = importlib.import_module(name)
    place = getattr(module, '__file__', None) or next(iter(module.__path__))
    if not os.path.abspath(place).startswith(sys.path[0] + os.sep):
        sys.exit(f"cannot import '{name}' of the wheels: {place} was imported; name a module of theirs")
"""

def _folder(target):
    return target[WheelTreeInfo].folder if WheelTreeInfo in target else target[WheelInfo].site

def _import_test(ctx):
    toolchain = ctx.toolchains[_TARGET_PYTHON_TYPE]
    site = _folder(ctx.attr.tree)
    if WheelTreeInfo in ctx.attr.tree and ctx.attr.tree[WheelTreeInfo].layout != "target":
        fail(refusal("import from", ctx.attr.tree.label, "it has layout prefix", "give a tree with layout target"))
    script = ctx.actions.declare_file(ctx.label.name + ".sh")
    if not toolchain:
        message = no_target_python(ctx.label)
        ctx.actions.write(script, _REFUSAL.format(message = quoted([message])), is_executable = True)
        return [DefaultInfo(executable = script, runfiles = ctx.runfiles([site]))]
    target_python = toolchain.target_python
    ctx.actions.write(
        script,
        _SCRIPT.format(
            command = quoted(target_python.command),
            modules = quoted(ctx.attr.modules),
            program = quoted([_PROGRAM]),
            site = quoted([site.short_path]),
        ),
        is_executable = True,
    )
    return [
        DefaultInfo(executable = script, runfiles = ctx.runfiles([site], transitive_files = target_python.files)),
        RunEnvironmentInfo(environment = target_python.environment),
    ]

import_test = rule(
    implementation = _import_test,
    doc = """Imports modules of installed wheels with the Python of the platform that is built for, under its emulator.

```starlark
import_test(
    name = "import_test",
    modules = ["numpy", "numpy.linalg"],
    tree = "@pypi//:site_packages",
)
```

The Python is that of a toolchain, see `target_python`. Without one for the platform the test is built and fails; `target_compatible_with` says
which platforms there is one for, and elsewhere the test is passed over.""",
    test = True,
    attrs = {
        "modules": attr.string_list(
            doc = "What is imported, in this order.",
            allow_empty = False,
            mandatory = True,
        ),
        "tree": attr.label(
            doc = "`@HUB//:site_packages`, a `wheel_tree`, or `@HUB//PROJECT` of a project that needs no other.",
            mandatory = True,
            providers = [[WheelTreeInfo], [WheelInfo]],
        ),
    },
    # Not mandatory: `bazel build //...` for a platform without one would fail before anything is built.
    toolchains = [config_common.toolchain_type(_TARGET_PYTHON_TYPE, mandatory = False)],
)
