"""Files of the user's own: those that a plan names by their path, and a project's source."""

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

def paths_in_package(targets):
    """Returns the files of targets, each with its path in the target's package, as the core takes them.

    Args:
        targets: list of Targets.

    Returns:
        list of strings, `PATH=FILE`.
    """
    found = []
    for target in targets:
        package = target.label.package + "/" if target.label.package else ""
        for file in target[DefaultInfo].files.to_list():
            path = file.short_path.split("/", 2)[2] if file.short_path.startswith("../") else file.short_path
            if not path.startswith(package):
                fail(refusal("use source", path, "it lies outside of the package of %s" % target.label, "name it by a target of its own package"))
            found.append("%s=%s" % (path.removeprefix(package), file.path))
    return found
