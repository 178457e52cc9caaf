"""What sealed events state about rows: the last word counts, and what is not stated is not guessed."""

from mailbot.evidence.chain import canonical
from mailbot.evidence.stated import Stated, amount, label
from mailbot.model import JSON

FACTS: dict[str, JSON] = {
    "kind": "invoice", "issued": "2026-03-01", "due": "2026-03-31", "currency": "EUR", "amount": "1200.00",
    "client": "3", "name": "Dupont SARL", "siren": "732829320", "vat": "",
}  # fmt: skip
ROW = {name: str(FACTS[name]) for name in ("kind", "issued", "due", "currency", "client")} | {"amount": "1200"}
CLIENT = {"name": "Dupont SARL", "siren": "732829320", "vat": ""}


def event(name: str, data: dict[str, JSON], *, cause: str = "FA-1", letter: str | None = None) -> str:
    return canonical({
        "at": "2026-03-02T08:00:00+00:00", "business": "a", "client": 3, "data": data, "day": "2026-03-02",
        "id": f"{name}/{cause}", "invoice": "FA-1", "letter": letter, "line": None, "name": name,
    })  # fmt: skip


def told(*events: str) -> Stated:
    found = Stated()
    for n, one in enumerate(events, 1):
        found.feed(n, one, one.partition('"id":"')[2].partition('"')[0])
    return found


def rows(**invoice: str) -> dict[str, dict[str, dict[str, str]]]:
    return {
        "invoice": {"FA-1": ROW | invoice}, "client": {"3": CLIENT}, "mail": {}, "letter": {}, "line": {},
    }  # fmt: skip


def stated(**changes: JSON) -> dict[str, JSON]:
    return {"stated": {"invoices": {"FA-1": FACTS | changes}}}


def test_rows_that_say_what_was_sealed_are_in_order() -> None:
    assert told(event("invoice.received", stated())).differences(rows()) == []


def test_the_last_sealed_word_counts() -> None:
    found = told(event("invoice.received", stated()), event("owner.corrected", stated(due="2026-04-15"), cause="1"))

    assert found.differences(rows(due="2026-04-15")) == []
    [one] = found.differences(rows())
    assert (one.n, one.kind, one.key, one.field, one.sealed, one.found) == (
        2, "invoice", "FA-1", "due", "2026-04-15", "2026-03-31",
    )  # fmt: skip
    assert found.differences(rows(), pending=["FA-1"]) == []


def test_a_row_that_is_gone_and_another_debtor_are_told() -> None:
    found = told(event("invoice.received", stated()))

    gone = rows()
    del gone["invoice"]["FA-1"]
    assert [one.words for one in found.differences(gone)] == ["invoice FA-1, row: sealed 'there', is gone"]
    other = rows()
    other["client"]["3"] = CLIENT | {"siren": "552100554"}
    assert [(one.kind, one.field) for one in found.differences(other)] == [("client", "siren")]


def test_a_correction_of_before_facts_were_stated_leaves_nothing_to_compare() -> None:
    found = told(event("invoice.received", stated()), event("owner.corrected", {"due": "15/04"}, cause="1"))

    assert ("invoice", "FA-1") not in found.words
    later = told(
        event("owner.corrected", stated(), cause="1"),
        event("owner.undone", {"events": ["owner.corrected/1"]}, cause="2"),
    )
    assert ("invoice", "FA-1") not in later.words


def test_facts_of_an_older_form_are_compared_as_far_as_they_go() -> None:
    facts: dict[str, JSON] = {
        "kind": "invoice", "issued": "2026-03-01", "due": "2026-03-31", "currency": "EUR", "amount": "-1200.00",
        "buyer": "x",
    }  # fmt: skip
    found = told(event("invoice.received", {"facts": facts}))

    assert found.differences(rows()) == []
    assert [one.field for one in found.differences(rows(amount="12"))] == ["amount"]
    assert ("client", "3") not in found.words


def test_mails_arrivals_and_lines_are_compared() -> None:
    mail = event("mail.sent", {"to": "a@b.example", "message_id": "<1@x>"}, cause="7")
    reply = event("reply.promise", {"stated": {"received": "2026-03-02T08:00:00+00:00"}}, letter="f00")
    line = {"id": "l1", "date": "2026-03-02", "amount": "300.0", "currency": "EUR", "label": label("A", "B")}
    paid = event("bank.payment", {"stated": {"line": line}})
    today = rows() | {
        "mail": {"7": {"to": "c@d.example", "message_id": "<1@x>"}},
        "letter": {"f00": {"received": "2026-03-01T08:00:00+00:00"}},
        "line": {"l1": {"date": "2026-03-02", "amount": "300", "currency": "EUR", "label": label("A", "C")}},
    }

    found = told(mail, reply, paid).differences(today)

    assert [(one.kind, one.field) for one in found] == [("mail", "to"), ("letter", "received"), ("line", "label")]


def test_what_is_no_event_and_what_was_erased_state_nothing() -> None:
    found = Stated()
    for text in (None, "", "[]", "{", '{"data":1}', '{"data":{"erased":true},"name":"mail.sent"}', '"stated":{'):
        found.feed(1, text, "mail.sent/1")
    hostile = event("owner.undone", {"events": 3, "stated": []})
    found.feed(2, hostile, "owner.undone/FA-1")
    found.feed(3, event("bank.payment", {"stated": {"line": {"id": "x", "amount": "NaN"}, "invoices": 1}}), "bank/1")

    assert [kind for kind, _ in found.words] == ["line"]
    assert (amount("1200.00"), amount("-3"), amount("1E+2"), amount("no")) == ("1200", "3", "100", "no")
