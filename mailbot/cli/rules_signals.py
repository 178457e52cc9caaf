"""The catalogue of signals for the terminal, and what it says of one client today. Heavy: imported inside commands."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from mailbot.cli.installation import one_business
from mailbot.cli.meaning import one_client
from mailbot.ledger import clients, events
from mailbot.ledger.store import reading
from mailbot.model import JSON
from mailbot.rules.calendar import When
from mailbot.rules.conditions import Value, written
from mailbot.rules.read_conditions import example
from mailbot.rules.signals import CATALOGUE, HAPPENINGS, SIGNALS, SOURCES, Signal
from mailbot.rules.state import Scene, State

_GRACE = When("promise.date", 2, business=True)
_WORDS = {
    "en": {
        "conditions": "Conditions ask for",
        "events": "Reactions react to",
        "unknown": "unknown",
        "default": "default",
    },
    "fr": {
        "conditions": "Les conditions peuvent demander",
        "events": "Les réactions peuvent réagir à",
        "unknown": "inconnu",
        "default": "par défaut",
    },
}
_SHOWN = {"fr": {"?": "inconnu", "true": "oui", "false": "non"}, "en": {"?": "unknown", "true": "yes", "false": "no"}}


def listing(language: str) -> str:
    """The whole catalogue, two or three lines a signal."""
    words = _WORDS[language]
    lines = [words["conditions"] + "\n"]
    lines += [f"  {example(s)}\n      {s.label(language)}{_notes(s, language)}" for s in SIGNALS.values()]
    lines.append("\n" + words["events"] + "\n")
    lines += [f"  {h.name}\n      {h.label(language)}" for h in HAPPENINGS.values()]
    return "\n".join(lines)


def _notes(signal: Signal, language: str) -> str:
    french, words = language == "fr", _WORDS[language]
    notes = [", ".join(signal.words)] if signal.words else []
    if signal.default:
        notes.append(f"{words['default']} {signal.default}")
    if signal.unknown[0]:
        notes.append(f"{words['unknown']} {signal.unknown[french]}")
    return f"\n      ({'; '.join(notes)})" if notes else ""


def records() -> Iterator[dict[str, JSON]]:
    """The catalogue for machines: signals, then events."""
    for signal in SIGNALS.values():
        yield {
            "catalogue": CATALOGUE, "signal": signal.name, "type": signal.type, "unit": signal.unit("en"),
            "where": signal.level, "words": [*signal.words], "default": signal.default or None,
            "source": signal.source, "freshness": SOURCES[signal.source][0], "unknown": signal.unknown[0] or None,
            "tone_only": signal.tone_only, "label": {"en": signal.english, "fr": signal.french},
            "example": example(signal),
        }  # fmt: skip
    for one in HAPPENINGS.values():
        yield {
            "catalogue": CATALOGUE, "event": one.name, "source": one.source, "lasting": one.lasting,
            "date": one.date[0] if one.date is not None else None, "label": {"en": one.english, "fr": one.french},
        }  # fmt: skip


def of_client(settings: Path, business: str | None, name: str, now: datetime | None) -> list[dict[str, JSON]]:
    """Every signal of a client today, then those of each open invoice; exit status 1 where it is not one client."""
    with one_business(settings, business, now) as (installation, office):
        client, day = one_client(office, name)[0].id, office.day(installation.now())
        with reading(office.engine) as conn:
            facts = clients.facts(conn, office.key, client)
            happened = events.of_client(conn, office.key, client, until=day)
        state = State(facts, happened, day, office.rules.calendar, grace=_GRACE)
    whole = [_record(signal, Scene(state)) for signal in SIGNALS.values() if signal.level == "client"]
    single = [s for s in SIGNALS.values() if s.level == "invoice"]
    return whole + [_record(signal, Scene(state, invoice)) for invoice in state.open for signal in single]


def _record(signal: Signal, scene: Scene) -> dict[str, JSON]:
    actual = signal.read(scene)
    currency = signal.currency(scene) if signal.currency is not None else None
    number = scene.invoice.number if scene.invoice is not None else None
    mixed = signal.currency is not None and currency is None and bool(actual)
    value = None if actual is None or mixed else _plain(actual)
    return {"signal": signal.name, "invoice": number, "type": signal.type, "value": value, "currency": currency}


def _plain(value: Value) -> JSON:
    return value if isinstance(value, bool | int | str) else str(value)


def shown(record: dict[str, JSON], language: str) -> str:
    """A value for people: "oui", "12 days", "1200.00 EUR", "40 %"."""
    value = record["value"]
    text = written(value if isinstance(value, bool | int | str) else None)
    text = _SHOWN[language].get(text, text)
    if value is None:
        return text
    days = "jours" if language == "fr" else "days"
    if record["type"] == "percent":
        return f"{float(str(value)) * 100:g} %"
    return {"days": f"{text} {days}", "money": f"{value} {record['currency'] or ''}".rstrip()}.get(
        str(record["type"]), text
    )
