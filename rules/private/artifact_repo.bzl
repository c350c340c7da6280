"""The repository rule of one artifact of a plan: one file, told by its digest, fetched when something needs it."""

_BUILD = """\
filegroup(
    name = "file",
    srcs = [{file}],
    visibility = ["//visibility:public"],
)
"""

def _artifact_repo(rctx):
    name = rctx.attr.filename
    if rctx.attr.file:
        rctx.symlink(rctx.path(rctx.attr.file), name)
    else:
        rctx.download(url = rctx.attr.urls, output = name, sha256 = rctx.attr.sha256)
    rctx.file("BUILD.bazel", _BUILD.format(file = repr(name)))

artifact_repo = repository_rule(
    implementation = _artifact_repo,
    doc = "One file: from the addresses a plan knows by Bazel's downloader, or one of the user's own.",
    attrs = {
        "file": attr.label(
            doc = "The file, where it is the user's own; the step that reads it compares the digest.",
            allow_single_file = True,
        ),
        "filename": attr.string(
            doc = "The file's own name.",
            mandatory = True,
        ),
        "sha256": attr.string(
            doc = "SHA-256 of the file.",
            mandatory = True,
        ),
        "urls": attr.string_list(doc = "Where the file is."),
    },
)
