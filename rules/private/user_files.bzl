"""Files of the user's own that a plan names by their path."""

load(":messages.bzl", "refusal")

def label_beside(plan, path):
    """Returns the label of a file that a plan names relative to its own folder.

    Args:
        plan: Label; the plan.
        path: string; with `/` between its parts.

    Returns:
        Label.
    """
    if ".." in path.split("/"):
        fail(refusal("use file", path, "it lies outside of the folder of %s" % plan, "put it below the plan's folder and plan again"))
    return plan.relative(":" + path)
