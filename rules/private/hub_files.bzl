"""The files of a hub: BUILD files that say what a plan says, and the parts of the plan that actions read.

A hub holds two packages for each target of the plan, the same whatever platform is built for, and one for each project (`@pypi//numpy`, which
is that of the platform). `@pypi//TARGET` has the builds and `wheels`, all wheels of the target; `@pypi//TARGET/installed` has each wheel by
itself (`numpy-2.1.0`), and is not loaded for what is made of all.
"""

load(":build_text.bzl", "build_file", "call", "load_lines", "select_of")
load(":known_platforms.bzl", "known_platforms")
load(":messages.bzl", "listed", "no_build_environment", "no_target_for_python", "refusal")
load(":names.bzl", "artifact_label", "build_name")
load(
    ":plan.bzl",
    "artifacts_named",
    "builds_needed",
    "part_for_build",
    "part_for_runtime",
    "part_for_wheels",
    "pins_of",
    "without",
)
load(":target_ids.bzl", "constraints_of_machine", "constraints_of_platform", "constraints_of_target", "machine_of", "parse_target_id")

_RULES = "@crosswheel//rules/private:"
_PLAN = "wheels.plan.json"
_INSTALLED = "installed"

# What a plan says of headers that are those of an installed Python, and not a file.
_OWN_HEADERS = "build-python"

#: The lock that the plan was made from, in the hub.
LOCK = "checked.lock"
_LOCK_CHECK = "//:lock_check"
_PYTHON_FLAG = "@crosswheel//rules/toolchains:python"

# For what means nothing on the platform that is built for: `bazel build @pypi//...` passes it over.
_MANUAL = ["manual"]
_INCOMPATIBLE = ["@platforms//:incompatible"]

def hub_files(
        plan,
        *,
        hub,
        python = "",
        overrides = {},
        cc_toolchains = [],
        cc_info = None,
        py_info = None,
        lock = False,
        plan_update = ""):
    """Writes out a hub.

    Args:
        plan: dict; the plan.
        hub: string; the hub's name, for messages.
        python: string; `X.Y` of the targets meant where nobody says, or "" if the plan has one Python.
        overrides: dict from project to dict of attributes of `built_wheel`: how Bazel runs its build, and its source.
        cc_toolchains: list of strings; targets that Bazel's C++ toolchain compiles for, in place of the plan's.
        cc_info: string; label of the .bzl file that has `CcInfo`, "" for Bazel's own, or None where there is none.
        py_info: string; as `cc_info`, for `PyInfo`.
        lock: bool; whether the hub has the lock, so that the plan is compared with it.
        plan_update: string; label of what makes the plan anew, or "".

    Returns:
        dict from path to text; all files but the plan itself.
    """
    _refuse_unmatched(plan, hub, overrides)
    _refuse_unknown_targets(plan, hub, cc_toolchains)
    targets = [one["id"] for one in plan["targets"]]
    usual = _usual_python(targets, hub, python)
    conditions = {target: _conditions(target, usual) for target in targets}
    none = no_target_for_python(hub, targets)

    # Whatever their Pythons are: one that no target has is a mistake in a flag, and no reason to pass a project over.
    platforms = known_platforms("planned", {id.partition("-")[2]: constraints_of_target(id) for id in targets})
    files = {
        "BUILD.bazel": _root(plan, hub, conditions, platforms, none, lock, plan_update),
        "c_toolchain.bzl": _c_toolchain(hub, cc_info),
        "native_libraries.bzl": _native_libraries(cc_info),
        "wheel_headers.bzl": _wheel_headers(hub, cc_info),
        "wheel_library.bzl": _wheel_library(py_info),
    }
    for target in targets + [one["id"] for one in plan.get("build_platforms", [])]:
        files.update(_target_files(plan, target, overrides, target in cc_toolchains, plan_update))
    for project, labels in sorted(_labels_of_projects(plan).items()):
        files[project + "/BUILD.bazel"] = _project(hub, project, _by_condition(conditions, labels), platforms.fits, none, lock)
    return files

def _labels_of_projects(plan):
    """Returns for each project a dict from each target that has it to the label of its wheel."""
    found = {}
    for target in plan["targets"]:
        for wheel in target["wheels"]:
            found.setdefault(wheel["name"], {})[target["id"]] = "//%s/%s:%s" % (target["id"], _INSTALLED, build_name(wheel))
    return found

def _refuse_unmatched(plan, hub, overrides):
    built = {build["name"]: True for build in plan["builds"].values()}
    for project in overrides:
        if project not in built:
            fail(refusal(
                "use the tag `package` of",
                project,
                "the plan of @%s does not build it; it builds %s" % (hub, listed(built)),
                "remove the tag, or mend its name",
            ))

def _refuse_unknown_targets(plan, hub, targets):
    built = {build["target"]: True for build in plan["builds"].values()}
    for target in targets:
        if target not in built:
            fail(refusal(
                "use the C++ toolchain for",
                target,
                "the plan of @%s builds nothing for it; it builds for %s" % (hub, listed(built)),
                "name one of these in `cc_toolchains` of the hub",
            ))

def _usual_python(targets, hub, python):
    pythons = {parse_target_id(target).python: True for target in targets}
    if python and python not in pythons:
        fail(refusal("use Python", python, "the plan of @%s has targets for %s" % (hub, listed(pythons)), "name one of these as `python` of the hub"))
    return python or (pythons.keys()[0] if len(pythons) == 1 else "")

def _conditions(target, usual):
    """Returns the config settings that mean a target: its Python is asked for, or nobody asks and it is the usual one."""
    unsaid = ["//:%s.unsaid" % target] if parse_target_id(target).python == usual else []
    return ["//:" + target] + unsaid

def _by_condition(conditions, by_target):
    """Returns a dict for `select` from each target's conditions to what `by_target` has for it, or None."""
    return {condition: by_target.get(target) for target, all in conditions.items() for condition in all}

def _root(plan, hub, conditions, platforms, none, lock, plan_update):
    calls = list(platforms.calls)
    loads = {
        _RULES + "target_wheels.bzl": ["chosen_wheels"],
        _RULES + "wheel_layers.bzl": ["wheel_layers"],
        _RULES + "wheel_repository.bzl": ["wheel_repository"],
        _RULES + "wheel_tree.bzl": ["wheel_tree"],
    }
    for target, all in conditions.items():
        constraints = constraints_of_target(target)
        for condition in all:
            said = "" if condition.endswith(".unsaid") else parse_target_id(target).python
            calls.append(call(
                "config_setting",
                name = condition.removeprefix("//:"),
                constraint_values = constraints,
                flag_values = {_PYTHON_FLAG: said},
            ))
    for machine, constraints in _machines(plan).items():
        calls.append(call("config_setting", name = "on_" + machine, constraint_values = constraints))
    chosen = _by_condition(conditions, {target: "//%s:wheels" % target for target in conditions})
    calls += [
        call("exports_files", [_PLAN]),
        call("chosen_wheels", name = "wheels", wheels = select_of(chosen, none), target_compatible_with = select_of(platforms.fits), **_checked(lock)),
        call("wheel_layers", name = "layers", wheels = ":wheels"),
        call("wheel_repository", name = "repository", wheels = ":wheels"),
        call("wheel_tree", name = "site_packages", wheels = ":wheels"),
    ]
    if lock:
        loads[_RULES + "lock_check.bzl"] = ["lock_check"]
        calls.append(call(
            "lock_check",
            name = _LOCK_CHECK.removeprefix("//:"),
            digest = plan["inputs"].get("lock", ""),
            hub = hub,
            lock = LOCK,
            plan_update = plan_update,
        ))
    return build_file("The wheels of %s, for the platform that is built for." % hub, loads, calls)

def _checked(lock):
    return {"lock_check": _LOCK_CHECK} if lock else {}

def _machines(plan):
    return {
        machine_of(id): constraints_of_machine(id)
        for build in plan["builds"].values()
        for id in build["environments"]
    }

def _project(hub, project, labels, fits, none, lock):
    if not all(labels.values()):
        fits = fits | {condition: [] if label else _INCOMPATIBLE for condition, label in labels.items()}
    compatible = {"target_compatible_with": select_of(fits)} | _checked(lock)
    wheel = select_of(labels, none)
    calls = [
        call("wheel_library", name = project, wheel = wheel, **compatible),
        call("chosen_wheel", name = "whl", wheel = wheel, **compatible),
    ]
    loads = {
        "//:wheel_library.bzl": ["wheel_library"],
        _RULES + "wheel_library.bzl": ["chosen_wheel"],
    }
    return build_file("%s of %s." % (project, hub), loads, calls)

def _wheel_library(py_info):
    provider = 'load("%s", "PyInfo")\n' % py_info if py_info else ""
    known = "None" if py_info == None else "PyInfo"
    return (
        '"""The rule of this hub\'s projects, with the `PyInfo` of the Python rules in use if there are any."""\n\n' +
        'load("%swheel_library.bzl", "wheel_library_rule")\n' % _RULES + provider +
        "\nwheel_library = wheel_library_rule(%s)\n" % known
    )

def _wheel_headers(hub, cc_info):
    title = '"""The rule `wheel_headers`, with the `CcInfo` of the C++ rules in use."""\n\n'
    if cc_info == None:
        return title + _without_cc_info("wheel_headers", "make wheel_headers of", hub)
    loads = dict({_RULES + "wheel_headers.bzl": ["wheel_headers_rule"]}, **_cc_common(cc_info, ["CcInfo"]))
    return title + load_lines(loads) + "\nwheel_headers = wheel_headers_rule(CcInfo, cc_common)\n"

def _c_toolchain(hub, cc_info):
    title = '"""The rule of the C++ toolchain for a target, with the `cc_common` of the C++ rules in use."""\n\n'
    if cc_info == None:
        return title + _without_cc_info("c_toolchain", "use C++ toolchains in", hub)
    loads = dict({_RULES + "c_toolchain.bzl": ["c_toolchain_rule"]}, **_cc_common(cc_info))
    return title + load_lines(loads) + "\nc_toolchain = c_toolchain_rule(cc_common)\n"

def _without_cc_info(rule, doing, hub):
    why = refusal(doing, "@" + hub, "this Bazel has no CcInfo of its own", "give the hub cc_info = \"@rules_cc//cc/common:cc_info.bzl\"")
    return "def %s(**_attributes):\n    fail(%s)\n" % (rule, repr(why))

def _cc_common(cc_info, names = []):
    """Returns the loads of `cc_common` and of the providers named; none where they are Bazel's own."""
    beside = {cc_info.rpartition(":")[0] + ":cc_common.bzl": ["cc_common"]} if cc_info else {}
    return dict({cc_info: names} if cc_info and names else {}, **beside)

def _native_libraries(cc_info):
    loads = dict({_RULES + "native_libraries.bzl": ["native_libraries_rule"]}, **({cc_info: ["CcInfo"]} if cc_info else {}))
    known = "None" if cc_info == None else "CcInfo"
    return (
        '"""The rule of native libraries that other rules make, with the `CcInfo` of the C++ rules in use."""\n\n' +
        load_lines(loads) + "\nnative_libraries = native_libraries_rule(%s)\n" % known
    )

def _target_files(plan, target, overrides, by_cc_toolchain, plan_update):
    """Returns the package of one target or build platform."""
    asked = [one for one in plan["targets"] if one["id"] == target]
    wheels = asked[0]["wheels"] if asked else []
    builds = {id: build for id, build in plan["builds"].items() if build["target"] == target}
    files = {}
    calls = []
    own = pins_of(plan, target).get("toolchain") if builds and not by_cc_toolchain else None
    _refuse_folder_of_toolchain(target, own)

    # A toolchain of the user's own brings its runtime libraries along.
    runtime = None if own or by_cc_toolchain else part_for_runtime(plan, target)
    if runtime:
        files["%s/runtime.plan.json" % target] = _text(runtime)
        calls += _runtime(plan, target, builds)
    for id, build in builds.items():
        files["%s/%s.plan.json" % (target, build_name(build))] = _text(part_for_build(plan, id))
        calls += _build(plan, id, bool(runtime), overrides.get(build["name"], {}), by_cc_toolchain, plan_update)
    if wheels:
        files["%s/%s/BUILD.bazel" % (target, _INSTALLED)] = _installed(plan, asked[0])
        files["%s/%s" % (target, _PLAN)] = _text(part_for_wheels(plan, asked[0]))
        calls.append(call(
            "target_wheels",
            name = "wheels",
            part = _PLAN,
            plan = "//:" + _PLAN,
            target = target,
            wheels = [_wheel_label(plan, wheel) for wheel in wheels],
        ))
    loads = {_RULES + name + ".bzl": [name] for name in ("build_environment", "built_wheel", "runtime_libraries", "target_wheels")}
    native = any([overrides.get(build["name"], {}).get("native_deps") for build in builds.values()])
    if native:
        loads["//:native_libraries.bzl"] = ["native_libraries"]
    if by_cc_toolchain:
        loads["//:c_toolchain.bzl"] = ["c_toolchain"]
        loads[_RULES + "built_wheel.bzl"] = ["wheel_by_c_toolchain"]
        calls.append(call("c_toolchain", name = "c_toolchain", platform = ":platform", tags = _MANUAL, target = target))
    if native or by_cc_toolchain:
        calls.append(call("platform", name = "platform", constraint_values = constraints_of_platform(target)))
    files[target + "/BUILD.bazel"] = build_file("The wheels of %s." % target, loads, calls)
    return files

def _refuse_folder_of_toolchain(target, toolchain):
    if toolchain and not toolchain["folder"].startswith("/"):
        fail(refusal(
            "build for",
            target,
            "the plan compiles with the toolchain in '%s' beside it, and no action is given such a folder" % toolchain["folder"],
            "install it on the machines that run actions and plan with its absolute path, or plan with zig for this target and name it in `cc_toolchains` of the hub",
        ))

def _text(part):
    return json.encode(part) + "\n"

def _runtime(plan, target, builds):
    toolchains = {}
    for build in builds.values():
        for machine, one in build["environments"].items():
            if "toolchain" in one:
                toolchains.setdefault(machine, {})[one["toolchain"]] = True
    files = {machine: [artifact_label(plan, digest) for digest in sorted(digests)] for machine, digests in toolchains.items()}
    return [
        call(
            "build_environment",
            name = "runtime.environment",
            files = select_of(_by_machine(files), no_build_environment("runtime libraries", toolchains.keys())),
            tags = _MANUAL,
        ),
        call(
            "runtime_libraries",
            name = "runtime",
            plan = "runtime.plan.json",
            compiler = ":runtime.environment",
            target = target,
        ),
    ]

def _by_machine(by_id):
    """Returns for each kind of machine all that any of its build platforms has; the core takes what it needs."""
    found = {}
    for id, labels in by_id.items():
        found.setdefault("//:on_" + machine_of(id), {}).update({label: True for label in labels})
    return {machine: sorted(labels) for machine, labels in found.items()}

def _build(plan, id, runtime, override, by_cc_toolchain, plan_update):
    build = plan["builds"][id]
    name = build_name(build)
    environments = build["environments"]
    files = {
        machine: [artifact_label(plan, digest) for digest in artifacts_named(plan, one)]
        for machine, one in environments.items()
    }
    wheels = {machine: [_build_label(plan, one) for one in environment.get("builds", [])] for machine, environment in environments.items()}
    none = no_build_environment(id, environments.keys())
    replaced = ["sdist"] if override.get("sources") or override.get("programs") else []
    native = override.get("native_deps")
    more = {"plan_update": plan_update} if replaced and plan_update else {}
    replaced += ["sysroot"] if native else []
    pins = pins_of(plan, build["target"])
    common = [without(build, "environments", *replaced), pins]
    compiled = runtime and any(["toolchain" in one for one in environments.values()])
    optional = {"wheels": select_of(_by_machine(wheels), none)} if any(wheels.values()) else {}
    more.update({"runtime": ":runtime"} if compiled else {})
    more.update({"own_headers": True} if pins.get("headers", {}).get("source") == _OWN_HEADERS else {})
    more.update({"libraries": ":%s.libraries" % name} if native else {})
    more.update({"platform": ":platform", "toolchain": ":c_toolchain"} if by_cc_toolchain else {})
    libraries = call("native_libraries", name = name + ".libraries", deps = native, platform = ":platform", tags = _MANUAL)
    return ([libraries] if native else []) + [
        call("build_environment", name = name + ".environment", files = select_of(_by_machine(files), none), tags = _MANUAL, **optional),
        call(
            "wheel_by_c_toolchain" if by_cc_toolchain else "built_wheel",
            name = name,
            build = id,
            environment = ":%s.environment" % name,
            files = [artifact_label(plan, digest) for digest in artifacts_named(plan, common)],
            patches = [patch["path"] for patch in build.get("patches", [])],
            plan = name + ".plan.json",
            project = build["name"],
            python = parse_target_id(build["target"]).python,
            target = build["target"],
            version = build["version"],
            wheels = [_build_label(plan, one) for one in builds_needed(dict(build, environments = {}))],
            **dict(more, **without(override, "native_deps"))
        ),
    ]

def _build_label(plan, id):
    build = plan["builds"][id]
    return "//%s:%s" % (build["target"], build_name(build))

def _wheel_label(plan, wheel):
    """Returns what a wheel of a target is: a file, or a build."""
    return _build_label(plan, wheel["build"]) if "build" in wheel else artifact_label(plan, wheel["artifact"])

def _installed(plan, target):
    """Returns the package of each wheel of a target by itself."""
    calls = [
        call(
            "installed_wheel",
            name = build_name(wheel),
            plan = json.encode(part_for_wheels(plan, dict(target, wheels = [wheel]))),
            project = wheel["name"],
            target = target["id"],
            version = wheel["version"],
            wheel = _wheel_label(plan, wheel),
        )
        for wheel in target["wheels"]
    ]
    loads = {_RULES + "installed_wheel.bzl": ["installed_wheel"]}
    return build_file("Each wheel of %s, installed." % target["id"], loads, calls)
