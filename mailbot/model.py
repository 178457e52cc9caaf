"""The words of mailbot as values: frozen, without behaviour that needs the outside world.

Days are `date`s of the business's time zone, instants are aware UTC `datetime`s, amounts are `Decimal`s.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

JSON = str | int | float | bool | None | list["JSON"] | dict[str, "JSON"]

# --------------------------------------------------------------------------------------------- bad data


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file of somebody: where, a stable code, and one sentence that says what to do."""

    code: str
    message: str
    line: int | None = None
    column: int | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A field that was read but may be wrong."""

    field: str
    why: str
    candidates: tuple[str, ...] = ()


# ------------------------------------------------------------------------------------------------- mail


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as its parts, all text decoded. What could not be decoded is replaced, never dropped."""

    message_id: str
    subject: str
    from_name: str
    from_address: str
    to: tuple[str, ...] = ()
    """Every recipient that the headers show: To, Cc, Delivered-To, X-Original-To; lower case, in that order."""
    reply_to: tuple[str, ...] = ()
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: datetime | None = None
    headers: tuple[tuple[str, str], ...] = ()
    """All top headers, names in lower case, in the order of the mail (topmost first)."""
    text: str = ""
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    reports: tuple[tuple[str, str], ...] = ()
    """Machine parts of a report: (content type, text) of delivery-status, disposition-notification,
    feedback-report, and the headers of the returned mail as ("message/rfc822-headers", text)."""
    enclosed: tuple["Letter", ...] = ()
    """Mails carried as message/rfc822."""


class Kind(StrEnum):
    """What a mail is."""

    REPLY = "reply"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    READ_RECEIPT = "read_receipt"
    INVOICE = "invoice"
    BANK_FEED = "bank_feed"
    ORDER = "order"
    UNRELATED = "unrelated"
    UNREADABLE = "unreadable"


class Intent(StrEnum):
    """What a client's mail says."""

    PROMISE = "promise"
    PAID = "paid"
    DISPUTE = "dispute"
    INSTALMENTS = "instalments"
    DOCUMENT_REQUEST = "document_request"
    WRONG_CONTACT = "wrong_contact"
    INSOLVENCY = "insolvency"
    REFUSAL = "refusal"
    QUESTION = "question"
    ACKNOWLEDGED = "acknowledged"
    STOP = "stop"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    READ_RECEIPT = "read_receipt"
    UNRELATED = "unrelated"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mail for one recipient, in the words of `Report`."""

    recipient: str | None
    original_recipient: str | None
    action: str | None
    class_: Literal["hard", "soft", "other"]
    reason: Literal["user_unknown", "mailbox_full", "policy", "spam", "dns", "size", "other"]


@dataclass(frozen=True, slots=True)
class Report:
    """A delivery report, read receipt or complaint, in the words of `mailbot read`."""

    type: Literal["dsn", "mdn", "arf", "plain"]
    recipient: str | None
    status: str | None
    action: str | None
    class_: Literal["hard", "soft", "other"]
    reason: Literal["user_unknown", "mailbox_full", "policy", "spam", "dns", "size", "other"]
    original_message_id: str | None
    diagnostic: str | None
    original_recipient: str | None = None
    """Whom the mail was sent to, where the report says so beside whom it was passed on to (RFC 3464 2.3.1)."""
    envelope_id: str | None = None
    """What we called the mail when it was handed over (RFC 3461 4.4)."""
    others: tuple[Fate, ...] = ()
    """What it says of further recipients: the worst is the report's own."""


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The original of a forwarded or copied mail."""

    to: tuple[str, ...]
    subject: str | None
    date: str | None
    style: str
    from_address: str | None = None
    text: str = ""
    cc: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    """The names of the original's files, wherever the mail that passes it on carries them."""


@dataclass(frozen=True, slots=True)
class Order:
    """One line of an owner's mail, understood. `line` is what was written."""

    verb: str
    target: str | None
    fields: Mapping[str, str] = field(default_factory=dict)
    line: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceAnswer:
    """What a client says of one invoice, in a mail that answers several of them differently."""

    number: str
    intent: Intent
    promise_date: date | None = None
    paid_date: date | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a letter that came in turned out to be. `because` are exact substrings of `new_text`."""

    kind: Kind
    language: str | None = None
    intent: Intent | None = None
    also: tuple[Intent, ...] = ()
    confidence: float = 0.0
    sure: bool = False
    because: tuple[str, ...] = ()
    promise_date: date | None = None
    promise_amount: Decimal | None = None
    paid_date: date | None = None
    return_date: date | None = None
    new_contact: str | None = None
    invoices: tuple[str, ...] = ()
    answers: tuple[InvoiceAnswer, ...] = ()
    """One for each invoice where the mail answers several of them differently; else empty."""
    new_text: str = ""
    shown: str = ""
    """The new text with the quoted lines that it answers in their places, for people to read; never understood."""
    signature: str = ""
    authentic: bool | None = None
    report: Report | None = None
    orders: tuple[Order, ...] = ()
    unknown_lines: tuple[str, ...] = ()
    """Lines at the top of an owner's mail that are no order; answered with help."""
    forwarded: Forwarded | None = None
    flags: tuple[str, ...] = ()
    """What the owner should know of it: bank_change, look_alike, encrypted, challenge, calendar, below_signature,
    two_versions."""


@dataclass(frozen=True, slots=True)
class Thread:
    """Which client and invoices a mail is about, and why. Two clients in doubt: `client` is None."""

    client: int | None
    invoices: tuple[str, ...]
    outgoing: int | None
    evidence: tuple[str, ...]
    named: bool = False
    """The writer names the invoices; else they are all that the mail of ours lists which this one answers."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail as a template wrote it, before it has an envelope: `text` and `html` say the same."""

    subject: str
    text: str
    html: str


# --------------------------------------------------------------------------------------------- invoices


@dataclass(frozen=True, slots=True)
class Party:
    name: str | None = None
    vat: str | None = None
    siren: str | None = None
    email: str | None = None
    iban: str | None = None
    bic: str | None = None
    town: str | None = None
    """Of the postal address, by which an owner tells two clients of one name apart."""


@dataclass(frozen=True, slots=True)
class InvoiceDocument:
    """An invoice as its document states it, and as `mailbot invoice read` prints it."""

    source: Literal["facturx", "cii", "ubl", "pdf-text", "mail", "listing"]
    profile: str | None
    kind: Literal["invoice", "credit_note"]
    number: str | None
    issue_date: date | None
    due_date: date | None
    currency: str | None
    total_net: Decimal | None
    total_tax: Decimal | None
    total_gross: Decimal | None
    prepaid: Decimal | None
    amount_due: Decimal | None
    seller: Party = Party()
    buyer: Party = Party()
    order_reference: str | None = None
    payment_reference: str | None = None
    penalty_terms: str | None = None
    preceding_invoice: str | None = None
    confidence: float = 0.0
    doubts: tuple[Doubt, ...] = ()
    discount_percent: Decimal | None = None
    """What the client may take off when it pays until `discount_until` (escompte, Skonto): 2 is two percent."""
    discount_until: date | None = None
    payment_terms: str | None = None
    """The words that the terms of payment are stated in."""
    confidences: Mapping[str, float] = field(default_factory=dict)
    """How certain each field is that has a value ("number", "buyer.name"), from 0 to 1."""
    remarks: tuple[Problem, ...] = ()
    """What the owner may want to know although nothing has to be asked: a mention that the law wants is missing."""
    layout: str | None = None
    """The fingerprint of the page's layout, the same for every invoice that one tool made for one business."""
    delivery_date: date | None = None
    """The day of delivery (BT-72) or the end of the invoiced period (BT-74) that its XML states, the earlier of them.

    Never taken from a page, where such a day has too many names.
    """


@dataclass(frozen=True, slots=True)
class Listed:
    """One invoice of a list and the line where it stands. `amount_due` 0: settled."""

    line: int
    document: InvoiceDocument
    account: str | None = None
    """The client's account in the books that the list comes from, where it says it."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of invoices from another tool: whose headings it has, its invoices, every row that could not be taken."""

    by: str
    entries: tuple[Listed, ...]
    problems: tuple[Problem, ...]
    left_out: int = 0
    """Drafts, cancelled ones and quotes."""


@dataclass(frozen=True, slots=True)
class ListedClient:
    """One client of a list of contacts: its account or name (or both), where to write to it, and when it pays."""

    line: int
    account: str | None
    name: str | None
    email: str | None
    terms: str | None
    """In days ("30") or in words ("45 jours fin de mois")."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """Where the confirmed fields of one layout of the business's invoices stand.

    `places` tells for each field how its value is found again: "right:facturen", "below:echeance", "at:57:25".
    """

    layout: str
    places: Mapping[str, str]


# ------------------------------------------------------------------------------------------------- bank


@dataclass(frozen=True, slots=True)
class Line:
    """One transaction of a statement. `id` is the same whenever the same line is read again."""

    id: str
    date: date
    amount: Decimal
    currency: str
    name: str
    memo: str
    reference: str
    type: str
    payer: str = ""
    """The other side's name where the format has a field of its own for it; empty where it is only in a label."""
    payer_iban: str = ""
    """The other side's IBAN, or its account number where the bank gives no IBAN; without spaces."""
    end_to_end: str = ""
    """The reference that the payer gave the transfer (EndToEndId, EREF); empty for NOTPROVIDED."""
    creditor_reference: str = ""
    """The structured reference of the remittance (RF18…, a Belgian or Swiss number), as the bank wrote it."""
    pending: bool = False
    """Announced and not booked yet: it may still change or vanish, and is no payment."""
    bank_id: str = ""
    """The bank's own id of the line (FITID, AcctSvcrRef), which may be missing, repeated or changed."""
    corrects: str = ""
    """The `bank_id` of an earlier line that this one replaces."""
    reversal: bool = False
    """The bank says that this takes an earlier line back: a returned transfer, a rejected direct debit."""
    reverses: str = ""
    """The earlier line's `bank_id` or `end_to_end`, where the bank tells it."""
    reason: str = ""
    """The ISO 20022 code of a return or rejection (AC04, AM04, MS03 …)."""
    original_amount: Decimal | None = None
    """What was sent, where the bank changed it from `original_currency`."""
    original_currency: str = ""
    fee: Decimal = Decimal(0)
    """Charges that the bank took out of this line: what was paid is `amount + fee`."""
    count: int = 1
    """How many payments the bank says that this one line holds (a card or cheque batch)."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account of a bank file. `lines` in the order of the file."""

    id: str
    iban: str | None
    currency: str
    from_: date | None
    to: date | None
    balance: Decimal | None
    lines: tuple[Line, ...]
    difference: Decimal = Decimal(0)
    """What opening balance and lines leave unexplained of the closing balance: other than 0, a line may be missing."""


@dataclass(frozen=True, slots=True)
class Statement:
    format: Literal["ofx", "camt.053", "mt940", "csv"]
    accounts: tuple[Account, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An open invoice or credit note as the matcher sees it: a row of OPEN.csv."""

    number: str
    kind: Literal["invoice", "credit_note"]
    client: str
    amount_due: Decimal
    currency: str
    issue_date: date | None = None
    due_date: date | None = None
    reference: str = ""
    client_aliases: tuple[str, ...] = ()
    payer_ibans: tuple[str, ...] = ()
    discount_percent: Decimal | None = None
    discount_until: date | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """An amount of one line given to one invoice."""

    invoice: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Match:
    """What the matcher says of one line: booked by itself, asked of the owner, or none of ours."""

    line: str
    amount: Decimal
    decision: Literal["auto", "ask", "none"]
    allocations: tuple[Share, ...] = ()
    choices: tuple[tuple[Share, ...], ...] = ()
    evidence: tuple[str, ...] = ()
    rejected: tuple[tuple[str, str], ...] = ()
    """(invoice, why not)"""
    waived: tuple[Share, ...] = ()
    """What the payer of a booked line may keep: up to five cents, a discount within its terms."""
    reverses: str = ""
    """The id of the line whose payment this one takes back; the choice then holds amounts below zero."""


# ------------------------------------------------------------------------------------------------ rules


@dataclass(frozen=True, slots=True)
class Contact:
    email: str
    name: str = ""
    usable: bool = True
    """False after a hard bounce or the owner's order."""


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """What was billed. What is still open follows from the events. A credit note's amount is positive."""

    number: str
    kind: Literal["invoice", "credit_note"]
    issued: date
    due: date
    amount: Decimal
    currency: str = "EUR"
    delivered: date | None = None
    """The day of delivery or completion, where the document states it: limitation may run from it."""


@dataclass(frozen=True, slots=True)
class ClientFacts:
    id: str
    name: str
    invoices: tuple[InvoiceFacts, ...]
    category: str = "standard"
    language: str = "fr"
    contacts: tuple[Contact, ...] = ()
    do_not_contact: bool = False
    professional: bool | None = None
    """True: certainly a business (a SIREN or VAT number is known); False: a consumer; None: not known."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `id` is made from its cause, so that recording it again changes nothing.

    `day` is the business's day of `at`. `client` and `invoice` are None where the event is about more than one.
    """

    id: str
    name: str
    at: datetime
    day: date
    client: str | None = None
    invoice: str | None = None
    data: Mapping[str, JSON] = field(default_factory=dict)


class Verdict(StrEnum):
    SEND = "send"
    ACT = "act"
    WAIT = "wait"
    HOLD = "hold"
    NOTHING = "nothing"


@dataclass(slots=True, unsafe_hash=True)
class Trace:
    """One test of a rule: what was asked, what the facts gave, where it is written.

    Never changed once made. It is not frozen because thirty are made for a decision, and a frozen one takes
    seven times as long to make.
    """

    rule: str
    """"profile good_payer", "guard bank.sync_age > 3 days", "reaction promise", "step reminder_1" …"""
    result: bool | None
    detail: str
    """The condition and the actual values, or the reason."""
    line: int | None = None
    depth: int = 0
    invoice: str | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that the owner must see or decide."""

    code: str
    invoice: str | None
    event: str | None
    text: str
    waits: bool = True
    """Nothing is sent until the owner decides; else it is only to be known."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rules say for one client on one day. Same facts, rules and day: the same bytes."""

    client: str
    day: date
    verdict: Verdict
    what: str | None
    """The id of the step or reaction that leads; also for a wait where one is known."""
    mail: str | None
    tone: str | None
    lead: str | None
    """The number of the invoice that leads the mail."""
    invoices: tuple[str, ...]
    """All invoices that the mail lists, lead first."""
    levels: tuple[tuple[str, str], ...]
    """(invoice, step that this mail is for it): each invoice keeps its own level."""
    trigger: str | None
    """The event that set off a reaction's mail."""
    generation: str | None
    """The event that reopened a mail that had been cancelled or refused."""
    approval: bool
    attach: tuple[str, ...]
    use_contact: str | None
    """The address to write to."""
    alerts: tuple[Alert, ...]
    reason: str
    """One sentence in the owner's language, verdict first."""
    code: str
    """The same for machines: due, promise, dispute, paused, min_gap, closed_day, bank_stale, no_contact, …"""
    trace: tuple[Trace, ...]
    next: date | None
    """The next day on which the answer can change without a new event."""
    profile: str | None
    mode: Literal["live", "shadow"]
    rules_hash: str
