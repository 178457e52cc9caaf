"""Orders about what the bot does next: pause, go on, send, skip, how firmly, live, stop, when the digest comes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Connection

from mailbot.jobs import standing
from mailbot.jobs.deciding import current_decision
from mailbot.jobs.office import Office
from mailbot.jobs.targets import Target, UnclearError
from mailbot.jobs.turns import Act, Turn, client_of, day_of, meant, record
from mailbot.ledger import clients, invoices
from mailbot.model import JSON, Order
from mailbot.money import write_day
from mailbot.owner.outcomes import outcome
from mailbot.owner.question_words import step_label
from mailbot.owner.wishes import wish_words

LANGUAGES: Mapping[str, Mapping[str, str]] = {
    "fr": {"fr": "en français", "en": "en anglais", "de": "en allemand", "es": "en espagnol", "it": "en italien",
           "nl": "en néerlandais"},
    "en": {"fr": "in French", "en": "in English", "de": "in German", "es": "in Spanish", "it": "in Italian",
           "nl": "in Dutch"},
}  # fmt: skip
"""The languages that mails to clients come in, as the owner's answer calls them."""

_WISHES = {
    "fr": "plus doucement, plus ferme, un profil ou une langue",
    "en": "gentler, firmer, a profile or a language",
}
LONGEST_PAUSE = 3650
"""Days; more is a slip of the pen."""


def _pause(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    target = meant(conn, office, order, turn, whole=True)
    if doubt := order.fields.get("doubt"):
        raise UnclearError(outcome(f"pause_{doubt}", turn.language, target=target.typed(turn.language)))
    until = day_of(order, "until", turn)
    resume_on = day_of(order, "resume_on", turn)
    if until is None and resume_on is not None:
        until = resume_on - timedelta(days=1)
    if until is None and (days := order.fields.get("days")):
        until = office.day(turn.now) + timedelta(days=min(int(days), LONGEST_PAUSE))
    if until is not None and until < office.day(turn.now):
        raise UnclearError(outcome("pause_past", turn.language, date=f"{until:%d/%m/%Y}"))
    record(conn, office, "owner.paused", target, turn, {"until": until.isoformat() if until else None})
    words = {"fr": ("jusqu'à nouvel ordre", "jusqu'au {}"), "en": ("until you say otherwise", "until {}")}
    open_end, dated = words[turn.language]
    said = dated.format(until.strftime("%d/%m/%Y")) if until else open_end
    typed = target.typed(turn.language)
    return outcome("paused", turn.language, target=target.label, until=said, typed=typed)


def _resume(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    target = meant(conn, office, order, turn, whole=True)
    held = standing.holds(conn, office, target.client, target.invoice, turn.now)
    record(conn, office, "owner.resumed", target, turn, dict(order.fields))
    return _warned(conn, office, target, turn, outcome("resumed", turn.language, target=target.label), held=held)


def _warned(conn: Connection, office: Office, target: Target, turn: Turn, said: str, *, held: bool) -> str:
    """With what an order that lets reminders go on means in insolvency proceedings."""
    return f"{said} {standing.note(conn, office, target.client, lifted=True, language=turn.language)}" if held else said


def _send(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    """The next reminder leaves without waiting for its day; what holds every mail still holds it."""
    target = meant(conn, office, order, turn)
    client = client_of(target, order, turn)
    owed = [one for one in invoices.of_client(conn, office.key, client) if target.invoice in (None, one.number)]
    if not any(one.open_amount > 0 for one in owed):
        raise UnclearError(outcome("nothing_open", turn.language, target=target.label))
    held = standing.holds(conn, office, target.client, target.invoice, turn.now)
    record(conn, office, "owner.sent_now", target, turn, dict(order.fields))
    if current_decision(conn, office, client, turn.now).mode == "shadow":
        return outcome("sent_now_shadow", turn.language, target=clients.get(conn, office.key, client).name)
    return _warned(conn, office, target, turn, outcome("sent_now", turn.language, target=target.label), held=held)


def _skip(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    """Skip the step that is named, or the one that the rules speak of today."""
    target = meant(conn, office, order, turn)
    step = order.fields.get("step", "")
    if target.client is not None and (not step or target.invoice is None):
        decision = current_decision(conn, office, target.client, turn.now)
        step = step or decision.what or ""
        # of the client it would count for every invoice to come as well
        target = replace(target, invoice=target.invoice or decision.lead)
    if not step or target.invoice is None:
        raise UnclearError(outcome("no_step", turn.language, target=target.label))
    chosen = _step(office, step)
    if chosen is None:
        steps = ", ".join(step_label(one.id, turn.language) for one in office.rules.steps)
        raise UnclearError(outcome("unknown_step", turn.language, step=step, choices=steps))
    record(conn, office, "owner.skipped", target, turn, {"step": chosen})
    return outcome("skipped", turn.language, target=target.label, step=step_label(chosen, turn.language))


def _step(office: Office, said: str) -> str | None:
    """The step that an owner calls by its id, its name, its label, or its number ("2" is the second reminder)."""
    steps = office.rules.steps
    known = {one.id: one.id for one in steps} | {one.label.casefold(): one.id for one in steps}
    known |= {step_label(one.id, language).casefold(): one.id for one in steps for language in ("fr", "en")}
    return known.get(said.casefold()) or (known.get(f"reminder_{said}") if said.isdigit() else None)


def _policy(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    """Gentler, firmer, the profile to treat a client by, or the language to write to it in."""
    target = meant(conn, office, order, turn)
    client = client_of(target, order, turn)
    given: dict[str, JSON] = {}
    if (tone := order.fields.get("tone")) in ("gentler", "firmer"):
        given["tone"] = tone
    if wanted := order.fields.get("profile", ""):
        by_name = {name.casefold(): one.id for one in office.rules.profiles for name in (one.id, one.label)}
        profile = by_name.get(wanted.casefold()) or by_name.get(wanted.casefold().replace(" ", "_"))
        if profile is None:
            choices = ", ".join(f"{one.id} ({one.label})" for one in office.rules.profiles)
            raise UnclearError(outcome("unknown_profile", turn.language, target=wanted, choices=choices))
        given["profile"] = profile
    if (language := order.fields.get("language", "")) in LANGUAGES[turn.language]:
        given |= {"language": language, "before": clients.get(conn, office.key, client).language}
        clients.set_language(conn, office.key, client, language)
    if not given:
        raise UnclearError(outcome("needs_field", turn.language, fields=_WISHES[turn.language]))
    record(conn, office, "owner.policy", Target(target.label, target.client), turn, given)
    said = {"gentler": ("plus doucement", "gentler"), "firmer": ("plus fermement", "firmer")}
    wished = {str(one) for key, one in given.items() if key != "before"}
    names = LANGUAGES[turn.language]
    labels = {**{one.id: one.label for one in office.rules.profiles}, **names}
    words = [said[one][turn.language != "fr"] if one in said else labels.get(one, one) for one in sorted(wished)]
    return outcome("policy", turn.language, target=target.label, what=", ".join(words))


def _live(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    """Really send from now on: everybody's reminders, or one client's."""
    if order.target is None:
        record(conn, office, "owner.live", Target(turn.language), turn)
        return outcome("live", turn.language)
    target = meant(conn, office, order, turn, whole=True)
    record(conn, office, "owner.live", Target(target.label, target.client), turn)
    return outcome("live_client" if target.client is not None else "live", turn.language, target=target.label)


def _stop(conn: Connection, office: Office, _order: Order, turn: Turn) -> str:
    record(conn, office, "owner.stopped", Target(turn.language), turn)
    return outcome("stopped", turn.language)


def _digest(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    """Another hour, other days, or only when there is something to decide."""
    wish: dict[str, JSON] = {key: order.fields[key] for key in ("at", "days") if key in order.fields}
    if until := day_of(order, "until", turn):
        wish["until"] = until.isoformat()
    elif "silent_days" in order.fields:
        wish["until"] = (office.day(turn.now) + timedelta(days=int(order.fields["silent_days"]))).isoformat()
    if not wish:
        raise UnclearError(outcome("which_digest", turn.language))
    if wish.get("days") == "none" and "until" not in wish:
        wish["days"] = "needed"  # nobody is left without the questions that reminders wait for
    record(conn, office, "owner.digest", Target(turn.language), turn, wish)
    if wish.get("days") == "needed":
        return outcome("digest_silent", turn.language)
    if "until" in wish:
        until = date.fromisoformat(str(wish["until"]))
        return outcome("digest_silent_until", turn.language, until=write_day(until, turn.language))
    return outcome("digest", turn.language, what=wish_words(wish, turn.language))


ORDERS: Mapping[str, Act] = {
    "pause": _pause,
    "resume": _resume,
    "send": _send,
    "skip": _skip,
    "policy": _policy,
    "live": _live,
    "stop": _stop,
    "digest": _digest,
}
