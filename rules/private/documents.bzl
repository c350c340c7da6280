"""Documents that the command line writes and people commit: plans and base locks, read and decoded."""

load(":base_files.bzl", "checked_base_lock")
load(":messages.bzl", "refusal")
load(":plan.bzl", "checked_plan")

def read_plan(mctx, label):
    """Reads a plan.

    Args:
        mctx: module_ctx, or repository_ctx.
        label: Label; the file.

    Returns:
        string; its content.
    """
    return _read(mctx, label, "plan", "name a file that `crosswheel plan` wrote")

def read_base_lock(mctx, label):
    """Reads a base lock.

    Args:
        mctx: module_ctx, or repository_ctx.
        label: Label; the file.

    Returns:
        string; its content.
    """
    return _read(mctx, label, "base lock", "name a file that `crosswheel image lock` wrote")

def decode_plan(text, name):
    """Decodes a plan.

    Args:
        text: string; content of the file.
        name: string; what to call it in a message.

    Returns:
        dict; the plan.
    """
    return checked_plan(json.decode(text, default = None), name)

def decode_base_lock(text, name):
    """Decodes a base lock.

    Args:
        text: string; content of the file.
        name: string; what to call it in a message.

    Returns:
        dict; the base lock.
    """
    return checked_base_lock(json.decode(text, default = None), name)

def _read(mctx, label, kind, fix):
    if not mctx.path(label).exists:
        fail(refusal("read " + kind, label, "there is no such file", fix))
    return mctx.read(label)
