"""The rule `oci_image`: an image of one platform, from a base, the wheels' layers and an application."""

load("@bazel_skylib//lib:shell.bzl", "shell")
load("//rules:providers.bzl", "BaseLockInfo", "OciImageInfo", "WheelLayersInfo")
load(":messages.bzl", "refusal")
load(":steps.bzl", "CORE_TYPE", "run_step")
load(":user_files.bzl", "add_placed", "placed")

# What its users know of the options that errors and warnings name.
_SPELLED = {
    "accept": "`accept`",
    "base": "`base`",
    "interpreter": "`interpreter`",
    "max-layers": "`max_layers` of `wheel_layers`",
    "prefix": "`environment` of `wheel_layers`",
}

def _oci_image(ctx):
    wheels = _wheels(ctx)
    base = ctx.attr.base
    lock = base[BaseLockInfo] if BaseLockInfo in base else None
    base_files = lock.files if lock else _layout(ctx)
    tars = [one for layer in ctx.attr.layers if WheelLayersInfo not in layer for one in layer[DefaultInfo].files.to_list()]
    folder = ctx.actions.declare_directory(ctx.label.name)

    def fill(arguments):
        arguments.add_all("--layers", [wheels.folder], expand_directories = False)
        if lock:
            arguments.add("--base", lock.lock)
            arguments.add_all(base_files, before_each = "--file")
        else:
            arguments.add_all("--base", base_files, expand_directories = False)
        add_placed(arguments, "--app-file", _placed(ctx.attr.files))
        add_placed(arguments, "--app-program", _placed(ctx.attr.programs))
        arguments.add_all(tars, before_each = "--layer")
        _fill_settings(ctx, arguments)

    run_step(
        ctx,
        step = "image",
        output = folder,
        fill = fill,
        inputs = [
            depset([wheels.folder] + tars + ctx.files.files + ctx.files.programs + ([lock.lock] if lock else [])),
            base_files,
        ],
        mnemonic = "CrosswheelImage",
        message = "Writing the image %{label} for " + wheels.target,
        sbom = struct(
            files = depset(ctx.files._sbom_files),
            libraries = ctx.files._sbom_libraries,
        ) if ctx.attr.sbom != "none" else None,
        spelled = _SPELLED,
    )
    return [
        DefaultInfo(files = depset([folder]), runfiles = ctx.runfiles([folder])),
        OciImageInfo(annotations = ctx.attr.annotations, folder = folder, platform = wheels.target),
    ]

def _wheels(ctx):
    found = [one[WheelLayersInfo] for one in ctx.attr.layers if WheelLayersInfo in one]
    if len(found) != 1:
        fail(refusal("make image", ctx.label, "%d of its layers are of `wheel_layers`" % len(found), "give it exactly one"))
    if not found[0].environment:
        fail(refusal("make image", ctx.label, "its wheels lie in a prefix", "leave `prefix` out of the `wheel_layers`"))
    return found[0]

def _layout(ctx):
    """Returns the one file or folder of a base that is no base lock."""
    files = ctx.attr.base[DefaultInfo].files
    if len(files.to_list()) != 1:
        fail(refusal(
            "use base",
            ctx.attr.base.label,
            "it is %d files" % len(files.to_list()),
            "name a base lock of `wheels.base`, one archive, or the layout's folder itself",
        ))
    return files

def _placed(places):
    """Returns where each file of a dict from target to path belongs; a path that ends in `/` is a folder."""
    found = []
    for target, path in places.items():
        files = target[DefaultInfo].files.to_list()
        if len(files) != 1 and not path.endswith("/"):
            fail(refusal("put into an image", target.label, "it has %d files" % len(files), "end the path with `/`"))
        for one in files:
            place = path + (one.basename if path.endswith("/") else "")
            if not place.startswith("/"):
                fail(refusal("put into an image", place, "the path does not begin with `/`", "say where it lies in the image, e.g. `/app/`"))
            if "=" in place:
                fail(refusal("put into an image", place, "the path has a `=` in it", "give it another name"))
            found.append(placed(place, one))
    return found

def _fill_settings(ctx, arguments):
    """Adds what an image says of itself."""
    arguments.add("--compression", ctx.attr.compression)
    arguments.add("--sbom", ctx.attr.sbom)
    if ctx.attr.entrypoint:
        arguments.add("--entrypoint", _command(ctx.attr.entrypoint))
    if ctx.attr.cmd:
        arguments.add("--cmd", _command(ctx.attr.cmd))
    for option, value in [
        ("--interpreter", ctx.attr.interpreter),
        ("--workdir", ctx.attr.workdir),
        ("--user", ctx.attr.user),
        ("--stop-signal", ctx.attr.stop_signal),
        ("--tag", ctx.attr.tag),
    ]:
        if value:
            arguments.add(option, value)
    for thing, pairs in [("env", ctx.attr.env), ("label", ctx.attr.labels), ("annotation", ctx.attr.annotations)]:
        arguments.add_all(_named_values(ctx, thing, pairs), before_each = "--" + thing)
    arguments.add_all(ctx.attr.ports, before_each = "--port")
    arguments.add_all(ctx.attr.accept, before_each = "--accept")

def _named_values(ctx, thing, pairs):
    """Returns `NAME=VALUE` of each pair, as the core takes them: it ends a name at the first `=`."""
    for name in pairs:
        if not name:
            fail(refusal("give %s the %s" % (ctx.label, thing), name, "its name is empty", "name it, or leave it out"))
        if "=" in name:
            fail(refusal("give %s the %s" % (ctx.label, thing), name, "its name has a `=` in it", "write the name alone as the key"))
    return ["%s=%s" % pair for pair in pairs.items()]

def _command(words):
    return " ".join([shell.quote(word) for word in words])

oci_image = rule(
    implementation = _oci_image,
    doc = """An OCI image of one platform, as a layout: a base, the layers of the wheels, the application.

```starlark
wheel_layers(
    name = "deps",
    wheels = "@pypi//:wheels",
)

oci_image(
    name = "image",
    base = "//base",
    entrypoint = ["python", "/app/main.py"],
    files = {"main.py": "/app/"},
    layers = [":deps"],
)
```

`bazel build //:image --platforms=//:linux_arm64` writes the image that `crosswheel image` writes, to the byte.""",
    attrs = {
        "accept": attr.string_list(doc = "Findings that are meant: `CODE` or `CODE:GLOB`."),
        "annotations": attr.string_dict(doc = "Annotations."),
        "base": attr.label(
            doc = "What the image stands on: a base lock (`wheels.base`), an OCI layout, or an archive of one or of `docker save`.",
            allow_files = True,
            mandatory = True,
        ),
        "cmd": attr.string_list(doc = "Arguments of the entry point."),
        "compression": attr.string(
            doc = "How layers are compressed that are made here.",
            default = "gzip",
            values = ["gzip", "none"],
        ),
        "entrypoint": attr.string_list(doc = "The command."),
        "env": attr.string_dict(doc = "Variables."),
        "files": attr.label_keyed_string_dict(
            doc = "Files of the application, to their absolute paths; a path that ends in `/` is the folder that all files of the label lie right in, whatever folders they are in.",
            allow_files = True,
        ),
        "interpreter": attr.string(doc = "The base's Python (default: found)."),
        "labels": attr.string_dict(doc = "Labels."),
        "layers": attr.label_list(
            doc = "One `wheel_layers`, and finished layers of other rules as tar archives, which lie on top.",
            allow_files = [".tar", ".tar.gz", ".tgz", ".tar.zst"],
            mandatory = True,
        ),
        "ports": attr.string_list(doc = "Ports."),
        "programs": attr.label_keyed_string_dict(
            doc = "As `files`, for what can be executed.",
            allow_files = True,
        ),
        "sbom": attr.string(
            doc = "Where the bill of materials is put.",
            default = "file",
            values = ["file", "referrer", "none"],
        ),
        "stop_signal": attr.string(doc = "The signal that ends it."),
        "tag": attr.string(doc = "The image's name in the layout (default: `latest`)."),
        "user": attr.string(doc = "`USER[:GROUP]`."),
        "workdir": attr.string(doc = "The working directory."),
        # The library that writes bills of materials. Images alone need it, so that nothing else loads or fetches it.
        "_sbom_files": attr.label(
            cfg = "exec",
            default = "@crosswheel_cyclonedx//:files",
        ),
        "_sbom_libraries": attr.label(
            allow_files = True,
            cfg = "exec",
            default = "@crosswheel_cyclonedx//:cyclonedx/__init__.py",
        ),
    },
    toolchains = [CORE_TYPE],
)
