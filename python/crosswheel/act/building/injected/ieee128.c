/* What libc++ asks of glibc on ppc64le since 2.32, for targets with an older one.
 *
 * zig's libc++ has the IEEE long double, so it calls glibc by the names that came with that type in 2.32. Modules for an
 * older glibc are compiled with the long double it has (IBM's), so no long double ever reaches these calls from them:
 * what is left are formats that mean the same under the older names. https://sourceware.org/glibc/wiki/Release/2.32
 *
 * No header is included: glibc's would give the very same names to the functions called here.
 */

#pragma clang diagnostic ignored "-Wbuiltin-requires-header"

#ifdef __cplusplus
extern "C" {
#endif

#define HIDDEN __attribute__((visibility("hidden")))

typedef __builtin_va_list arguments;

int vfprintf(void *, const char *, arguments);
int vsnprintf(char *, unsigned long, const char *, arguments);
int vasprintf(char **, const char *, arguments);
int __isoc99_vsscanf(const char *, const char *, arguments);
int vswprintf(__WCHAR_TYPE__ *, unsigned long, const __WCHAR_TYPE__ *, arguments);

HIDDEN int __vfprintfieee128(void *stream, const char *format, arguments values) {
    return vfprintf(stream, format, values);
}

HIDDEN int __vsnprintfieee128(char *text, unsigned long size, const char *format, arguments values) {
    return vsnprintf(text, size, format, values);
}

HIDDEN int __vasprintfieee128(char **text, const char *format, arguments values) {
    return vasprintf(text, format, values);
}

HIDDEN int __fprintfieee128(void *stream, const char *format, ...) {
    arguments values;
    __builtin_va_start(values, format);
    int written = vfprintf(stream, format, values);
    __builtin_va_end(values);
    return written;
}

HIDDEN int __snprintfieee128(char *text, unsigned long size, const char *format, ...) {
    arguments values;
    __builtin_va_start(values, format);
    int written = vsnprintf(text, size, format, values);
    __builtin_va_end(values);
    return written;
}

HIDDEN int __isoc99_sscanfieee128(const char *text, const char *format, ...) {
    arguments values;
    __builtin_va_start(values, format);
    int read = __isoc99_vsscanf(text, format, values);
    __builtin_va_end(values);
    return read;
}

HIDDEN int __swprintfieee128(__WCHAR_TYPE__ *text, unsigned long size, const __WCHAR_TYPE__ *format, ...) {
    arguments values;
    __builtin_va_start(values, format);
    int written = vswprintf(text, size, format, values);
    __builtin_va_end(values);
    return written;
}

/* These return an IEEE long double, which nobody here can take: std::stold and the like. Better no answer than a
 * wrong one. */
HIDDEN void __strtoieee128(void) { __builtin_trap(); }
HIDDEN void __strtoieee128_l(void) { __builtin_trap(); }
HIDDEN void __wcstoieee128(void) { __builtin_trap(); }

#ifdef __cplusplus
}
#endif
