"""The module extension `wheels`: hubs of packages, from plans, and bases of images, from base locks.

```starlark
wheels = use_extension("@crosswheel//rules:extensions.bzl", "wheels")
wheels.hub(name = "pypi", plan = "//:wheels.plan.json")
wheels.base(name = "debian", lock = "//:base.lock.json")
use_repo(wheels, "pypi", "debian")
```

It decodes plans and no more: no interpreter runs, no lock is parsed, and each file is fetched when something needs it. Only a hub
without a plan has one made, by the `crosswheel` that is installed.
"""

load("//rules/private:artifact_repo.bzl", "artifact_repo", "own_artifact_repo")
load("//rules/private:base_repo.bzl", "base_repo")
load("//rules/private:documents.bzl", "decode_base_lock", "decode_plan", "read_base_lock", "read_plan")
load("//rules/private:hub_repo.bzl", "hub_repo")
load("//rules/private:made_plan.bzl", "made_plan")
load("//rules/private:messages.bzl", "listed", "name_taken", "of_the_plan", "refusal")
load("//rules/private:names.bzl", "artifact_repository")
load("//rules/private:user_files.bzl", "label_beside")

# Attributes of a hub that say how its plan is made, where none is committed.
_MAKES_A_PLAN = ("config", "options", "program", "targets")

# Attributes of a package that the configuration has in their place, and its name for each.
_OF_THE_PLAN = {"config_settings": "config-settings", "env": "environment"}

def _wheels(mctx):
    hubs = _named(mctx, "hub")
    overrides = _overrides(mctx, hubs)
    artifacts = {}
    for name, tag in hubs.items():
        text = _plan_text(mctx, tag)
        beside = tag.plan or tag.lock
        for digest, artifact in decode_plan(text, str(tag.plan or name))["artifacts"].items():
            _add(artifacts, digest, _source(beside, artifact))
        hub_repo(
            name = name,
            cc_info = tag.cc_info,
            cc_toolchains = tag.cc_toolchains,
            hub = name,
            lock = tag.lock if tag.plan else None,
            made_plan = "" if tag.plan else text,
            overrides = json.encode(overrides.get(name, {})),
            plan = tag.plan,
            plan_update = str(tag.plan_update) if tag.plan_update else "",
            py_info = tag.py_info,
            python = tag.python,
        )
    for name, tag in _named(mctx, "base").items():
        if name in hubs:
            fail(refusal("make base", name, "a hub has this name", "give one of them another"))
        for digest, artifact in decode_base_lock(read_base_lock(mctx, tag.lock), str(tag.lock))["artifacts"].items():
            _add(artifacts, digest, _source(tag.lock, artifact))
        base_repo(name = name, base = name, lock = tag.lock)
    for name, (digest, source) in artifacts.items():
        if source.file:
            own_artifact_repo(name = name, file = source.file, filename = source.filename)
        else:
            artifact_repo(name = name, filename = source.filename, sha256 = digest, urls = source.urls)
    return mctx.extension_metadata(
        reproducible = all([tag.plan for tag in hubs.values()]),
        root_module_direct_deps = [tag.name for module in mctx.modules if module.is_root for tag in module.tags.hub + module.tags.base],
        root_module_direct_dev_deps = [],
    )

def _add(artifacts, digest, source):
    """Adds an artifact by the name of its repository: two plans may call one file by two names."""
    artifacts.setdefault(artifact_repository(digest, source.filename), (digest, source))

def _plan_text(mctx, tag):
    """Returns the plan of a hub: the one that is committed, or one that is made now."""
    if not tag.plan:
        return made_plan(mctx, tag)
    for name in _MAKES_A_PLAN:
        if getattr(tag, name):
            fail(refusal(
                "use `%s` of hub" % name,
                tag.name,
                "its plan is committed, and was made with options of its own",
                "leave it out, and give it to `crosswheel plan` and to `plan_test`",
            ))
    return read_plan(mctx, tag.plan)

def _source(plan, artifact):
    own = "path" in artifact
    return struct(
        file = label_beside(plan, artifact["path"]) if own else None,
        filename = artifact["filename"],
        urls = [] if own else [artifact["url"]] + artifact.get("also", []),
    )

def _named(mctx, kind):
    """Returns the tags of a kind that names a repository, by name."""
    found, owners = {}, {}
    for module in mctx.modules:
        for tag in getattr(module.tags, kind):
            if tag.name in found:
                fail(name_taken(kind, tag.name, [owners[tag.name], module.name]))
            found[tag.name], owners[tag.name] = tag, module.name
    return found

def _overrides(mctx, hubs):
    found = {}
    for module in mctx.modules:
        for tag in module.tags.package:
            if tag.hub not in hubs:
                fail(refusal("use the tag `package` of", tag.name, "there is no hub '%s', only %s" % (tag.hub, listed(hubs)), "name one of these as `hub`"))
            of_hub = found.setdefault(tag.hub, {})
            if tag.name in of_hub:
                fail(refusal("use the tag `package` of", tag.name, "another tag of @%s has this name" % tag.hub, "say it all in one of them"))
            for attribute, setting in _OF_THE_PLAN.items():
                if getattr(tag, attribute):
                    fail(of_the_plan(attribute, tag.name, setting, getattr(tag, attribute)))
            of_hub[tag.name] = {
                "native_deps": [str(one) for one in tag.native_deps],
                "processors": tag.processors,
                "programs": [str(one) for one in tag.programs],
                "requirements": tag.requirements,
                "sources": [str(one) for one in tag.sources],
            }
    return found

_hub = tag_class(
    doc = """A hub: the packages of one plan.

The plan is a committed file, `plan`. With `lock` and `targets` in its place it is made while Bazel loads, by the `crosswheel` on the `PATH`, which fetches and resolves:
slower, and no more the same on every machine for certain.""",
    attrs = {
        "name": attr.string(
            doc = "Name of the repository.",
            mandatory = True,
        ),
        "cc_info": attr.label(
            doc = "The .bzl file that `wheel_headers` loads `CcInfo` from, `@rules_cc//cc/common:cc_info.bzl`; left out, it is Bazel's own, which Bazel 9 has no more.",
        ),
        "cc_toolchains": attr.string_list(
            doc = "Ids of targets, `cp311-linux_aarch64_glibc_2_36`, whose wheels are compiled by the C++ toolchain registered for their platform (`cc_toolchain`), in place of the plan's compiler.",
        ),
        "lock": attr.label(
            doc = "The lock. Without `plan` one is made of it whenever it changes. Beside a `plan`, it is the lock that the plan was made from: a build of anything of the hub fails if the lock has changed since, and says how to make the plan anew.",
        ),
        "config": attr.label(
            doc = "Without `plan`: the configuration to plan with.",
        ),
        "options": attr.string_list(
            doc = "Without `plan`: further options of `crosswheel plan`.",
        ),
        "plan": attr.label(
            doc = "What `crosswheel plan` wrote, as it is committed.",
        ),
        "plan_update": attr.label(
            doc = "The `plan_update` of the plan, named where the plan is stale. It is a name in messages and no dependency: nothing that is built loads it, and one that is not there is told by Bazel when it is called.",
        ),
        "program": attr.string_list(
            doc = "Without `plan`: what makes one, e.g. `[\"uv\", \"run\", \"crosswheel\"]`; left out, it is `crosswheel`.",
        ),
        "py_info": attr.label(
            doc = "The .bzl file that `PyInfo` is loaded from, `@rules_python//python:py_info.bzl`; left out, it is Bazel's own, where Bazel has Python rules of its own or takes those of rules_python for them; else projects carry none.",
        ),
        "python": attr.string(
            doc = "`X.Y` of the targets meant where `--@crosswheel//rules/toolchains:python` is not given; needed if the plan has several.",
        ),
        "targets": attr.string_list(
            doc = "Without `plan`: the targets, by any of their names.",
        ),
    },
)

_package = tag_class(
    doc = """How Bazel runs the builds of one package, and of what source. A name that matches nothing fails.

With `sources` a project of your own is built as it is now: a change of it needs no new plan, as long as its version, what it
is built with and what it depends on stay the same. With `native_deps` it links libraries that Bazel makes. All else that goes into a wheel (options, environment, patches, libraries of Debian) stands in
`crosswheel.toml`, so that everything that reads the plan makes the same bytes.""",
    attrs = {
        "config_settings": attr.string_dict(
            doc = "Refused, as `env` is, with the lines for `crosswheel.toml` that say it: what goes into a wheel is of the plan.",
        ),
        "env": attr.string_dict(
            doc = "Refused, see `config_settings`.",
        ),
        "hub": attr.string(
            doc = "Name of the hub.",
            mandatory = True,
        ),
        "name": attr.string(
            doc = "Normalized project name.",
            mandatory = True,
        ),
        "native_deps": attr.label_list(
            doc = "Libraries that are linked in place of those that the plan names: C++ libraries (`CcInfo`), compiled for the target's platform, or files whose package is a folder with `include` and `lib`.",
        ),
        "processors": attr.int(
            doc = "How many processors Bazel sets aside for a build.",
            default = 1,
            values = [1, 2, 4, 8],
        ),
        "programs": attr.label_list(
            doc = "As `sources`, for files that can be executed.",
        ),
        "requirements": attr.string_dict(
            doc = "Execution requirements of a build, e.g. `{\"no-remote\": \"1\"}`.",
        ),
        "sources": attr.label_list(
            doc = "The project's files, built in place of the sdist that the plan names; the package of a label is the project's folder.",
        ),
    },
)

_base = tag_class(
    doc = """What images stand on: `@NAME` for `base` of `oci_image`. Only the files of the platforms that are built for are fetched.""",
    attrs = {
        "lock": attr.label(
            doc = "What `crosswheel image lock` wrote.",
            mandatory = True,
        ),
        "name": attr.string(
            doc = "Name of the repository.",
            mandatory = True,
        ),
    },
)

wheels = module_extension(
    implementation = _wheels,
    doc = "Hubs of packages, from plans, and bases of images, from base locks.",
    tag_classes = {
        "base": _base,
        "hub": _hub,
        "package": _package,
    },
)
