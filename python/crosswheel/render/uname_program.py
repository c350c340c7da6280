"""``uname`` for makefiles: the machine they build for, where they ask which one they are on."""

from __future__ import annotations

from crosswheel.render.view_document import target_uname
from crosswheel.target.descriptions import TargetDescription
from crosswheel.values.platforms import MacOs, Windows

__all__ = ["render_uname"]

# Makefiles written by hand choose sources and flags by `uname -m`. Programs that look for the build machine ask it, too:
# config.guess, CMake. What tells them apart is who asks: make or the backend's Python itself, at most through the
# `sh -c` that runs a line for them, and not a script.
_SCRIPT = """\
#!/bin/sh
# Answers make and the build backend for the target, everybody else for this machine. Rendered by crosswheel.
process=$PPID
asker=
while [ -r "/proc/$process/status" ]; do
  while read -r key value _; do
    case $key in
      Name:) asker=$value ;;
      PPid:) parent=$value ;;
    esac
  done < "/proc/$process/status"
  case $asker in
    sh | dash | bash) ;;
    *) break ;;
  esac
  option=$(tr '\\0' '\\n' < "/proc/$process/cmdline" | {{ read -r _; read -r word; echo "$word"; }})
  case $option in
    -*c) process=$parent ;;
    *) break ;;
  esac
done
case $asker in
  make | gmake | python*) ;;
  *)
    own=$(dirname "$0")
    IFS=:
    for folder in $PATH; do
      [ "$folder" = "$own" ] || [ ! -x "$folder/uname" ] || exec "$folder/uname" "$@"
    done
    echo "uname: not found" >&2
    exit 127
    ;;
esac
parts=
[ $# -gt 0 ] || set -- -s
for word in "$@"; do
  case $word in
    --all) parts=a ;;
    --kernel-name | --sysname) parts=${{parts}}s ;;
    --nodename) parts=${{parts}}n ;;
    --kernel-release | --release) parts=${{parts}}r ;;
    --kernel-version) parts=${{parts}}v ;;
    --machine) parts=${{parts}}m ;;
    --processor) parts=${{parts}}p ;;
    --hardware-platform) parts=${{parts}}i ;;
    --operating-system) parts=${{parts}}o ;;
    -[amnprsvio]*) parts=$parts${{word#-}} ;;
    *) echo "uname: unknown option $word" >&2; exit 1 ;;
  esac
done
case $parts in
  *a*) parts=snrvmo ;;
esac
answer=
# In this order, whatever order they are asked in.
for part in s n r v m p i o; do
  case $parts in
    *$part*) ;;
    *) continue ;;
  esac
  case $part in
    s) word={system} ;;
    n) word={node} ;;
    r) word={release} ;;
    v) word={version} ;;
    m) word={machine} ;;
    p | i) word={processor} ;;
    o) word={operating_system} ;;
  esac
  answer="$answer${{answer:+ }}$word"
done
printf '%s\\n' "$answer"
"""


def render_uname(description: TargetDescription) -> str:
    """Return the text of the program.

    Args:
        description: the target description.
    """
    system, node, release, version, machine = target_uname(description)
    processor, operating_system = "unknown", "GNU/Linux"
    match description.platform.os:
        case MacOs():
            processor, operating_system = ("arm" if machine == "arm64" else "i386"), "Darwin"
        case Windows():
            # As MSYS2 has it, whose makefiles know Windows by this name.
            system, release, version = "MINGW64_NT-10.0", "3.5.0", "1"
            machine, operating_system = description.platform.arch.value, "Msys"
    return _SCRIPT.format(
        system=_quoted(system),
        node=_quoted(node),
        release=_quoted(release),
        version=_quoted(version),
        machine=_quoted(machine),
        processor=_quoted(processor),
        operating_system=_quoted(operating_system),
    )


def _quoted(text: str) -> str:
    assert "'" not in text, "no such name has one"
    return f"'{text}'"
