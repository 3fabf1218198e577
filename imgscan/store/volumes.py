"""On what kind of file system a folder lies: some cannot hold the store, others know no owners (**store**)."""

from __future__ import annotations

import os
import re
from pathlib import Path

from imgscan.errors import StoreError
from imgscan.i18n import _

MOUNTINFO = Path("/proc/self/mountinfo")
# SQLite's write-ahead log needs shared memory, which these do not give (sqlite.org/wal.html, "disadvantages").
NETWORK = re.compile(r"^(nfs\d?|cifs|smb\d?|smbfs|9p|afs|ceph|glusterfs|fuse\..*)$")
WITHOUT_OWNERS = ("vfat", "exfat", "msdos", "ntfs", "ntfs3", "fuseblk")
"""Sticks formatted for Windows: what they say of permissions is what the mount says, and chmod changes nothing."""


def file_system(folder: Path, mountinfo: Path = MOUNTINFO) -> str:
    """The kind of file system that `folder` lies on, as the Linux mount table says; empty where nothing is known."""
    if not mountinfo.exists():  # not Linux
        return ""
    folder = folder.resolve()
    mounts: list[tuple[int, str]] = []
    for line in mountinfo.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        before, _separator, after = line.partition(" - ")
        field = os.fsencode(before.split(" ")[4])  # blanks and the like are octal escapes (proc(5))
        point = Path(os.fsdecode(re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal[1], 8)]), field)))
        if folder == point or point in folder.parents:
            mounts.append((len(point.parts), after.split(" ")[0]))
    mounts.sort(key=lambda mount: mount[0])  # stable: of two at one point the later lies on top
    return mounts[-1][1] if mounts else ""


def refuse_network_file_system(folder: Path, mountinfo: Path = MOUNTINFO) -> None:
    """Raise StoreError where `folder` lies on a network file system."""
    if NETWORK.match(kind := file_system(folder, mountinfo)):
        raise StoreError(
            _("The data folder {folder} lies on a network file system ({kind}).").format(folder=folder, kind=kind),
            _("Name a folder on a local disk with IMGSCAN_HOME; albums may stay on the share."),
        )
