"""Processes of their own that write to a ledger, for the tests of what happens between processes."""

import hashlib
import os
import signal
import sys
from datetime import timedelta

from ledger_samples import NOW

from mailbot.ledger import letters, outgoing
from mailbot.ledger.store import open_ledger, writing


def keep_many(url: str, name: str, count: str) -> None:
    """Read-then-write transactions, each its own commit."""
    engine = open_ledger(url)
    for number in range(int(count)):
        with writing(engine) as conn:
            letters.unread(conn, "atelier")
            letters.keep(conn, "atelier", f"{name} {number}".encode(), NOW + timedelta(seconds=number))


def claim_all(url: str, name: str) -> None:
    """Claims whatever is due and prints the ids."""
    engine = open_ledger(url)
    while True:
        with writing(engine) as conn:
            waiting = outgoing.due(conn, "atelier", NOW, limit=3)
        if not waiting:
            return
        for row in waiting:
            with writing(engine) as conn:
                if outgoing.claim(conn, "atelier", row, name, NOW, 60) is not None:
                    print(row, flush=True)


def die_in_a_transaction(url: str) -> None:
    """Commits one letter and dies with a second one written but not committed."""
    engine = open_ledger(url)
    with writing(engine) as conn:
        letters.keep(conn, "atelier", b"committed", NOW)
    with writing(engine) as conn:
        letters.keep(conn, "atelier", b"not committed", NOW)
        os.kill(os.getpid(), signal.SIGKILL)


def keep_until_killed(url: str, name: str) -> None:
    """Prints the id of each letter after its commit, for ever."""
    engine = open_ledger(url)
    number = 0
    while True:
        raw = f"{name} {number}".encode()
        with writing(engine) as conn:
            letters.keep(conn, "atelier", raw, NOW)
        print(hashlib.sha256(raw).hexdigest(), flush=True)
        number += 1


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
