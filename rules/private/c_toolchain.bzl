"""The rule `c_toolchain`: the C++ toolchain that is registered for a target's platform, as builds of wheels take it."""

load(":any_platform.bzl", "PLATFORM_ATTRIBUTE", "TRANSITION_ATTRIBUTE", "named_platform")
load(":messages.bzl", "refusal")
load(":steps.bzl", "BUILD_PYTHONS_TYPE", "CC_TYPE", "CORE_TYPE", "SANDBOX_ATTRIBUTE", "build_options", "run_step")
load(":target_ids.bzl", "parse_target_id")

# What a call of another build system cannot have: files that Bazel makes for one action, and code that is not finished before
# Bazel links it.
_UNWANTED = [
    "coverage",
    "fdo_instrument",
    "fdo_optimize",
    "header_modules",
    "layering_check",
    "module_maps",
    "parse_headers",
    "per_object_debug_info",
    "thin_lto",
    "use_header_modules",
]

# The launchers say it where a build does.
_OF_ONE_CALL = ("-shared",)

def _called(ctx, cc_common, toolchain):
    """Returns programs, words and variables: what `cc_common` says of calls that compile and link."""
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features + _UNWANTED,
    )
    compiling = cc_common.create_compile_variables(feature_configuration = features, cc_toolchain = toolchain, use_pic = True)
    linking = cc_common.create_link_variables(
        feature_configuration = features,
        cc_toolchain = toolchain,
        is_linking_dynamic_library = True,
    )

    def words(action, variables):
        return cc_common.get_memory_inefficient_command_line(feature_configuration = features, action_name = action, variables = variables)

    def program(action):
        return cc_common.get_tool_for_action(feature_configuration = features, action_name = action)

    # The C compiler first: it is the one that a refusal names.
    programs = {"cc": program("c-compile"), "c++": program("c++-compile"), "ar": program("c++-link-static-library")}
    if programs["c++"] == programs["cc"]:
        # `gcc` compiles C++ and does not link its library; the step takes `g++` beside it.
        programs.pop("c++")
    environment = {}
    for action, variables in {"c-compile": compiling, "c++-link-dynamic-library": linking}.items():
        environment.update(cc_common.get_environment_variables(feature_configuration = features, action_name = action, variables = variables))
    return struct(
        c_options = words("c-compile", compiling),
        cxx_options = words("c++-compile", compiling),
        environment = environment,
        link_options = [word for word in words("c++-link-dynamic-library", linking) if word not in _OF_ONE_CALL],
        programs = programs,
    )

def c_toolchain_rule(cc_common):
    """Makes the rule `c_toolchain`.

    Args:
        cc_common: the module of functions of the C++ rules in use.

    Returns:
        rule.
    """

    def implementation(ctx):
        toolchain = ctx.toolchains[CC_TYPE].cc
        called = _called(ctx, cc_common, toolchain)
        for path in called.programs.values():
            if path.startswith("/"):
                fail(refusal(
                    "compile for %s with" % ctx.attr.target,
                    path,
                    "the C++ toolchain registered for its platform calls a program of the machine, which is no input of any action",
                    "register one whose programs are files of the build, or plan with --toolchain %s, which pins it by digest" % path,
                ))
        archive = ctx.actions.declare_file(ctx.label.name + ".tar")
        options = build_options(ctx, parse_target_id(ctx.attr.target).python)

        def fill(arguments):
            arguments.add("--target", ctx.attr.target)
            arguments.add_all(toolchain.all_files, before_each = "--toolchain-file", expand_directories = False)
            arguments.add_all(["%s=%s" % one for one in sorted(called.programs.items())], before_each = "--program")
            arguments.add_all(called.c_options, format_each = "--c-option=%s")
            arguments.add_all(called.cxx_options, format_each = "--cxx-option=%s")
            arguments.add_all(called.link_options, format_each = "--link-option=%s")
            arguments.add_all(["%s=%s" % one for one in sorted(called.environment.items())], before_each = "--variable")
            options.add(arguments)

        run_step(
            ctx,
            step = "toolchain",
            output = archive,
            fill = fill,
            inputs = [toolchain.all_files, options.files],
            # `cc_common` tells programs and options by strings.
            paths_mapped = False,
            mnemonic = "CrosswheelToolchain",
            message = "Trying the C++ toolchain for " + ctx.attr.target,
        )
        return [DefaultInfo(files = depset([archive]))]

    return rule(
        implementation = implementation,
        doc = "The C++ toolchain that is registered for a target's platform, tried and packed.",
        cfg = named_platform,
        attrs = dict(SANDBOX_ATTRIBUTE, **TRANSITION_ATTRIBUTE) | PLATFORM_ATTRIBUTE | {
            "target": attr.string(
                doc = "Id of the target.",
                mandatory = True,
            ),
        },
        fragments = ["cpp"],
        toolchains = [CORE_TYPE, CC_TYPE, config_common.toolchain_type(BUILD_PYTHONS_TYPE, mandatory = False)],
    )
