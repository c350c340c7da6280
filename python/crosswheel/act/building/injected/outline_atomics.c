/* Atomic functions that object code compiled by GCC for AArch64 calls and the compiler's library of zig does not have:
   those with a full barrier, for `__sync_fetch_and_add` and its like. https://gcc.gnu.org/gcc-10/changes.html#aarch64

   Compiled into whatever links an archive of the sysroot, hidden and weak: nothing of it is exported, and a function
   that is not called leaves no trace. An acquiring and releasing operation alone lets later accesses pass its store;
   the fence behind it is what GCC's own have where the processor has no instruction for the whole. */

#define OURS __attribute__((visibility("hidden"), weak))
#define FENCED(type, what)                    \
  type before = what;                         \
  __atomic_thread_fence(__ATOMIC_SEQ_CST);    \
  return before;

#define OPERATIONS(size, type)                                                                                       \
  OURS type __aarch64_cas##size##_sync(type expected, type value, type *place) {                                     \
    __atomic_compare_exchange_n(place, &expected, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                     \
    FENCED(type, expected)                                                                                           \
  }                                                                                                                  \
  OURS type __aarch64_swp##size##_sync(type value, type *place) {                                                    \
    FENCED(type, __atomic_exchange_n(place, value, __ATOMIC_SEQ_CST))                                                \
  }                                                                                                                  \
  OURS type __aarch64_ldadd##size##_sync(type value, type *place) {                                                  \
    FENCED(type, __atomic_fetch_add(place, value, __ATOMIC_SEQ_CST))                                                 \
  }                                                                                                                  \
  OURS type __aarch64_ldset##size##_sync(type value, type *place) {                                                  \
    FENCED(type, __atomic_fetch_or(place, value, __ATOMIC_SEQ_CST))                                                  \
  }                                                                                                                  \
  OURS type __aarch64_ldclr##size##_sync(type value, type *place) {                                                  \
    FENCED(type, __atomic_fetch_and(place, (type)~value, __ATOMIC_SEQ_CST))                                          \
  }                                                                                                                  \
  OURS type __aarch64_ldeor##size##_sync(type value, type *place) {                                                  \
    FENCED(type, __atomic_fetch_xor(place, value, __ATOMIC_SEQ_CST))                                                 \
  }

OPERATIONS(1, unsigned char)
OPERATIONS(2, unsigned short)
OPERATIONS(4, unsigned int)
OPERATIONS(8, unsigned long)
