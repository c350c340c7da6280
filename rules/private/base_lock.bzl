"""The rule `base_lock`: a base lock, and the files it names for the platform that is built for."""

load("//rules:providers.bzl", "BaseLockInfo")

def _base_lock(ctx):
    files = depset(ctx.files.files)
    return [
        DefaultInfo(files = depset([ctx.file.lock], transitive = [files])),
        BaseLockInfo(files = files, lock = ctx.file.lock),
    ]

base_lock = rule(
    implementation = _base_lock,
    doc = "A base lock, as `oci_image` stands on it.",
    attrs = {
        "files": attr.label_list(
            doc = "The artifacts of the platform.",
            allow_files = True,
        ),
        "lock": attr.label(
            doc = "The base lock.",
            allow_single_file = True,
            mandatory = True,
        ),
    },
)
