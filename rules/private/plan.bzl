"""What a plan says, and parts of it: a plan that holds one build, one target or one wheel, and what these name.

An action that is given no more than its part is not run again when the rest of the plan changes. Nothing is decided
here: the format is docs/reference/plan.md, and the core reads it again.
"""

load(":messages.bzl", "refusal")

_SCHEMA = 1

# How the files of build requirements begin that decide which runtime libraries are made: Meson tries the build machine's
# compilers in any case (python/crosswheel/act/steps/runtime_libraries.py).
TRY_BUILD_MACHINE = ("meson-", "meson_python-")

# What every plan has, and the documents beside it (locks, base locks, events) have not.
_PARTS = ("artifacts", "builds", "inputs", "targets")

def checked_plan(document, name):
    """Looks whether a document is a plan, and one that is read here.

    Args:
        document: what the file holds, decoded, or None if it is no JSON.
        name: string; what to call it in a message.

    Returns:
        dict; the plan.
    """
    plan = document
    if type(plan) != "dict" or "schema" not in plan:
        fail(refusal("read plan", name, "it is not a plan", "make one with `crosswheel plan`"))
    if plan["schema"] != _SCHEMA:
        fail(refusal(
            "read plan",
            name,
            "it has schema %s, and this crosswheel reads schema %d" % (json.encode(plan["schema"]), _SCHEMA),
            "use the crosswheel that it was made with, or make it anew with `crosswheel plan`",
        ))
    if not all([part in plan for part in _PARTS]):
        fail(refusal("read plan", name, "it is not a plan", "make one with `crosswheel plan`"))
    for target in plan["targets"]:
        for wheel in target["wheels"]:
            if "build" in wheel and not _is_of(plan["builds"].get(wheel["build"]), wheel, target["id"]):
                fail(refusal(
                    "read plan",
                    name,
                    "%s: the wheel of %s names the build '%s', which is another package's or target's" % (target["id"], wheel["name"], wheel["build"]),
                    "make it anew with `crosswheel plan`",
                ))
    return plan

def _is_of(build, wheel, target):
    """Tells whether a build makes a wheel: an edit of the plan must not put one of another target in its place."""
    made = (build["name"], build["version"], build["target"]) if build else None
    return made == (wheel["name"], wheel["version"], target)

def artifacts_named(plan, value):
    """Finds the artifacts that a piece of a plan names.

    Args:
        plan: dict; the plan.
        value: any JSON value of the plan.

    Returns:
        list of strings; digests, sorted, each once.
    """
    found = {}
    pending = [value]
    for _ in range(len(json.encode(value)) + 1):
        if not pending:
            break
        one = pending.pop()
        if type(one) == "dict":
            pending.extend(one.values())
        elif type(one) == "list":
            pending.extend(one)
        elif type(one) == "string" and one in plan["artifacts"]:
            found[one] = True
    return sorted(found)

def without(value, *keys):
    """Leaves keys out of a dict.

    Args:
        value: dict.
        *keys: strings.

    Returns:
        dict; a new one.
    """
    return {key: one for key, one in value.items() if key not in keys}

def builds_needed(build, environment = None):
    """Finds the builds that must be finished before a build can start.

    Args:
        build: dict; a build of the plan.
        environment: string; id of the build platform, or None for those of any.

    Returns:
        list of strings; ids, sorted, each once.
    """
    needed = {one["build"]: True for one in build.get("overlays", []) if "build" in one}
    for key, one in build["environments"].items():
        if environment == None or environment == key:
            needed.update({id: True for id in one.get("builds", [])})
    return sorted(needed)

def pins_of(plan, target):
    """Finds what a plan pins of a target, whether wheels are planned for it or only build requirements.

    Args:
        plan: dict; the plan.
        target: string; id of the target.

    Returns:
        dict; `id`, `description`, `headers`.
    """
    for one in plan["targets"] + plan.get("build_platforms", []):
        if one["id"] == target:
            return without(one, "wheels")
    return fail(refusal("read plan", target, "nothing is pinned for this target", "make the plan anew"))

def part_for_build(plan, id):
    """Cuts out of a plan what one build needs.

    Args:
        plan: dict; the plan.
        id: string; the build.

    Returns:
        dict; a plan with this build and those it needs, and no wheels.
    """
    return _part(plan, _with_needed(plan, [id]), [], {})

def part_for_wheels(plan, target):
    """Cuts out of a plan what wheels of one target need.

    Args:
        plan: dict; the plan.
        target: dict; one of the plan's targets, with all its wheels or some.

    Returns:
        dict; a plan with one target.
    """
    wheels = target["wheels"]
    builds = _with_needed(plan, [one["build"] for one in wheels if "build" in one])
    names = [one["name"] for one in wheels]
    accept = {name: codes for name, codes in plan.get("accept", {}).items() if name in names}
    return _part(plan, builds, [target], accept)

def part_for_runtime(plan, target):
    """Cuts out of a plan what the runtime libraries of one target depend on: the compiler, and whether Meson or Rust uses it.

    The part stays the same when packages change, and most of what they are built with, for with the runtime libraries
    every build of the target is run again; and plans of different projects have the same one, so that a cache of actions
    serves all of them. So it holds one build that stands for all, and no headers.

    Args:
        plan: dict; the plan.
        target: string; id of the target.

    Returns:
        dict; a plan, or None if nothing is compiled for the target.
    """
    environments = {}
    for build in plan["builds"].values():
        if build["target"] == target:
            for machine, one in build["environments"].items():
                if "toolchain" in one:
                    _add_environment(plan, environments, machine, one)
    if not environments:
        return None
    builds = {}
    for number, toolchain in enumerate(sorted(environments)):
        stand_in = {
            "backend": "none",
            "environments": environments[toolchain],
            "inputs": toolchain,
            "name": "runtime",
            "sdist": toolchain,
            "target": target,
            "version": str(number),
        }
        builds["runtime-%d-%s" % (number, target)] = stand_in
    return _part(plan, builds, [dict(without(pins_of(plan, target), "headers"), wheels = [])], {})

def _add_environment(plan, environments, machine, added):
    of_toolchain = environments.setdefault(added["toolchain"], {})
    known = of_toolchain.setdefault(machine, {"requirements": [], "toolchain": added["toolchain"]})
    read = {
        "requirements": [
            digest
            for digest in added.get("requirements", [])
            if plan["artifacts"][digest]["filename"].startswith(TRY_BUILD_MACHINE)
        ],
        "rust": added.get("rust", []),
    }
    for key, digests in read.items():
        both = {digest: True for digest in known.get(key, []) + digests}
        if both:
            known[key] = sorted(both)

def _with_needed(plan, roots):
    """Returns the builds `roots` and all they need, by id. A build can need no more than all others."""
    found = {}
    pending = list(roots)
    for _ in range(len(plan["builds"]) * len(plan["builds"]) + len(pending)):
        if not pending:
            break
        id = pending.pop()
        if id not in found:
            found[id] = plan["builds"][id]
            pending.extend(builds_needed(found[id]))
    return found

def _part(plan, builds, targets, accept):
    held = {one["id"]: True for one in targets}
    pinned = {build["target"]: True for build in builds.values() if build["target"] not in held}
    platforms = [pins_of(plan, target) for target in sorted(pinned)]
    part = {
        "artifacts": {
            digest: plan["artifacts"][digest]
            for digest in artifacts_named(plan, [builds, targets, platforms])
        },
        "build_platforms": platforms,
        "builds": builds,
        "inputs": {},
        "schema": plan["schema"],
        "source_date_epoch": plan["source_date_epoch"],
        "targets": targets,
    }
    return dict(part, accept = accept) if accept else part
