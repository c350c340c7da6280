/* Functions that libraries compiled against a newer glibc call and the target's glibc does not have yet.

   Compiled into whatever links an archive of the sysroot, hidden and weak: nothing of it is exported, and a function
   that is not called leaves no trace. Each does what glibc's own does, as far as programs compiled for it can tell. */

#include <features.h>
#include <stddef.h>

#define OURS __attribute__((visibility("hidden"), weak))

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
