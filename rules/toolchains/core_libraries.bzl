"""The module extension that fetches the libraries of the core, unpacked, with Bazel's own downloader.

Of the core's dependencies (pyproject.toml) a step needs three: it fetches nothing (urllib3), resolves nothing (uv) and keeps
no cache (platformdirs). core_wheels.json pins their wheels, for Bazel and Nix; tests/python/test_core_wheels.py compares the
pins with requirements/development.txt.
"""

_BUILD = """\
filegroup(
    name = "files",
    srcs = glob(["{package}/**"], exclude = ["**/*.pyc"]),
    visibility = ["//visibility:public"],
)

exports_files(["{package}/__init__.py"])
"""

def _core_library_repo(rctx):
    rctx.download_and_extract(url = rctx.attr.urls, sha256 = rctx.attr.sha256, type = "zip")
    rctx.file("BUILD.bazel", _BUILD.format(package = rctx.attr.package))

core_library_repo = repository_rule(
    implementation = _core_library_repo,
    doc = "A wheel, unpacked, as it is imported.",
    attrs = {
        "package": attr.string(doc = "The import package.", mandatory = True),
        "sha256": attr.string(doc = "SHA-256 of the wheel.", mandatory = True),
        "urls": attr.string_list(doc = "Where the wheel is.", mandatory = True),
    },
)

def _core_libraries(mctx):
    pins = json.decode(mctx.read(Label(":core_wheels.json")))
    wheels = dict(pins["any"])
    wheels.update({"deflate_" + machine: wheel for machine, wheel in pins["deflate"].items()})
    for name, wheel in wheels.items():
        core_library_repo(
            name = "crosswheel_" + name,
            package = name.split("_")[0],
            sha256 = wheel["sha256"],
            urls = [wheel["url"]],
        )
    return mctx.extension_metadata(reproducible = True)

core_libraries = module_extension(
    implementation = _core_libraries,
    doc = "Fetches what the core imports; the pins are core_wheels.json.",
)
