"""What a process gives up before it touches untrusted bytes: network, other programs, files. Beside `workers`.

Three walls of Linux, each as far as the system has it; none can be taken down again. Resource limits and no new
privileges (always), Landlock for files (kernel 5.13 or newer), a seccomp filter for system calls (libseccomp, which the
package managers of Debian and Fedora bring). `imgscan doctor` says which of them stand.
"""

from __future__ import annotations

import ctypes
import errno
import multiprocessing
import os
import resource
import signal
import socket
import sys
import sysconfig
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

# Landlock: numbers of include/uapi/linux/landlock.h. Its system calls have one number on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ABI_VERSION = 1  # flag of the first call
_PATH_BENEATH = 1  # kind of rule
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_WRITE = 1 << 1 | sum(1 << bit for bit in (4, 5, 7, 8)) | 1 << 14  # files and folders, made, removed, cut short
_OF_FILES = _READ_FILE | 1 << 1 | 1 << 14  # what a rule for a file may allow
_KNOWN_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # ABI: how many rights over files it knows; later ones know as many
_ABI_NETWORK, _ABI_SCOPES = 4, 6
_NO_TCP = 0b11  # bind, connect
_NO_ABSTRACT_SOCKETS_NO_SIGNALS = 0b11  # ... to processes outside
_NOT_HERE = (errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.EACCES)

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38  # linux/prctl.h
_ACT_ALLOW, _ACT_ERRNO = 0x7FFF0000, 0x00050000 | errno.EACCES  # seccomp.h of libseccomp
_ATTRIBUTE_ALL_THREADS = 4
# The ways out: sockets (io_uring makes them too), other programs, other processes, and what the kernel gives to few.
_REFUSED = (
    "socket", "socketpair", "connect", "bind", "io_uring_setup", "execve", "execveat", "ptrace", "process_vm_readv",
    "process_vm_writev", "pidfd_getfd", "bpf", "userfaultfd", "perf_event_open", "keyctl", "add_key", "request_key",
    "mount", "umount2", "unshare", "setns", "open_by_handle_at",
)  # fmt: skip

LARGEST_WRITE = 2**20  # bytes of one file: libraries leave a note or a lock in the temporary folder, nothing else
# What libraries look at besides their own files: the machine, its time zone, fonts that a PDF names but does not hold.
_SYSTEM = (
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo", "/etc/ld.so.cache", "/etc/localtime",
    "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system", "/dev/null", "/dev/urandom",
    "/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/X11/fonts",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a process may still do: files and folders it may read beside the program, folders it may write, memory."""

    memory_bytes: int
    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Walls:
    """Which walls stand: over files (Landlock), over network and other programs (seccomp)."""

    files: bool = False
    calls: bool = False
    opened: tuple[str, ...] = field(default=())
    """What was tried and worked although it must not (`trial`)."""


def enter(bounds: Bounds) -> Walls:
    """Give up for good all that `bounds` does not name. Raises OSError where a wall is there but cannot be put up.

    Call it while the process has one thread: Landlock binds the thread that asks and those that it starts later.
    """
    resource.setrlimit(resource.RLIMIT_AS, (bounds.memory_bytes, bounds.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold pictures
    largest = LARGEST_WRITE if bounds.writable else 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    if sys.platform != "linux":
        return Walls()
    libc = ctypes.CDLL(None, use_errno=True)
    _require(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    return Walls(files=_keep_to_files(libc, bounds), calls=_refuse_calls())


def settle(bounds: Bounds, parent: int) -> None:
    """Make this process expendable: it dies with the thread of `parent` that started it, keeps quiet, and is walled in.

    Raises OSError as `enter` does.
    """
    if sys.platform == "linux":  # a process that hangs never notices that the scan was killed
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it was killed before the call above
            os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides what it means
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # decoders written in C tell the terminal about every broken file; the status says it better
        os.dup2(nowhere, stream)
    enter(bounds)


class _RulesetAttributes(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def _keep_to_files(libc: ctypes.CDLL, bounds: Bounds) -> bool:
    """Landlock; False where the kernel has none."""
    abi = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ABI_VERSION)
    if abi < 0:
        if ctypes.get_errno() in _NOT_HERE:
            return False
        _require(abi)
    known = (1 << _KNOWN_RIGHTS.get(abi, 16)) - 1
    attributes = _RulesetAttributes(
        known,
        _NO_TCP if abi >= _ABI_NETWORK else 0,
        _NO_ABSTRACT_SOCKETS_NO_SIGNALS if abi >= _ABI_SCOPES else 0,
    )
    ruleset = libc.syscall(
        _CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(ctypes.sizeof(attributes)), ctypes.c_uint32(0)
    )
    _require(ruleset)
    try:
        _allow(libc, ruleset, (*_program(), *bounds.readable), (_READ_FILE | _READ_DIR) & known)
        _allow(libc, ruleset, (Path(os.devnull), *bounds.writable), (_READ_FILE | _READ_DIR | _WRITE) & known)
        _require(libc.syscall(_RESTRICT_SELF, ruleset, ctypes.c_uint32(0)))
    finally:
        os.close(ruleset)
    return True


def _allow(libc: ctypes.CDLL, ruleset: int, paths: Iterable[Path], rights: int) -> None:
    for path in dict.fromkeys(paths):
        try:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:  # what is not there needs no rule
            continue
        try:
            beneath = _PathBeneath(rights if path.is_dir() else rights & _OF_FILES, place)
            _require(libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(beneath), ctypes.c_uint32(0)))
        finally:
            os.close(place)


def _program() -> tuple[Path, ...]:
    """Where Python, this program and the libraries lie."""
    own = Path(__file__).resolve().parent
    installed = (sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), *_SYSTEM)
    return (own, own.with_name("api"), own.with_name("models"), own.with_name("rules"), *map(Path, installed))


def _refuse_calls() -> bool:
    """A seccomp filter, for all threads; False where libseccomp is not installed or the kernel takes no filter."""
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        return False
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(_ACT_ALLOW)))
    if not context:
        return False
    try:
        library.seccomp_attr_set(context, _ATTRIBUTE_ALL_THREADS, ctypes.c_uint32(1))
        for name in _REFUSED:
            number = library.seccomp_syscall_resolve_name(name.encode())
            if number >= 0:  # negative: this architecture or this version of the library does not know it
                library.seccomp_rule_add(context, ctypes.c_uint32(_ACT_ERRNO), number, ctypes.c_uint(0))
        return bool(library.seccomp_load(context) == 0)
    finally:
        library.seccomp_release(context)


def _require(result: int) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def trial(temporary: Path) -> Walls:
    """Put the walls up in a process made for it, and try to get through. Raises OSError as `enter` does."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe(duplex=False)
    process = spawn.Process(target=_tried, args=(there, temporary), daemon=True)
    process.start()
    there.close()
    with closing(here):
        try:
            answer = here.recv()
        except EOFError:
            raise OSError(errno.ECHILD, os.strerror(errno.ECHILD)) from None
        finally:
            process.join()
    if isinstance(answer, OSError):
        raise answer
    assert isinstance(answer, Walls)  # noqa: S101 (for the type checker)
    return answer


def _tried(answer: Connection, temporary: Path) -> None:
    try:
        walls = enter(Bounds(2**32, writable=(temporary,)))
    except OSError as error:
        answer.send(error)
        return
    answer.send(Walls(walls.files, walls.calls, tuple(name for name, way in WAYS_OUT.items() if _works(way))))


def _works(way: Callable[[], object]) -> bool:
    try:
        way()
    except OSError:
        return False
    return True


WAYS_OUT: dict[str, Callable[[], object]] = {
    "socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(),
    "program": lambda: os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0),
    "read": lambda: os.close(os.open("/etc/passwd", os.O_RDONLY)),
    "write": lambda: os.close(os.open("/var/tmp", os.O_TMPFILE | os.O_WRONLY, 0o600)),  # noqa: S108
}
"""What nobody inside may do, each a call that does it."""
