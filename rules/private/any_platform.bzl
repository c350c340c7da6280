"""The transitions of everything that is made for one target of a plan.

A wheel of a target is the same whichever platform asked for it. Configured for the one platform `any`, it is built once
for all that lead to it: `--platforms`, `for_platforms`, the platform actions run on.
"""

_PYTHON = str(Label("//rules/toolchains:python"))

_OUTPUTS = [
    "//command_line_option:compilation_mode",
    "//command_line_option:platforms",
    _PYTHON,
]

def _any_platform(_settings, _attr):
    return {
        "//command_line_option:compilation_mode": "fastbuild",
        "//command_line_option:platforms": [str(Label("//rules/platforms:any"))],
        _PYTHON: "",
    }

any_platform = transition(
    implementation = _any_platform,
    inputs = [],
    outputs = _OUTPUTS,
)

def _named_platform(_settings, attr):
    return {
        "//command_line_option:compilation_mode": "opt",
        "//command_line_option:platforms": [str(attr.platform)],
        _PYTHON: "",
    }

#: The transition of what is compiled for one target of a plan by the C++ toolchain for it, whose attribute `platform` names it.
named_platform = transition(
    implementation = _named_platform,
    inputs = [],
    outputs = _OUTPUTS,
)

#: The attribute that `named_platform` reads.
PLATFORM_ATTRIBUTE = {
    "platform": attr.label(
        doc = "The platform of the target.",
        mandatory = True,
        providers = [platform_common.PlatformInfo],
    ),
}

#: The attribute that Bazel wants of every rule with a transition.
TRANSITION_ATTRIBUTE = {
    "_allowlist_function_transition": attr.label(
        default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
    ),
}
