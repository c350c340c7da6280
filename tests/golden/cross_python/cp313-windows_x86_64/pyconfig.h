/* pyconfig.h of CPython 3.13 on windows_x86_64,
   rendered by crosswheel from the target description. */
#ifndef Py_PYCONFIG_H
#define Py_PYCONFIG_H

#include <io.h>
#include <stdio.h>

#define ALIGNOF_LONG 4
#define ALIGNOF_MAX_ALIGN_T 8
#define ALIGNOF_SIZE_T 8
#define DONT_HAVE_SIG_ALARM
#define DONT_HAVE_SIG_PAUSE
#define DOUBLE_IS_LITTLE_ENDIAN_IEEE754 1
#define HAVE_ACCEPT 1
#define HAVE_BIND 1
#define HAVE_CLOCK
#define HAVE_CONIO_H 1
#define HAVE_CONNECT 1
#define HAVE_DECLSPEC_DLL
#define HAVE_DECL_TZNAME 1
#define HAVE_DIRECT_H 1
#define HAVE_DUP 1
#define HAVE_DYNAMIC_LOADING
#define HAVE_ERF 1
#define HAVE_ERFC 1
#define HAVE_ERRNO_H 1
#define HAVE_FCNTL_H 1
#define HAVE_FTIME
#define HAVE_GETHOSTBYADDR 1
#define HAVE_GETHOSTBYNAME 1
#define HAVE_GETHOSTNAME 1
#define HAVE_GETPEERNAME
#define HAVE_GETPID
#define HAVE_GETPROTOBYNAME 1
#define HAVE_GETSERVBYNAME 1
#define HAVE_GETSERVBYPORT 1
#define HAVE_GETSOCKNAME 1
#define HAVE_INET_NTOA 1
#define HAVE_INET_PTON 1
#define HAVE_IO_H
#define HAVE_LARGEFILE_SUPPORT
#define HAVE_LISTEN 1
#define HAVE_MKTIME
#define HAVE_PROCESS_H 1
#define HAVE_PROTOTYPES
#define HAVE_PUTENV
#define HAVE_RECVFROM 1
#define HAVE_SENDTO 1
#define HAVE_SETSOCKOPT 1
#define HAVE_SETVBUF
#define HAVE_SHUTDOWN 1
#define HAVE_SIGNAL_H 1
#define HAVE_SOCKET 1
#define HAVE_STDDEF_H 1
#define HAVE_STRERROR
#define HAVE_STRFTIME
#define HAVE_SYS_STAT_H 1
#define HAVE_SYS_TYPES_H 1
#define HAVE_SYS_UTIME_H
#define HAVE_TEMPNAM
#define HAVE_TMPFILE
#define HAVE_TMPNAM
#define HAVE_TZNAME
#define HAVE_UMASK 1
#define HAVE_WCHAR_H 1
#define HAVE_WCSCOLL 1
#define HAVE_WCSXFRM 1
#define HAVE_ZLIB_COPY 1
#define LONG_BIT 32
#define MS_COREDLL
#define MS_WIN32
#define MS_WIN64
#define MS_WINDOWS
#define NT_THREADS
#define PLATFORM "win32"
#define PY_INT32_T int32_t
#define PY_INT64_T int64_t
#define PY_LLONG_MAX LLONG_MAX
#define PY_LLONG_MIN LLONG_MIN
#define PY_LONG_LONG long long
#define PY_UINT32_T uint32_t
#define PY_UINT64_T uint64_t
#define PY_ULLONG_MAX ULLONG_MAX
#define Py_ENABLE_SHARED 1
#define Py_SOCKET_FD_CAN_BE_GE_FD_SETSIZE
#define RETSIGTYPE void
#define SIZEOF_DOUBLE 8
#define SIZEOF_FLOAT 4
#define SIZEOF_FPOS_T 8
#define SIZEOF_HKEY 8
#define SIZEOF_INT 4
#define SIZEOF_LONG 4
#define SIZEOF_LONG_LONG 8
#define SIZEOF_OFF_T 4
#define SIZEOF_PID_T 4
#define SIZEOF_SHORT 2
#define SIZEOF_SIZE_T 8
#define SIZEOF_TIME_T 8
#define SIZEOF_VOID_P 8
#define SIZEOF_WCHAR_T 2
#define SIZEOF__BOOL 1
#define STDC_HEADERS 1
#define USE_SOCKET
#define WITH_DECIMAL_CONTEXTVAR 1
#define WITH_DOC_STRINGS 1
#define WITH_FREELISTS 1
#define WITH_MIMALLOC 1
#define WITH_PYMALLOC 1
#define WITH_THREAD
#define WORD_BIT 32
#define _CRT_NONSTDC_NO_DEPRECATE 1
#define _CRT_SECURE_NO_DEPRECATE 1
#define _PYTHONFRAMEWORK ""

#endif
