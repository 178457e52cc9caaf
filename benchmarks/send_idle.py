"""What `mailbot run` costs with nothing to do: the share of a core, and memory beside that of its imports alone."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from send_outbox import installed

from mailbot.testing.processes import free_port

IMPORTS = "import mailbot.cli.run, mailbot.loops, mailbot.workers, sqlalchemy.dialects.sqlite"
STARTED = 25.0
"""Seconds until the bot has looked around for the first time."""


def measure(seconds: float = 60) -> dict[str, object]:
    """Per cent of a core over so many seconds; megabytes of both (proportional set size) and their difference."""
    with tempfile.TemporaryDirectory(prefix="mailbot-idle-") as folder:
        settings = installed(Path(folder) / "bot", "sqlite:///ledger.db", free_port(), 2)
        (settings.parent / "mail" / "cur").mkdir(parents=True)
        for name in ("new", "tmp"):
            (settings.parent / "mail" / name).mkdir()
        bot = _process(["-m", "mailbot", "run", "--settings", str(settings)], settings)
        bare = _process(["-c", f"{IMPORTS}; input()"], settings)
        try:
            time.sleep(STARTED)
            before = _cpu(bot.pid)
            time.sleep(seconds)
            used = _cpu(bot.pid) - before
            megabytes, imports = _megabytes(bot.pid), _megabytes(bare.pid)
            if bot.poll() is not None:
                raise RuntimeError(f"the bot ended with {bot.returncode}")
        finally:
            for process in (bot, bare):
                process.kill()
                process.wait()
    return {
        "cpu_percent": round(100 * used / seconds, 2), "mb": round(megabytes, 1), "imports_mb": round(imports, 1),
        "above_imports_mb": round(megabytes - imports, 1), "seconds": seconds,
    }  # fmt: skip


def _process(arguments: Sequence[str], settings: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *arguments], env={**os.environ, "MAILBOT_SETTINGS": str(settings)},
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _tree(pid: int) -> list[int]:
    """The process and its children (readers of documents, where any were started)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in _tree(int(child)))]


def _cpu(pid: int) -> float:
    """Seconds of processor time of all threads so far, exact: counted in ticks, each wake of a timer would cost one."""
    threads = [task for one in _tree(pid) for task in Path(f"/proc/{one}/task").iterdir()]
    return sum(int((task / "schedstat").read_text().split()[0]) for task in threads) / 1e9


def _megabytes(pid: int) -> float:
    rollups = [Path(f"/proc/{one}/smaps_rollup").read_text() for one in _tree(pid)]
    lines = [line for text in rollups for line in text.splitlines() if line.startswith("Pss:")]
    return sum(int(line.split()[1]) for line in lines) / 1024
