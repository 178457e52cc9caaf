"""The lines of a statement against the lines that are kept: which are new, known, changed or corrected.

The deciding half is `bank.identity.settle`; this keeps what it says and follows the bank's own corrections.
"""

from dataclasses import dataclass, field

from sqlalchemy import Connection

from mailbot.bank.identity import settle
from mailbot.jobs.office import Office
from mailbot.ledger import bank
from mailbot.model import Account, Line, Problem


@dataclass(slots=True)
class Kept:
    """What became of an account's lines. `fresh` are to be matched; each line is counted once."""

    fresh: list[Line] = field(default_factory=list)
    new: int = 0
    known: int = 0
    changed: int = 0
    """Lines that are known, but of which the bank says something else now; what was kept first stays."""
    problems: list[Problem] = field(default_factory=list)


def keep_lines(conn: Connection, office: Office, statement: int, account: Account) -> Kept:
    """Keep the account's new lines; the same or an overlapping file again brings none.

    Pending lines are not kept: they are no payment yet, and come again once the bank has booked them. A line that
    replaces an earlier one ends it; where that one was matched already, a person must look at both.
    """
    lines = [line for line in account.lines if not line.pending]
    if not lines:
        return Kept()
    first, last = min(line.date for line in lines), max(line.date for line in lines)
    span = (min(account.from_ or first, first), max(account.to or last, last))
    settled = settle(lines, bank.lines_between(conn, office.key, account.id, *span), span)
    new, _ = bank.add_lines(conn, office.key, statement, account.id, settled.new)
    kept = Kept(fresh=new, new=len(new), known=len(lines) - len(new) - settled.changed, changed=settled.changed)
    for line in new:
        if line.corrects:
            _follow(conn, office, account.id, line, kept)
    return kept


def _follow(conn: Connection, office: Office, account: str, line: Line, kept: Kept) -> None:
    for old in bank.lines_with_bank_id(conn, office.key, account, line.corrects):
        if old.id == line.id:
            continue
        if bank.line_state(conn, office.key, old.id) != "matched":
            bank.set_line_state(conn, office.key, old.id, "ignored")
            continue
        kept.fresh = [one for one in kept.fresh if one.id != line.id]
        bank.set_line_state(conn, office.key, line.id, "ignored")
        if (old.amount, old.currency) != (line.amount, line.currency):
            sentence = (
                f"The bank replaced {old.amount} {old.currency} of {old.date.isoformat()} by {line.amount} "
                f"{line.currency}, but the first was matched already: undo that match and enter the payment."
            )
            kept.problems.append(Problem("replaced", sentence))
