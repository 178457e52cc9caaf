"""What a process calls itself in the ledger, and whether one that called itself so is gone for certain.

A process number says little by itself: two containers may share a host name, and in both the bot is process 1. So the
name says also which machine, which start of it and which numbering of processes (PID namespace) it belongs to.
"""

import os
import re
import socket
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FIRST_NAMESPACE = "4026531836"
"""The number of the machine's own numbering, the same on every Linux (PROC_PID_INIT_INO of its sources)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a process number means one process. What could not be learned is empty, as on machines without /proc."""

    host: str
    machine: str
    """Of /etc/machine-id; containers have none."""
    boot: str
    """Changes at each start of the machine."""
    namespace: str

    def __str__(self) -> str:
        return f"{self.machine}.{self.boot}.{self.namespace}"


@cache
def here() -> Place:
    """Where this process runs."""
    try:
        namespace = "".join(re.findall(r"\d+", str(Path("/proc/self/ns/pid").readlink())))
    except OSError:
        namespace = ""
    boot = _first_of("/proc/sys/kernel/random/boot_id")
    return Place(socket.gethostname(), _first_of("/etc/machine-id"), boot, namespace)


def own_name(token: str) -> str:
    """What this process is called; `token` is nobody else's, since process numbers return."""
    place = here()
    return f"{place.host}/{os.getpid()}/{place}/{token}"


def is_dead(name: str, place: Place | None = None) -> bool:
    """Whether the process of that name is gone; in doubt it lives, and its lease ends by itself.

    `place`: where we are, if not `here`.
    """
    mine = place or here()
    host, pid, theirs = [*name.split("/"), "", ""][:3]
    if host != mine.host or not re.fullmatch(r"[1-9]\d{0,9}", pid):
        return False
    if theirs == str(mine):
        return _is_gone(int(pid))
    machine, boot, namespace = [*theirs.split("."), "", ""][:3]
    restarted = machine == mine.machine != "" and "" != boot != mine.boot != ""
    return restarted and namespace == mine.namespace == _FIRST_NAMESPACE


def is_seen(name: str, place: Place | None = None) -> bool:
    """Whether the process of that name runs where we can see it; of one in another container nobody knows.

    `place`: where we are, if not `here`. Without the number of the machine's start a process number says nothing: it
    may be that of a process before the start.
    """
    mine = place or here()
    host, pid, theirs = [*name.split("/"), "", ""][:3]
    return (host, theirs) == (mine.host, str(mine)) and "" not in (mine.boot, pid) and not is_dead(name, mine)


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return pid == os.getpid()  # our own number, of a process before us: names are only asked about that are not ours


def _first_of(file: str) -> str:
    """Enough of an id to tell two apart."""
    try:
        return re.sub(r"[^0-9a-f]", "", Path(file).read_text("ascii"))[:12]
    except (OSError, UnicodeDecodeError):
        return ""
