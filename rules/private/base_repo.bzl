"""The repository rule of a base lock."""

load(":base_files.bzl", "base_files")
load(":documents.bzl", "decode_base_lock", "read_base_lock")

def _base_repo(rctx):
    text = read_base_lock(rctx, rctx.attr.lock)
    rctx.file("base.lock.json", text, executable = False)
    for path, content in base_files(decode_base_lock(text, str(rctx.attr.lock)), base = rctx.attr.base).items():
        rctx.file(path, content, executable = False)

base_repo = repository_rule(
    implementation = _base_repo,
    doc = "The base of a base lock.",
    attrs = {
        "base": attr.string(
            doc = "Its name.",
            mandatory = True,
        ),
        "lock": attr.label(
            doc = "The base lock.",
            allow_single_file = True,
            mandatory = True,
        ),
    },
)
