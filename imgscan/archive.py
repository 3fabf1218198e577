"""Opens ZIP and TAR archives in memory and gives their members as found files. Beside `discover`, for what lies inside.

Nothing is ever unpacked to disk. Whoever walks an archive learns of every member: its bytes, or the status it ends as.
The path of a member is that of the archive, `types.INSIDE`, and its name in there.
"""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import IO, Protocol, cast

from imgscan.fingerprint import TOO_LARGE, ArchiveFoundError, FileError, open_regular, require_readable
from imgscan.i18n import N_
from imgscan.sniff import ARCHIVE, HEAD_BYTES, OFFICE, Archive, archive_kind
from imgscan.types import INSIDE, FoundFile, Status

MAX_DEPTH = 3
MAX_MEMBERS = 100_000
LISTING_BYTES = 160 * MAX_MEMBERS  # a file takes 46 bytes in the list of a ZIP and its name twice or so
# All that is unpacked of one archive: 100 times its size, which photos never reach, and what a small one may have.
MAX_RATIO = 100
FREE_BYTES = 2**30
# What the standard library's readers raise on broken bytes.
_BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, struct.error,
    OverflowError, IndexError, KeyError, RuntimeError, AttributeError, RecursionError,
)  # fmt: skip

_DISK_FAILED = (errno.EIO, errno.ESTALE, errno.ENODEV, errno.ENXIO, errno.ETIMEDOUT)

BROKEN = N_("The archive is damaged: not every file in it could be listed.")
BROKEN_MEMBER = N_("This file of the archive is damaged.")
LOCKED_MEMBER = N_("This file of the archive needs a password: unpack it, then scan the folder.")
METHOD = N_("This file of the archive is packed in a way that is not known: unpack it, then scan the folder.")
SPECIAL_MEMBER = N_("Not a regular file of the archive.")
TOO_DEEP = N_("An archive inside archives, too deep to be opened: unpack it, then scan the folder.")
TOO_MUCH = N_("The archive unpacks to more than is looked at: unpack it, then scan the folder.")
TOO_MANY = N_("The archive has more files than are looked at: unpack it, then scan the folder.")
APP = N_("An app package: only pictures are read.")


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: its bytes where it is a picture, else `found.status` says how it ended."""

    found: FoundFile
    data: bytes | None = field(default=None, repr=False)


class _TooMuchError(Exception):
    """The archive unpacks to more than it may."""


@dataclass(slots=True)
class _Walk:
    """What is left of one outer archive's allowance; `wanted` names the only member to unpack, if any."""

    max_bytes: int
    bytes_left: int
    members_left: int
    wanted: bytes | None = None

    def take(self, count: int) -> None:
        if count > self.bytes_left:
            self.bytes_left = 0
            raise _TooMuchError
        self.bytes_left -= count

    def skips(self, path: bytes) -> bool:
        return self.wanted is not None and path != self.wanted and not self.wanted.startswith(path + INSIDE)


def members(archive: FoundFile, max_bytes: int, wanted: bytes | None = None) -> Iterator[Member]:
    """Every file in `archive`, a nested archive after its own files, and `archive` itself at last with its status.

    `max_bytes` limits each member. With `wanted` only the member of that path is unpacked. Raises FileError where the
    archive cannot be opened any more.
    """
    with open_regular(archive.path) as (stream, size):
        walk = _Walk(max_bytes, FREE_BYTES + MAX_RATIO * size, MAX_MEMBERS, wanted)
        yield from _opened(stream, archive, walk, depth=1)


def read_member(path: bytes, max_bytes: int) -> bytes | None:
    """The bytes of the picture at the inner path `path`; None where there is none any more. Raises FileError."""
    outer = FoundFile(b"", path.partition(INSIDE)[0])
    return next((one.data for one in members(outer, max_bytes, path) if one.found.path == path), None)


def _opened(stream: IO[bytes], archive: FoundFile, walk: _Walk, depth: int) -> Iterator[Member]:
    """The members, then the archive itself: `clean` where each of them is accounted for."""
    status, problem = Status.CLEAN, ""
    try:
        kind = archive_kind(stream.read(HEAD_BYTES))
        stream.seek(0)
        if depth > MAX_DEPTH:
            status, problem = Status.TOO_LARGE, TOO_DEEP
        elif kind is Archive.ZIP:
            yield from _zip(stream, archive, walk, depth)
        else:
            yield from _tar(stream, kind, archive, walk, depth)
    except FileError as error:
        status, problem = error.status, error.problem
    except _TooMuchError:
        status, problem = Status.TOO_LARGE, TOO_MUCH
    except (*_BROKEN, MemoryError) as error:
        _require_disk(error)
        status, problem = Status.UNREADABLE, BROKEN
    yield Member(replace(archive, status=status, problem=problem))


def _zip(stream: IO[bytes], archive: FoundFile, walk: _Walk, depth: int) -> Iterator[Member]:
    listing = _Listing(stream)
    with zipfile.ZipFile(cast("IO[bytes]", listing)) as opened:
        listing.most = None
        entries = opened.infolist()
        names = {entry.filename for entry in entries}
        if "[Content_Types].xml" in names or opened.namelist()[:1] == ["mimetype"]:
            raise FileError(Status.UNSUPPORTED, OFFICE)
        if "AndroidManifest.xml" in names:
            raise FileError(Status.UNSUPPORTED, APP)
        label = _Labels()
        for entry in entries:
            if entry.is_dir():
                continue
            found = _member_of(archive, label(_zip_name(entry)), entry.file_size, walk)
            if walk.skips(found.path):
                continue
            if stat.S_ISLNK(entry.external_attr >> 16):
                yield Member(replace(found, status=Status.SYMLINK))
            elif entry.flag_bits & 1:
                yield Member(replace(found, status=Status.ENCRYPTED, problem=LOCKED_MEMBER))
            else:
                yield from _file(found, partial(opened.open, entry), walk, depth)


class _Listing:
    """The stream of a ZIP. While `most` is set, no read is longer: the list of files is loaded as a whole, unseen."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.most: int | None = LISTING_BYTES
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, count: int = -1) -> bytes:
        if self.most is not None and count > self.most:
            raise FileError(Status.TOO_LARGE, TOO_MANY)
        return self._stream.read(count)


def _zip_name(entry: zipfile.ZipInfo) -> bytes:
    if entry.flag_bits & 0x800:  # UTF-8
        return entry.filename.encode("utf-8", "surrogatepass")
    raw = entry.filename.encode("cp437")  # Windows writes the bytes of its own code page, which is GB in China
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding).encode()
        except UnicodeDecodeError:
            continue
    return raw


def _tar(stream: IO[bytes], kind: Archive | None, archive: FoundFile, walk: _Walk, depth: int) -> Iterator[Member]:
    unpack = _UNPACK.get(kind)
    metered = _Metered(unpack(stream) if unpack else stream, walk, packed=unpack is not None)
    if unpack:
        if archive_kind(metered.read(HEAD_BYTES)) is not Archive.TAR:
            raise FileError(Status.UNSUPPORTED, ARCHIVE)
        metered.seek(0)
    label = _Labels()
    with tarfile.open(fileobj=cast("IO[bytes]", metered), mode="r:", encoding="utf-8", errors="surrogateescape") as tar:
        for entry in tar:
            if entry.isdir():
                continue
            name = entry.name.encode("utf-8", "surrogateescape")
            found = _member_of(archive, label(name), entry.size, walk)
            if walk.skips(found.path):
                continue
            if entry.issym() or entry.islnk():  # what it points at is found under its own name
                yield Member(replace(found, status=Status.SYMLINK))
            elif not entry.isreg():
                yield Member(replace(found, status=Status.SPECIAL_FILE, problem=SPECIAL_MEMBER))
            else:
                yield from _file(found, partial(_tar_file, tar, entry), walk, depth)
        _require_end(metered, tar.offset)


def _tar_file(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    stream = tar.extractfile(entry)
    if stream is None:
        raise tarfile.ReadError
    return stream


def _require_end(stream: _Metered, offset: int) -> None:
    """To tarfile a header that is broken is the end; the end proper is a block of zeros, or nothing."""
    stream.seek(offset)
    if stream.read(512).strip(b"\0"):
        raise tarfile.ReadError
    while stream.read(2**16):  # to the end: a packed TAR has its check sum there
        pass


_UNPACK: dict[Archive | None, Callable[[IO[bytes]], IO[bytes]]] = {
    Archive.GZIP: lambda stream: cast("IO[bytes]", gzip.GzipFile(fileobj=stream)),
    Archive.BZIP2: bz2.BZ2File,
    Archive.XZ: lzma.LZMAFile,
}


class _Metered:
    """A stream that is read forwards and counts what was unpacked for it; no read is larger than a member may be."""

    def __init__(self, stream: IO[bytes], walk: _Walk, *, packed: bool) -> None:
        self._stream = stream
        self._walk = walk
        self._packed = packed
        self._furthest = 0

    def read(self, count: int = -1) -> bytes:
        if not 0 <= count <= self._walk.max_bytes + 2**20:  # a name or comment of that length, for the bytes of a file
            raise _TooMuchError
        content = self._stream.read(count)
        self._reached(self._stream.tell())
        return content

    def seek(self, position: int, whence: int = io.SEEK_SET) -> int:
        self._reached(position)
        return self._stream.seek(position, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def _reached(self, position: int) -> None:
        if self._packed and position > self._furthest:
            self._walk.take(position - self._furthest)
            self._furthest = position


class _Labels:
    """Names of members as parts of paths: each different, however often an archive repeats one."""

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()

    def __call__(self, name: bytes) -> bytes:
        name = name.replace(INSIDE, b"?") or b"?"
        self._seen[name] += 1
        if self._seen[name] == 1:
            return name
        return self(b"%b#%d" % (name, self._seen[name]))


def _member_of(archive: FoundFile, name: bytes, size: int, walk: _Walk) -> FoundFile:
    if walk.members_left == 0:
        raise FileError(Status.TOO_LARGE, TOO_MANY)
    walk.members_left -= 1
    return FoundFile(archive.root, archive.path + INSIDE + name, size, archive.mtime_ns, ctime_ns=archive.ctime_ns)


class _Readable(Protocol):
    def read(self, count: int, /) -> bytes: ...


def _file(found: FoundFile, opened: Callable[[], _Readable], walk: _Walk, depth: int) -> Iterator[Member]:
    try:
        data = _content(found, opened(), walk)
    except ArchiveFoundError as nested:
        yield from _opened(io.BytesIO(nested.data), found, walk, depth + 1)
    except FileError as error:
        yield Member(replace(found, status=error.status, problem=error.problem))
    except _TooMuchError:
        yield Member(replace(found, status=Status.TOO_LARGE, problem=TOO_MUCH))
    except NotImplementedError:
        yield Member(replace(found, status=Status.UNSUPPORTED, problem=METHOD))
    except _BROKEN as error:
        _require_disk(error)
        yield Member(replace(found, status=Status.UNREADABLE, problem=BROKEN_MEMBER))
    else:
        yield Member(found, data)


def _require_disk(error: BaseException) -> None:
    """Raise `error` again where the disk or share is to blame and not the archive."""
    if isinstance(error, OSError) and error.errno in _DISK_FAILED:
        raise error


def _content(found: FoundFile, stream: _Readable, walk: _Walk) -> bytes:
    """All bytes of a member that is a picture; ArchiveFoundError brings those of an archive."""
    head = stream.read(HEAD_BYTES)
    kind = archive_kind(head)
    if not kind:
        require_readable(head)
    if found.size > walk.max_bytes:
        raise FileError(Status.TOO_LARGE, TOO_LARGE)
    walk.take(found.size)
    data = head + stream.read(found.size)
    if len(data) != found.size:
        raise EOFError
    if kind:
        raise ArchiveFoundError(data)
    return data
