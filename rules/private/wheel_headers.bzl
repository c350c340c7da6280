"""The rule `wheel_headers`: headers that a wheel brings, for C++ rules to depend on."""

load("//rules:providers.bzl", "WheelInfo")
load(":messages.bzl", "refusal")
load(":steps.bzl", "CORE_TYPE")

def _check(ctx, site):
    """Declares the validation action that fails if a folder is not there; it is only known when the wheel is installed."""
    core = ctx.toolchains[CORE_TYPE].core
    checked = ctx.actions.declare_file(ctx.label.name + ".checked")
    arguments = ctx.actions.args()
    arguments.add_all(core.arguments + [ctx.file._program])
    arguments.add_all([site], expand_directories = False)
    arguments.add(checked)
    arguments.add_all(ctx.attr.includes)
    ctx.actions.run(
        executable = core.python,
        arguments = [arguments],
        inputs = [site],
        tools = [core.files, depset([ctx.file._program])],
        outputs = [checked],
        env = core.environment,
        execution_requirements = {"block-network": "1", "supports-path-mapping": "1"},
        mnemonic = "CrosswheelHeaders",
        progress_message = "Looking for the headers of %{label}",
        toolchain = CORE_TYPE,
    )
    return checked

def wheel_headers_rule(cc_info, cc_common):
    """Makes the rule `wheel_headers`.

    A hub has it with the providers of the C++ rules in use: `load("@HUB//:wheel_headers.bzl", "wheel_headers")`.

    Args:
        cc_info: the provider `CcInfo`.
        cc_common: the module of functions beside it.

    Returns:
        rule.
    """

    def implementation(ctx):
        site = ctx.attr.wheel[WheelInfo].site
        for path in ctx.attr.includes:
            if path.startswith("/") or ".." in path.split("/"):
                fail(refusal("include headers of", path, "it does not lie in the wheel", "give a path below site-packages"))
        folders = [site.path + "/" + path for path in ctx.attr.includes]
        context = cc_common.create_compilation_context(
            headers = depset([site]),
            system_includes = depset(folders),
        )
        return [
            DefaultInfo(files = depset([site])),
            OutputGroupInfo(_validation = depset([_check(ctx, site)])),
            cc_info(compilation_context = context),
        ]

    return rule(
        implementation = implementation,
        doc = """Headers that a wheel brings, as `CcInfo`, for `deps` of `cc_library` and its like.

They are those of the wheel for the platform that is built for, and system headers to the compiler. A hub has this rule:

```starlark
load("@pypi//:wheel_headers.bzl", "wheel_headers")

wheel_headers(
    name = "numpy_headers",
    includes = ["numpy/_core/include"],
    wheel = "@pypi//numpy",
)
```""",
        attrs = {
            "includes": attr.string_list(
                doc = "Folders that `#include` looks in, relative to site-packages.",
                mandatory = True,
            ),
            "wheel": attr.label(
                doc = "`@HUB//PROJECT`.",
                mandatory = True,
                providers = [WheelInfo],
            ),
            "_program": attr.label(
                allow_single_file = True,
                default = Label(":refuse_missing_folders.py"),
            ),
        },
        toolchains = [CORE_TYPE],
    )
