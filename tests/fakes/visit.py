"""Starts `imgscan review` behind a command prefix, opens its page once and ends it: `visit.py [PREFIX...]`.

A program of its own because it must itself stand inside a network namespace that holds nothing but a loopback device.
"""

from __future__ import annotations

import fcntl
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

SIOCSIFFLAGS, IFF_UP_RUNNING = 0x8914, 0x41  # linux/sockios.h, linux/if.h


def raise_loopback() -> None:
    """In a new network namespace the loopback device is there, but down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP_RUNNING))


def child_of(pid: int) -> int:
    """The program that strace started, or `pid` itself where there is no strace."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if sys.argv[1:] and children else pid


def main() -> int:
    if "--raise-loopback" in sys.argv:
        sys.argv.remove("--raise-loopback")
        raise_loopback()
    command = [*sys.argv[1:], sys.executable, "-u", "-m", "imgscan", "review", "--no-open"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        link = next(found[0] for line in process.stdout if (found := re.search(r"http://\S+", line)))
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
        )
        with opener.open(link, timeout=30) as answer:
            page = answer.read().decode()
        time.sleep(0.2)
        os.kill(child_of(process.pid), signal.SIGINT)
        code = process.wait(timeout=30)
    sys.stdout.write(f"{link}\n{code}\n{page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
