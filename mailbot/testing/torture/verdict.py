"""What the mail server took, held against what the ledger says and what was due: twice, never, too late."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, select

from mailbot.ledger.store import reading
from mailbot.ledger.tables import outgoing, outgoing_event
from mailbot.testing.torture.book import Debtor, Payment
from mailbot.testing.torture.chronicle import Chronicle
from mailbot.testing.torture.proxy import message_id_of
from mailbot.testing.torture.world import FAIR


@dataclass(frozen=True)
class Taken:
    """A mail that the server behind the faults took, and when."""

    recipient: str
    message_id: str
    at: datetime


@dataclass
class Verdict:
    """Figures of one performance. All of `duplicates`, `lost`, `late`, `contradictions` must be empty."""

    setup: str
    seed: int
    mails: int = 0
    """Reminders that the server took."""
    kills: int = 0
    disasters: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    recovery_seconds: float = 0.0
    """From the last disaster until nothing was left to do."""
    behind_seconds: float = 0.0
    """The longest from the commit of a payment to the server's taking of a reminder that was on the way."""
    cancelled: int = 0
    refused: int = 0
    reconciled: int = 0
    """Mails whose answer was lost and that were found in Sent."""
    sent_again: int = 0
    """Mails whose answer was lost and that were not there."""
    asked: int = 0
    """Mails in doubt about which the owner was asked."""
    unfair: int = 0
    """Mails that the server took twice, the first time later than any server may: its machine had too much to do."""
    duplicates: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)
    stories: dict[str, list[str]] = field(default_factory=dict)
    """Message-ID -> the history of a mail with which something is wrong (`chronicle`)."""

    @property
    def clean(self) -> bool:
        return not (self.duplicates or self.lost or self.late or self.contradictions)

    def as_json(self) -> dict[str, object]:
        """Counts instead of lists, and up to ten of each list and of the stories."""
        figures: dict[str, object] = asdict(self)
        for name in ("duplicates", "lost", "late", "contradictions"):
            found: list[str] = getattr(self, name)
            figures[name] = len(found)
            if found:
                figures[f"{name}_are"] = found[:10]
        figures["stories"] = dict(list(self.stories.items())[:10])
        return figures


def taken(sink: Path, inbox: Sequence[bytes] = (), owner: str = "") -> list[Taken]:
    """Every mail in the sink, and those in the owner's inbox where these do not come by it."""
    found = []
    for path in sorted(sink.glob("*.eml")):
        facts = json.loads(path.with_suffix(".json").read_text())
        message_id = message_id_of(path.read_bytes())
        found.append(Taken(facts["recipient"], message_id, datetime.fromisoformat(facts["at"])))
    return found + [Taken(owner, message_id_of(raw), datetime.now(UTC)) for raw in inbox]


def judge(
    verdict: Verdict, engine: Engine, mails: Sequence[Taken], debtors: Sequence[Debtor],
    payments: Sequence[Payment], refused: set[str], chronicle: Chronicle,
) -> None:  # fmt: skip
    """Fill in the figures. Each debtor is due one reminder that day, unless it paid all before."""
    with reading(engine) as conn:
        rows = [dict(row) for row in conn.execute(select(outgoing)).mappings()]
        log = [dict(row) for row in conn.execute(select(outgoing_event).order_by(outgoing_event.c.id)).mappings()]
    whom = {debtor.email for debtor in debtors}
    reminders = [mail for mail in mails if mail.recipient in whom]
    verdict.mails = len(reminders)
    verdict.refused = len(refused)
    verdict.cancelled = sum(row["state"] == "cancelled" for row in rows)
    verdict.reconciled = sum(row["evidence"] == "found in Sent" for row in rows)
    verdict.sent_again = sum(entry["change"] == "resend" for entry in log)
    verdict.asked = sum(row["held"] for row in rows)
    unfair = {name for name, seconds in chronicle.taken_after().items() if seconds > FAIR}
    fair = [mail for mail in mails if mail.message_id not in unfair]
    verdict.duplicates = _duplicates(fair, [mail for mail in reminders if mail.message_id not in unfair])
    verdict.unfair = len(_duplicates(mails, [])) - len(_duplicates(fair, []))
    verdict.lost = _lost(rows, reminders, debtors, payments, refused)
    verdict.late = _late(rows, log, payments)
    verdict.behind_seconds = _behind(rows, mails, payments)
    verdict.contradictions = _contradictions(rows, mails)
    verdict.stories = {
        name: chronicle.story(name, [entry for entry in log if entry["outgoing"] == number])
        for number, name in _suspects(verdict, rows)
    }


def _suspects(verdict: Verdict, rows: Sequence[dict[str, object]]) -> list[tuple[object, str]]:
    """(number, Message-ID) of every mail that some fault names: by itself, its recipient, its invoice or its number."""
    named = {*verdict.duplicates, *verdict.lost, *verdict.late, *(said.split()[0] for said in verdict.contradictions)}
    return [
        (row["id"], str(row["message_id"]))
        for row in rows
        if not named.isdisjoint(
            [str(row["id"]), str(row["message_id"]), str(row["recipient"]), *_listed(row["invoices"])]
        )
    ]


def _listed(invoices: object) -> list[str]:
    return [str(number) for number in invoices] if isinstance(invoices, list) else []


def _duplicates(mails: Sequence[Taken], reminders: Sequence[Taken]) -> list[str]:
    """The same mail twice, or two reminders of one day to one client."""
    same = Counter(mail.message_id for mail in mails)
    client = Counter(mail.recipient for mail in reminders)
    return [name for counted in (same, client) for name, times in counted.items() if times > 1]


def _lost(
    rows: Sequence[dict[str, object]], reminders: Sequence[Taken], debtors: Sequence[Debtor],
    payments: Sequence[Payment], refused: set[str],
) -> list[str]:  # fmt: skip
    """Who owes something and got nothing, although nobody refused it and the owner was not asked."""
    reminded = {mail.recipient for mail in reminders}
    paid = {payment.number for payment in payments}
    asked = {str(row["recipient"]) for row in rows if row["held"] or row["state"] == "rejected"}
    return [
        debtor.email
        for debtor in debtors
        if not paid.issuperset(debtor.numbers) and debtor.email not in reminded | refused | asked
    ]


def _late(
    rows: Sequence[dict[str, object]], log: Sequence[dict[str, object]], payments: Sequence[Payment]
) -> list[str]:
    """Armed after the commit of a payment of an invoice that it lists."""
    paid = {payment.number: payment.log for payment in payments}
    listed = {row["id"]: row["invoices"] for row in rows}
    found = []
    for entry in log:
        numbers = listed[entry["outgoing"]]
        if entry["change"] == "arm" and isinstance(numbers, list):
            found += [number for number in numbers if number in paid and int(str(entry["id"])) > paid[number]]
    return found


def _behind(rows: Sequence[dict[str, object]], mails: Sequence[Taken], payments: Sequence[Payment]) -> float:
    paid = {payment.number: payment.at for payment in payments}
    listed = {row["message_id"]: row["invoices"] for row in rows}
    behind = [0.0]
    for mail in mails:
        numbers = listed.get(mail.message_id)
        for number in numbers if isinstance(numbers, list) else ():
            behind += [(mail.at - paid[number]).total_seconds()] if number in paid else []
    return round(max(behind), 3)


def _contradictions(rows: Sequence[dict[str, object]], mails: Sequence[Taken]) -> list[str]:
    """What the ledger believes and the server does not know, and the other way round; and what is not over."""
    there = {mail.message_id for mail in mails}
    return [said for row in rows if (said := _contradiction(row, row["message_id"] in there))]


def _contradiction(row: dict[str, object], known: bool) -> str:
    state = row["state"]
    if state == "sent" and not known:
        return f"{row['id']} is called sent, and no server has it"
    if known and state != "sent" and not row["held"]:
        return f"{row['id']} left, and is called {state}"
    if state in ("claimed", "transmitting", "queued") or (state == "in_doubt" and not row["held"]):
        return f"{row['id']} is still {state}: {row['smtp_reply']}"
    return ""
