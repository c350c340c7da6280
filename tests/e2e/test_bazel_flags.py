"""What Bazel 8 and 9 removed, as far as Bazel 7.7 can be told to do without it: all is analysed, and an action run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.bazel_workspace import Workspace, changed, on
from e2e.python_of_files import declare_python_of_files

pytestmark = pytest.mark.e2e

#: Off in 7.7. On, or the only way, in 8 or 9, or meant to be. Not among them is what takes `PyInfo` away and leaves the rules that say it
#: is there (stop_exporting_language_modules): a hub is told where to load it from then.
_FLAGS = (
    "auto_exec_groups",
    "check_testonly_for_output_files",
    "check_visibility_for_toolchains",
    "config_setting_private_default_visibility",
    "disable_native_repo_rules",
    "disable_starlark_host_transitions",
    "disable_target_provider_fields",
    "disallow_empty_glob",
    "disallow_struct_provider_syntax",
    "enable_proto_toolchain_resolution",
    "modify_execution_info_additive",
    "no_implicit_file_export",
    "no_implicit_watch_label",
    "python_disallow_native_rules",
    "strict_action_env",
    "struct_has_no_methods",
    "top_level_aspects_require_providers",
    "use_cc_configure_from_rules_cc",
    "use_plus_in_repo_names",
)


def test_nothing_needs_what_newer_bazels_removed(
    built: Workspace, build_python: Callable[[str], Path]
) -> None:
    """A Python toolchain is registered, as rules_python does of itself where Bazel is newer: 7.7's own is refused by its own flag."""
    flags = [f"--incompatible_{name}" for name in _FLAGS]
    # No rule of a language is there unless it is loaded.
    flags += ["--incompatible_autoload_externally=", "--noenable_workspace"]
    declared = declare_python_of_files(built.folder, build_python("3.11"))
    registered = f'{declared}register_toolchains("@python_3_11//:toolchain")\n'
    with changed(built.folder / "MODULE.bazel", lambda text: text + registered):
        built.bazel("build", "--nobuild", "//...", "@pypi//...", *flags, *on("linux_arm64"))
        built.bazel("build", "@pypi//click", *flags, *on("linux_arm64"))
