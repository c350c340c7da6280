"""The rule `oci_image_index`: one image for several platforms."""

load("//rules:providers.bzl", "OciImageInfo")
load(":any_platform.bzl", "TRANSITION_ATTRIBUTE")
load(":each_platform.bzl", "by_platform", "each_platform")
load(":messages.bzl", "refusal")
load(":steps.bzl", "CORE_TYPE", "run_step")

def _oci_image_index(ctx):
    images = [one[OciImageInfo] for _, one in by_platform(ctx.split_attr.image)]
    if not images[0].platform:
        fail(refusal("make index", ctx.label, "its image is an index itself", "give it an `oci_image`"))
    layouts = [one.folder for one in images]
    folder = ctx.actions.declare_directory(ctx.label.name)

    def fill(arguments):
        arguments.add_all(layouts, expand_directories = False)
        arguments.add_all(["%s=%s" % pair for pair in images[0].annotations.items()], before_each = "--annotation")

    run_step(
        ctx,
        step = "index",
        output = folder,
        fill = fill,
        inputs = [depset(layouts)],
        mnemonic = "CrosswheelIndex",
        message = "Writing the index %{label}",
        spelled = {"tag": "`tag`"},
    )
    return [
        DefaultInfo(files = depset([folder]), runfiles = ctx.runfiles([folder])),
        OciImageInfo(annotations = images[0].annotations, folder = folder, platform = ""),
    ]

oci_image_index = rule(
    implementation = _oci_image_index,
    doc = """One image for several platforms, as a layout; `--platforms` does not matter.

```starlark
oci_image_index(
    name = "images",
    image = ":image",
    platforms = [":linux_arm64", ":linux_amd64"],
)
```""",
    attrs = TRANSITION_ATTRIBUTE | {
        "image": attr.label(
            doc = "An `oci_image`.",
            cfg = each_platform,
            mandatory = True,
            providers = [OciImageInfo],
        ),
        "platforms": attr.label_list(
            doc = "The platforms, in the order that readers look through.",
            allow_empty = False,
            mandatory = True,
            providers = [platform_common.PlatformInfo],
        ),
    },
    toolchains = [CORE_TYPE],
)
