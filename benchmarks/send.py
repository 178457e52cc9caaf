"""How fast the outbox sends, beside the bare SMTP client; how it grows; what an idle bot costs; how soon it recovers.

    python benchmarks/send.py [--json] [--mails 600] [--rounds 4] [--only wire,workers,claim,idle,recovery]

The runs of a round take turns, so that a busy moment of the machine hits all. `wire` is against a real Postfix with ten
connections: bare aiosmtplib, smtp-source, and the outbox (claim, arm, DATA, mark; the bytes are fixed before, as they
are for aiosmtplib) on SQLite and PostgreSQL. `workers` is against smtp-sink, which does nothing: one process, then two.
`claim` is one claim of 100 mails in an outbox of 1,000 rows and of 1,000,000. `idle` is `mailbot run` with nothing to
do, `recovery` kills one process in the middle of sending. Needs root, postfix, postgresql and redis-server.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import aiosmtplib
import send_idle
import send_recovery
import uvloop
from send_outbox import SIZE, fill, installed, left, raw, work
from send_servers import postfix, sink, smtp_source
from sqlalchemy import select, update

from mailbot.app import App, open_app
from mailbot.ledger import outgoing
from mailbot.ledger.store import writing
from mailbot.ledger.tables import outgoing as table
from mailbot.testing.databases import postgres_server

CONNECTIONS = 10
PARTS = ("wire", "workers", "claim", "idle", "recovery")


def main() -> None:
    """Print a table, or one JSON object with --json."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options.add_argument("--mails", type=int, default=600)
    options.add_argument("--rounds", type=int, default=4)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--only", default=",".join(PARTS))
    given = options.parse_args()
    wanted = given.only.split(",")
    ours: dict[str, object] = {}
    record: dict[str, object] = {"benchmark": "send", "mails": given.mails, "rounds": given.rounds, "mailbot": ours}
    with tempfile.TemporaryDirectory(prefix="mailbot-bench-") as name, postgres_server() as server:
        folder, databases = Path(name), Databases(server)
        if "wire" in wanted:
            ours["postfix"], baselines = wire(folder, databases, given.mails, given.rounds)
            record |= baselines
        if "workers" in wanted:
            ours["workers"] = workers(folder, databases, given.mails, given.rounds)
        if "claim" in wanted:
            ours["claim_100"] = {
                "sqlite": claim(folder / "claim-s", "sqlite:///ledger.db", given.rows),
                "postgresql": claim(folder / "claim-p", databases.new("claim"), given.rows),
            }
    if "idle" in wanted:
        ours["idle"] = send_idle.measure()
    if "recovery" in wanted:
        ours["recovery"] = send_recovery.measure()
    print(json.dumps(record, indent=None if given.json else 2))


class Databases:
    """One database for each run on one PostgreSQL."""

    def __init__(self, url: str) -> None:
        self._url = url

    def new(self, name: str) -> str:
        import psycopg

        with psycopg.connect(self._url.replace("+psycopg", ""), autocommit=True) as conn:
            conn.execute(f"CREATE DATABASE {name}")
        return self._url.replace("/postgres", f"/{name}")


def wire(
    folder: Path, databases: Databases, mails: int, rounds: int
) -> tuple[dict[str, object], dict[str, dict[str, float]]]:
    """Mails a second against Postfix: ours, with the ratio to the bare client of the same round, and the baselines."""
    rates: dict[str, list[float]] = {}
    with postfix() as relay:
        port = relay.port

        def outbox(name: str, database: str) -> float:
            app = open_app(installed(folder / name, database, port, CONNECTIONS), {})
            fill(app, mails)
            app.office(app.business().key)  # rules and templates are read once, when a worker starts
            started = time.perf_counter()
            uvloop.run(work(app, CONNECTIONS))
            seconds = time.perf_counter() - started
            _all_left(app)
            return seconds

        runs: dict[str, Callable[[str], float]] = {
            "aiosmtplib": lambda _: bare(port, mails),
            "sqlite": lambda name: outbox(f"s{name}", "sqlite:///ledger.db"),
            "postgresql": lambda name: outbox(f"p{name}", databases.new(f"w{name}")),
            "smtp-source": lambda _: smtp_source(port, mails, SIZE, CONNECTIONS),
        }
        for turn in range(rounds):
            for name, run in runs.items():
                relay.rest()
                rates.setdefault(name, []).append(mails / run(str(turn)))
    ours = {name: _beside(rates[name], rates["aiosmtplib"]) for name in ("sqlite", "postgresql")}
    return {**ours}, {name: {"per_s": round(max(rates[name]), 1)} for name in ("aiosmtplib", "smtp-source")}


def _beside(rates: Sequence[float], baseline: Sequence[float]) -> dict[str, float]:
    """The best rate, and the median of the ratios of each round."""
    ratio = statistics.median(ours / theirs for ours, theirs in zip(rates, baseline, strict=True))
    return {"per_s": round(max(rates), 1), "of_aiosmtplib": round(ratio, 2)}


def _all_left(app: App) -> None:
    waiting = left(app.engine)
    app.close()
    if waiting:
        raise RuntimeError(f"{waiting} mails did not leave")


def bare(port: int, mails: int) -> float:
    """Seconds that aiosmtplib alone takes: as many connections, each kept open."""
    numbers = iter(range(mails))

    async def one() -> None:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port)
        await client.connect()
        for number in numbers:
            await client.sendmail("a@bench.example", "c@bench.example", raw(number))
        await client.quit()

    async def all_of_them() -> None:
        await asyncio.gather(*(one() for _ in range(CONNECTIONS)))

    started = time.perf_counter()
    asyncio.run(all_of_them())
    return time.perf_counter() - started


def workers(folder: Path, databases: Databases, mails: int, rounds: int) -> dict[str, object]:
    """Mails a second against smtp-sink by one worker process and by two, on one PostgreSQL."""
    rates: dict[int, list[float]] = {1: [], 2: []}
    with sink() as port:
        for turn in range(rounds):
            for count in rates:
                name = f"k{count}_{turn}"
                settings = installed(folder / name, databases.new(name), port, 2 * CONNECTIONS)
                app = open_app(settings, {})
                fill(app, mails)
                rates[count].append(mails / _by_processes(settings, count))
                _all_left(app)
    ratio = statistics.median(two / one for one, two in zip(rates[1], rates[2], strict=True))
    return {"one_per_s": round(max(rates[1]), 1), "two_per_s": round(max(rates[2]), 1), "ratio": round(ratio, 2)}


def _by_processes(settings: Path, count: int) -> float:
    command = [sys.executable, str(Path(__file__).with_name("send_outbox.py")), str(settings), str(CONNECTIONS)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    found = [subprocess.Popen(command, **pipes) for _ in range(count)]  # type: ignore[call-overload]
    for process in found:
        process.stdout.readline()
    for process in found:
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate()[0].split() for process in found]
    return max(float(end) for _, _, end in said) - min(float(start) for _, start, _ in said)


def claim(folder: Path, database: str, rows: int) -> dict[str, object]:
    """Milliseconds of claiming 100 due mails among 1,000 rows and among `rows`; the median of 15."""
    app = open_app(installed(folder, database, 1, 1), {})
    key, now = app.business().key, app.now()
    taken = {}
    have = 0
    for size in (1000, rows):
        fill(app, size - have - (100 if not have else 0), "sent", now - timedelta(days=9), first=have + 100)
        if not have:
            fill(app, 100, first=0)
        have = size
        _analyze(app)
        seconds = sorted(_claims(app, key) for _ in range(15))
        taken[size] = seconds[len(seconds) // 2]
    app.close()
    milliseconds = {str(size): round(found * 1000, 2) for size, found in taken.items()}
    return {**milliseconds, "ratio": round(taken[rows] / taken[1000], 2)}


def _claims(app: App, key: str) -> float:
    now = app.now()
    started = time.perf_counter()
    with writing(app.engine) as conn:
        for number in outgoing.due(conn, key, now, 100):
            outgoing.claim(conn, key, number, "bench", now, 60)
    seconds = time.perf_counter() - started
    with writing(app.engine) as conn:
        claimed = table.c.id.in_(select(table.c.id).where(table.c.business == key, table.c.state == "claimed"))
        conn.execute(update(table).where(claimed).values(state="queued"))
    return seconds


def _analyze(app: App) -> None:
    if app.engine.dialect.name == "postgresql":
        with closing(app.engine.raw_connection()) as conn:
            conn.cursor().execute("VACUUM ANALYZE outgoing")


if __name__ == "__main__":
    main()
