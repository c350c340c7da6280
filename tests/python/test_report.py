"""What a report says of a plan or a lock, and its page: escaped, closed to the network, the same bytes."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

from crosswheel.decide.documents.difference import Difference
from crosswheel.decide.locks.locks import Lock
from crosswheel.decide.plans.plan import BuildEnvironment, Plan, PlannedWheel
from crosswheel.decide.reports.licences import licence_of_metadata
from crosswheel.decide.reports.report import (
    PackageOnTarget,
    Report,
    ReportBuild,
    ReportImage,
    ReportLayer,
    State,
)
from crosswheel.decide.reports.report_of_lock import report_of_explanations
from crosswheel.decide.reports.report_of_plan import WheelFacts, report_of_plan, tag_floor
from crosswheel.decide.selection.explain import explain
from crosswheel.render.byte_sizes import size_text
from crosswheel.render.report_data import page_data
from lock_texts import lock_of, package
from plan_values import AMD64, ARM64, MACOS, artifact, digest, whole_plan
from report_values import large_report, page_of, small_report

HOSTILE = '<script>alert("1")</script>&\u202e</script>\''


class Page(HTMLParser):
    """The elements of a page, their texts, and the attributes that could load or run something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_a_prebuilt_wheel_has_its_tag_floor_and_size() -> None:
    numpy = artifact("numpy-2.0-cp311-cp311-manylinux2014_aarch64.whl", "numpy", size=123)
    plan = whole_plan()
    (target,) = plan.targets
    wheel = PlannedWheel(name="numpy", version="2.0", artifact=numpy.sha256)
    plan = replace(
        plan,
        artifacts={**plan.artifacts, numpy.sha256: numpy},
        targets=(replace(target, wheels=(*target.wheels, wheel)),),
    )
    one = row(report_of_plan(plan, source="p"), "numpy")
    assert (one.state, one.version, one.file, one.size) == (State.PREBUILT, "2.0", numpy.filename, 123)
    assert (one.tag, one.floor) == ("cp311-cp311-manylinux2014_aarch64", "glibc 2.17")


def row(report: Report, name: str, target: str = ARM64.id) -> PackageOnTarget:
    (found,) = [package for package in report.packages if package.name == name]
    return found.targets[target]


def test_pure_and_built_packages_are_told_apart() -> None:
    report = small_report()
    idna, fast = row(report, "idna"), row(report, "fast")
    assert (idna.state, idna.floor, idna.size) == (State.PURE, "", 70442)
    assert (fast.state, fast.file, fast.size, fast.source) == (State.BUILT, "", None, "fast-1.0.tar.gz")
    assert fast.reason == (
        "no wheel of the release fits, so it is built from its sdist, C and C++ with aarch64-linux-gnu-gcc (Debian 12.2.0-14) 12.2.0, "
        "and the result compared with fast-1.0-cp311-cp311-win_amd64.whl; whether its build passes, `crosswheel build` tells"
    )
    page = page_of(report)
    assert "1 of them to be cross built" in page
    assert page.replace("to be cross built", "").count("cross built") == 0, "it is not known yet"
    assert '"state":"to be built"' in page
    assert report.unknown_sizes(ARM64) == 1
    assert report.size(ARM64) == 70442


def test_a_build_that_was_asked_for_says_so() -> None:
    fitting = artifact("fast-1.0-cp311-cp311-manylinux2014_aarch64.whl", "fitting")
    plan = whole_plan()
    (build,) = plan.builds.values()
    plan = replace(
        plan,
        artifacts={**plan.artifacts, fitting.sha256: fitting},
        builds={build.id: replace(build, oracle=fitting.sha256)},
    )
    made = WheelFacts(filename="fast-1.0-cp311-cp311-linux_aarch64.whl", size=1, licence="")
    report = report_of_plan(plan, source="p", wheels={(ARM64.id, "fast"): made})
    reason = row(report, "fast").reason
    assert reason.startswith(
        "a wheel fits, but the configuration or --no-binary asked for the sdist: it is built"
    )
    assert "whether its build passes" not in reason
    assert "1 of them cross built" in page_of(report)
    assert "to be built" not in page_of(report)


def test_a_build_names_all_that_it_reads() -> None:
    (build,) = small_report().builds.values()
    kinds = [(one.kind, one.name) for one in build.inputs]
    assert kinds == [
        ("sdist", "fast-1.0.tar.gz"),
        ("patch", "patches/fast.patch"),
        ("Cargo.lock", "rust/Cargo.lock"),
        ("build requirement", "numpy-2.0-cp311-cp311-manylinux_2_28_x86_64.whl"),
        ("build requirement", "setuptools-80.0-py3-none-any.whl"),
        ("target's own", "numpy-2.0-cp311-cp311-manylinux_2_28_aarch64.whl"),
        ("toolchain", "ziglang-0.17.0-py3-none-manylinux_2_12_x86_64.whl"),
        ("toolchain", "rustc-1.95.0-x86_64-unknown-linux-gnu.tar.xz"),
        ("crate", "libc-0.2.177.crate"),
        ("download", "parts-1.tar.gz"),
    ]
    assert "variable FAST_USE_SIMD=1" in build.settings
    assert build.compared_with == "fast-1.0-cp311-cp311-win_amd64.whl"


def test_a_build_that_a_build_needs_is_shown_too() -> None:
    plan = whole_plan()
    (build,) = plan.builds.values()
    inner = replace(build, id="tool-1-x", name="tool", target=AMD64, environments={}, overlays=())
    outer = replace(
        build, environments={AMD64.id: BuildEnvironment(requirements=(), toolchain=None, builds=(inner.id,))}
    )
    report = report_of_plan(replace(plan, builds={outer.id: outer, inner.id: inner}), source="p")
    assert sorted(report.builds) == sorted([outer.id, inner.id])
    assert [one.build for one in report.builds[outer.id].inputs if one.build] == [inner.id]


def test_made_wheels_tell_their_size_tag_and_licence() -> None:
    facts = WheelFacts(filename="fast-1.0-cp311-cp311-manylinux_2_17_aarch64.whl", size=5, licence="MIT")
    report = report_of_plan(whole_plan(), source="p", wheels={(ARM64.id, "fast"): facts})
    fast = row(report, "fast")
    assert (fast.state, fast.size, fast.floor, fast.licence) == (State.BUILT, 5, "glibc 2.17", "MIT")
    assert report.unknown_sizes(ARM64) == 0


def test_a_package_that_one_target_lacks_is_not_needed_there() -> None:
    plan = whole_plan()
    (target,) = plan.targets
    other = replace(target, target=MACOS, wheels=target.wheels[1:])
    report = report_of_plan(replace(plan, targets=(target, other)), source="p")
    assert row(report, "fast", MACOS.id).state is State.ABSENT
    assert report.counts(MACOS)[State.ABSENT] == 1


def test_only_the_targets_asked_for_are_shown() -> None:
    plan = whole_plan()
    (target,) = plan.targets
    plan = replace(plan, targets=(target, replace(target, target=MACOS)))
    assert report_of_plan(plan, source="p", targets=[MACOS.id]).targets == (MACOS,)


def lock_report(lock: Lock) -> Report:
    explained = {
        one.name: {target.id: explain(lock, one.name, target) for target in (ARM64, MACOS)}
        for one in lock.packages
    }
    return report_of_explanations(explained, source="pylock.toml", targets=(MACOS, ARM64), sizes={})


def test_a_lock_tells_refusals_with_their_reason() -> None:
    report = lock_report(lock_of(package("numpy", "2.0", "numpy-2.0-cp311-cp311-macosx_11_0_arm64.whl")))
    assert report.targets == (ARM64, MACOS)
    refused = row(report, "numpy")
    assert refused.state is State.REFUSED
    assert refused.reason.startswith("cannot select a wheel for 'numpy 2.0': ")
    assert row(report, "numpy", MACOS.id).floor == "macOS 11.0"


def test_a_lock_tells_what_would_be_built_and_why() -> None:
    built = row(lock_report(lock_of(package("fast", "1.0", "fast-1.0.tar.gz"))), "fast")
    assert (built.state, built.source) == (State.BUILT, "fast-1.0.tar.gz")
    assert (
        built.reason
        == "no wheel on offer fits; for a prebuilt one: the lock lists none; whether its build passes, `crosswheel build` tells"
    )


def test_a_lock_tells_what_is_not_needed_and_its_marker() -> None:
    only = package("fast", "1.0", "fast-1.0-py3-none-any.whl", marker="\"sys_platform == 'darwin'\"")
    absent = row(lock_report(lock_of(only)), "fast")
    assert absent.state is State.ABSENT
    assert "its marker is false here" in absent.reason
    assert 'sys_platform == "darwin"' in absent.reason


def test_floors_are_the_oldest_of_each_system() -> None:
    assert tag_floor("a-1-cp311-cp311-manylinux_2_28_aarch64.manylinux2014_aarch64.whl") == "glibc 2.17"
    assert tag_floor("a-1-cp311-cp311-musllinux_1_2_x86_64.whl") == "musl 1.2"
    assert tag_floor("a-1-cp311-cp311-macosx_10_9_x86_64.macosx_11_0_arm64.whl") == "macOS 10.9"
    assert tag_floor("a-1-cp311-cp311-win_amd64.whl") == ""
    assert tag_floor("a-1-py3-none-any.whl") == ""


def test_licences_are_the_exact_ones_if_there_are() -> None:
    classifier = b"Classifier: License :: OSI Approved :: BSD License\n"
    assert licence_of_metadata(b"License-Expression: MIT\nLicense: other\n\n") == "MIT"
    assert licence_of_metadata("License: \u8a31\u53ef\n\n".encode()) == "\u8a31\u53ef"
    assert licence_of_metadata(b"License: BSD-3-Clause\n" + classifier + b"\n") == "BSD-3-Clause"
    assert licence_of_metadata(b"License: " + b"a" * 100 + b"\n" + classifier + b"\n") == "BSD License"
    assert licence_of_metadata(b"License: UNKNOWN\nClassifier: License :: OSI Approved\n\n") == ""
    assert licence_of_metadata(b"Name: x\n\nLicense: in the description\n") == ""


def test_sizes_are_short() -> None:
    told = [size_text(one) for one in (0, 999, 9_949, 9_951, 99_950, 999_600, 12_345_678, None)]
    assert told == ["0 B", "999 B", "9.9 kB", "10 kB", "100 kB", "1.0 MB", "12 MB", ""]


def hostile_report() -> Report:
    """A report in which every text of a stranger is hostile."""
    report = small_report()
    (build,) = report.builds.values()
    cells = [
        {key: replace(one, version=HOSTILE, file=HOSTILE, tag=HOSTILE, floor=HOSTILE, licence=HOSTILE, reason=HOSTILE)
         for key, one in row.targets.items()}
        for row in report.packages
    ]  # fmt: skip
    inputs = tuple(replace(one, name=HOSTILE) for one in build.inputs)
    hostile = ReportBuild(
        id=HOSTILE, name=HOSTILE, version=HOSTILE, target=HOSTILE, backend=HOSTILE, inputs=inputs,
        settings=(HOSTILE,), compared_with=HOSTILE,
    )  # fmt: skip
    return replace(
        report,
        source=HOSTILE,
        packages=tuple(
            replace(row, name=HOSTILE, targets=targets)
            for row, targets in zip(report.packages, cells, strict=True)
        ),
        builds={HOSTILE: hostile},
        images=(
            ReportImage(
                name=HOSTILE,
                platform=HOSTILE,
                layers=(ReportLayer(name=HOSTILE, size=1, digest=HOSTILE, wheels=(HOSTILE, HOSTILE)),),
            ),
        ),
        against=HOSTILE,
        differences=(Difference(where=HOSTILE, what=HOSTILE, old=HOSTILE, new=HOSTILE),),
    )


def test_hostile_names_are_texts_and_nothing_else() -> None:
    plain, hostile = Page(page_of(small_report())), Page(page_of(hostile_report()))
    assert hostile.elements.count("script") == plain.elements.count("script") == 2
    assert "\u202e" not in page_of(hostile_report())
    assert '<script>alert("1")</script>&\\u202e</script>\'' in "".join(hostile.texts)
    # As JSON in the page, too.
    assert not set("<>&") & set(page_data(hostile_report()))
    data = json.loads(re.findall(r'id="data">(.*?)</script>', page_of(hostile_report()), re.DOTALL)[0])
    assert list(data["packages"]) == [HOSTILE.replace("\u202e", "\\u202e")]


def test_the_page_loads_nothing_and_runs_its_own_script_alone() -> None:
    page = Page(page_of(large_report(20)))
    loading = {"src", "href", "action", "data", "srcset", "background", "poster", "style"}
    assert [one for one in page.attributes if one[0] in loading or one[0].startswith("on")] == []
    assert not {"link", "img", "iframe", "object", "embed", "base", "form"} & set(page.elements)
    text = page_of(large_report(20))
    (policy,) = re.findall(r'Content-Security-Policy" content="(.*?)"', text)
    script, style = text.rpartition("<script>")[2], text.partition("<style>")[2]
    hashes = [
        b64encode(sha256(one.encode()).digest()).decode()
        for one in (style.partition("</style>")[0], script.partition("</script>")[0])
    ]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; base-uri 'none'; form-action 'none'"
    )
    assert text.index("Content-Security-Policy") < text.index("<style>")


def test_the_same_report_makes_the_same_page() -> None:
    assert page_of(small_report()) == page_of(small_report())
    plan = whole_plan()
    shuffled = replace(plan, artifacts=dict(reversed(list(plan.artifacts.items()))))
    assert page_of(report_of_plan(shuffled, source="wheels.plan.json")) == page_of(small_report())


def test_two_hundred_packages_for_six_targets_stay_a_small_page() -> None:
    assert len(page_of(large_report()).encode()) < 1_200_000


def test_an_empty_plan_has_a_page() -> None:
    empty = Plan(inputs={"lock": digest("lock")}, source_date_epoch=0, artifacts={}, builds={}, targets=())
    page = page_of(report_of_plan(empty, source="empty.plan.json"))
    assert "There is no package in it." in page
    assert "0 packages" in page


def test_the_report_as_json_leaves_out_what_says_nothing() -> None:
    told = json.loads(json.dumps(small_report().to_json()))
    (target,) = told["targets"]
    assert target["counts"] == {"pure": 1, "prebuilt": 0, "cross built": 1, "refused": 0, "not needed": 0}
    fast, _ = told["packages"]
    assert sorted(fast["targets"][ARM64.id]) == ["build", "reason", "source", "state", "version"]
