"""The catalogue: every signal read from a story, whole labels, and the page and schema made from it."""

import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import yaml
from rules_story import CASES, ROOT, TEMPLATES, client, event, invoice, policy, statement

from mailbot.model import ClientFacts, Contact, Event
from mailbot.rules.calendar import When
from mailbot.rules.keys import BLOCKS
from mailbot.rules.reference import page
from mailbot.rules.schema import schema
from mailbot.rules.signals import EVENTS, HAPPENINGS, SIGNALS, SOURCES, UNITS
from mailbot.rules.state import Scene, State

RULES = policy()
DAY = date(2026, 5, 1)


def value(name: str, facts: ClientFacts, *events: Event, about: Event | None = None, day: date = DAY) -> object:
    state = State(facts, events, day, RULES.calendar, grace=When("promise.date", 2, business=True))
    first = facts.invoices[-1]
    return SIGNALS[name].read(Scene(state, first, about))


def sent(day: str, **more: object) -> Event:
    data = {"what": "reminder_1", "lead": "F-041", "levels": {"F-041": "reminder_1"}, "to": "compta@dupont.example"}
    return event(day, "mail.sent", **{**data, **more})


def test_every_signal_says_what_it_is_in_both_languages():
    for signal in SIGNALS.values():
        assert signal.english
        assert signal.french
        assert bool(signal.unknown[0]) == bool(signal.unknown[1])
        assert signal.type in UNITS
        assert signal.source in SOURCES
        assert bool(signal.words) == (signal.type == "word"), signal.name
        assert (signal.type == "money") == (signal.currency is not None), signal.name
        assert not signal.words or not signal.default or signal.default in signal.words


def test_every_signal_can_be_read_of_a_client_without_any_history():
    for signal in SIGNALS.values():
        found = value(signal.name, client())
        assert found is not None or signal.unknown[0] or signal.level == "event", signal.name


def test_what_is_billed_paid_and_credited():
    money = [event("2026-04-09", "bank.payment", amount="500"), event("2026-04-10", "invoice.credited", amount="100")]

    assert value("invoice.amount", client(), *money) == 1200
    assert value("invoice.amount_paid", client(), *money) == 500
    assert value("invoice.amount_credited", client(), *money) == 100
    assert value("invoice.amount_due", client(), *money) == 600
    assert value("invoice.partly_paid", client(), *money) is True
    assert value("client.last_payment_age", client(), *money) == 22


def test_days_around_the_due_date():
    assert value("invoice.days_overdue", client()) == 30
    assert value("invoice.days_to_due", client()) == -30
    assert value("invoice.age", client()) == 60
    assert value("client.known_for", client()) == 60


def test_days_to_limitation_follow_the_law_and_a_written_promise_starts_them_anew():
    firm, person = replace(client(), professional=True), replace(client(), professional=False)
    promised = event("2026-04-20", "reply.promise", confidence=0.9, letter=7)
    perhaps = event("2026-04-20", "reply.promise", confidence=0.6, letter=7)

    assert value("invoice.days_to_limitation", client()) is None
    assert value("invoice.days_to_limitation", firm) == (date(2031, 3, 2) - DAY).days  # from the issue date
    assert value("invoice.days_to_limitation", person) == (date(2028, 3, 2) - DAY).days
    assert value("invoice.days_to_limitation", firm, promised) == (date(2031, 4, 20) - DAY).days
    assert value("invoice.days_to_limitation", firm, perhaps) == (date(2031, 3, 2) - DAY).days

    done = replace(firm, invoices=(replace(firm.invoices[0], delivered=date(2026, 1, 20)),))
    assert value("invoice.days_to_limitation", done) == (date(2031, 1, 20) - DAY).days


def test_the_average_delay_weighs_amounts_and_counts_what_is_unpaid():
    bills = [invoice(f"P{n}", amount, "2026-01-05", "2026-02-01") for n, amount in enumerate(["100", "300"])]
    paid = [
        event("2026-02-11", "bank.payment", "P0", amount="100"),
        event("2026-02-01", "bank.payment", "P1", amount="300"),
    ]
    facts = client(*bills, invoice("U", "600", "2026-03-01", "2026-04-01"))

    # (100 x 10 days + 300 x 0 days + 600 x 30 days so far) / 1000
    assert value("client.average_delay", facts, *paid) == 19
    assert value("client.average_delay", client(), *paid) is None


def test_promises_are_counted_by_what_became_of_them():
    promise = event("2026-04-02", "reply.promise", promise_date="2026-04-07", letter="a")

    assert value("client.broken_promises", client(), promise) == 1
    assert value("invoice.promise", client(), promise) == "broken"
    part = event("2026-04-07", "bank.payment", amount="10")
    assert value("client.part_kept_promises", client(), promise, part) == 1
    assert value("invoice.promise", client(), promise, part) == "part_kept"
    whole = event("2026-04-07", "bank.payment", amount="1200")
    assert value("client.kept_promises", client(), promise, whole) == 1
    assert value("invoice.promise", client()) == "none"


def test_the_last_mail_and_what_followed_it():
    opened = [event("2026-04-08", "mail.opened", at=at, trust=t) for at, t in (("11:00", "likely"), ("12:00", "none"))]

    assert value("last_mail.opens", client(), sent("2026-04-07"), *opened) == 1
    assert value("last_mail.clicks", client(), sent("2026-04-07"), event("2026-04-08", "mail.clicked")) == 1
    assert value("last_mail.read", client(), sent("2026-04-07"), event("2026-04-08", "mail.read")) is True
    assert value("last_mail.answered", client(), sent("2026-04-07"), event("2026-04-08", "reply.question")) is True
    assert value("last_mail.answered", client(), sent("2026-04-07"), event("2026-04-08", "reply.auto_reply")) is False
    bounce = event("2026-04-08", "mail.bounced", **{"class": "hard", "to": "compta@dupont.example"})
    assert value("last_mail.bounced", client(), sent("2026-04-07"), bounce) is True
    assert value("client.has_contact", client(), sent("2026-04-07"), bounce) is False
    assert value("client.bounces", client(), sent("2026-04-07"), bounce) == 1
    assert value("last_mail.opens", client()) is None


def test_contacts_mails_and_answers():
    two = replace(
        client(), contacts=(Contact("a@x.example"), Contact("b@x.example"), Contact("c@x.example", usable=False))
    )

    assert value("client.contacts", two) == 2
    assert value("client.mails_last_30_days", client(), sent("2026-04-01"), sent("2026-04-07")) == 1
    assert value("invoice.reminders", client(), sent("2026-04-01"), sent("2026-04-07")) == 2
    assert value("client.last_answer", client(), event("2026-04-08", "reply.dispute")) == "dispute"
    assert value("client.last_answer_age", client(), event("2026-04-08", "reply.dispute")) == 23


def test_amounts_of_several_currencies_are_not_added_up():
    signal = SIGNALS["client.amount_due"]
    state = State(client(invoice(), invoice("U", currency="USD")), [], DAY, RULES.calendar, grace=When("due"))

    assert signal.currency is not None
    assert signal.currency(Scene(state)) is None


@pytest.mark.parametrize(
    ("name", "what", "data", "expected"),
    [
        ("reply.confidence", "reply.promise", {"confidence": 0.94}, Decimal("0.94")),
        ("promise.days_ahead", "reply.promise", {"promise_date": "2026-05-20"}, 42),
        ("promise.amount", "reply.promise", {"promise_amount": "500.00"}, Decimal(500)),
        ("absence.days", "reply.out_of_office", {"until": "2026-04-18"}, 10),
        ("bounce.kind", "mail.bounced", {"class": "soft"}, "soft"),
        ("bounce.reason", "mail.bounced", {"reason": "mailbox_full"}, "mailbox_full"),
        ("bounce.reason", "mail.bounced", {"reason": "something new"}, None),
        ("open.trust", "mail.opened", {"trust": "likely"}, "likely"),
        ("event.age", "mail.opened", {}, 23),
    ],
)
def test_what_an_event_brings_along(name, what, data, expected):
    happened = event("2026-04-08", what, **data)

    assert value(name, client(), happened, about=happened) == expected


def test_bank_age_is_unknown_before_the_first_statement():
    assert value("bank.sync_age", client()) is None
    assert value("bank.sync_age", client(), statement(date(2026, 4, 28), lag=1)) == 4


def test_each_intent_and_each_event_has_its_label():
    assert frozenset(HAPPENINGS) == EVENTS
    assert all(h.english and h.french for h in HAPPENINGS.values())


# ------------------------------------------------------------------------------------------ page and schema


def test_the_page_of_the_language_is_the_one_in_the_repository():
    assert (ROOT / "docs/reference/rules.md").read_text(encoding="utf-8").endswith(page())


def test_the_page_names_every_key_signal_event_and_code():
    text = page()

    for name in (*SIGNALS, *EVENTS, *(key.name for block in BLOCKS.values() for key in block)):
        assert re.search(rf"`[^`\n]*{re.escape(name)}[^`\n]*`", text), name


class _Core(yaml.SafeLoader):
    """Scalars as the editors' YAML 1.2 reader sees them: no dates, no yes and no, no base 60."""


_Core.yaml_implicit_resolvers = {}
_Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|false)$"), list("tf"))
_Core.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"[-+]?[0-9]+$"), list("-+0123456789"))
_KINDS = {"object": dict, "array": list, "string": str, "number": (int, float), "boolean": bool}


def wrong(data: object, rule: dict, whole: dict, place: str = "") -> list[str]:
    """What a JSON Schema says against a value; the words of the schema that ours uses, and no other."""
    known = {"$ref", "$schema", "$defs", "title", "description", "examples", "type", "enum", "pattern", "properties",
             "additionalProperties", "required", "items", "minItems", "oneOf", "anyOf", "minProperties",
             "maxProperties"}  # fmt: skip
    assert set(rule) <= known, set(rule) - known
    if "$ref" in rule:
        return wrong(data, whole["$defs"][rule["$ref"].rpartition("/")[2]], whole, place)
    kinds = rule.get("type", list(_KINDS))
    if not isinstance(data, tuple(_KINDS[k] for k in ([kinds] if isinstance(kinds, str) else kinds))):  # type: ignore[arg-type]
        return [f"{place}: type"]
    found = [f"{place}: enum"] if "enum" in rule and data not in rule["enum"] else []
    if isinstance(data, str) and not re.search(rule.get("pattern", ""), data):
        found.append(f"{place}: pattern")
    if isinstance(data, dict):
        found += [f"{place}: {key} is missing" for key in rule.get("required", ()) if key not in data]
        more = rule.get("additionalProperties", True)
        for key, inner in data.items():
            below = rule.get("properties", {}).get(key, more)
            if below is False:
                found.append(f"{place}: {key} is unknown")
            elif isinstance(below, dict):
                found += wrong(inner, below, whole, f"{place}/{key}")
    if isinstance(data, list):
        found += [w for n, one in enumerate(data) for w in wrong(one, rule.get("items", {}), whole, f"{place}/{n}")]
    if "oneOf" in rule and sum(not wrong(data, one, whole) for one in rule["oneOf"]) != 1:
        found.append(f"{place}: oneOf")
    if "anyOf" in rule and all(wrong(data, one, whole) for one in rule["anyOf"]):
        found.append(f"{place}: anyOf")
    return found


@pytest.mark.parametrize("path", [*sorted((ROOT / "rules").glob("*.yaml")), CASES / "whole.yaml"], ids=lambda p: p.stem)
def test_the_schema_finds_nothing_wrong_with_a_good_policy(path):
    rule = json.loads(json.dumps(schema("fr", sorted(TEMPLATES))))
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Core)

    assert data["version"] == 1
    assert wrong(data, rule, rule) == []


def test_the_schema_finds_what_an_editor_should_underline():
    rule = schema("en", sorted(TEMPLATES))
    data = yaml.load((CASES / "whole.yaml").read_text(encoding="utf-8"), Loader=_Core)
    data["steps"][0]["mial"] = "courtesy"
    data["profiles"][0]["if"] = ["client.categroy is standard"]
    data["reactions"][0]["signal"] = "reply.promis"
    del data["guards"]["hold_if"]

    assert wrong(data, rule, rule) == [
        "/guards: hold_if is missing",
        "/profiles/0/if/0: anyOf",
        "/steps/0: mial is unknown",
        "/reactions/0/signal: enum",
    ]
