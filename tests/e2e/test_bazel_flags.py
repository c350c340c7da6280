"""What Bazel 8 and 9 removed, as far as Bazel 7.7 can be told to do without it: all is analysed, and an action run."""

from __future__ import annotations

import pytest

from e2e.bazel_workspace import Workspace, on

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


def test_nothing_needs_what_newer_bazels_removed(built: Workspace) -> None:
    flags = [f"--incompatible_{name}" for name in _FLAGS]
    # No rule of a language is there unless it is loaded.
    flags += ["--incompatible_autoload_externally=", "--noenable_workspace"]
    built.bazel("build", "--nobuild", "//...", "@pypi//...", *flags, *on("linux_arm64"))
    built.bazel("build", "@pypi//click", *flags, *on("linux_arm64"))
