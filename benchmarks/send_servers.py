"""The servers that `send.py` measures against: a Postfix that relays, and Postfix's own smtp-sink."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mailbot.testing.processes import HOST, MissingServerError, free_port, running

SERVICES = ("rewrite trivial-rewrite", "bounce bounce", "defer bounce", "trace bounce", "smtp smtp", "error error",
            "retry error", "proxymap proxymap")  # fmt: skip


@dataclass(frozen=True)
class Relay:
    """A Postfix, and the folder of its queue."""

    port: int
    queue: Path

    def rest(self) -> None:
        """Wait until all that it took is relayed: the next run should not pay for the last one."""
        while any(one.is_file() for name in ("incoming", "active") for one in (self.queue / name).rglob("*")):
            time.sleep(0.1)


@contextmanager
def postfix() -> Iterator[Relay]:
    """A Postfix that takes everything from this machine into its queue on disk and relays it to a sink."""
    binary = _program("postfix")
    with sink() as far, tempfile.TemporaryDirectory(prefix="mailbot-bench-") as name:
        folder, port = Path(name), free_port()
        folder.chmod(0o755)
        (folder / "queue").mkdir()
        (folder / "data").mkdir()
        os.chown(folder / "data", pwd.getpwnam("postfix").pw_uid, -1)
        (folder / "main.cf").write_text(
            f"compatibility_level = 3.6\nqueue_directory = {folder}/queue\ndata_directory = {folder}/data\n"
            f"maillog_file = {folder}/postfix.log\nmaillog_file_prefixes = {folder}\nmyhostname = bench.example\n"
            f"mydestination =\nmynetworks = 127.0.0.0/8\ninet_interfaces = {HOST}\ninet_protocols = ipv4\n"
            f"alias_maps =\nsmtp_host_lookup = native\ndefault_transport = smtp:[{HOST}]:{far}\n"
        )
        services = [f"{one.split()[0]} unix - - n - 0 {one.split()[1]}" for one in SERVICES]
        (folder / "master.cf").write_text(
            f"{HOST}:{port} inet n - n - - smtpd\npostlog unix-dgram n - n - 1 postlogd\n"
            "cleanup unix n - n - 0 cleanup\nqmgr unix n - n - 1 qmgr\nanvil unix - - n - 1 anvil\n"
            + "\n".join(services)
            + "\n"
        )
        command = [binary, "-c", str(folder), "start-fg"]
        with running("postfix", command, port, folder / "postfix.log"):
            try:
                yield Relay(port, folder / "queue")
            finally:
                subprocess.run([binary, "-c", str(folder), "abort"], capture_output=True, check=False)
                time.sleep(0.5)


@contextmanager
def sink() -> Iterator[int]:
    """smtp-sink: takes everything and keeps nothing; its port."""
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        command = [_program("smtp-sink"), "-u", "nobody", f"{HOST}:{port}", "100"]
        with running("smtp-sink", command, port, Path(name) / "log"):
            yield port


def smtp_source(port: int, mails: int, size: int, connections: int) -> float:
    """Seconds in which Postfix's own generator hands over so many mails."""
    addresses = ["-f", "a@bench.example", "-t", "c@bench.example"]
    load = ["-s", str(connections), "-m", str(mails), "-l", str(size)]
    started = time.perf_counter()
    subprocess.run([_program("smtp-source"), *load, *addresses, f"inet:{HOST}:{port}"], check=True)
    return time.perf_counter() - started


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None or os.geteuid() != 0:
        raise MissingServerError(f"{name} and root are needed; apt-get install postfix")
    return found
