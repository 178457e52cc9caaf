"""The exhibits of a dossier, in their order: invoices, mails, letters for the post, money, sightings, interest."""

import re
from collections.abc import Sequence
from datetime import date, datetime

from mailbot.errors import ReaderError
from mailbot.evidence.chain import digest
from mailbot.evidence.exhibits import MailShown, interest_page, mail_page, table_page
from mailbot.evidence.pages import pdf
from mailbot.jobs.binder import Binder
from mailbot.jobs.gathering import HeardMail, SentMail, at_local
from mailbot.jobs.office import Office
from mailbot.jobs.retelling import MONEY, answer, currency_of, day_of_money, decimal_of, fact, mail_named, understood
from mailbot.ledger.contents import document_name
from mailbot.ledger.invoices import Invoice
from mailbot.model import Letter, Reading
from mailbot.money import write_amount, write_day
from mailbot.owner.phrases import event_words


def bind_all(binder: Binder) -> None:
    """Adds every exhibit. Raises PrintError where PDFs cannot be made."""
    for bind in (_invoices, _mails, _notices, _payments, _sightings, _interest):
        bind(binder)


def _invoices(binder: Binder) -> None:
    words = binder.words
    for invoice in binder.material.billed:
        title = words["credit_note" if invoice.kind == "credit_note" else "invoice"].format(number=invoice.number)
        kept = binder.material.documents.get(invoice.number)
        if kept is None:
            why = _why_no_document(binder, invoice)
            said = words[why].format(what=title)
            number = binder.add(title, invoice.issued, {}, said, gone=why == "document_gone")
        else:
            suffix = re.search(r"\.[a-z0-9]{1,5}$", kept[0].lower())
            number = binder.add(title, invoice.issued, {suffix[0] if suffix else ".pdf": kept[1]})
        binder.by_letter[f"invoice.received/{invoice.number}"] = number


def _why_no_document(binder: Binder, invoice: Invoice) -> str:
    """Erased on purpose, gone, or never on record: what the seals named when it was entered tells them apart."""
    label = document_name(invoice.number, invoice.document_name)
    named = {source.split(":")[1] for source in binder.named if source.endswith(f":{label}")}
    named |= {binder.sealed.get(f"invoice.received/{invoice.number}", {}).get("document", "")} - {""}
    if named:
        return "document_erased" if named <= binder.erased else "document_gone"
    return "document_gone" if invoice.document_name else "document_missing"


def _mails(binder: Binder) -> None:
    """Every mail, in order of time, as it was and as people read it."""
    mails: list[tuple[datetime, str, SentMail | HeardMail]] = [
        *((sent.event.at, sent.event.id, sent) for sent in binder.material.sent),
        *((heard.info.received_at, heard.info.id, heard) for heard in binder.material.heard),
    ]
    for _, _, mail in sorted(mails, key=lambda one: one[:2]):
        if isinstance(mail, SentMail):
            _bind_sent(binder, mail)
        else:
            _bind_heard(binder, mail)


def _bind_sent(binder: Binder, mail: SentMail) -> None:
    title = binder.words["mail_out"].format(what=mail_named(binder, mail.row.template))
    server = [answer(binder, mail.event)]
    concerned = [one for one in binder.material.events if one.data.get("outgoing") == mail.row.id]
    server += [
        f"{at_local(binder.office, one.at)} : {fact(one, binder.language)}"
        for one in concerned
        if one.name in ("mail.delivered", "mail.delayed", "mail.bounced", "mail.read", "mail.complained")
    ]
    sealed = binder.sealed.get(mail.event.id, {}).get("mail", "")
    number = _bind(binder, title, mail.event.at, mail.raw, server, [], sealed)
    binder.by_letter[mail.event.id] = number


def _bind_heard(binder: Binder, mail: HeardMail) -> None:
    kind = "mail_in" if mail.info.kind in ("reply", "auto_reply", None) else "report"
    title = binder.words[kind].format(what=mail.info.subject or mail.info.kind or "")
    said = [understood(binder, event) for event in mail.events if event.name.startswith("reply.")]
    number = _bind(binder, title, mail.info.received_at, mail.raw, [], list(dict.fromkeys(said)), mail.info.id)
    binder.by_letter[mail.info.id] = number


def _bind(
    binder: Binder, title: str, at: datetime, raw: bytes | None, server: Sequence[str], understood: Sequence[str],
    sealed: str,
) -> int:  # fmt: skip
    """`sealed`: sha256 under which the seals know the mail, "" where they do not."""
    day = binder.office.day(at)
    if raw is None:
        reason = "letter_erased" if sealed in binder.erased else "letter_missing"
        what = f"{title} ({write_day(day, binder.language)})"
        return binder.add(title, day, {}, binder.words[reason].format(what=what), gone=reason == "letter_missing")
    page = mail_page(_shown(binder, title, at, raw, server, understood), binder.frame)
    return binder.add(title, day, {".eml": raw}, pages={".pdf": pdf(page)})


def _shown(
    binder: Binder, title: str, at: datetime, raw: bytes, server: Sequence[str], understood: Sequence[str]
) -> MailShown:
    when = at_local(binder.office, at)
    try:
        letter, _ = _read(binder.office, raw, binder.on)
    except ReaderError:
        return MailShown(title, "", "", when, "", "", digest(raw), None, (), tuple(server), tuple(understood))
    return MailShown(
        title=title,
        sender=f"{letter.from_name} <{letter.from_address}>".strip(),
        to=", ".join(letter.to),
        date=at_local(binder.office, letter.date) if letter.date is not None and letter.date.tzinfo else when,
        subject=letter.subject,
        message_id=letter.message_id,
        sha256=digest(raw),
        text=letter.text,
        attachments=tuple(
            binder.words["attached"].format(name=one.name, type=one.type, size=len(one.content))
            for one in letter.attachments
        ),
        server=tuple(server),
        understood=tuple(understood),
    )


def _read(office: Office, raw: bytes, on: date) -> tuple[Letter, Reading]:
    found: tuple[Letter, Reading] = office.sandbox.run("letter", raw, owners=list(office.business.owners), today=on)
    return found


def _notices(binder: Binder) -> None:
    """The letters that were made for the post, each with the statement that was enclosed."""
    for event in binder.material.events:
        for key, name in (("letter", "notice_letter"), ("statement", "notice_statement")):
            letter = event.data.get(key)
            if event.name == "notice.prepared" and isinstance(letter, str) and letter not in binder.by_letter:
                raw, title = binder.material.letters.get(letter), binder.words[name]
                reason = "letter_erased" if letter in binder.erased else "letter_missing"
                missing = "" if raw else binder.words[reason].format(what=title)
                gone = not raw and reason == "letter_missing"
                binder.by_letter[letter] = binder.add(
                    title, event.day, {".pdf": raw} if raw else {}, missing, gone=gone
                )


def _payments(binder: Binder) -> None:
    language, words, rows = binder.language, binder.words, []
    for event in binder.material.events:
        amount = decimal_of(event, "amount")
        if event.name not in MONEY or amount is None:
            continue
        line = binder.material.lines.get(str(event.data.get("line") or ""))
        label = fact(event, language) if line is None else f"{line.name} – {line.memo or line.reference}".strip(" –")
        if binder.material.others.in_label(label):
            payer = line.name if line is not None and not binder.material.others.in_label(line.name) else ""
            label = " – ".join(filter(None, (payer, words["payments_hidden"])))
        signed = -amount if event.name == "bank.reversal" else amount
        by = "by_owner" if event.name.startswith("owner.") else "by_auto"
        rows.append([
            write_day(day_of_money(binder, event), language, "medium"), event.invoice or "–",
            write_amount(signed, currency_of(binder, event), language), label,
            words[by].format(business=binder.office.business.name),
        ])  # fmt: skip
    if rows:
        binder.add(words["payments"], None, {}, pages={".pdf": pdf(table_page("payments", rows, binder.frame))})


def _sightings(binder: Binder) -> None:
    rows = [
        [
            at_local(binder.office, event.at), f"{fact(event, binder.language)} ({event.data.get('to', '')})",
            event_words(event, binder.language).partition(", ")[2], str(event.data.get("trust", "")),
        ]
        for event in binder.material.events
        if event.name in ("mail.opened", "mail.clicked") and event.data.get("class")
    ]  # fmt: skip
    if rows:
        page = table_page("sightings", rows, binder.frame)
        binder.add(binder.words["sightings"], None, {}, pages={".pdf": pdf(page)})


def _interest(binder: Binder) -> None:
    computed = binder.material.computation
    if computed:
        page = interest_page(binder.material.charges, computed, binder.frame)
        binder.add(binder.words["interest"], binder.on, {}, pages={".pdf": pdf(page)})
