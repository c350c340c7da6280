"""The repository rule of a hub: its files, from the plan."""

load(":hub_files.bzl", "hub_files")
load(":plan.bzl", "decode_plan")
load(":user_files.bzl", "label_beside")

def _hub_repo(rctx):
    text = rctx.read(rctx.attr.plan)
    plan = decode_plan(text, str(rctx.attr.plan))
    files = hub_files(
        plan,
        hub = rctx.attr.hub,
        overrides = json.decode(rctx.attr.overrides),
        py_info = str(rctx.attr.py_info) if rctx.attr.py_info else None,
        python = rctx.attr.python,
    )
    rctx.file("wheels.plan.json", text, executable = False)
    for path, content in files.items():
        rctx.file(path, content, executable = False)
    for build in plan["builds"].values():
        for patch in build.get("patches", []):
            path = label_beside(rctx.attr.plan, patch["path"])
            rctx.symlink(rctx.path(path), "%s/%s" % (build["target"], patch["path"]))

hub_repo = repository_rule(
    implementation = _hub_repo,
    doc = "The hub of a plan.",
    attrs = {
        "hub": attr.string(
            doc = "Its name.",
            mandatory = True,
        ),
        "overrides": attr.string(
            doc = "JSON: by project, how Bazel runs its build.",
            default = "{}",
        ),
        "plan": attr.label(
            doc = "The plan.",
            allow_single_file = True,
            mandatory = True,
        ),
        "py_info": attr.label(doc = "The .bzl file that has `PyInfo`."),
        "python": attr.string(doc = "`X.Y` of the targets meant where nobody says."),
    },
)
