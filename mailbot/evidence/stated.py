"""What sealed events state about rows that no seal covers: invoices, their debtors, mails, arrivals, bank lines.

The tables that a dossier is written from can be changed by whoever has the ledger's file. So events carry the facts in
`data.stated`, as they stood when the event was recorded, and a check compares the rows of today with the last sealed
word about each:

    {"invoices": {"FA-1": {"kind", "issued", "due", "currency", "amount", "client", "name", "siren", "vat"}},
     "received": "2026-03-02T08:00:00+00:00", "line": {"id", "date", "amount", "currency", "label"}}

`received` is the arrival of the event's mail; `label` is the sha256 of what the bank wrote, which may name others.
Events of before facts were stated have less of it: what no event states is not compared, and is named as such.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any, NamedTuple

from mailbot.evidence.chain import is_erased

MAILED = frozenset({"mail.sent", "mail.answered"})
"""Events of a mail that left: their data always said to whom, and under which Message-ID."""

BILLING = frozenset({"invoice.received", "owner.corrected", "owner.moved", "owner.undone"})
"""Events after which an invoice says something else than before."""

MARK = '"stated":{'
ENDINGS = tuple(f'"name":"{name}"}}' for name in sorted(MAILED | BILLING))
"""Canonical texts that have the mark, or end like this, may state something; of all others nothing needs to be read."""

_DEBTOR = ("name", "siren", "vat")

Row = Mapping[str, str]
"""Field -> as it is compared: ISO days and instants, amounts without trailing zeros, "" for what is not known."""


class Difference(NamedTuple):
    """A row of today that is not what was sealed. `found` None: the row is gone."""

    n: int
    """The seal of the event that states it."""
    kind: str
    """invoice, client, mail, letter or line."""
    key: str
    field: str
    sealed: str
    found: str | None

    @property
    def words(self) -> str:
        """For a list of findings."""
        now = "is gone" if self.found is None else f"now {self.found!r}"
        return f"{self.kind} {self.key}, {self.field}: sealed {self.sealed!r}, {now}"


Rows = Mapping[str, Mapping[str, Row]]
"""The rows of today: kind -> key -> row."""


@dataclass(slots=True)
class Stated:
    """Gathers the last sealed word about each row while a chain is read."""

    words: dict[tuple[str, str], tuple[int, Row]] = field(default_factory=dict)
    """(kind, key) -> (number of the seal, what it states)."""
    _about: dict[str, str] = field(default_factory=dict)
    """Event that changed an invoice -> its number."""

    def feed(self, n: int, event: str | None, id_: str | None) -> None:
        """The next event of the chain, as its canonical text and by its id; one that is gone or erased says nothing."""
        if event is None or not (event.endswith(ENDINGS) or MARK in event) or is_erased(event):
            return
        name = (id_ or "").partition("/")[0]
        told = _read(event)
        data = told["data"] if told is not None else None
        if told is None or not isinstance(data, dict):
            return
        stated = data["stated"] if isinstance(data.get("stated"), dict) else {}
        if name in MAILED and "to" in data:
            row = {"to": _text(data["to"]), "message_id": _text(data.get("message_id"))}
            self.words["mail", told["id"].partition("/")[2]] = (n, row)
        if name in BILLING:
            self._billed(n, told, stated.get("invoices"))
        if "received" in stated and told["letter"]:
            self.words["letter", told["letter"]] = (n, {"received": _text(stated["received"])})
        if isinstance(line := stated.get("line"), dict):
            self.words["line", _text(line.get("id"))] = (n, _row(line, ("date", "amount", "currency", "label")))

    def forget(self, seals: Collection[int | None]) -> None:
        """Leaves out what events under these seals state: they are not what was sealed."""
        self.words = {about: said for about, said in self.words.items() if said[0] not in seals}

    def _billed(self, n: int, told: Mapping[str, Any], stated: object) -> None:
        number = told["invoice"]
        if number is not None:
            self._about[told["id"]] = number
        if isinstance(stated, dict):
            for one, facts in stated.items():
                if isinstance(facts, dict):
                    self._says(n, one, facts)
        elif told["name"] == "owner.undone":  # of before facts were stated: what it put back is not known
            undone = told["data"].get("events")
            for one in undone if isinstance(undone, list) else ():
                self.words.pop(("invoice", self._about.get(str(one), "")), None)
        elif isinstance(facts := told["data"].get("facts"), dict):
            self.words["invoice", number] = (n, _row(facts, ("kind", "issued", "due", "currency", "amount")))
        else:
            self.words.pop(("invoice", number), None)

    def _says(self, n: int, number: str, facts: Mapping[str, object]) -> None:
        fields = ("kind", "issued", "due", "currency", "amount", "client")
        self.words["invoice", number] = (n, _row(facts, fields))
        if facts.get("client"):
            self.words["client", _text(facts["client"])] = (n, _row(facts, _DEBTOR))

    def differences(self, rows: Rows, pending: Iterable[str] = ()) -> list[Difference]:
        """Rows that are not what was sealed, in the order of the chain.

        `pending`: invoices about which events wait for a seal; their rows may be newer than the last sealed word.
        """
        waits = {("invoice", number) for number in pending}
        found = [
            each
            for (kind, key), (n, said) in self.words.items()
            if (kind, key) not in waits
            for each in _unlike(n, kind, key, said, rows[kind].get(key))
        ]
        return sorted(found, key=lambda one: (one.n, one.kind, one.key))


def label(*words: str) -> str:
    """What stands for the words of a bank line."""
    return sha256("\n".join(words).encode()).hexdigest()


def amount(value: object) -> str:
    """An amount as it is compared, without its sign: "1200" and "1200.00" are the same; what is none stays as it is."""
    try:
        return f"{abs(Decimal(str(value))).normalize():f}"
    except (InvalidOperation, ValueError):
        return str(value)


def _unlike(n: int, kind: str, key: str, said: Row, row: Row | None) -> list[Difference]:
    if row is None:
        return [Difference(n, kind, key, "row", "there", None)]
    return [
        Difference(n, kind, key, name, value, row.get(name, ""))
        for name, value in said.items()
        if row.get(name, "") != value
    ]


def _row(facts: Mapping[str, object], fields: Iterable[str]) -> Row:
    found = {name: _text(facts.get(name)) for name in fields}
    if found.get("amount"):
        found["amount"] = amount(found["amount"])
    return found


def _read(event: str) -> dict[str, Any] | None:
    """None: somebody wrote there what is no event."""
    try:
        told = json.loads(event)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _text(value: object) -> str:
    return "" if value is None else str(value)
