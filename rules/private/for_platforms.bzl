"""The rule `for_platforms`: one target, built for several platforms at once."""

load(":any_platform.bzl", "TRANSITION_ATTRIBUTE")
load(":each_platform.bzl", "by_platform", "each_platform")

def _for_platforms(ctx):
    found = {}
    for platform, one in by_platform(ctx.split_attr.target):
        found.setdefault(platform.name, []).append(one[DefaultInfo].files)
    groups = {name: depset(transitive = files) for name, files in found.items()}
    return [
        DefaultInfo(files = depset(transitive = groups.values())),
        OutputGroupInfo(**groups),
    ]

for_platforms = rule(
    implementation = _for_platforms,
    doc = """A target, built for each of several platforms. Each platform's files are an output group of the platform's name; platforms of one name, in several
packages, share theirs.

```starlark
for_platforms(
    name = "repositories",
    platforms = [":linux_amd64", ":linux_arm64"],
    target = "@pypi//:repository",
)
```""",
    attrs = TRANSITION_ATTRIBUTE | {
        "platforms": attr.label_list(
            doc = "The platforms.",
            allow_empty = False,
            mandatory = True,
            providers = [platform_common.PlatformInfo],
        ),
        "target": attr.label(
            doc = "What is built.",
            cfg = each_platform,
            mandatory = True,
        ),
    },
)
