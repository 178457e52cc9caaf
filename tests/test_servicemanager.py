"""What systemd hears: a real datagram socket in its place."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from mailbot.servicemanager import ALIVE, READY, Pulse, tell


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.settimeout(60)
        yield sock


def heard(sock: socket.socket) -> str:
    return sock.recv(4096).decode()


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def pulse(sock: socket.socket, seconds: int = 40) -> tuple[Pulse, Clock]:
    clock = Clock()
    return Pulse({"NOTIFY_SOCKET": sock.getsockname(), "WATCHDOG_USEC": str(seconds * 1_000_000)}, clock), clock


def test_the_watchdog_is_pinged_several_times_in_its_span_and_no_oftener(manager: socket.socket) -> None:
    beating, clock = pulse(manager)
    pings = 0
    for _ in range(400):
        clock.now += 0.5
        beating.beat("clock")
        if beating.ping():
            assert heard(manager) == ALIVE
            pings += 1

    assert 18 <= pings <= 20


def test_a_service_manager_that_does_not_listen_stops_nobody(manager: socket.socket) -> None:
    environment = {"NOTIFY_SOCKET": manager.getsockname()}

    assert not all(tell(ALIVE, environment) for _ in range(5000))


def test_one_loop_that_hangs_ends_the_pings_and_its_return_begins_them_again(manager: socket.socket) -> None:
    beating, clock = pulse(manager)
    beating.beat("clock")
    beating.beat("watch")
    assert beating.ping()
    clock.now += 41
    beating.beat("clock")
    assert not beating.ping()
    beating.beat("watch")
    assert beating.ping()


def test_a_loop_that_begins_during_a_ping_does_not_end_the_bot(manager: socket.socket) -> None:
    beating, clock = pulse(manager)

    class Instant(float):
        """While an age is computed, another loop begins."""

        def __sub__(self, beat: float) -> float:
            beating.beat("watch")
            return float(self) - float(beat)

    clock.now = Instant(1000.0)
    beating.beat("clock")

    assert beating.ping()


def test_without_a_service_manager_nothing_happens(tmp_path: Path) -> None:
    for environment in ({}, {"NOTIFY_SOCKET": str(tmp_path / "nobody")}, {"NOTIFY_SOCKET": "vsock:1"}):
        assert not tell(READY, environment)
        assert not Pulse({**environment, "WATCHDOG_USEC": "1000000"}).ping()
    assert not Pulse({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "often"}).ping()


def test_an_abstract_socket_is_reached_too() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(f"\0mailbot-test-{os.getpid()}")
        assert tell(READY, {"NOTIFY_SOCKET": f"@mailbot-test-{os.getpid()}"})


@pytest.mark.parametrize("part", ["all", "watch", "worker", "clock", "web"])
def test_a_running_bot_says_that_it_is_ready_lives_and_stops(
    part: str, manager: socket.socket, tmp_path: Path, redis_url: str
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "key").write_text("ab" * 32)
    for name in ("cur", "new", "tmp"):
        (tmp_path / "mail" / name).mkdir(parents=True)
    (tmp_path / "mailbot.yaml").write_text(yaml.safe_dump({
        "business": {"name": "Atelier Martin", "owners": ["claire@elsewhere.example"]},
        "mailbox": {"maildir": "mail", "address": "box@atelier.example"},
        "smtp": {"url": "smtp://127.0.0.1:1"}, "web": {"port": port}, "redis": redis_url,
    }))  # fmt: skip
    environment = {**os.environ, "NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "8000000"}
    with subprocess.Popen(
        [sys.executable, "-m", "mailbot", "run", part], cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL
    ) as bot:
        try:
            assert [heard(manager) for _ in range(3)] == [READY, ALIVE, ALIVE]
            bot.send_signal(signal.SIGTERM)
            while (last := heard(manager)) == ALIVE:
                pass
            assert last == "STOPPING=1"
            assert bot.wait(timeout=60) == 0
        finally:
            bot.kill()
