"""The repository rule of a hub: its files, from the plan."""

load(":copied_text.bzl", "copy_text")
load(":documents.bzl", "decode_plan", "read_plan")
load(":hub_files.bzl", "LOCK", "hub_files")
load(":messages.bzl", "refusal")
load(":user_files.bzl", "label_beside")

# Bazel has these providers of its own exactly where it has the rules of their language: all of 7, and 8 and 9 as far as
# --incompatible_autoload_externally says.
_BAZELS_OWN = struct(
    cc_info = hasattr(native, "cc_library"),
    py_info = hasattr(native, "py_library"),
)

def _provider_files(rctx, *names):
    """Returns from each of these names to the .bzl file it is loaded from, "" for Bazel's own, or None."""
    found = {}
    for name in names:
        label = getattr(rctx.attr, name)
        found[name] = str(label) if label else ("" if getattr(_BAZELS_OWN, name) else None)
    return found

def _hub_repo(rctx):
    text = read_plan(rctx, rctx.attr.plan) if rctx.attr.plan else rctx.attr.made_plan
    plan = decode_plan(text, str(rctx.attr.plan or rctx.attr.hub))
    files = hub_files(
        plan,
        cc_toolchains = rctx.attr.cc_toolchains,
        hub = rctx.attr.hub,
        lock = rctx.attr.lock != None,
        overrides = json.decode(rctx.attr.overrides),
        plan_update = rctx.attr.plan_update,
        python = rctx.attr.python,
        **_provider_files(rctx, "cc_info", "py_info")
    )
    rctx.file("wheels.plan.json", text, executable = False)
    if rctx.attr.lock:
        copy_text(rctx, rctx.attr.lock, LOCK)
    for path, content in files.items():
        rctx.file(path, content, executable = False)
    for build in plan["builds"].values():
        for patch in build.get("patches", []):
            if not rctx.attr.plan:
                fail(refusal("use patch", patch["path"], "the plan of @%s is made while Bazel loads" % rctx.attr.hub, "commit the plan, and name it as `plan`"))
            copy_text(rctx, label_beside(rctx.attr.plan, patch["path"]), "%s/%s" % (build["target"], patch["path"]))

hub_repo = repository_rule(
    implementation = _hub_repo,
    doc = "The hub of a plan.",
    attrs = {
        "cc_info": attr.label(doc = "The .bzl file that has `CcInfo`."),
        "cc_toolchains": attr.string_list(doc = "Targets that Bazel's C++ toolchain compiles for."),
        "hub": attr.string(
            doc = "Its name.",
            mandatory = True,
        ),
        "lock": attr.label(
            doc = "The lock that the plan was made from.",
            allow_single_file = True,
        ),
        "made_plan": attr.string(doc = "The plan itself, where no file has it."),
        "overrides": attr.string(
            doc = "JSON: by project, how Bazel runs its build.",
            default = "{}",
        ),
        "plan": attr.label(
            doc = "The plan.",
            allow_single_file = True,
        ),
        "plan_update": attr.string(doc = "Label of what makes the plan anew."),
        "py_info": attr.label(doc = "The .bzl file that has `PyInfo`."),
        "python": attr.string(doc = "`X.Y` of the targets meant where nobody says."),
    },
)
