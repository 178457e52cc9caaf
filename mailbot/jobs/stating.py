"""The facts that an event states about rows which no seal covers, as they stand when it is recorded.

So that a check can tell later whether invoice, debtor, arrival or bank line were changed behind the events' back.
"""

from collections.abc import Mapping

from sqlalchemy import Connection

from mailbot.evidence.stated import BILLING
from mailbot.ledger import stated as rows
from mailbot.model import JSON

_ARRIVED = ("reply.", "mail.")
_MONEY = frozenset({"bank.payment", "bank.overpayment"})


def stated(
    conn: Connection, business: str, name: str, data: Mapping[str, object], invoice: str | None, letter: str | None,
    line: str | None,
) -> dict[str, JSON]:  # fmt: skip
    """What the event's data say under `stated`; empty where nothing is to be stated. See `evidence.stated`."""
    found: dict[str, JSON] = {}
    if name in BILLING and (told := _billed(conn, business, _numbers(conn, business, name, data, invoice))):
        found["invoices"] = told
    if letter is not None and name.startswith(_ARRIVED):
        found["received"] = rows.received(conn, business, letter)
    if line is not None and name in _MONEY:
        found["line"] = {"id": line, **rows.lines(conn, business, [line]).get(line, {})}
    return found


def _numbers(
    conn: Connection, business: str, name: str, data: Mapping[str, object], invoice: str | None
) -> list[str]:  # fmt: skip
    """The invoice of the event; of an order to undo, those of what it takes back."""
    undone = data.get("events")
    if name == "owner.undone" and isinstance(undone, list):
        return rows.invoices_of(conn, business, [str(one) for one in undone])
    return [invoice] if invoice is not None else []


def _billed(conn: Connection, business: str, numbers: list[str]) -> dict[str, JSON]:
    known = rows.invoices(conn, business, numbers)
    debtors = rows.clients(conn, business, [int(one["client"]) for one in known.values()])
    return {number: {**row, **debtors[row["client"]]} for number, row in known.items()}
