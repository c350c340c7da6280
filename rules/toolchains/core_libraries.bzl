"""The module extension that fetches the libraries of the core, unpacked, with Bazel's own downloader.

Of the core's dependencies (pyproject.toml) a step needs three: it fetches nothing (urllib3), resolves nothing (uv) and keeps
no cache (platformdirs). Only images need more, to write their bill of materials. core_wheels.json pins the wheels, for Bazel
and Nix; tests/python/test_core_wheels.py compares the pins with requirements/development.txt.
"""

_BUILD = """\
filegroup(
    name = "files",
    srcs = glob(
        {patterns},
        allow_empty = True,
        exclude = ["**/*.pyc"],
    ),
    visibility = ["//visibility:public"],
)

exports_files(["{package}/__init__.py"])
"""

def _core_library_repo(rctx):
    for url, digest in rctx.attr.wheels.items():
        rctx.download_and_extract(url = url, sha256 = digest, type = "zip")
    names = [rctx.attr.package] + rctx.attr.needed
    patterns = [pattern for name in names for pattern in (name + "/**", name + ".py")]
    rctx.file("BUILD.bazel", _BUILD.format(package = rctx.attr.package, patterns = repr(patterns)))

core_library_repo = repository_rule(
    implementation = _core_library_repo,
    doc = "A wheel and what it needs, unpacked, as they are imported.",
    attrs = {
        "needed": attr.string_list(doc = "Import packages and modules that it needs."),
        "package": attr.string(
            doc = "The import package.",
            mandatory = True,
        ),
        "wheels": attr.string_dict(
            doc = "Where each wheel is, to its SHA-256.",
            mandatory = True,
        ),
    },
)

def _core_libraries(mctx):
    pins = json.decode(mctx.read(Label(":core_wheels.json")))
    groups = {name: {name: wheel} for name, wheel in pins["any"].items()}
    groups.update({"deflate_" + machine: {"deflate": wheel} for machine, wheel in pins["deflate"].items()})
    groups["cyclonedx"] = pins["image"]
    for name, wheels in groups.items():
        package = name.split("_")[0]
        core_library_repo(
            name = "crosswheel_" + name,
            needed = [one for one in wheels if one != package],
            package = package,
            wheels = {wheel["url"]: wheel["sha256"] for wheel in wheels.values()},
        )
    return mctx.extension_metadata(reproducible = True)

core_libraries = module_extension(
    implementation = _core_libraries,
    doc = "Fetches what the core imports; the pins are core_wheels.json.",
)
