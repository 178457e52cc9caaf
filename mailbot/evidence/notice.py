"""The formal notice (mise en demeure) as a letter to be sent by registered post.

What it must hold, and why: the words themselves, the date, both parties, the invoices with their amounts, a clear
demand with a deadline (C. civ. 1344: "interpellation suffisante"), what interest runs and by which article
(`law.demand`), the next step before a court (CPC 1405 and following), and an offer to talk. A mail has none of the
weight of a registered letter, so that the mail which goes out beside it, with the same sums and days, is a reminder.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mailbot.evidence import pages
from mailbot.evidence.charges import charges_of
from mailbot.evidence.pages import Block, Page
from mailbot.evidence.parties import Charge, Creditor, Debtor, identity, totals
from mailbot.evidence.wording import words as _words
from mailbot.law.demand import Demand, Item
from mailbot.money import write_amount, write_day

MOST_LISTED = 60
"""Invoices in the table of the letter; more are summed up and stand in the annexed statement."""


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """All that the letter says."""

    language: str
    demand: Demand
    creditor: Creditor
    debtor: Debtor
    reminders: tuple[date, ...] = ()
    """The days on which reminders left by mail."""
    annexes: tuple[str, ...] = ()
    french: bool = True
    """The creditor is established in France (it has a SIREN): French courts and their procedure are named."""

    @property
    def on(self) -> date:
        return self.demand.on

    @property
    def claims(self) -> tuple[Item, ...]:
        return self.demand.items

    @property
    def charges(self) -> list[Charge]:
        return [charge for one in self.demand.late for charge in charges_of(one, self.language)]


def notice(facts: NoticeFacts) -> Page:
    """The letter, ready to be set."""
    words, language = _words("notice", facts.language), facts.language
    numbers = ", ".join(claim.number for claim in facts.claims[:3]) + (" …" if len(facts.claims) > 3 else "")
    blocks: list[Block] = [
        pages.text(_letterhead(facts.creditor, words, language)),
        pages.space(2),
        pages.right(
            f"{identity(facts.debtor.name, facts.debtor.siren, facts.debtor.vat, language)}\n{words['address']}"
        ),
        pages.space(4),
        pages.right(words["date"].format(day=write_day(facts.on, language))),
        pages.strong(words["post"]),
        pages.title(words["title"]),
        pages.strong(words["subject"].format(numbers=numbers)),
        pages.text(words["salutation"]),
        *_body(facts, words),
        pages.signed(words["closing"], facts.creditor.signature or facts.creditor.name),
    ]
    if facts.annexes:
        blocks += [pages.heading(words["annexes"]), pages.listing(facts.annexes)]
    return Page(
        words["title"], facts.creditor.name, language, f"{facts.creditor.name} – {words['title']}", facts.on, blocks
    )


def statement(facts: NoticeFacts) -> Page:
    """The account that is annexed to the letter: every invoice, and what the law adds to each."""
    words, language = _words("notice", facts.language), facts.language
    name = words["statement_title"]
    blocks = [
        pages.title(name),
        pages.text(identity(facts.creditor.name, facts.creditor.siren, facts.creditor.vat, language)),
        pages.text(identity(facts.debtor.name, facts.debtor.siren, facts.debtor.vat, language)),
        pages.text(words["statement"].format(day=write_day(facts.on, language))),
        _claims(facts, words, len(facts.claims)),
        *_charges(facts, words),
    ]
    return Page(name, facts.creditor.name, language, f"{facts.creditor.name} – {name}", facts.on, blocks)


def _body(facts: NoticeFacts, words: Mapping[str, str]) -> list[Block]:
    language, demand = facts.language, facts.demand
    many = "many" if len(facts.claims) > 1 else "one"
    opening = words[f"opening_{many}"].format(due=write_day(facts.claims[0].due, language))
    if facts.reminders:
        opening += " " + words["reminded"].format(days=_days(facts.reminders, language))
    said = words["demand"].format(amount=_sums(demand.whole, language), deadline=write_day(demand.deadline, language))
    blocks = [pages.text(opening), _claims(facts, words), *_charges(facts, words), pages.strong(said)]
    if demand.added:
        split = words["split" if any(one.indemnities for one in demand.late) else "split_interest"]
        principal, added = _sums(demand.principal, language), _sums(demand.added, language)
        blocks.append(pages.text(split.format(principal=principal, added=added)))
    blocks.append(pages.text(_summons(facts, words)))
    blocks += [pages.text(words["court_fr"] if facts.french else words["court"]), pages.text(words["talk"])]
    if facts.creditor.iban:
        bic = f" – BIC {facts.creditor.bic}" if facts.creditor.bic else ""
        iban = " ".join(re.findall(".{1,4}", facts.creditor.iban))
        blocks.append(pages.text(words["pay_to"].format(iban=iban, bic=bic, numbers=facts.claims[0].number)))
    return blocks


def _letterhead(creditor: Creditor, words: Mapping[str, str], language: str) -> str:
    """Who writes, with the address and what C. com. R123-237 wants on letters, or a place to write it."""
    address = creditor.address.strip() or words["own_address"]
    return f"{identity(creditor.name, creditor.siren, creditor.vat, language)}\n{address}"


def _summons(facts: NoticeFacts, words: Mapping[str, str]) -> str:
    """That it is a formal notice, and which interest runs: never that of the civil code beside that of L441-10."""
    demand = facts.demand
    waived = demand.basis == "business" and not demand.late
    interest = words["interest_waived" if waived else f"interest_{demand.basis}"].format(
        interest_law=demand.interest_law[facts.language], indemnity_law=demand.indemnity_law[facts.language]
    )
    return f"{words['summons_fr' if facts.french else 'summons']} {interest}"


def _sums(amounts: Mapping[str, Decimal], language: str) -> str:
    return totals([(amount, currency) for currency, amount in amounts.items()], language)


def _charges(facts: NoticeFacts, words: Mapping[str, str]) -> list[Block]:
    if not (charges := facts.charges):
        return []
    language = facts.language
    rows = [[one.invoice, one.what, write_amount(one.amount, one.currency, language)] for one in charges]
    rows.append([words["total"], "", totals([(one.amount, one.currency) for one in charges], language)])
    return [
        pages.text(words["charges"].format(day=write_day(facts.on, language))),
        pages.table(words["charges_head"].split("|"), rows, [2, 6, 0], [2]),
    ]


def _claims(facts: NoticeFacts, words: Mapping[str, str], most: int = MOST_LISTED) -> Block:
    language, listed = facts.language, facts.claims[:most]
    rows = [
        [
            claim.number, write_day(claim.issued, language, "medium"), write_day(claim.due, language, "medium"),
            write_amount(claim.amount, claim.currency, language), write_amount(claim.open, claim.currency, language),
        ]
        for claim in listed
    ]  # fmt: skip
    if len(facts.claims) > most:
        rest = facts.claims[most:]
        said = words["more"].format(count=len(rest))
        rows.append([said, "", "", "", totals([(claim.open, claim.currency) for claim in rest], language)])
    rows.append([words["total"], "", "", "", totals([(c.open, c.currency) for c in facts.claims], language)])
    return pages.table(words["claims_head"].split("|"), rows, [3, 2, 2, 2, 2], [3, 4])


def _days(days: Sequence[date], language: str) -> str:
    last = days[-6:]
    written = [write_day(day, language) for day in last]
    joint = " et " if language == "fr" else " and "
    return written[0] if len(written) == 1 else ", ".join(written[:-1]) + joint + written[-1]
