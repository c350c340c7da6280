#!/usr/bin/env bash
# Makes the lock, the headers and the plan of the example, in this folder.
set -euo pipefail
cd "$(dirname "$0")"
bin=${BIN:-../../../.venv/bin}
targets=(linux_arm64 linux_amd64)
"$bin/uv" pip compile --quiet --no-deps --universal --python-version 3.11 --format pylock.toml requirements.txt -o pylock.toml
options=()
for target in "${targets[@]}"; do
    "$bin/crosswheel" target pack --quiet --python 3.11 "$target" -o "headers.$target.tar"
    options+=(--target "$target" --headers "$target=headers.$target.tar")
done
"$bin/crosswheel" plan pylock.toml --python 3.11 "${options[@]}"
