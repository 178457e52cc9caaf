"""How long `mailbot --help` takes, beside Python itself (`python -c pass`) in the same run.

    python benchmarks/startup.py [--json] [--runs 15]

The two take turns, so that a busy moment of the machine hits both; the median of the runs counts.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path


def main() -> None:
    """Print a table, or one JSON object with --json."""
    options = argparse.ArgumentParser(description="How long `mailbot --help` takes, beside `python -c pass`.")
    options.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options.add_argument("--runs", type=int, default=15)
    given = options.parse_args()
    commands = {"mailbot": [*mailbot(), "--help"], "python": [sys.executable, "-c", "pass"]}
    for command in commands.values():
        seconds(command)  # once unmeasured: compiles what was never compiled
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(given.runs):
        for name, command in commands.items():
            taken[name].append(seconds(command))
    median = {name: statistics.median(times) for name, times in taken.items()}
    record = {
        "benchmark": "startup",
        "runs": given.runs,
        **{name: {"median_s": round(median[name], 4), "min_s": round(min(taken[name]), 4)} for name in commands},
        "ratio": round(median["mailbot"] / median["python"], 1),
    }
    if given.json:
        print(json.dumps(record))
        return
    for name in commands:
        at_best = min(taken[name]) * 1000
        print(f"{name:8} {median[name] * 1000:6.0f} ms (median of {given.runs}), {at_best:6.0f} ms at best")
    print(f"ratio    {record['ratio']:6}")


def mailbot() -> list[str]:
    """The installed command, else the module."""
    script = Path(sys.executable).with_name("mailbot")
    return [str(script)] if script.exists() else [sys.executable, "-m", "mailbot"]


def seconds(command: Sequence[str]) -> float:
    """Wall time of one run; raises CalledProcessError where it fails."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
