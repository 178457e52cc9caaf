"""`mailbot read --replay`: the replies whose meaning the owner corrected, read again by the present reader."""

from pathlib import Path

import typer

from mailbot.cli.installation import one_business
from mailbot.cli.output import Status, print_json, say
from mailbot.jobs.corrections import Tried, replay


def print_replay(settings: Path, business: str | None, *, as_json: bool) -> None:
    """Prints each case, right or wrong; exit status 4 where one is read wrongly."""
    wrong = total = 0
    with one_business(settings, business) as (installation, office):
        for tried in replay(office, installation.now()):
            total += 1
            wrong += not tried.right
            print_json(_record(tried)) if as_json else typer.echo(_line(tried))
    say(f"{total} corrected, {total - wrong} read right now, {wrong} wrong.")
    if wrong:
        raise typer.Exit(Status.CHECK_FAILED)


def _record(tried: Tried) -> dict[str, object]:
    return {
        "file": tried.case.letter,
        "subject": tried.subject,
        "from": tried.sender,
        "meant": tried.case.meant.value,
        "intent": tried.got.value if tried.got else None,
        "sure": tried.sure,
        "right": tried.right,
        "because": list(tried.because),
        "problem": tried.problem,
    }


def _line(tried: Tried) -> str:
    if tried.problem:
        return f"wrong  {tried.case.letter[:12]}  {tried.problem}"
    got = tried.got.value if tried.got else "nothing"
    told = tried.case.meant.value if tried.right else f"{tried.case.meant.value}, read as {got}"
    sure = "" if tried.right else " (sure)" if tried.sure else " (asks you)"
    return f"{'right' if tried.right else 'wrong'}  {tried.case.letter[:12]}  {told}{sure}  {tried.subject[:60]}"
