"""What macOS, iOS, Windows and Android are sure to have: the libraries a wheel may need without bringing them."""

from __future__ import annotations

import re

__all__ = [
    "is_android_system_library",
    "is_apple_system_library",
    "is_mingw_library",
    "is_windows_system_library",
]

_APPLE = ("/usr/lib/", "/System/Library/", "/System/iOSSupport/")

# Part of every Windows that CPython 3.10 and newer runs on (10 and Server 2016, without optional features).
_WINDOWS = frozenset(
    [
        "activeds",
        "adsldpc",
        "advapi32",
        "advpack",
        "asycfilt",
        "atl",
        "authz",
        "avicap32",
        "avifil32",
        "avrt",
        "bcrypt",
        "bcryptprimitives",
        "bthprops",
        "cabinet",
        "cfgmgr32",
        "clusapi",
        "combase",
        "comctl32",
        "comdlg32",
        "coremessaging",
        "credui",
        "crypt32",
        "cryptbase",
        "cryptnet",
        "cryptsp",
        "cryptui",
        "cryptxml",
        "d2d1",
        "d3d9",
        "d3d10",
        "d3d10_1",
        "d3d11",
        "d3d12",
        "d3dcompiler_47",
        "dbgeng",
        "dbghelp",
        "dciman32",
        "dcomp",
        "ddraw",
        "devobj",
        "dhcpcsvc",
        "dhcpcsvc6",
        "dinput",
        "dinput8",
        "dnsapi",
        "dpapi",
        "dsound",
        "dsrole",
        "dwmapi",
        "dwrite",
        "dxcore",
        "dxgi",
        "dxva2",
        "dxguid",
        "elscore",
        "esent",
        "evr",
        "faultrep",
        "fltlib",
        "fontsub",
        "fwpuclnt",
        "gdi32",
        "gdi32full",
        "gdiplus",
        "glu32",
        "gpapi",
        "hid",
        "hlink",
        "httpapi",
        "icm32",
        "icu",
        "icuin",
        "icuuc",
        "imagehlp",
        "imm32",
        "inetmib1",
        "iphlpapi",
        "kernel32",
        "kernelbase",
        "ksuser",
        "ktmw32",
        "loadperf",
        "logoncli",
        "lz32",
        "mf",
        "mfplat",
        "mfreadwrite",
        "mlang",
        "mmdevapi",
        "mpr",
        "mprapi",
        "msacm32",
        "mscms",
        "mscoree",
        "msctf",
        "msdmo",
        "msdrm",
        "msftedit",
        "mshtml",
        "msi",
        "msimg32",
        "mstask",
        "msvcrt",
        "msvfw32",
        "mswsock",
        "ncrypt",
        "ndfapi",
        "netapi32",
        "netutils",
        "newdev",
        "ninput",
        "normaliz",
        "ntdll",
        "ntdsapi",
        "ntmarta",
        "odbc32",
        "odbccp32",
        "ole32",
        "oleacc",
        "oleaut32",
        "oledlg",
        "opengl32",
        "pdh",
        "powrprof",
        "printui",
        "profapi",
        "propsys",
        "psapi",
        "qwave",
        "rasapi32",
        "resutils",
        "rpcns4",
        "rpcrt4",
        "rstrtmgr",
        "samcli",
        "samlib",
        "sas",
        "schannel",
        "secur32",
        "sensapi",
        "setupapi",
        "sfc",
        "shcore",
        "shdocvw",
        "shell32",
        "shlwapi",
        "slc",
        "snmpapi",
        "srvcli",
        "sspicli",
        "sti",
        "t2embed",
        "tapi32",
        "taskschd",
        "tbs",
        "tdh",
        "traffic",
        "twinapi",
        "ucrtbase",
        "uiautomationcore",
        "url",
        "urlmon",
        "user32",
        "userenv",
        "usp10",
        "uxtheme",
        "vdmdbg",
        "version",
        "virtdisk",
        "wbemuuid",
        "wer",
        "wevtapi",
        "winbio",
        "winbrand",
        "windowscodecs",
        "winhttp",
        "wininet",
        "winmm",
        "winnsi",
        "winscard",
        "winspool",
        "winsta",
        "wintrust",
        "winusb",
        "wkscli",
        "wlanapi",
        "wldap32",
        "wldp",
        "wmi",
        "wofutil",
        "ws2_32",
        "wsock32",
        "wtsapi32",
        "xinput1_4",
        "xinput9_1_0",
        "xmllite",
        "xolehlp",
    ]
)
# Sets of names that stand for functions of whatever library the system has them in.
_WINDOWS_SETS = re.compile(r"(?:api|ext)-ms-[\w-]+")
# CPython's installers for Windows lay these beside python.exe (PCbuild/pyproject.props).
_WITH_PYTHON = frozenset({"vcruntime140", "vcruntime140_1"})
_MINGW = re.compile(
    r"libgcc_s_\w+-\d+|libstdc\+\+-\d+|libwinpthread-\d+|libgomp-\d+|libgfortran-\d+|libssp-\d+|cyg\w+-\d+|msys-[\w.-]+"
)

_ANDROID = frozenset(
    [
        "libc",
        "libm",
        "libdl",
        "liblog",
        "libz",
        "libandroid",
        "libEGL",
        "libGLESv1_CM",
        "libGLESv2",
        "libGLESv3",
        "libOpenSLES",
        "libaaudio",
        "libvulkan",
        "libmediandk",
        "libcamera2ndk",
        "libjnigraphics",
        "libnativewindow",
        "libneuralnetworks",
        "libOpenMAXAL",
        "libsync",
    ]
)


def is_apple_system_library(install_name: str) -> bool:
    """Tell whether every macOS or iOS has the library.

    >>> is_apple_system_library("/usr/lib/libSystem.B.dylib")
    True
    """
    return install_name.startswith(_APPLE)


def is_windows_system_library(name: str) -> bool:
    """Tell whether every Windows with a CPython has the library.

    >>> is_windows_system_library("KERNEL32.dll"), is_windows_system_library("libgcc_s_seh-1.dll")
    (True, False)
    """
    stem = _stem(name)
    return stem in _WINDOWS or stem in _WITH_PYTHON or _WINDOWS_SETS.fullmatch(stem) is not None


def is_mingw_library(name: str) -> bool:
    """Tell whether it is a runtime library of MinGW's, Cygwin's or MSYS2's compilers, which no Windows has."""
    return _MINGW.fullmatch(_stem(name)) is not None


def is_android_system_library(name: str) -> bool:
    """Tell whether Android's NDK promises the library on every device.

    >>> is_android_system_library("liblog.so")
    True
    """
    return name.removesuffix(".so") in _ANDROID


def _stem(name: str) -> str:
    return re.sub(r"\.(?:dll|drv|cpl|ocx)$", "", name.lower())
