"""Providers: what crosswheel's rules tell of their outputs."""

WheelInfo = provider(
    doc = "One checked wheel of one target.",
    fields = {
        "project": "string: normalized project name.",
        "site": "File: folder with the wheel installed, made when asked for; None for a build itself, `@HUB//TARGET:NAME`.",
        "target": "string: id of the target.",
        "version": "string: version as the plan spells it.",
        "wheel": "File: the wheel if it is prebuilt; else a folder with the wheel and `wheel.json`, for only the build tells its name.",
    },
)

TargetWheelsInfo = provider(
    doc = "All wheels of one target.",
    fields = {
        "part": "File: the plan, cut down to the target.",
        "plan": "File: the whole plan.",
        "target": "string: id of the target.",
        "wheels": "depset of Files: each as `WheelInfo.wheel`.",
    },
)

WheelRepositoryInfo = provider(
    doc = "A wheel repository: simple index, flat folder, lock and manifest.",
    fields = {
        "folder": "File: the folder.",
        "target": "string: id of the target.",
    },
)

WheelTreeInfo = provider(
    doc = "The installed files of a target's wheels.",
    fields = {
        "folder": "File: the folder.",
        "layout": "string: `target` (modules at the top) or `prefix` (lib/pythonX.Y/site-packages).",
        "target": "string: id of the target.",
    },
)

WheelLayersInfo = provider(
    doc = "Layers of a container image with a target's wheels.",
    fields = {
        "environment": "string: where the virtual environment of an image will be, or empty where layers are for other tools.",
        "folder": "File: folder with `layers.json` and three files of each layer.",
        "target": "string: id of the target.",
    },
)

OciImageInfo = provider(
    doc = "An OCI layout.",
    fields = {
        "annotations": "dict of strings: annotations of the image; its index gets them, too.",
        "folder": "File: the layout.",
        "platform": "string: id of the target, or empty for an index of several.",
    },
)

PlanCommandInfo = provider(
    doc = "How a plan is made.",
    fields = {
        "plan": "string: its path in the workspace.",
        "words": "list of strings: the arguments of `crosswheel plan` without that.",
    },
)

BaseLockInfo = provider(
    doc = "A base lock and what it names.",
    fields = {
        "files": "depset of Files: packages and interpreters of the platform.",
        "lock": "File: the base lock.",
    },
)

BuildEnvironmentInfo = provider(
    doc = "What a build reads that depends on the platform it runs on.",
    fields = {
        "files": "depset of Files: wheels of the build environment, toolchains.",
        "wheels": "depset of Files: wheels that were built for the build environment, each as `WheelInfo.wheel`.",
    },
)

NativeLibrariesInfo = provider(
    doc = "Libraries of a target that other rules make.",
    fields = {
        "files": "list of structs: `file`, a File, and `path`, `NAME/PATH`, where it belongs in the folder of the library NAME.",
    },
)

CoreInfo = provider(
    doc = "crosswheel's core and the Python that runs it.",
    fields = {
        "arguments": "list of strings: what stands before the program's own file, e.g. `[\"python3\", \"-I\"]`.",
        "environment": "dict of strings: all variables that a step sees.",
        "files": "depset of Files: everything that is read to run it.",
        "libraries": "list of Files: one file right in the import package of each library, the core first.",
        "program": "File: what is run; `rules/private/run_core.py`.",
        "runtime_files": "depset of Files: what the step `runtime` reads of `files`.",
        "python": "File or string: the executable, or the absolute path of one.",
    },
)

TargetPythonInfo = provider(
    doc = "How the Python of a target is run where tests run.",
    fields = {
        "command": "list of strings: the command.",
        "environment": "dict of strings: variables that it sees.",
        "files": "depset of Files: what it reads.",
    },
)

BuildPythonsInfo = provider(
    doc = "Interpreters that builds run with.",
    fields = {
        "files": "dict from `X.Y` to depset of Files: what the interpreter reads.",
        "interpreters": "dict from `X.Y` to File or string: the interpreter, or its absolute path.",
        "registered": "bool: whether it is the Python toolchain that is registered, which nobody named for builds.",
    },
)
