"""Servers as processes of their own: started on a free loopback port, awaited, and ended by their own id."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from mailbot.errors import MailbotError

HOST = "127.0.0.1"


class MissingServerError(MailbotError):
    """A server that was asked for is not on this machine; the message says what to install."""


class FailedServerError(MailbotError):
    """A server ended or did not answer; the message carries the end of its log."""


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    return free_ports(1)[0]


def free_ports(number: int) -> list[int]:
    """So many different ones."""
    with ExitStack() as open_ones:
        probes = [open_ones.enter_context(socket.socket()) for _ in range(number)]
        for probe in probes:
            probe.bind((HOST, 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def answers(port: int) -> bool:
    """Whether something accepts connections on that port."""
    try:
        with socket.create_connection((HOST, port), timeout=1):
            return True
    except OSError:
        return False


def python(*arguments: str) -> list[str]:
    """The command line of this interpreter."""
    return [sys.executable, *arguments]


@contextmanager
def running(
    name: str,
    command: Sequence[str],
    port: int,
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    seconds: float = 30,
) -> Iterator[int]:
    """Run `command` until the block ends; gives its process id once `port` answers.

    The process leads a session of its own, so that neither Ctrl-C nor the death of the program under test
    reaches it. Raises FailedServerError with the end of its log when it ends or stays silent.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
    try:
        _await(name, process, port, log, seconds)
        yield process.pid
    finally:
        _end(process)


def _await(name: str, process: subprocess.Popen[bytes], port: int, log: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not answers(port):
        if process.poll() is not None:
            raise FailedServerError(f"{name} ended at once. Its log ends with:\n{_tail(log)}")
        if time.monotonic() > deadline:
            raise FailedServerError(f"{name} did not answer within {seconds:.0f} s. Its log ends with:\n{_tail(log)}")
        time.sleep(0.02)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]
