"""How long `mailbot demo` takes and how much memory it and all its servers need at their highest point.

    python benchmarks/demo.py [--json] [--days 90]

Memory is read from /proc (Linux) five times a second and summed over the demo and every process below it.
`peak_rss_mb` counts pages that several processes share once for each of them, `peak_pss_mb` counts them once.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

_PROC = Path("/proc")
_EVERY = 0.2


def main() -> None:
    """Print two lines, or one JSON object with --json."""
    options = argparse.ArgumentParser(description="Wall time and memory of `mailbot demo`.")
    options.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options.add_argument("--days", type=int, default=90)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "mailbot-demo"
        taken, rss, pss = live(given.days, out)
        mails = sum(1 for _ in (out / "mail").glob("*.eml"))
    measured = {
        "seconds": round(taken, 1),
        "peak_rss_mb": round(rss / 1e6, 1) if rss else None,
        "peak_pss_mb": round(pss / 1e6, 1) if pss else None,
        "mails": mails,
    }
    if given.json:
        print(json.dumps({"benchmark": "demo", "days": given.days, "mailbot": measured}))
        return
    print(f"{given.days} days, {mails} mails in {taken:.1f} s")
    if rss:
        print(f"at most {rss / 1e6:.0f} MB resident, {pss / 1e6:.0f} MB with shared pages counted once")


def live(days: int, out: Path) -> tuple[float, int, int]:
    """(seconds, highest sum of resident bytes, highest sum of proportional bytes) of one demo."""
    command = [sys.executable, "-m", "mailbot", "demo", "--days", str(days), "--out", str(out)]
    started = time.perf_counter()
    rss = pss = 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as demo:
        while demo.poll() is None:
            family = below(demo.pid)
            rss = max(rss, sum(memory(pid, "Rss") for pid in family))
            pss = max(pss, sum(memory(pid, "Pss") for pid in family))
            time.sleep(_EVERY)
        taken = time.perf_counter() - started
        if demo.returncode:
            raise SystemExit(f"the demo failed: {demo.stderr.read() if demo.stderr else ''}")
    return taken, rss, pss


def below(root: int) -> list[int]:
    """The process and all its descendants."""
    children: dict[int, list[int]] = defaultdict(list)
    for stat in _PROC.glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children[parent].append(int(stat.parent.name))
    family = [root]
    for pid in family:
        family.extend(children[pid])
    return family


def memory(pid: int, kind: str) -> int:
    """Bytes of one process; 0 where it has ended or the system does not say."""
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    found = next((line for line in lines if line.startswith(f"{kind}:")), None)
    return int(found.split()[1]) * 1024 if found else 0


if __name__ == "__main__":
    main()
