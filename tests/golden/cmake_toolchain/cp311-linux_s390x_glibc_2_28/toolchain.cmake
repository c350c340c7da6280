# CMake's toolchain file. Rendered by crosswheel.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_VERSION 5.10.0)
set(CMAKE_SYSTEM_PROCESSOR s390x)

set(CMAKE_C_COMPILER /fixed/toolchain/bin/cc)
set(CMAKE_CXX_COMPILER /fixed/toolchain/bin/c++)
set(CMAKE_ASM_COMPILER /fixed/toolchain/bin/cc)
foreach(_language C CXX ASM)
  set(CMAKE_${_language}_COMPILER_AR /fixed/toolchain/bin/ar)
  set(CMAKE_${_language}_COMPILER_RANLIB /fixed/toolchain/bin/ranlib)
  # zig's driver says it can write what a link read, and then leaves files unnamed.
  set(CMAKE_${_language}_LINKER_DEPFILE_SUPPORTED FALSE)
endforeach()
unset(_language)
set(CMAKE_AR /fixed/toolchain/bin/ar)
set(CMAKE_LINKER /fixed/toolchain/bin/ld)
set(CMAKE_OBJCOPY /fixed/toolchain/bin/objcopy)
set(CMAKE_RANLIB /fixed/toolchain/bin/ranlib)
set(CMAKE_STRIP /fixed/toolchain/bin/strip)
set(PKG_CONFIG_EXECUTABLE /fixed/toolchain/bin/pkg-config)

# Nothing of the build machine but programs; the target's headers and libraries, what build requirements bring, the
# sources, the target's C library.
set(CMAKE_FIND_ROOT_PATH /fixed/target /fixed/sysroot /fixed/environment /scratch /fixed/toolchain/libc)
# Nobody has to be told where that lies, neither when linking nor when loading.
list(APPEND CMAKE_PLATFORM_IMPLICIT_LINK_DIRECTORIES /fixed/toolchain/libc/usr/lib)
set(CMAKE_LIBRARY_ARCHITECTURE s390x-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_FIND_USE_PACKAGE_REGISTRY FALSE)
set(CMAKE_FIND_USE_SYSTEM_PACKAGE_REGISTRY FALSE)

# A static library may end up in an extension module, which most compilers that projects are tried with allow.
if(NOT DEFINED CMAKE_POSITION_INDEPENDENT_CODE)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
endif()

# Tests could not run, and what they need is often downloaded; who asks for them gets them.
set(BUILD_TESTING OFF CACHE BOOL "")

# What GNUInstallDirs says on Linux (but Debian's and Alpine's own) where it looks, which it does not when crossing.
if(NOT DEFINED CMAKE_INSTALL_LIBDIR)
  set(CMAKE_INSTALL_LIBDIR lib64 CACHE PATH "")
endif()

# scikit-build finds out by running a program whether a module may leave symbols to whoever loads it. On ELF it may.
foreach(_type MODULE SHARED)
  foreach(_library MODULE SHARED STATIC)
    set(HAS_DYNAMIC_LOOKUP_${_type}_${_library} TRUE)
    set(DYNAMIC_LOOKUP_FLAGS_${_type}_${_library} "")
  endforeach()
endforeach()
unset(_type)
unset(_library)

# FindPython asks either this script (before CMake 4.1, or where the project knows no newer one) or the build
# environment's Python, which shows the target. Since 4.2 it asks the script before it has looked for its launcher.
foreach(_python Python Python3)
  set(_${_python}_CONFIG /fixed/target/bin/python3.11-config CACHE INTERNAL "")
  set(_${_python}_CONFIG_LAUNCHER /fixed/target/bin/python3.11-config CACHE INTERNAL "")
endforeach()
unset(_python)
set(CMAKE_CROSSCOMPILING_EMULATOR /fixed/target/libexec/run-build-python)

# Pinned downloads, where a build has any.
include(/fixed/downloads/fetch-content.cmake OPTIONAL)
