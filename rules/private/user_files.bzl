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
    """Returns the files of targets, each with its path in the target's package.

    Args:
        targets: list of Targets.

    Returns:
        list of structs, as `placed` makes them.
    """
    found = []
    for target in targets:
        package = target.label.package + "/" if target.label.package else ""
        for file in target[DefaultInfo].files.to_list():
            path = file.short_path.split("/", 2)[2] if file.short_path.startswith("../") else file.short_path
            if not path.startswith(package):
                fail(refusal("use source", path, "it lies outside of the package of %s" % target.label, "name it by a target of its own package"))
            found.append(placed(path.removeprefix(package), file))
    return found

def placed(path, file):
    """Says where a file belongs. It stays a File: the path it has for an action is told when the action runs.

    Args:
        path: string.
        file: File.

    Returns:
        struct with `file` and `path`.
    """
    return struct(file = file, path = path)

def _place_and_file(one):
    return "%s=%s" % (one.path, one.file.path)

def add_placed(arguments, option, files):
    """Adds `OPTION PATH=FILE` for each file, as the core takes them.

    Args:
        arguments: Args.
        option: string.
        files: list of structs, as `placed` makes them.
    """
    arguments.add_all(files, before_each = option, map_each = _place_and_file)
