"""Plans that are made while Bazel loads, for hubs that name a lock and no plan."""

load(":messages.bzl", "refusal")

def made_plan(mctx, tag):
    """Makes the plan of a hub.

    Args:
        mctx: module_ctx.
        tag: the tag `hub`.

    Returns:
        string; the plan.
    """
    if not tag.lock or not tag.targets:
        fail(refusal("make hub", tag.name, "it names neither a plan, nor a lock and targets to make one of", "give it `plan`, or `lock` and `targets`"))
    command = tag.program or ["crosswheel"]
    mctx.getenv("PATH")  # So that a program installed since is found: what `which` looks at, Bazel does not remember.
    program = mctx.which(command[0])
    if not program:
        fail(refusal(
            "plan hub",
            tag.name,
            "there is no program '%s' on the PATH" % command[0],
            "install crosswheel, or name it as `program`, or commit a plan and name it as `plan`",
        ))
    words = ["plan", "--quiet", _watched(mctx, tag.lock)] + ["--target=" + one for one in tag.targets] + tag.options
    if tag.config:
        words += ["--config", _watched(mctx, tag.config)]
    plan = mctx.path(tag.name + ".plan.json")
    mctx.report_progress("planning @" + tag.name)
    done = mctx.execute([program] + command[1:] + words + ["-o", plan])
    if done.return_code:
        fail(refusal("plan hub", tag.name, "crosswheel said: " + done.stderr.strip().removeprefix("error: "), "mend that, and call Bazel again"))
    return mctx.read(plan, watch = "no")

def _watched(mctx, label):
    path = mctx.path(label)
    mctx.watch(path)
    return path
