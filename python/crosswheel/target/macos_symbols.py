"""Which macOS release introduced a symbol of libSystem: Mach-O has no symbol versions, so this table stands in for them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["macos_symbol_release", "newer_macos_symbols"]

# Names of libSystem's functions and variables, as the linker has them but for the leading underscore, by the macOS that
# brought them: the availability that macOS' own headers give them, and what the tool says. None is older than macOS 10.10.
# -- begin of what tools/make_macos_symbols.py writes --
_BY_RELEASE: Mapping[tuple[int, int], str] = MappingProxyType(
    {
        (10, 10): """
            CCRandomGenerateBytes OSAtomicDecrement32 OSAtomicDecrement32Barrier OSAtomicDecrement64
            OSAtomicDecrement64Barrier OSAtomicIncrement32 OSAtomicIncrement32Barrier OSAtomicIncrement64
            OSAtomicIncrement64Barrier dispatch_block_cancel dispatch_block_create dispatch_block_create_with_qos_class
            dispatch_block_notify dispatch_block_perform dispatch_block_testcancel dispatch_block_wait
            dispatch_queue_attr_make_with_qos_class dispatch_queue_get_qos_class faccessat fchmodat fchownat fdopendir
            fdopendir$INODE64 fstatat fstatat$INODE64 getattrlistat getattrlistbulk
            kOSThermalNotificationPressureLevelName launch_activate_socket linkat mach_approximate_time
            matrix_identity_double2x2 matrix_identity_double3x3 matrix_identity_double4x4 matrix_identity_float2x2
            matrix_identity_float3x3 matrix_identity_float4x4 mkdirat openat os_release os_retain
            pthread_attr_get_qos_class_np pthread_attr_set_qos_class_np pthread_get_qos_class_np
            pthread_override_qos_class_end_np pthread_override_qos_class_start_np pthread_set_qos_class_self_np
            qos_class_main qos_class_self readlinkat renameat symlinkat unlinkat
        """,
        (10, 11): """
            __extendhfsf2 __truncdfhf2 __truncsfhf2 atomic_flag_clear atomic_flag_clear_explicit
            atomic_flag_test_and_set atomic_flag_test_and_set_explicit atomic_signal_fence atomic_thread_fence connectx
            disconnectx xpc_array_get_array xpc_array_get_dictionary xpc_dictionary_get_array
            xpc_dictionary_get_dictionary
        """,
        (10, 12): """
            basename_r clock_getres clock_gettime clock_gettime_nsec_np clock_settime clonefile clonefileat dirname_r
            dispatch_activate dispatch_assert_queue$V2 dispatch_assert_queue_barrier dispatch_assert_queue_not$V2
            dispatch_queue_attr_make_initially_inactive dispatch_queue_attr_make_with_autorelease_frequency
            dispatch_queue_create_with_target$V2 fclonefileat getentropy mach_continuous_approximate_time
            mach_continuous_time mkostemp mkostemps mkpathat_np os_unfair_lock_assert_not_owner
            os_unfair_lock_assert_owner os_unfair_lock_lock os_unfair_lock_trylock os_unfair_lock_unlock renameatx_np
            renamex_np timingsafe_bcmp xpc_connection_activate
        """,
        (10, 13): """
            _dispatch_source_type_data_replace fmemopen fmount futimens getmntinfo_r_np getmntinfo_r_np$INODE64
            mkdtempat_np mkostempsat_np mkstempsat_np open_memstream open_wmemstream pthread_mutexattr_getpolicy_np
            ptsname_r setattrlistat utimensat
        """,
        (10, 14): """
            backtrace_from_fp backtrace_image_offsets dispatch_async_and_wait dispatch_async_and_wait_f
            dispatch_barrier_async_and_wait dispatch_barrier_async_and_wait_f dispatch_set_qos_class_floor
            dispatch_workloop_create dispatch_workloop_create_inactive dispatch_workloop_set_autorelease_frequency
            thread_get_register_pointer_values
        """,
        (10, 15): """
            __chkstk_darwin _availability_version_check aligned_alloc posix_spawn_file_actions_addchdir_np
            posix_spawn_file_actions_addfchdir_np rpmatch timespec_get xpc_type_get_name
        """,
        (11, 0): """
            __darwin_check_fd_set_overflow _dyld_shared_cache_contains_path dispatch_workloop_set_os_workgroup
            os_workgroup_cancel os_workgroup_copy_port os_workgroup_create_with_port os_workgroup_create_with_workgroup
            os_workgroup_get_working_arena os_workgroup_interval_finish os_workgroup_interval_start
            os_workgroup_interval_update os_workgroup_join os_workgroup_leave os_workgroup_max_parallel_threads
            os_workgroup_parallel_create os_workgroup_set_working_arena os_workgroup_testcancel
            posix_spawnattr_getarchpref_np posix_spawnattr_set_csm_np posix_spawnattr_setarchpref_np
            posix_spawnattr_setnosmt_np preadv proc_pidpath_audittoken proc_set_csm proc_set_no_smt proc_setthread_csm
            proc_setthread_no_smt pthread_cpu_number_np pthread_jit_write_protect_np
            pthread_jit_write_protect_supported_np pwritev strsignal_r strtonum xpc_array_create_empty
            xpc_dictionary_create_empty
        """,
        (11, 3): """
            mach_task_is_self
        """,
        (11, 4): """
            pthread_jit_write_with_callback_np
        """,
        (12, 0): """
            XPC_ACTIVITY_PREVENT_DEVICE_SLEEP _xpc_error_peer_code_signing_requirement backtrace_async
            xpc_connection_copy_invalidation_reason xpc_connection_set_peer_code_signing_requirement
        """,
        (12, 1): """
            pthread_jit_write_freeze_callbacks_np
        """,
        (13, 0): """
            _dyld_get_dlopen_image_header freadlink macho_arch_name_for_cpu_type macho_arch_name_for_mach_header
            macho_best_slice macho_best_slice_in_fd macho_cpu_type_for_arch_name macho_for_each_slice
            macho_for_each_slice_in_fd mkfifoat mknodat xpc_session_activate xpc_session_cancel
            xpc_session_copy_description xpc_session_create_mach_service xpc_session_create_xpc_service
            xpc_session_send_message xpc_session_send_message_with_reply_async xpc_session_send_message_with_reply_sync
            xpc_session_set_cancel_handler xpc_session_set_incoming_message_handler
        """,
        (14, 0): """
            malloc_type_aligned_alloc malloc_type_calloc malloc_type_free malloc_type_malloc malloc_type_posix_memalign
            malloc_type_realloc malloc_type_valloc malloc_type_zone_calloc malloc_type_zone_free malloc_type_zone_malloc
            malloc_type_zone_memalign malloc_type_zone_realloc malloc_type_zone_valloc xpc_listener_activate
            xpc_listener_cancel xpc_listener_copy_description xpc_listener_create xpc_listener_reject_peer
            xpc_session_set_target_queue
        """,
        (14, 4): """
            dispatch_allow_send_signals xpc_connection_set_peer_entitlement_exists_requirement
            xpc_connection_set_peer_entitlement_matches_value_requirement
            xpc_connection_set_peer_lightweight_code_requirement xpc_connection_set_peer_platform_identity_requirement
            xpc_connection_set_peer_team_identity_requirement xpc_listener_set_peer_code_signing_requirement
            xpc_session_set_peer_code_signing_requirement
        """,
        (15, 0): """
            __ceilf16 __copysignf16 __fabsf16 __floorf16 __fmaf16 __fmaxf16 __fminf16 __hypotf16 __nextafterf16
            __rintf16 __roundf16 __sqrtf16 __truncf16 matrix_identity_half2x2 matrix_identity_half3x3
            matrix_identity_half4x4 os_unfair_lock_lock_with_flags
        """,
        (15, 4): """
            strchrnul
        """,
        (26, 0): """
            funmount malloc_type_zone_malloc_with_options malloc_zone_malloc_with_options
            posix_spawn_file_actions_addchdir posix_spawn_file_actions_addfchdir posix_spawnattr_set_4k_page_size_np
            xpc_connection_set_peer_requirement xpc_listener_set_peer_requirement
            xpc_peer_requirement_create_entitlement_exists xpc_peer_requirement_create_entitlement_matches_value
            xpc_peer_requirement_create_lwcr xpc_peer_requirement_create_platform_identity
            xpc_peer_requirement_create_team_identity xpc_peer_requirement_match_received_message
            xpc_session_set_peer_requirement
        """,
        (26, 4): """
            fdclosedir fdscandir fdscandir$INODE64 fdscandir_b fdscandir_b$INODE64 scandirat scandirat$INODE64
            scandirat_b scandirat_b$INODE64 thread_resume2 thread_suspend2
        """,
        (27, 0): """
            dup3 fchflagsat getumask pipe2
        """,
    }
)
# -- end --

_RELEASES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {name: release for release, names in _BY_RELEASE.items() for name in names.split()}
)


def macos_symbol_release(symbol: str) -> tuple[int, int]:
    """Return the macOS that introduced a symbol of libSystem; ``(0, 0)`` for one older than the table.

    A variant is as old as what it is one of.

    >>> macos_symbol_release("strchrnul"), macos_symbol_release("openat$NOCANCEL"), macos_symbol_release("memcpy")
    ((15, 4), (10, 10), (0, 0))
    """
    known = _RELEASES.get(symbol)
    return _RELEASES.get(symbol.partition("$")[0], (0, 0)) if known is None else known


def newer_macos_symbols(version: tuple[int, int]) -> list[str]:
    """Return the table's symbols that macOS `version` lacks, sorted.

    >>> newer_macos_symbols((26, 4))
    ['dup3', 'fchflagsat', 'getumask', 'pipe2']
    """
    return sorted(symbol for symbol, since in _RELEASES.items() if since > version)
