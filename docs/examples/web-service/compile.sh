#!/usr/bin/env bash
# Pins requirements.in anew. The oldest of the example's targets, glibc 2.17 on aarch64, decides: of everything that
# is not built here, the newest release that still has a wheel for it is taken.
set -euo pipefail
cd "$(dirname "$0")"
built=()
for name in argon2-cffi-bindings crcmod frozenlist kiwisolver markupsafe pdpyras pycosat pypika uvloop; do
    built+=(--no-binary "$name")
done
exec "${UV:-uv}" pip compile --quiet --upgrade --python-version 3.11 --python-platform aarch64-manylinux2014 \
    --only-binary :all: "${built[@]}" --generate-hashes --no-annotate --no-emit-index-url \
    --custom-compile-command docs/examples/web-service/compile.sh requirements.in -o requirements.txt
