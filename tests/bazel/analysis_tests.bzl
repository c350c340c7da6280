"""Analysis tests of the rules, by bazel_skylib's analysistest; tests/e2e/test_bazel.py runs them in docs/examples/ten-packages."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("@crosswheel//rules:defs.bzl", "for_platforms", "import_test", "oci_image", "oci_image_index", "wheel_layers", "wheel_tree")
load("@crosswheel//rules:providers.bzl", "TargetWheelsInfo", "WheelInfo")
load("@crosswheel//rules/toolchains:build_pythons.bzl", "build_pythons")
load("@pypi//:wheel_headers.bzl", "wheel_headers")

_ARM = "cp311-linux_aarch64_glibc_2_28"
_ON_ARM = {"//command_line_option:platforms": str(Label("//:linux_arm64"))}

def _action(env, mnemonic):
    return [one for one in analysistest.target_actions(env) if one.mnemonic == mnemonic][0]

def _built_wheel(ctx):
    env = analysistest.begin(ctx)
    wheel = analysistest.target_under_test(env)[WheelInfo]
    asserts.equals(env, "markupsafe", wheel.project)
    asserts.equals(env, _ARM, wheel.target)
    build = _action(env, "CrosswheelBuild")
    asserts.equals(env, ["LC_ALL", "PATH"], sorted(build.env))
    asserts.equals(env, [wheel.wheel], build.outputs.to_list())
    whole = [file.short_path for file in build.inputs.to_list() if file.basename == "wheels.plan.json"]
    asserts.equals(env, [], whole, "a build reads its part of the plan alone")
    return analysistest.end(env)

_built_wheel_test = analysistest.make(_built_wheel)

def _lock_check(ctx):
    env = analysistest.begin(ctx)
    read = [file.basename for file in _action(env, "CrosswheelLockCheck").inputs.to_list()]
    asserts.true(env, "checked.lock" in read)
    asserts.false(env, "wheels.plan.json" in read, "a plan with the same lock is not compared again")
    return analysistest.end(env)

_lock_check_test = analysistest.make(_lock_check)

def _chosen(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    asserts.equals(env, _ARM, target[TargetWheelsInfo].target)
    checks = [file.basename for file in target[OutputGroupInfo]._validation.to_list()]
    asserts.equals(env, ["lock_check.checked"], checks)
    return analysistest.end(env)

_chosen_test = analysistest.make(_chosen, config_settings = _ON_ARM)

# Two platforms of one name: their files are all there, by default and in the group.
def _same_name(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    for files in (target[DefaultInfo].files, target[OutputGroupInfo].linux_arm64):
        wheels = [file.basename for file in files.to_list()]
        asserts.equals(env, 2, len(wheels))
        asserts.true(env, any(["aarch64" in name for name in wheels]))
        asserts.true(env, any(["x86_64" in name for name in wheels]))
    return analysistest.end(env)

_same_name_test = analysistest.make(_same_name)

# An index of a platform, and of one that an alias names.
def _index(ctx):
    env = analysistest.begin(ctx)
    images = [file for file in _action(env, "CrosswheelIndex").inputs.to_list() if file.basename == "image"]
    asserts.equals(env, 2, len(images))
    return analysistest.end(env)

_index_test = analysistest.make(_index)

def _refusal(ctx):
    env = analysistest.begin(ctx)
    asserts.expect_failure(env, ctx.attr.says)
    return analysistest.end(env)

_refusal_test = analysistest.make(
    _refusal,
    attrs = {"says": attr.string()},
    config_settings = _ON_ARM,
    expect_failure = True,
)

def _runtimes(ctx):
    env = analysistest.begin(ctx)
    pythons = analysistest.target_under_test(env)[platform_common.ToolchainInfo].build_pythons
    asserts.equals(env, {"3.12": "/opt/python3.12", "3.13t": "/opt/python3.13t"}, pythons.interpreters)
    return analysistest.end(env)

_runtimes_test = analysistest.make(_runtimes)

# A runtime of a newer rules_python, which says its version.
def _said_runtime(ctx):
    major, minor = ctx.attr.version.removesuffix("t").split(".")
    return [platform_common.ToolchainInfo(py3_runtime = struct(
        abi_flags = "t" if ctx.attr.version.endswith("t") else "",
        files = None,
        interpreter = None,
        interpreter_path = "/opt/python" + ctx.attr.version,
        interpreter_version_info = struct(major = int(major), minor = int(minor)),
    ))]

_said_runtime_rule = rule(implementation = _said_runtime, attrs = {"version": attr.string()})

def _python_tests():
    for version in ("3.12", "3.13t"):
        _said_runtime_rule(name = "python" + version, version = version)
    build_pythons(name = "pythons", runtimes = {":python3.12": "3.12", ":python3.13t": "3.13t"})
    build_pythons(name = "misnamed", runtimes = {":python3.13t": "3.13"}, tags = ["manual"])
    build_pythons(name = "no_runtime", runtimes = {":prefix": "3.11"}, tags = ["manual"])
    _runtimes_test(name = "runtimes_test", target_under_test = ":pythons")
    _refusal_test(name = "misnamed_test", says = "it is named as Python 3.13, and is Python 3.13t", target_under_test = ":misnamed")
    _refusal_test(name = "no_runtime_test", says = "//use:prefix': it is no toolchain of a Python 3", target_under_test = ":no_runtime")

def _platform_tests():
    native.platform(name = "linux_arm64", parents = ["//:linux_amd64"])
    for_platforms(
        name = "same_name",
        platforms = ["//:linux_arm64", ":linux_arm64"],
        tags = ["manual"],
        target = "@pypi//msgpack:whl",
    )
    _same_name_test(name = "same_name_test", target_under_test = ":same_name")
    native.alias(name = "by_another_name", actual = "//:linux_amd64")

# Images that are refused, by what is said of them.
_REFUSED_IMAGES = {
    "annotation": ({"annotations": {"a=b": "c"}}, "the annotation 'a=b': its name has a `=` in it"),
    "env": ({"env": {"A=B": "c"}}, "the env 'A=B': its name has a `=` in it"),
    "empty": ({"env": {"": "c"}}, "the env '': its name is empty"),
    "file": ({"files": {"analysis_tests.bzl": "/app/a=b.bzl"}}, "'/app/a=b.bzl': the path has a `=` in it"),
    "here": ({"files": {"analysis_tests.bzl": "app/"}}, "'app/analysis_tests.bzl': the path does not begin with `/`"),
    "label": ({"labels": {"a=b": "c"}}, "the label 'a=b': its name has a `=` in it"),
}

# Layers that are refused.
_REFUSED_LAYERS = {
    "interpreter": ({"interpreter": "python3"}, "//use:layers_interpreter': its `interpreter` is of wheels in a `prefix`"),
    "places": ({"environment": "/a", "prefix": "/b"}, "//use:layers_places': its wheels lie in the `environment`"),
}

def _layer_tests():
    for name, (attributes, says) in _REFUSED_LAYERS.items():
        wheel_layers(name = "layers_" + name, tags = ["manual"], wheels = "@pypi//:wheels", **attributes)
        _refusal_test(name = "layers_%s_test" % name, says = "cannot make layers '" + says, target_under_test = ":layers_" + name)

def _image_tests():
    wheel_layers(name = "layers", tags = ["manual"], wheels = "@pypi//:wheels")
    for name, (attributes, says) in _REFUSED_IMAGES.items():
        oci_image(name = "image_" + name, base = "@debian", layers = [":layers"], tags = ["manual"], **attributes)
        _refusal_test(name = "image_%s_test" % name, says = says, target_under_test = ":image_" + name)
    oci_image(name = "image_base", base = "@pypi//:wheels", layers = [":layers"], tags = ["manual"])
    _refusal_test(name = "image_base_test", says = "it is 10 files; name a base lock", target_under_test = ":image_base")
    oci_image(name = "image", base = "@debian", layers = [":layers"], tags = ["manual"])
    for name, image in (("index", ":image"), ("index_of_index", ":index")):
        oci_image_index(name = name, image = image, platforms = ["//:linux_arm64", ":by_another_name"], tags = ["manual"])
    _index_test(name = "index_test", target_under_test = ":index")
    _refusal_test(name = "index_of_index_test", says = "its image is an index itself", target_under_test = ":index_of_index")

def analysis_tests(name):
    """Declares the tests.

    Args:
        name: string; of the suite.
    """
    wheel_headers(name = "outside", includes = ["../cffi"], tags = ["manual"], wheel = "@pypi//cffi")
    wheel_tree(name = "prefix", layout = "prefix", tags = ["manual"], wheels = "@pypi//:wheels")
    import_test(name = "of_prefix", modules = ["cffi"], tags = ["manual"], tree = ":prefix")
    _built_wheel_test(name = "built_wheel_test", target_under_test = "@pypi//%s:markupsafe-VERSION" % _ARM)
    _chosen_test(name = "chosen_wheels_test", target_under_test = "@pypi//:wheels")
    _lock_check_test(name = "lock_check_test", target_under_test = "@pypi//:lock_check")
    _refusal_test(name = "headers_outside_test", says = "cannot include headers of '../cffi'", target_under_test = ":outside")
    _refusal_test(name = "import_from_prefix_test", says = "it has layout prefix", target_under_test = ":of_prefix")
    _python_tests()
    _platform_tests()
    _image_tests()
    _layer_tests()
    native.test_suite(
        name = name,
        tests = [
            ":built_wheel_test",
            ":chosen_wheels_test",
            ":headers_outside_test",
            ":image_base_test",
            ":import_from_prefix_test",
            ":index_of_index_test",
            ":index_test",
            ":lock_check_test",
            ":misnamed_test",
            ":no_runtime_test",
            ":runtimes_test",
            ":same_name_test",
        ] + [":image_%s_test" % name for name in _REFUSED_IMAGES] + [":layers_%s_test" % name for name in _REFUSED_LAYERS],
    )
