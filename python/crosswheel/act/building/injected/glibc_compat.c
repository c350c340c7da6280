/* Functions that libraries compiled against a newer glibc call and the target's glibc does not have yet.

   Compiled into whatever links an archive of the sysroot, hidden and weak: nothing of it is exported, and a function
   that is not called leaves no trace. For shared libraries that are put into a wheel it is a shared library of its own
   (CROSSWHEEL_SHARED), which exports all of it. Each does what glibc's own does, as far as programs compiled for it can
   tell. */

#include <features.h>
#include <stddef.h>

#ifdef CROSSWHEEL_SHARED
#define OURS __attribute__((visibility("default")))
#else
#define OURS __attribute__((visibility("hidden"), weak))
#endif

#if !__GLIBC_PREREQ(2, 38)

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* C23's number parsing also takes "0b1", which code older than C23 does not count on. */
OURS long __isoc23_strtol(const char *s, char **end, int base) { return strtol(s, end, base); }
OURS unsigned long __isoc23_strtoul(const char *s, char **end, int base) { return strtoul(s, end, base); }
OURS long long __isoc23_strtoll(const char *s, char **end, int base) { return strtoll(s, end, base); }
OURS unsigned long long __isoc23_strtoull(const char *s, char **end, int base) { return strtoull(s, end, base); }
OURS intmax_t __isoc23_strtoimax(const char *s, char **end, int base) { return strtoimax(s, end, base); }
OURS uintmax_t __isoc23_strtoumax(const char *s, char **end, int base) { return strtoumax(s, end, base); }
OURS long __isoc23_wcstol(const wchar_t *s, wchar_t **end, int base) { return wcstol(s, end, base); }
OURS unsigned long __isoc23_wcstoul(const wchar_t *s, wchar_t **end, int base) { return wcstoul(s, end, base); }

OURS int __isoc23_vsscanf(const char *s, const char *format, va_list rest) { return vsscanf(s, format, rest); }
OURS int __isoc23_vfscanf(FILE *f, const char *format, va_list rest) { return vfscanf(f, format, rest); }
OURS int __isoc23_sscanf(const char *s, const char *format, ...) {
  va_list rest;
  va_start(rest, format);
  int found = vsscanf(s, format, rest);
  va_end(rest);
  return found;
}
OURS int __isoc23_fscanf(FILE *f, const char *format, ...) {
  va_list rest;
  va_start(rest, format);
  int found = vfscanf(f, format, rest);
  va_end(rest);
  return found;
}

OURS size_t strlcpy(char *to, const char *from, size_t size) {
  size_t length = strlen(from);
  if (size) {
    size_t kept = length < size ? length : size - 1;
    memcpy(to, from, kept);
    to[kept] = 0;
  }
  return length;
}
OURS size_t strlcat(char *to, const char *from, size_t size) {
  size_t used = strnlen(to, size);
  return used == size ? size + strlen(from) : used + strlcpy(to + used, from, size - used);
}
OURS size_t __strlcpy_chk(char *to, const char *from, size_t size, size_t room) {
  if (size > room) abort();
  return strlcpy(to, from, size);
}
OURS size_t __strlcat_chk(char *to, const char *from, size_t size, size_t room) {
  if (size > room) abort();
  return strlcat(to, from, size);
}

#endif

#if !__GLIBC_PREREQ(2, 36)

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

OURS void arc4random_buf(void *to, size_t size) {
  unsigned char *place = to;
  while (size) {
    long got = syscall(SYS_getrandom, place, size < 256 ? size : 256, 0);
    if (got > 0) {
      place += got;
      size -= (size_t)got;
    } else if (got < 0 && errno != EINTR) {
      abort();
    }
  }
}
OURS uint32_t arc4random(void) {
  uint32_t value;
  arc4random_buf(&value, sizeof value);
  return value;
}
OURS uint32_t arc4random_uniform(uint32_t bound) {
  if (bound < 2) return 0;
  uint32_t value, least = -bound % bound;
  do value = arc4random();
  while (value < least);
  return value % bound;
}

#endif

#if !__GLIBC_PREREQ(2, 32)

/* Zero says that there may be threads, which is never wrong. */
OURS char __libc_single_threaded = 0;

#endif

#if !__GLIBC_PREREQ(2, 30)

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

/* Deadlines of the monotonic clock, which GCC's C++ library waits for (std::condition_variable::wait_for), as deadlines of
   the wall clock, like the same library does for an older glibc. Where somebody sets the wall clock, a wait that ends too
   early says that it was woken for nothing, which any waiter has to expect; a lock is tried again. */
static struct timespec on_wall_clock(clockid_t clock, const struct timespec *deadline) {
  struct timespec now, wall;
  clock_gettime(clock, &now);
  clock_gettime(CLOCK_REALTIME, &wall);
  wall.tv_sec += deadline->tv_sec - now.tv_sec;
  wall.tv_nsec += deadline->tv_nsec - now.tv_nsec;
  if (wall.tv_nsec < 0) {
    wall.tv_nsec += 1000000000;
    wall.tv_sec -= 1;
  } else if (wall.tv_nsec >= 1000000000) {
    wall.tv_nsec -= 1000000000;
    wall.tv_sec += 1;
  }
  return wall;
}
static int is_over(clockid_t clock, const struct timespec *deadline) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec != deadline->tv_sec ? now.tv_sec > deadline->tv_sec : now.tv_nsec >= deadline->tv_nsec;
}
static int is_wait_for(clockid_t clock, const struct timespec *deadline) {
  return (clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC) && deadline->tv_nsec >= 0 && deadline->tv_nsec < 1000000000;
}

OURS int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
                                const struct timespec *deadline) {
  if (!is_wait_for(clock, deadline)) return EINVAL;
  struct timespec wall = on_wall_clock(clock, deadline);
  int failed = pthread_cond_timedwait(condition, mutex, &wall);
  return failed == ETIMEDOUT && !is_over(clock, deadline) ? 0 : failed;
}

#define UNTIL_OVER(NAME, THING, TIMED)                                                     \
  OURS int NAME(THING *thing, clockid_t clock, const struct timespec *deadline) {           \
    if (!is_wait_for(clock, deadline)) return EINVAL;                                       \
    for (;;) {                                                                              \
      struct timespec wall = on_wall_clock(clock, deadline);                                \
      int failed = TIMED(thing, &wall);                                                     \
      if (failed != ETIMEDOUT || is_over(clock, deadline)) return failed;                   \
    }                                                                                       \
  }
UNTIL_OVER(pthread_mutex_clocklock, pthread_mutex_t, pthread_mutex_timedlock)
UNTIL_OVER(pthread_rwlock_clockrdlock, pthread_rwlock_t, pthread_rwlock_timedrdlock)
UNTIL_OVER(pthread_rwlock_clockwrlock, pthread_rwlock_t, pthread_rwlock_timedwrlock)

OURS int sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *deadline) {
  if (!is_wait_for(clock, deadline)) {
    errno = EINVAL;
    return -1;
  }
  for (;;) {
    struct timespec wall = on_wall_clock(clock, deadline);
    if (!sem_timedwait(semaphore, &wall)) return 0;
    if (errno != ETIMEDOUT || is_over(clock, deadline)) return -1;
  }
}

#endif

#if !__GLIBC_PREREQ(2, 28)

#include <fcntl.h>

OURS int fcntl64(int file, int command, ...) {
  va_list rest;
  va_start(rest, command);
  void *argument = va_arg(rest, void *);
  va_end(rest);
  return fcntl(file, command, argument);
}

#endif

#if !__GLIBC_PREREQ(2, 27)

/* A kernel that has not these says so, as it does to glibc's own. */
OURS int memfd_create(const char *name, unsigned flags) { return (int)syscall(SYS_memfd_create, name, flags); }
OURS ssize_t copy_file_range(int in, long long *in_place, int out, long long *out_place, size_t size, unsigned flags) {
  return syscall(SYS_copy_file_range, in, in_place, out, out_place, size, flags);
}

#endif

#if !__GLIBC_PREREQ(2, 26)

OURS void *reallocarray(void *old, size_t count, size_t size) {
  size_t whole;
  if (__builtin_mul_overflow(count, size, &whole)) {
    errno = ENOMEM;
    return NULL;
  }
  return realloc(old, whole);
}

#endif

#if !__GLIBC_PREREQ(2, 25)

OURS void explicit_bzero(void *place, size_t size) {
  memset(place, 0, size);
  __asm__ __volatile__("" : : "r"(place) : "memory");
}
OURS void __explicit_bzero_chk(void *place, size_t size, size_t room) {
  if (size > room) abort();
  explicit_bzero(place, size);
}
OURS ssize_t getrandom(void *to, size_t size, unsigned flags) { return syscall(SYS_getrandom, to, size, flags); }
OURS int getentropy(void *to, size_t size) {
  if (size > 256) {
    errno = EIO;
    return -1;
  }
  arc4random_buf(to, size);
  return 0;
}

#endif
