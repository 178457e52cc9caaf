"""What each open, click and read receipt of the story changed, and what it did not."""

from datetime import date

from mailbot.jobs.office import Office
from mailbot.ledger import clients, events
from mailbot.ledger.store import reading
from mailbot.model import ClientFacts, Decision, Event
from mailbot.owner.phrases import event_words
from mailbot.owner.proof import proofs
from mailbot.rules.decide import decide

WEAK = ("mail.opened", "mail.clicked", "mail.read")
_WORDS = {
    "fr": {
        "heading": "Ce que les ouvertures, les clics et les accusés ont changé",
        "of": "{}  {} : {}",
        "same": "la décision du jour reste la même : {}",
        "other": "la décision du jour serait sans cela : {} ; avec : {}",
        "tone": "le ton du prochain message : {}",
        "proof_same": "ce que l'on sait du message reste : {}",
        "proof": "ce que l'on sait du message : {} → {}",
        "none": "aucun",
    },
    "en": {
        "heading": "What opens, clicks and receipts changed",
        "of": "{}  {}: {}",
        "same": "the decision of the day stays the same: {}",
        "other": "the decision of the day would be without it: {}; with it: {}",
        "tone": "the tone of the next mail: {}",
        "proof_same": "what is known of the mail stays: {}",
        "proof": "what is known of the mail: {} → {}",
        "none": "none",
    },
}


def what_they_changed(office: Office, language: str) -> str:
    """One paragraph for each of them, or "" where there was none."""
    told = []
    with reading(office.engine) as conn:
        for client in clients.everyone(conn, office.key):
            known, facts = events.of_client(conn, office.key, client.id), clients.facts(conn, office.key, client.id)
            for event in known:
                if event.name in WEAK:
                    head = _WORDS[language]["of"].format(event.day, client.name, event_words(event, language))
                    told.append((event.at, f"{head}\n{_effect(office, facts, known, event, language)}"))
    if not told:
        return ""
    return "\n\n".join([_WORDS[language]["heading"], *(text for _, text in sorted(told))])


def _effect(office: Office, facts: ClientFacts, known: list[Event], event: Event, language: str) -> str:
    words = _WORDS[language]
    before = [one for one in known if one.at < event.at]
    without, with_it = (_decided(office, facts, some, event.day) for some in (before, [*before, event]))
    lines = [words["same"].format(with_it.reason)]
    if _what(without) != _what(with_it):
        lines = [words["other"].format(without.reason, with_it.reason)]
    if without.tone != with_it.tone:
        lines.append(words["tone"].format(f"{without.tone or words['none']} → {with_it.tone or words['none']}"))
    old, new = _proof(before, event, language), _proof([*before, event], event, language)
    lines.append(words["proof_same"].format(new) if old == new else words["proof"].format(old, new))
    return "\n".join(f"  {line}" for line in lines)


def _decided(office: Office, facts: ClientFacts, known: list[Event], day: date) -> Decision:
    return decide(office.rules, facts, known, day)


def _what(decision: Decision) -> tuple[object, ...]:
    return decision.verdict, decision.what, decision.mail, decision.invoices, decision.use_contact


def _proof(known: list[Event], event: Event, language: str) -> str:
    mine = [proof for proof in proofs(known) if proof.sent.data.get("outgoing") == event.data.get("outgoing")]
    return mine[0].words(language) if mine else ""
