"""`python -m mailbot.testing.torture`: performances, and one table of what was counted. Exit status 1: not clean; the
history of every mail with which something is wrong is told then, and the folder is kept.
"""

import argparse
import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mailbot.testing.torture.run import FAULTS, GENTLE, perform
from mailbot.testing.torture.verdict import Verdict
from mailbot.testing.torture.world import SETUPS, Setup

COLUMNS = ("setup", "seed", "mails", "kills", "duplicates", "lost", "late", "contradictions", "unfair")


Performance = tuple[Setup, int, int, int, bool]
"""Set-up, seed, mails, kills, whether Postfix is behind the faults."""

SHORT: list[Performance] = [
    *((setup, seed, 40, 3, False) for setup in SETUPS for seed in (1, 2, 3)),
    ("redis+postgresql", 4, 40, 3, True),
]
"""A minute for each set-up, and one with a real Postfix."""


def main() -> int:
    """Perform, print the table (or JSON lines), say whether all was clean."""
    options = argparse.ArgumentParser(prog="python -m mailbot.testing.torture", description=__doc__)
    options.add_argument("--short", action="store_true", help="three seeds in each set-up, and one with Postfix")
    options.add_argument("--setup", choices=SETUPS, action="append", help="default: all three")
    options.add_argument("--seed", type=int, action="append", help="default: 1")
    options.add_argument("--mails", type=int, default=12_000)
    options.add_argument("--kills", type=int, default=400)
    options.add_argument("--postfix", action="store_true", help="a real Postfix behind the faults")
    options.add_argument("--gentle", action="store_true", help="the mail server does not fail")
    options.add_argument("--json", action="store_true")
    options.add_argument("--keep", type=Path, help="a folder for what remains; what was not clean remains anyway")
    given = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))  # so that no server is left behind
    performances = _performances(given.setup or SETUPS, given.seed or [1], given.mails, given.kills, real=given.postfix)
    verdicts = []
    for setup, seed, mails, kills, real in SHORT if given.short else performances:
        place = given.keep or Path(tempfile.mkdtemp(prefix="mailbot-torture-"))
        folder = place / f"{setup}-{seed}{'-postfix' if real else ''}"
        folder.mkdir(parents=True)
        verdicts.append(
            perform(setup, folder, seed, mails, kills, real=real, faults=GENTLE if given.gentle else FAULTS)
        )
        if verdicts[-1].clean and not given.keep:
            shutil.rmtree(place)
        else:
            print(f"what remains of it is in {folder}", file=sys.stderr)
        if given.json:
            print(json.dumps(verdicts[-1].as_json()), flush=True)
    if not given.json:
        print(table(verdicts))
        for verdict in verdicts:
            for message_id, story in verdict.stories.items():
                print("", message_id, *story, sep="\n")
    return 0 if all(verdict.clean for verdict in verdicts) else 1


def _performances(
    setups: Sequence[Setup], seeds: Sequence[int], mails: int, kills: int, *, real: bool
) -> list[Performance]:
    return [(setup, seed, mails, kills, real) for setup in setups for seed in seeds]


def table(verdicts: list[Verdict]) -> str:
    """One line for each performance, and the sum."""
    rows = [[str(verdict.as_json()[name]) for name in COLUMNS] for verdict in verdicts]
    sums = [str(sum(int(row[at]) for row in rows)) for at in range(2, len(COLUMNS))]
    rows = [list(COLUMNS), *rows, ["all", "", *sums]]
    widths = [max(len(row[at]) for row in rows) for at in range(len(COLUMNS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


if __name__ == "__main__":
    sys.exit(main())
