"""`python -m mailbot.testing.torture`: performances, and one table of what was counted. Exit status 1: not clean."""

import argparse
import json
import signal
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

from mailbot.testing.torture.run import FAULTS, GENTLE, perform
from mailbot.testing.torture.verdict import Verdict
from mailbot.testing.torture.world import SETUPS

COLUMNS = ("setup", "seed", "mails", "kills", "duplicates", "lost", "late", "contradictions")


def main() -> int:
    """Perform, print the table (or JSON lines), say whether all was clean."""
    options = argparse.ArgumentParser(prog="python -m mailbot.testing.torture", description=__doc__)
    options.add_argument("--setup", choices=SETUPS, action="append", help="default: all three")
    options.add_argument("--seeds", type=int, default=1)
    options.add_argument("--first-seed", type=int, default=1)
    options.add_argument("--mails", type=int, default=12_000)
    options.add_argument("--kills", type=int, default=400)
    options.add_argument("--postfix", action="store_true", help="a real Postfix behind the faults")
    options.add_argument("--gentle", action="store_true", help="the mail server does not fail")
    options.add_argument("--json", action="store_true")
    options.add_argument("--keep", type=Path, help="a folder for what remains of the performances")
    given = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))  # so that no server is left behind
    verdicts = []
    for setup in given.setup or SETUPS:
        for seed in range(given.first_seed, given.first_seed + given.seeds):
            scratch = nullcontext(given.keep) if given.keep else tempfile.TemporaryDirectory(prefix="mailbot-torture-")
            with scratch as place:
                folder = Path(place) / f"{setup}-{seed}"
                folder.mkdir(parents=True)
                verdict = perform(
                    setup,
                    folder,
                    seed,
                    given.mails,
                    given.kills,
                    real=given.postfix,
                    faults=GENTLE if given.gentle else FAULTS,
                )
            verdicts.append(verdict)
            if given.json:
                print(json.dumps(verdict.as_json()), flush=True)
    if not given.json:
        print(table(verdicts))
    return 0 if all(verdict.clean for verdict in verdicts) else 1


def table(verdicts: list[Verdict]) -> str:
    """One line for each performance, and the sum."""
    rows = [[str(verdict.as_json()[name]) for name in COLUMNS] for verdict in verdicts]
    sums = [str(sum(int(row[at]) for row in rows)) for at in range(2, len(COLUMNS))]
    rows = [list(COLUMNS), *rows, ["all", "", *sums]]
    widths = [max(len(row[at]) for row in rows) for at in range(len(COLUMNS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


if __name__ == "__main__":
    sys.exit(main())
