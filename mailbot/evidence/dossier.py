"""The cover of a dossier: parties, claim, promises, notice, chronology, exhibits, what is missing, what it proves.

It is made for whoever files for an order for payment (CPC 1405 to 1407) or hands the matter to a lawyer. It states
facts with their exhibit and names what is missing; it draws no legal conclusion.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mailbot.evidence import pages
from mailbot.evidence.pages import Block, Page
from mailbot.evidence.parties import Charge, Claim, Creditor, Debtor, identity, totals
from mailbot.evidence.wording import words as words_of
from mailbot.money import write_amount, write_day


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One numbered piece; `missing` says why its content is not in the file, or what is wrong with it."""

    number: int
    title: str
    day: date | None
    files: tuple[str, ...] = ()
    missing: str = ""
    altered: bool = False
    """The bytes are not those that were sealed."""
    gone: bool = False
    """The content was on record and is gone, and nothing tells of an erasure."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the chronology."""

    day: date
    what: str
    exhibit: int | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise to pay that the debtor wrote."""

    written: date
    promised: date | None
    amount: Decimal | None
    currency: str
    quote: str
    by: str
    """Who understood or confirmed it so, in words."""
    exhibit: int | None


@dataclass(frozen=True, slots=True)
class Notice:
    """The registered letter: when it was prepared, and what the creditor stated about sending it."""

    prepared: date | None = None
    sent: date | None = None
    tracking: str = ""
    stated: date | None = None
    invoices: tuple[str, ...] = ()
    """Which it concerned; empty where it named none."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The chain of seals as it stands in this file. `n` 0: nothing is sealed yet."""

    n: int
    link: str
    shown: int
    differences: int
    """How many things the check of the whole chain, and of what this file says, found when it was made."""
    facts_changed: int = 0
    """Events of this claim that are not what was sealed, or are gone."""
    unlike: tuple[str, ...] = ()
    """What the records say of this claim and the sealed facts do not, one sentence each."""
    unstated: tuple[str, ...] = ()
    """What of this claim could not be compared, because no sealed event states it."""
    witnessed: bool = True
    """A daily mail with a head of the chain was sent to the creditor."""


@dataclass(frozen=True, slots=True)
class DossierFacts:
    """All that the cover says."""

    language: str
    on: date
    creditor: Creditor
    debtor: Debtor
    claims: tuple[Claim, ...]
    charges: tuple[Charge, ...]
    no_charges: str
    """Why penalties are not computed; "" where they are."""
    promises: tuple[Promise, ...]
    notices: tuple[Notice, ...]
    """One for each posting that counts, and one that was prepared and not posted."""
    chronology: tuple[Entry, ...]
    exhibits: tuple[Exhibit, ...]
    missing: tuple[str, ...]
    proof: Proof
    tasks: tuple[tuple[str, str, str], ...] = ()
    """(what the creditor has to do, by when, on which article); see `tasks`."""


def cover(facts: DossierFacts) -> Page:
    """The first document of the file."""
    words, language = words_of("dossier", facts.language), facts.language
    parties = words["subtitle"].format(creditor=facts.creditor.name, debtor=facts.debtor.name)
    blocks: list[Block] = [
        pages.title(words["title"]),
        pages.strong(parties),
        pages.text(words["made"].format(day=write_day(facts.on, language))),
        *_checked(facts, words),
        pages.small(words["advice"]),
        *_parties(facts, words),
        *_claim(facts, words),
        *_tasks(facts, words_of("tasks", language)),
        *_promises(facts, words),
        *_notice(facts, words),
        pages.heading(words["chronology"]),
        _chronology(facts, words),
        pages.heading(words["exhibits"]),
        _exhibits(facts, words),
        pages.heading(words["missing"]),
        *_missing(facts, words),
        pages.heading(words["add"]),
        pages.listing(words["add_items"].split("|")),
        pages.heading(words["limits"]),
        pages.listing(_limits(facts, words)),
        *_proof(facts, words),
    ]
    footer = words["footer"].format(debtor=facts.debtor.name)
    return Page(f"{words['title']} – {facts.debtor.name}", facts.creditor.name, language, footer, facts.on, blocks)


def _checked(facts: DossierFacts, words: Mapping[str, str]) -> list[Block]:
    """What the check of the chain found when the file was made, before anything else."""
    proof = facts.proof
    if proof.n == 0:
        return [pages.strong(words["checked_none"])]
    if proof.differences == 0:
        return [pages.text(words["checked"].format(n=proof.n))]
    said = [words["checked_bad"].format(count=proof.differences), *_about(facts, words)]
    return [pages.strong(" ".join(said))]


def _limits(facts: DossierFacts, words: Mapping[str, str]) -> list[str]:
    """What the exhibits prove; that others have seen the chain only where a mail told of it."""
    witness = words["witnessed" if facts.proof.witnessed else "unwitnessed"].format(business=facts.creditor.name)
    return [item.format(witness=witness) for item in words["limits_items"].split("|")]


def _about(facts: DossierFacts, words: Mapping[str, str]) -> list[str]:
    """What of this file the differences are about."""
    proof, said = facts.proof, []
    for key, numbers in (
        ("checked_altered", [str(one.number) for one in facts.exhibits if one.altered]),
        ("checked_gone", [str(one.number) for one in facts.exhibits if one.gone]),
    ):
        if numbers:
            said.append(words[key].format(numbers=", ".join(numbers)))
    for key, count in (("checked_facts", proof.facts_changed), ("checked_unlike", len(proof.unlike))):
        if count:
            said.append(words[key].format(count=count))
    return said or [words["checked_elsewhere"]]


def _missing(facts: DossierFacts, words: Mapping[str, str]) -> list[Block]:
    if not facts.missing and facts.proof.differences == 0:
        return [pages.text(words["missing_none"])]
    wrong = [words["missing_checked"].format(count=facts.proof.differences)] if facts.proof.differences else []
    return [pages.listing([*facts.missing, *wrong])]


def _parties(facts: DossierFacts, words: Mapping[str, str]) -> list[Block]:
    creditor, debtor, language = facts.creditor, facts.debtor, facts.language
    rows = [
        [words["creditor"], identity(creditor.name, creditor.siren, creditor.vat, language)],
        [words["debtor"], identity(debtor.name, debtor.siren, debtor.vat, language)],
    ]
    if debtor.emails:
        rows[1][1] += "\n" + words["addresses"].format(emails=", ".join(debtor.emails))
    blocks = [pages.heading(words["parties"]), pages.table([], rows, [1, 4])]
    return blocks if debtor.business else [*blocks, pages.small(words["no_identity"])]


def _claim(facts: DossierFacts, words: Mapping[str, str]) -> list[Block]:
    language = facts.language
    rows = [
        [
            claim.number, write_day(claim.issued, language, "medium"), write_day(claim.due, language, "medium"),
            write_amount(claim.amount, claim.currency, language),
            words["given_up"] if claim.given_up else write_amount(_paid(claim), claim.currency, language),
            write_amount(claim.open, claim.currency, language),
        ]
        for claim in facts.claims
    ]  # fmt: skip
    sums: dict[str, Decimal] = {}
    for claim in facts.claims:
        sums[claim.currency] = sums.get(claim.currency, Decimal(0)) + claim.open
    owed = totals([(max(amount, Decimal(0)), currency) for currency, amount in sums.items()], language)
    rows.append([words["total"], "", "", "", "", owed])
    credit = [(-amount, currency) for currency, amount in sums.items() if amount < 0]
    blocks = [
        pages.heading(words["claim"]),
        pages.table(words["claims_head"].split("|"), rows, [3, 2, 2, 2, 2, 2], [3, 4, 5]),
        pages.strong(words["principal"].format(amount=owed)),
        *_apart(facts, words),
        *([pages.strong(words["in_favour"].format(amount=totals(credit, language)))] if credit else []),
        pages.text(words["basis" if any(amount > 0 for amount in sums.values()) else "no_claim"]),
    ]
    if facts.charges:
        blocks += charges(facts.charges, facts.on, language)
    why = facts.no_charges or ("" if facts.charges else words[_without_charges(facts)])
    if why:
        blocks.append(pages.text(words["no_charges"].format(why=why.rstrip(" ."))))
    return blocks


def _paid(claim: Claim) -> Decimal:
    """What came in for it or was credited, whatever it settled."""
    return claim.amount - claim.open + claim.to_interest


def _apart(facts: DossierFacts, words: Mapping[str, str]) -> list[Block]:
    """What payments settled of interest first, and what was given up: why the columns do not simply subtract."""
    first = [(one.to_interest, one.currency) for one in facts.claims if one.to_interest]
    said = [words["interest_first"].format(amount=totals(first, facts.language))] if first else []
    said += [
        words["given_up_on"].format(number=one.number, day=write_day(one.given_up, facts.language))
        for one in facts.claims
        if one.given_up
    ]
    return [pages.text(" ".join(said))] if said else []


def _without_charges(facts: DossierFacts) -> str:
    """Why the law adds nothing, as a key of the words."""
    if not any(claim.open > 0 and claim.due < facts.on for claim in facts.claims):
        return "charges_none"
    return "charges_no_sum" if facts.debtor.business else "charges_consumer"


def charges(listed: Sequence[Charge], on: date, language: str) -> list[Block]:
    """What the law adds, line by line."""
    words = words_of("dossier", language)
    rows = [[one.invoice, one.what, write_amount(one.amount, one.currency, language)] for one in listed]
    rows.append([words["total"], "", totals([(one.amount, one.currency) for one in listed], language)])
    table = pages.table(words["charges_head"].split("|"), rows, [2, 6, 0], [2])
    return [pages.strong(words["charges"].format(day=write_day(on, language))), table]


def _tasks(facts: DossierFacts, words: Mapping[str, str]) -> list[Block]:
    if not facts.tasks:
        return []
    return [pages.heading(words["title"]), pages.table(words["head"].split("|"), facts.tasks, [6, 2, 3])]


def _promises(facts: DossierFacts, words: Mapping[str, str]) -> list[Block]:
    if not facts.promises:
        return []
    language = facts.language
    rows = [
        [
            write_day(one.written, language, "medium"),
            write_day(one.promised, language, "medium") if one.promised else "–",
            write_amount(one.amount, one.currency, language) if one.amount is not None else "–",
            one.quote, one.by, _number(one.exhibit),
        ]
        for one in facts.promises
    ]  # fmt: skip
    table = pages.table(words["promises_head"].split("|"), rows, [2, 2, 2, 4, 3, 0], [5])
    return [pages.heading(words["promises"]), table, pages.small(words["promises_note"])]


def _notice(facts: DossierFacts, words: Mapping[str, str]) -> list[Block]:
    said = [_posted(one, facts, words) for one in facts.notices] or [words["notice_none"]]
    return [pages.heading(words["notice"]), *map(pages.text, said), pages.small(words["notice_law"])]


def _posted(notice: Notice, facts: DossierFacts, words: Mapping[str, str]) -> str:
    """One letter: which invoices, and what is known of sending it."""
    language = facts.language
    if notice.sent is not None and notice.stated is not None:
        said = words["notice_sent" if notice.tracking else "notice_sent_plain"].format(
            day=write_day(notice.sent, language), tracking=notice.tracking, business=facts.creditor.name,
            said=write_day(notice.stated, language),
        )  # fmt: skip
    elif notice.prepared is not None:
        said = words["notice_ready"].format(day=write_day(notice.prepared, language))
    else:
        return words["notice_none"]
    about = words["notice_about"].format(numbers=", ".join(notice.invoices)) if notice.invoices else words["notice_all"]
    return f"{about} {said}"


def _chronology(facts: DossierFacts, words: Mapping[str, str]) -> Block:
    rows = [[write_day(one.day, facts.language, "medium"), one.what, _number(one.exhibit)] for one in facts.chronology]
    return pages.table(words["chronology_head"].split("|"), rows, [2, 9, 0], [2])


def _exhibits(facts: DossierFacts, words: Mapping[str, str]) -> Block:
    rows = [
        [
            str(one.number), one.title, write_day(one.day, facts.language, "medium") if one.day else "–",
            "\n".join([*(file.rpartition("/")[2] for file in one.files), *_state(one, words)]),
        ]
        for one in facts.exhibits
    ]  # fmt: skip
    return pages.table(words["exhibits_head"].split("|"), rows, [0, 5, 2, 5], [0])


def _state(exhibit: Exhibit, words: Mapping[str, str]) -> list[str]:
    if exhibit.altered:
        return [words["altered"]]
    return [] if exhibit.files else [words["absent"]]


def _proof(facts: DossierFacts, words: Mapping[str, str]) -> list[Block]:
    proof = facts.proof
    if proof.n == 0:
        return [pages.heading(words["chain"]), pages.text(words["chain_none"])]
    said = words["chain_text"].format(n=proof.n, link=proof.link, shown=proof.shown)
    wrong = [] if proof.differences == 0 else [pages.strong(words["chain_bad"])]
    unlike = [pages.strong(words["chain_unlike"]), pages.listing(proof.unlike)] if proof.unlike else []
    unstated = [pages.text(words["chain_unstated"]), pages.listing(proof.unstated)] if proof.unstated else []
    return [pages.heading(words["chain"]), *wrong, *unlike, pages.text(said), *unstated]


def _number(exhibit: int | None) -> str:
    return "" if exhibit is None else str(exhibit)
