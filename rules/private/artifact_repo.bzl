"""The repository rules of one artifact of a plan: one file, told by its digest, fetched when something needs it."""

# The file itself is the target: a large plan has more of these packages than of any other.
_BUILD = "exports_files([{file}])\n"

_FILENAME_ATTRIBUTE = {
    "filename": attr.string(
        doc = "The file's own name.",
        mandatory = True,
    ),
}

def _artifact_repo(rctx):
    rctx.download(url = rctx.attr.urls, output = rctx.attr.filename, sha256 = rctx.attr.sha256)
    rctx.file("BUILD.bazel", _BUILD.format(file = repr(rctx.attr.filename)), executable = False)

artifact_repo = repository_rule(
    implementation = _artifact_repo,
    doc = "One file, from the addresses a plan knows by Bazel's downloader.",
    attrs = _FILENAME_ATTRIBUTE | {
        "sha256": attr.string(
            doc = "SHA-256 of the file.",
            mandatory = True,
        ),
        "urls": attr.string_list(
            doc = "Where the file is.",
            mandatory = True,
        ),
    },
)

def _own_artifact_repo(rctx):
    rctx.symlink(rctx.attr.file, rctx.attr.filename)
    rctx.file("BUILD.bazel", _BUILD.format(file = repr(rctx.attr.filename)), executable = False)

own_artifact_repo = repository_rule(
    implementation = _own_artifact_repo,
    doc = "One file of the user's own; the step that reads it compares the digest.",
    attrs = _FILENAME_ATTRIBUTE | {
        "file": attr.label(
            doc = "The file.",
            allow_single_file = True,
            mandatory = True,
        ),
    },
    # It is a link into the workspace, which `bazel vendor` leaves out.
    local = True,
)
