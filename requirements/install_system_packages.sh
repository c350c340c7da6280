#!/usr/bin/env bash
# Sees to the programs that no Python package brings: installs Debian's packages for those that are missing when it
# may (as root), else says in one sentence what to install. Touches nothing when nothing is missing.
#
#   install_system_packages.sh PYTHON [lint|bench|pythons]
set -euo pipefail

python=$1
purpose=${2:-test}
missing=()

needs() { # needs PACKAGE COMMAND...: the package is missing unless the command succeeds
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
needs "python$version-venv" "$python" -c 'import ensurepip, venv'
needs "python$version-dev" "$python" -c \
    'import os, sysconfig; open(os.path.join(sysconfig.get_path("include"), "Python.h"))'
needs bubblewrap command -v bwrap
needs qemu-user-static command -v qemu-aarch64-static
needs patchelf command -v patchelf
needs skopeo command -v skopeo
needs umoci command -v umoci
needs runc command -v runc
needs oci-image-tool command -v oci-image-tool
needs libarchive-tools command -v bsdtar
needs chromium command -v chromium
needs fonts-dejavu-core test -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
needs unzip command -v unzip
needs ca-certificates test -e /etc/ssl/certs/ca-certificates.crt
needs make command -v make
needs zsh command -v zsh
needs fish command -v fish
needs groff-base command -v groff
if [ "$purpose" = lint ]; then
    needs npm command -v npm
fi
if [ "$purpose" = pythons ]; then
    needs zlib1g-dev test -e /usr/include/zlib.h
fi
if [ "$purpose" = bench ] || [ "$purpose" = pythons ]; then
    needs gcc command -v gcc
    needs g++ command -v g++
    needs libc6-dev test -e /usr/include/stdio.h
    needs gcc-aarch64-linux-gnu command -v aarch64-linux-gnu-gcc
    needs g++-aarch64-linux-gnu command -v aarch64-linux-gnu-g++
fi

if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "cannot go on: missing ${missing[*]}; as root: apt-get install ${missing[*]}" >&2
    exit 1
fi
echo "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update --quiet --quiet
apt-get install --quiet --quiet --yes --no-install-recommends "${missing[@]}"
