"""Files of the user's own inside of a repository that Bazel makes."""

load(":messages.bzl", "refusal")

def copy_text(rctx, label, path):
    """Copies a text file into a repository: a link to it would lead nowhere once `bazel vendor` has put the repository elsewhere.

    Args:
        rctx: context of a repository rule.
        label: Label; the file. The repository is made anew when it changes.
        path: string; where in the repository.
    """
    if not rctx.path(label).exists:
        fail(refusal("read file", label, "there is no such file", "mend its name, or write it"))
    text = rctx.read(label)
    rctx.file(path, text, executable = False)
    if rctx.read(path) != text:
        # Bazel 7 takes each byte beyond ASCII for a letter to be encoded.
        rctx.delete(path)
        rctx.symlink(label, path)
