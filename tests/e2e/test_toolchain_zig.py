"""The real compiler in the sandbox: what it links, what it keeps to itself, and that its bytes are always the same."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel.act.building.sandbox import NoSandbox, Sandbox, choose_sandbox
from e2e.crosswheel_command import shared_store
from e2e.sandbox_builds import backend_sdist, run_build
from e2e.target_pythons import TargetPython, run_target_python
from e2e.zig import zig_wheel as pinned_zig_wheel

pytestmark = [pytest.mark.e2e, pytest.mark.network]

_RUN = """
import subprocess, hashlib
def sh(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-300:]
    return done.stdout
def digest(path): return hashlib.sha256(open(path, 'rb').read()).hexdigest()
def put(path, text): open(path, 'w').write(text)
CC, CXX = os.environ['CC'], os.environ['CXX']
"""


@pytest.fixture(scope="session")
def zig_wheel() -> Path:
    """Return the pinned toolchain wheel for this machine, fetched once as a build would."""
    return pinned_zig_wheel()


@pytest.fixture(scope="module")
def bubblewrap() -> Sandbox:
    return choose_sandbox("bubblewrap")


def said(
    folder: Path,
    attempt: str,
    sandbox: Sandbox,
    zig: Path,
    *,
    platform: str | None = None,
    root: Path | None = None,
) -> str:
    """Return what `attempt` came to; the store of `folder`, if none is in `root`, is shared with the other attempts in it."""
    folder.mkdir(exist_ok=True)
    sdist = backend_sdist(folder, _RUN + attempt, files={"x.c": ""})
    target = platform and f"cp{sys.version_info[0]}{sys.version_info[1]}-{platform}"
    built = run_build(
        *(sdist, folder, sandbox),
        target=target,
        change=lambda request: replace(request, toolchain=zig),
        root=root,
    )
    lines = [line for line in built.log.read_text().splitlines() if line.startswith("RESULT ")]
    return lines[0].removeprefix("RESULT ")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared")


LINK = """
put('a.c', '#include <math.h>\\nconst char *when(void) { return __FILE__ " " __DATE__ " " __TIME__; }\\n'
    'double f(double x) { return pow(x, 2.5); }\\n')
sh(CC, '-g', '-O3', '-fPIC', '-c', os.path.abspath('a.c'), '-o', 'a.o')
sh(CC, '-shared', '-g', 'a.o', '-o', 'a.so', '-lm')
"""


def test_the_bytes_depend_on_no_folder_and_no_cache(
    shared: Path, tmp_path: Path, bubblewrap: Sandbox, zig_wheel: Path
) -> None:
    attempt = LINK + "return digest('a.so')"
    first = said(shared, attempt, bubblewrap, zig_wheel)
    assert len(first) == 64
    assert said(tmp_path / "other", attempt, bubblewrap, zig_wheel) == first
    assert said(tmp_path / "none", attempt, NoSandbox(), zig_wheel) == first


def test_a_date_in_the_bytes_is_the_builds_own(shared: Path, bubblewrap: Sandbox, zig_wheel: Path) -> None:
    attempt = LINK + "return b'/build/source/a.c Jan  1 2020 00:00:00' in open('a.so', 'rb').read()"
    assert said(shared, attempt, bubblewrap, zig_wheel) == "True"


def test_one_build_cannot_poison_the_runtime_libraries_of_the_next(
    shared: Path, bubblewrap: Sandbox, zig_wheel: Path
) -> None:
    look = LINK + "return digest('a.so')"
    before = said(shared, look, bubblewrap, zig_wheel)
    poison = (
        "for folder, _, names in os.walk('/build/cache'):\n"
        "    for name in names: open(folder + '/' + name, 'wb').write(b'poison')\n"
        "return 'POISONED'"
    )
    assert said(shared, poison, bubblewrap, zig_wheel) == "POISONED"
    assert said(shared, look, bubblewrap, zig_wheel) == before


def test_debug_information_and_its_paths_are_left_out(
    shared: Path, bubblewrap: Sandbox, zig_wheel: Path
) -> None:
    attempt = LINK + "data = open('a.so', 'rb').read(); return b'.debug' in data, b'/crosswheel' in data"
    assert said(shared, attempt, bubblewrap, zig_wheel) == "(False, False)"


def test_a_library_of_the_build_machine_is_not_linked(
    shared: Path, bubblewrap: Sandbox, zig_wheel: Path
) -> None:
    attempt = LINK + "return sh(CC, '-shared', 'a.o', '-L/usr/lib/x86_64-linux-gnu', '-lz', '-o', 'z.so')"
    assert "unable to find dynamic system library" in said(shared, attempt, bubblewrap, zig_wheel)


def test_a_program_for_the_build_machine_runs(shared: Path, bubblewrap: Sandbox, zig_wheel: Path) -> None:
    attempt = (
        "put('gen.c', '#include <stdio.h>\\nint main(void) { return printf(\"generated\") < 0; }')\n"
        "sh(os.environ['CC_FOR_BUILD'], 'gen.c', '-o', 'gen')\nreturn sh('./gen')"
    )
    assert said(shared, attempt, bubblewrap, zig_wheel) == "generated"


def test_a_make_check_does_not_run_programs_of_the_target(
    shared: Path, bubblewrap: Sandbox, zig_wheel: Path
) -> None:
    attempt = (
        "put('Makefile', 'TESTS = ./program\\ncheck:\\n\\t@for one in $(TESTS); do $$one || exit 1; done; echo checked\\n')\n"
        "return sh('make', 'check')"
    )
    assert said(shared, attempt, bubblewrap, zig_wheel) == "checked"


def test_what_a_makefile_compiles_to_run_it_itself_is_for_the_build_machine(
    shared: Path, bubblewrap: Sandbox, zig_wheel: Path
) -> None:
    attempt = (
        "put('gen.c', '#include <stdio.h>\\nint main(void) { return printf(\"generated\") < 0; }')\n"
        "put('Makefile', 'CC = cc\\nHOST_CC = $(CC)\\n'\n"
        "    'all:\\n\\t@$(HOST_CC) gen.c -o gen && ./gen\\n\\t@$(CC) -c gen.c -o gen.o\\n')\n"
        "return sh('make', 'all'), open('gen.o', 'rb').read()[18]"
    )
    assert said(shared, attempt, bubblewrap, zig_wheel) == "('generated', 183)"


def test_a_program_for_the_target_is_for_the_target(
    shared: Path, bubblewrap: Sandbox, zig_wheel: Path
) -> None:
    attempt = LINK + "return int.from_bytes(open('a.so', 'rb').read()[18:20], 'little')"
    assert said(shared, attempt, bubblewrap, zig_wheel) == "183"  # EM_AARCH64


def test_gccs_target_pragma_gives_the_functions_after_it_their_instructions(
    shared: Path, bubblewrap: Sandbox, zig_wheel: Path
) -> None:
    attempt = (
        "put('c.c', '#pragma GCC target (\\x22+crc\\x22)\\n#include <arm_acle.h>\\n'\n"
        "    'unsigned f(unsigned c, unsigned w) { return __crc32cw(c, w); }\\n')\n"
        "sh(CC, '-O2', '-fPIC', '-c', 'c.c', '-o', 'c.o')\n"
        "return bytes.fromhex('0058c11a') in open('c.o', 'rb').read()"  # crc32cw w0, w0, w1
    )
    assert said(shared, attempt, bubblewrap, zig_wheel) == "True"


def test_nm_tells_what_libtool_reads(shared: Path, bubblewrap: Sandbox, zig_wheel: Path) -> None:
    # The object and the pattern of libtool.m4's "command to parse nm output".
    attempt = (
        "put('c.c', 'char nm_test_var; void nm_test_func(void){} int main(void){nm_test_var=1;nm_test_func();return 0;}')\n"
        "sh(CC, '-c', 'c.c', '-o', 'c.o')\nsh(os.environ['AR'], 'rcs', 'c.a', 'c.o')\nimport re, shutil\n"
        "found = [re.findall('[0-9a-fA-F]+ ([ABCDGIRSTW]+) ([_A-Za-z]+)', sh(os.environ['NM'], '-B', name)) for name in ('c.o', 'c.a')]\n"
        "return found[0] == found[1], found[0], shutil.which('nm') == os.environ['NM'] == shutil.which('aarch64-linux-gnu-nm')[:-20] + 'nm'"
    )
    assert said(shared, attempt, bubblewrap, zig_wheel) == (
        "(True, [('T', 'main'), ('T', 'nm_test_func'), ('B', 'nm_test_var')], True)"
    )


#: A table of two constants among many, in a section that says each stands alone: so isa-l's assembler code has it.
TABLE = """
section = '.section .rodata.cst16,"aM",@progbits,16\\n.align 4\\n'
for number in range(40):
    put('c%d.S' % number, section + '.quad %d\\n.quad %d\\n' % (number * 7919, number))
put('a.S', section + '.global table\\n.hidden table\\ntable:\\n' + ''.join('.quad 0x%d\\n' % (word * 11111111) for word in (1, 2, 3, 4)))
put('b.c', 'extern const char table[] __attribute__((visibility("hidden")));const char *get(void){return table;}')
objects = []
for name in [*('c%d.S' % number for number in range(40)), 'a.S', 'b.c']:
    sh(CC, '-fPIC', '-c', name, '-o', name + '.o')
    objects.append(name + '.o')
sh(CC, '-shared', *objects, '-o', 'x.so')
whole = b''.join(bytes.fromhex(str(word * 11111111))[::-1].ljust(8, b'\\0') for word in (1, 2, 3, 4))
return whole in open('x.so', 'rb').read()
"""


def test_the_linker_keeps_a_table_of_constants_whole(
    shared: Path, bubblewrap: Sandbox, zig_wheel: Path
) -> None:
    assert said(shared, TABLE, bubblewrap, zig_wheel) == "True"


def test_gccs_optimize_attribute_keeps_a_frame_pointer(
    shared: Path, bubblewrap: Sandbox, zig_wheel: Path
) -> None:
    attempt = (
        "def code(attribute, *options):\n"
        "    put('c.c', '__attribute__((noinline, %s)) int f(int x) { return x + 1; }' % attribute)\n"
        "    sh(CC, '-O2', '-fPIC', *options, '-c', 'c.c', '-o', 'c.o')\n"
        "    data = open('c.o', 'rb').read()\n"
        "    return bytes.fromhex('00040011c0035fd6') in data\n"  # add w0, w0, #1; ret
        "return code('unused'), code('optimize(\\x22O2\\x22)'), code('optimize(\\x22no-omit-frame-pointer\\x22)')"
    )
    assert said(shared, attempt, bubblewrap, zig_wheel) == "(True, True, False)"


def test_time_is_no_wider_than_the_targets_libc_has_functions_for(
    shared: Path, bubblewrap: Sandbox, zig_wheel: Path
) -> None:
    attempt = (
        "put('t.c', '#define _FILE_OFFSET_BITS 64\\n#define _TIME_BITS 64\\n#include <time.h>\\n'\n"
        "    'char size[sizeof(time_t) == 4 ? 1 : -1]; int main(void) { return time(0) == 0; }')\n"
        "sh(CC, 't.c', '-o', 't')\nreturn 'linked'"
    )
    assert said(shared, attempt, bubblewrap, zig_wheel, platform="linux_armv7l_glibc_2_28") == "linked"


#: A program links where the libc has the function, though its header declares it in any case.
_PROBE_LIBC = """
import re
def links(name, *options):
    put('p.c', 'char %s(void); int main(void) { return %s(); }' % (name, name))
    return subprocess.run([CC, 'p.c', '-fno-builtin', '-o', 'p', *options], capture_output=True).returncode == 0
found = [name for name in ('getrandom', 'qsort_r', 'statx', 'write') if links(name)]
put('m.c', '#include <stdio.h>\\nint f(void) { return printf("x"); }')
sh(CC, '-shared', '-fPIC', 'm.c', '-o', 'm.so')
names = sorted(set(re.findall(rb'lib[a-z0-9_+.-]*[.]so[.0-9]*', open('m.so', 'rb').read())))
return ' '.join(found), b' '.join(names).decode(), digest('m.so')
"""


@pytest.mark.parametrize(
    ("platform", "functions", "library"),
    [
        ("linux_aarch64_musl_1_1", "write", "libc.musl-aarch64.so.1"),
        ("linux_aarch64_musl_1_2", "getrandom write", "libc.musl-aarch64.so.1"),
        ("linux_armv7l_musl_1_2", "getrandom write", "libc.musl-armv7.so.1"),
    ],
)
def test_a_musl_target_has_the_libc_of_its_age_and_name(
    platform: str, functions: str, library: str, shared: Path, bubblewrap: Sandbox, zig_wheel: Path
) -> None:
    found = said(shared, _PROBE_LIBC, bubblewrap, zig_wheel, platform=platform)
    assert found.startswith(f"('{functions}', '{library}', '"), found


def test_the_bytes_of_a_musl_module_depend_on_no_folder(
    shared: Path, tmp_path: Path, bubblewrap: Sandbox, zig_wheel: Path
) -> None:
    platform = "linux_aarch64_musl_1_2"
    found = {
        said(folder, _PROBE_LIBC, sandbox, zig_wheel, platform=platform)
        for folder, sandbox in ((shared, bubblewrap), (tmp_path / "none", NoSandbox()))
    }
    assert len(found) == 1, found


_OLD_LONG_DOUBLE = """
put('l.c', '''
double parts(double x, int which) {
    volatile long double third = (long double)x / 3, whole = third * 3, near = whole + 1e-25L - x;
    switch (which) {
    case 0: return (double)third;
    case 1: return (double)((third - (double)third) * 1e17L);
    case 2: return (double)near;
    default: return (double)(unsigned long)(whole * 6148914691236517205.0L / x + 0.5L);
    }
}
''')
sh(CC, '-O1', '-fPIC', '-shared', 'l.c', '-o', 'l.so')
import base64
return base64.b64encode(open('l.so', 'rb').read()).decode()
"""


def test_the_old_long_double_of_ppc64le_counts(
    tmp_path: Path, bubblewrap: Sandbox, zig_wheel: Path, target_python: Callable[..., TargetPython]
) -> None:
    platform = "linux_ppc64le_glibc_2_28"
    library = said(tmp_path, _OLD_LONG_DOUBLE, bubblewrap, zig_wheel, platform=platform, root=shared_store())
    code = (
        "import base64, ctypes, tempfile\n"
        "file = tempfile.NamedTemporaryFile()\n"
        f"file.write(base64.b64decode('{library}')); file.flush()\n"
        "parts = ctypes.CDLL(file.name).parts\n"
        "parts.restype, parts.argtypes = ctypes.c_double, (ctypes.c_double, ctypes.c_int)\n"
        "print([parts(1.0, number) for number in range(4)])"
    )
    done = run_target_python(target_python("ppc64le"), code, tmp_path)
    assert done.stdout == "[0.3333333333333333, 1.8503717077085942, 1e-25, 6.148914691236517e+18]\n", (
        done.stderr
    )


_OUTLINE_ATOMICS = r"""
operations = {'cas': '7, 9', 'swp': '9', 'ldadd': '9', 'ldset': '8', 'ldclr': '3', 'ldeor': '5'}
code = '''
#include <stdio.h>
int all(char *told) {
    char *end = told;
'''
for bits, kind in (1, 'unsigned char'), (2, 'unsigned short'), (4, 'unsigned int'), (8, 'unsigned long'):
    for name, values in operations.items():
        given = ', '.join(kind for _ in values.split(', '))
        function = f'__aarch64_{name}{bits}_sync'
        code = f'extern {kind} {function}({given}, {kind} *);\n' + code
        code += f'    {{ {kind} place = 7, before = {function}({values}, &place);\n'
        code += f'      end += snprintf(end, 16, "%lu-%lu ", (long)before, (long)place); }}\n'
put('a.c', code + '    return 0;\n}\n')
folder = os.path.join(os.path.dirname(os.path.dirname(CC)), 'lib')
sh(CC, '-O1', '-fPIC', '-shared', 'a.c', folder + '/outline_atomics.c', '-o', 'a.so')
import base64
return base64.b64encode(open('a.so', 'rb').read()).decode()
"""


def test_object_code_of_gcc_finds_its_atomic_functions(
    shared: Path, bubblewrap: Sandbox, zig_wheel: Path, target_python: Callable[..., TargetPython]
) -> None:
    library = said(shared, _OUTLINE_ATOMICS, bubblewrap, zig_wheel, platform="linux_aarch64_glibc_2_28")
    code = (
        "import base64, ctypes, tempfile\n"
        "file = tempfile.NamedTemporaryFile()\n"
        f"file.write(base64.b64decode('{library}')); file.flush()\n"
        "told = ctypes.create_string_buffer(1000)\n"
        "ctypes.CDLL(file.name).all(told)\n"
        "print(told.value.decode())"
    )
    done = run_target_python(target_python("aarch64"), code, shared)
    assert done.stdout.split() == ["7-9", "7-9", "7-16", "7-15", "7-4", "7-2"] * 4, done.stderr


_CLOCKS = r"""
put('a.c', '''
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>
int pthread_cond_clockwait(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *);
int pthread_mutex_clocklock(pthread_mutex_t *, clockid_t, const struct timespec *);
int sem_clockwait(sem_t *, clockid_t, const struct timespec *);
int waits(void) {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    sem_t semaphore;
    struct timespec deadline, now;
    int failed, right = 0;
    sem_init(&semaphore, 0, 0);
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += 1;
    pthread_mutex_lock(&mutex);
    do failed = pthread_cond_clockwait(&condition, &mutex, CLOCK_MONOTONIC, &deadline); while (!failed);
    clock_gettime(CLOCK_MONOTONIC, &now);
    right += failed == ETIMEDOUT && now.tv_sec >= deadline.tv_sec && now.tv_sec < deadline.tv_sec + 60;
    right += pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &deadline) == ETIMEDOUT;
    pthread_mutex_unlock(&mutex);
    right += pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &deadline) == 0;
    right += sem_clockwait(&semaphore, CLOCK_MONOTONIC, &deadline) == -1 && errno == ETIMEDOUT;
    sem_post(&semaphore);
    right += sem_clockwait(&semaphore, CLOCK_MONOTONIC, &deadline) == 0;
    deadline.tv_nsec = -1;
    return right + (pthread_cond_clockwait(&condition, &mutex, CLOCK_MONOTONIC, &deadline) == EINVAL);
}
''')
put('b.c', 'int b(void) { return 0; }')
compat = os.path.join(os.path.dirname(os.path.dirname(CC)), 'lib', 'glibc_compat.c')
sh(CC, '-O1', '-fPIC', '-shared', 'a.c', compat, '-o', 'a.so', '-lpthread')
sh(CC, '-O1', '-fPIC', '-shared', 'b.c', compat, '-o', 'b.so')
import base64
return base64.b64encode(open('a.so', 'rb').read()).decode(), b'pthread' in open('b.so', 'rb').read()
"""


def test_object_code_waits_for_the_monotonic_clock_with_a_glibc_that_cannot(
    shared: Path, bubblewrap: Sandbox, zig_wheel: Path, target_python: Callable[..., TargetPython]
) -> None:
    """`std::condition_variable::wait_for`, compiled by GCC for glibc 2.30 and newer."""
    told = said(shared, _CLOCKS, bubblewrap, zig_wheel, platform="linux_aarch64_glibc_2_28")
    library, leaves_a_trace = ast.literal_eval(told)
    code = (
        "import base64, ctypes, tempfile\n"
        "file = tempfile.NamedTemporaryFile()\n"
        f"file.write(base64.b64decode('{library}')); file.flush()\n"
        "print(ctypes.CDLL(file.name).waits())"
    )
    done = run_target_python(target_python("aarch64"), code, shared)
    assert (done.stdout, leaves_a_trace) == ("6\n", False), done.stderr


@pytest.mark.parametrize(
    "platform", ["linux_aarch64_glibc_2_28", "linux_armv7l_musl_1_2", "macos_aarch64_11_0"]
)
def test_a_probe_by_standard_input_is_told_what_one_by_file_is(
    tmp_path: Path, bubblewrap: Sandbox, zig_wheel: Path, platform: str
) -> None:
    attempt = """
def ask(*words):
    done = subprocess.run(words, input='#include <stdio.h>\\n', capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-300:]
    return done.stdout
told = ask(CC, '-dM', '-E', '-x', 'c', '-')
sh(CC, '-v')
put('y.c', 'int main(void) { return 0; }')
sh(CC, '-fsyntax-only', 'y.c')
defined = [' NDEBUG ' in sh(CC, '-O2', *words, '-dM', '-E', 'y.c') for words in ([], ['-DNDEBUG'], ['-DNDEBUG', '-UNDEBUG'])]
assert defined == [False, True, False], defined
put('z.c', 'int z;')
sh(CC, '-c', '-O1', 'y.c', 'z.c')
assert os.path.isfile('y.o') and os.path.isfile('z.o')
assert subprocess.run([CC, '-S', '-o', '-', '-xc', '-'], input=b'int tell;', capture_output=True).stdout.count(b'tell') > 0
put('y.c', 'int main(void) { return y; }')
assert subprocess.run([CC, '-c', 'z.c', 'y.c'], stderr=subprocess.DEVNULL).returncode == 1
assert subprocess.run([CC, '-fsyntax-only', 'y.c']).returncode == 1
return 'BUFSIZ' in told and told == ask(CC, '-dM', '-E', '-') == ask(os.path.dirname(CC) + '/cpp', '-dM')
"""
    assert said(tmp_path, attempt, bubblewrap, zig_wheel, platform=platform, root=shared_store()) == "True"


def test_build_code_that_asks_the_preprocessor_for_its_folders_finds_the_targets_headers(
    shared: Path, bubblewrap: Sandbox, zig_wheel: Path
) -> None:
    attempt = (
        "said = subprocess.run([os.environ['CPP'], '-v'], capture_output=True, text=True, stdin=subprocess.DEVNULL).stderr\n"
        "folders = [line.strip() for line in said.splitlines() if line.startswith(' /')]\n"
        "return any(os.path.exists(folder + '/ifaddrs.h') for folder in folders)"
    )
    assert said(shared, attempt, bubblewrap, zig_wheel) == "True"
