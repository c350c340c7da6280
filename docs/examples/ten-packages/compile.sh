#!/usr/bin/env bash
# Pins requirements.in anew.
set -euo pipefail
cd "$(dirname "$0")"
exec "${UV:-uv}" pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate \
    --no-emit-index-url --no-emit-find-links --custom-compile-command docs/examples/ten-packages/compile.sh \
    requirements.in -o requirements.txt
