"""The rule `plan_update`: makes a plan anew, in the workspace."""

load("//rules:providers.bzl", "PlanCommandInfo")
load(":plan_test.bzl", "quoted")

_SCRIPT = """\
#!/bin/sh
# Made by crosswheel's plan_update.
set -eu
cd "${{BUILD_WORKSPACE_DIRECTORY:?call it by bazel run}}"
if ! command -v {program} >/dev/null; then
    echo "cannot make plan '{plan}': there is no program {program} on the PATH; install crosswheel, or name it as program" >&2
    exit 1
fi
exec {command} "$@"
"""

def _plan_update(ctx):
    made = ctx.attr.plan_test[PlanCommandInfo]
    script = ctx.actions.declare_file(ctx.label.name + ".sh")
    ctx.actions.write(
        script,
        _SCRIPT.format(
            command = quoted(ctx.attr.program + ["plan"] + made.words + ["-o", made.plan]),
            plan = made.plan,
            program = quoted(ctx.attr.program[:1]),
        ),
        is_executable = True,
    )
    return [DefaultInfo(executable = script)]

plan_update = rule(
    implementation = _plan_update,
    doc = """Makes the plan of a `plan_test` anew when it is run.

```starlark
plan_update(
    name = "plan_update",
    testonly = True,
    plan_test = ":plan_test",
)
```

`bazel run //:plan_update` calls the `crosswheel` on the `PATH`: planning fetches and resolves, which what Bazel has of crosswheel does
not. What follows `--` are further options of `crosswheel plan`.""",
    executable = True,
    attrs = {
        "plan_test": attr.label(
            doc = "The test of the plan.",
            mandatory = True,
            providers = [PlanCommandInfo],
        ),
        "program": attr.string_list(
            doc = "What is called, e.g. `[\"uv\", \"run\", \"crosswheel\"]`.",
            default = ["crosswheel"],
        ),
    },
)
