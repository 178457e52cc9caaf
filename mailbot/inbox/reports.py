"""Machine mail: delivery reports, complaints, read receipts, absence notes and receipts of ticket systems.

The order matters: a third of real bounces also say `Auto-Submitted: auto-replied`, so structure comes first,
then what a bounce says in plain words, then auto-replies. Hard or soft follows the reason, never a bare 5.x.x:
a full mailbox or a policy is no dead address.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from email.parser import HeaderParser

from mailbot.inbox.absence import return_date
from mailbot.inbox.folding import folded
from mailbot.inbox.html import html_lines
from mailbot.inbox.masks import EMAIL
from mailbot.inbox.reasons import reason_of
from mailbot.model import Letter, Report

_MAX_TEXT = 32 * 1024
_HEADERS = HeaderParser()
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_DAEMON = re.compile(
    r"mailer[-_ ]?daemon|^(?:post(?:master|office)|mail[-_.]?delivery|bounces?|smtp|mdaemon|mailsystem|"
    r"double-bounce|no-?reply-?bounce)\b|mail delivery (?:sub)?system|mail administrator|amazonses"
)
_BOUNCE_SUBJECT = re.compile(
    r"undeliver|delivery (?:status|failure|has failed|problem|report|notification|unsuccess)|returned mail|"
    r"failure notice|mail (?:delivery|system) (?:failed|error|failure)|"
    r"delivery .{0,20}fail|mail could not be delivered|could not (?:send|deliver)|non[- ]?(?:remis|"
    r"distribu|deliver)|echec .{0,20}(?:remise|distribution)|warning: (?:could not|message)|"
    r"rejected (?:mail|message)|message (?:undeliverable|not delivered|delayed)|unzustellbar|"
    r"nicht zugestellt|no se (?:pudo|puede) entregar|impossible de remettre|onbestelbaar|"
    r"mancato recapito|mail failure|bounce|returned to sender|unable to deliver|user unknown|"
    r"delivery delayed|not deliverable|non recapitabile|nondeliverable|undelivered"
)
_BOUNCE_WORDS = re.compile(
    r"could not be delivered|couldn't be delivered|wasn't able to deliver|was not delivered|"
    r"not delivered to|delivery .{0,40}fail|undeliverable|unable to deliver|permanent (?:fatal )?error|"
    r"user unknown|unknown user|no such user|mailbox (?:is )?(?:full|unavailable)|n'a pas (?:pu etre|"
    r"ete) (?:remis|delivre|distribue)|n'ont pas (?:pu )?recu|transcript of session|delivery has failed|"
    r"this is (?:a permanent error|the mail (?:system|delivery))|recipient address rejected|does not exist|"
    r"adresse .{0,30}(?:introuvable|inexistante)|non delivrable|delayed|returned to sender|"
    r"error(?:s)? (?:message|follow)|reason:"
)
_RETURNED = re.compile(
    (
        r"^[ >\t]{0,8}-{2,40}[^\n]{0,80}(?:original|copy|returned|below this line|headers|"
        r"message)[^\n]{0,80}$|"
        r"^[ >]*(?:Original message follows|Received: from )"
    ),
    re.MULTILINE | re.IGNORECASE,
)
_MESSAGE_ID = re.compile(r"^message-id:[ \t\n]*(<[^<>\s]{1,400}>)", re.IGNORECASE | re.MULTILINE)
_TO_LINE = re.compile(r"^to:[ \t]*(.{1,300})$", re.IGNORECASE | re.MULTILINE)
_AUTO_SUBJECT = re.compile(
    r"^\s*(?:re: ?)?(?:\[?auto(?:matic|matische|matique|-)?[ -]?(?:reply|response|antwort|repl|svar|rep\b)|"
    r"reponse automatique|absence|absent(?:e)? d|out of (?:the )?office|automatic (?:reply|response)|"
    r"abwesenheit|automatische antwort|"
    r"risposta automatica|respuesta automatica|automatisch antwoord|away from|vacation|on (?:annual |"
    r"maternity |parental )?leave|conges|message d'absence|fermeture|ooo\b|fuori (?:sede|ufficio)|"
    r"fuera de la oficina|niet aanwezig|afwezig|autoreply|"
    r"nous avons bien recu votre (?:demande|message|mail|courriel)|accuse de reception|"
    r"ticket .{0,20}(?:created|cree|received)|we (?:have )?received your (?:request|message|e-?mail)|"
    r"\[?(?:ticket|request|case) ?(?:id)?[ :#]{0,3}[\w-]{2,20}\]? ?.{0,60}(?:received|recu|created|cree|"
    r"opened))"
)
_AUTO_TEXT = re.compile(
    r"(?:je suis|nous sommes|i am|i'm|we are|i will be|i'll be)(?: \S+){0,4} (?:absent|en conge|"
    r"en vacances|hors du bureau|out of (?:the )?office|on (?:annual |maternity |paternity |parental |"
    r"sick )?(?:leave|holiday|vacation)|away from (?:my|the)|currently away|ferme)|"
    r"(?<!excuser )(?:mon|notre) absence(?! de)|absente? (?:du bureau|jusqu|du \d)|de retour le|"
    r"back (?:in the office )?on|return(?:ing)? (?:to the office )?on|pendant (?:cette periode|"
    r"mon absence)|(?:ceci|ce message) est (?:un|une) (?:message|reponse) automatique|"
    r"this is an auto(?:matic|mated|-)|(?:reponse|message) automatique|"
    r"acces (?:limite )?a (?:ma messagerie|mes mails)|limited access to|votre (?:demande|message|"
    r"ticket) (?:a bien ete|est bien) (?:recu|enregistre|pris)|"
    r"(?:ticket|case|request) (?:number|no|id|#|has been (?:created|received|logged))|numero de (?:ticket|"
    r"dossier|demande)|un ticket .{0,30}(?:cree|ouvert)|ne pas repondre a ce (?:message|mail)|"
    r"do not reply to this|no longer (?:works?|with)|une reponse vous sera apportee|we aim to (?:respond|"
    r"reply)|"
    r"(?:est|sont|sera|seront|is|are|will be) (?:ferme|closed)\w*|(?:suis|sommes|est|sera|serai|serons|"
    r"actuellement) (?:\w{2,10} )?en conges?|conges (?:du \d|annuels|jusqu)|reouverture|reouvr|rouvr|"
    r"my mailbox is not monitored|prenons enfin quelques jours|expect to return|a notre retour|"
    r"a mon retour|nous traiterons votre message|has taken over from me|parental leave"
)
_AUTO_SELF = re.compile(r"(?:message|reponse) automatique|automat(?:ic|ed) (?:reply|message|response)|auto-?reply")


@dataclass(frozen=True, slots=True)
class AutoReply:
    """An automatic answer; `return_date` is the day on which the sender says to be back, where it is said."""

    return_date: date | None
    why: str

    @property
    def by_header(self) -> bool:
        """The sending machine says so itself; else it was told by its subject or words."""
        return self.why not in ("subject", "words")


def read_report(letter: Letter) -> Report | None:
    """The report that `letter` is: DSN (RFC 3464), MDN (RFC 8098), ARF (RFC 5965) or a bounce in plain words."""
    parts = dict(reversed(letter.reports))
    if "message/feedback-report" in parts:
        return _complaint(letter, parts)
    if "message/disposition-notification" in parts:
        return _receipt(letter, parts)
    if "message/delivery-status" in parts:
        return _delivery(letter, parts)
    return _plain(letter)


def auto_reply(letter: Letter, language: str = "fr", base: date | None = None) -> AutoReply | None:
    """The absence note or receipt that `letter` is; `base` is its day, for days without a year."""
    text = letter.text or "\n".join(html_lines(letter.html))
    why = _auto_header(letter) or _auto_words(letter, text)
    if not why:
        return None
    return AutoReply(return_date(text, language, base) if base else None, why)


def is_list_mail(letter: Letter) -> bool:
    """Whether the mail went to many: newsletters and lists, never a person's answer."""
    headers = dict(letter.headers)
    if "list-unsubscribe" in headers or "list-id" in headers:
        return not (letter.in_reply_to or letter.references)
    return headers.get("precedence", "").strip().lower() in ("bulk", "list", "junk") and not letter.in_reply_to


# ------------------------------------------------------------------------------------------ structures


def _blocks(text: str) -> list[dict[str, str]]:
    found = (b for b in re.split(r"\n[ \t]*\n", text[:_MAX_TEXT]) if b.strip())
    return [{k.lower(): " ".join(str(v).split()) for k, v in _HEADERS.parsestr(b.lstrip("\n")).items()} for b in found]


def _delivery(letter: Letter, parts: dict[str, str]) -> Report | None:
    per_recipient = [
        b
        for b in _blocks(parts["message/delivery-status"])
        if {"final-recipient", "action", "status", "original-recipient"} & b.keys()
    ]
    if not per_recipient:
        return _plain(letter)
    ranks = {"failed": 0, "delayed": 1}
    block = min(per_recipient, key=lambda b: ranks.get(b.get("action", "failed").split(" ")[0].lower(), 2))
    text = _said(letter)
    diagnostic = block.get("diagnostic-code", "") or _diagnostic_in(text)
    status = _first(_STATUS.findall(block.get("status", ""))) or _first(_STATUS.findall(diagnostic))
    inner = _first(_STATUS.findall(diagnostic))
    if inner and (status is None or status.endswith(".0.0")):
        status = inner
    action = (block.get("action") or ("delayed" if (status or "5").startswith("4") else "failed")).split(" ")[0].lower()
    reason, class_ = reason_of(f"{diagnostic} {block.get('reason', '')}", status, text)
    recipient = (
        _address(block.get("final-recipient", ""))
        or _address(block.get("original-recipient", ""))
        or _recipient_in(text, letter)
    )
    if action in ("delivered", "relayed", "expanded"):
        reason, class_ = "other", "other"
    elif action == "delayed" and class_ == "hard":
        class_ = "soft"
    return Report("dsn", recipient, status, action, class_, reason, _original_id(letter), diagnostic or None)


def _receipt(letter: Letter, parts: dict[str, str]) -> Report:
    fields = {k: v for block in _blocks(parts["message/disposition-notification"]) for k, v in block.items()}
    disposition = fields.get("disposition", "").lower()
    action = (
        "deleted" if "deleted" in disposition else disposition.rpartition(";")[2].split("/")[0].strip() or "displayed"
    )
    recipient = (
        _address(fields.get("final-recipient", ""))
        or _address(fields.get("original-recipient", ""))
        or letter.from_address
    )
    return Report(
        "mdn",
        recipient,
        None,
        action,
        "other",
        "other",
        fields.get("original-message-id") or _original_id(letter),
        disposition or None,
    )


def _complaint(letter: Letter, parts: dict[str, str]) -> Report:
    fields = {k: v for block in _blocks(parts["message/feedback-report"]) for k, v in block.items()}
    recipient = _address(fields.get("original-rcpt-to", "")) or _address(fields.get("removal-recipient", ""))
    if recipient is None:
        returned = "\n".join(text for kind, text in letter.reports if kind == "message/rfc822-headers")
        recipient = _first(_address(v) for v in _TO_LINE.findall(returned[:_MAX_TEXT]))
    return Report("arf", recipient, None, None, "other", "spam", _original_id(letter), fields.get("feedback-type"))


# ------------------------------------------------------------------------------------------ plain words


def _plain(letter: Letter) -> Report | None:
    text = _said(letter)
    subject = folded(letter.subject)
    sender = folded(f"{letter.from_address} {letter.from_name}")
    headers = dict(letter.headers)
    null = headers.get("return-path", "x").strip() in ("<>", "") and "return-path" in headers
    daemon = bool(_DAEMON.search(sender)) or "x-failed-recipients" in headers
    words = bool(_BOUNCE_WORDS.search(folded(text)))
    titled = bool(_BOUNCE_SUBJECT.search(subject)) and not subject.startswith(("re:", "tr:", "fw", "aw:"))
    failed = "x-failed-recipients" in headers
    if not (
        failed
        or (daemon and (words or titled or _STATUS.search(text)))
        or (titled and (words or null) and not letter.in_reply_to)
        or (null and words and (titled or _STATUS.search(text)))
    ):
        return None
    diagnostic = _diagnostic_in(text)
    status = _first(_STATUS.findall(diagnostic)) or _first(_STATUS.findall(text))
    reason, class_ = reason_of(diagnostic, status, text)
    delayed = bool(
        re.search(
            (
                r"delay|will (?:be retried|keep trying)|warning: (?:could not|message)|"
                r"still (?:being )?(?:retried|"
                r"trying)|retard|not (?:yet )?been delivered"
            ),
            subject + " " + folded(text[:2000]),
        )
    ) and not re.search(r"given? up|giving up|permanent", folded(text))
    action = "delayed" if delayed else "failed"
    return Report(
        "plain",
        _recipient_in(text, letter),
        status,
        action,
        "soft" if delayed and class_ == "hard" else class_,
        reason,
        _original_id(letter),
        diagnostic or None,
    )


def _said(letter: Letter) -> str:
    """What the report says in words: its text, attached texts too, up to where the returned mail begins."""
    text = letter.text or "\n".join(html_lines(letter.html))
    if len(text.strip()) < 20:
        text += "\n".join(
            a.content[:_MAX_TEXT].decode("utf-8", "replace") for a in letter.attachments if a.type.startswith("text/")
        )
    text = text[:_MAX_TEXT]
    returned = next(
        (
            m
            for m in _RETURNED.finditer(text)
            if m.start() > 40 and not re.search(r"transcript|error|following", m[0], re.IGNORECASE)
        ),
        None,
    )
    return text[: returned.start()] if returned else text


def _diagnostic_in(text: str) -> str:
    """The line that says why, with the two after it (servers wrap)."""
    lines = [line.strip(" >\t") for line in text.split("\n")]
    for pattern in (
        (r"\b[45]\d\d[ -]#?[45]\.\d\.\d|said: ?[45]\d\d|\b[45]\d\d [A-Za-z<]"),
        r"[45]\.\d{1,3}\.\d{1,3}",
        (r"unknown|full|quota|no such|not exist|rejected|refused|denied|inactive|disabled|error"),
    ):
        for at, line in enumerate(lines):
            if re.search(pattern, line[:500], re.IGNORECASE):
                return " ".join(part for part in lines[at : at + 3] if part)[:600]
    return ""


def _recipient_in(text: str, letter: Letter) -> str | None:
    headers = dict(letter.headers)
    if _address(headers.get("x-failed-recipients", "")):
        return _address(headers["x-failed-recipients"])
    ours = {letter.from_address, *letter.to}
    found: list[str] = [str(a).lower() for a in EMAIL.findall(text)]
    strangers = [a for a in found if a not in ours and not _DAEMON.search(a)]
    if strangers:
        return strangers[0]
    returned = (
        "\n".join(t for kind, t in letter.reports if kind == "message/rfc822-headers")
        or (letter.text or "")[len(text) :][:_MAX_TEXT]
    )
    listed = _first(_address(str(v)) for v in _TO_LINE.findall(returned))
    return listed or _first(a for a in found if not _DAEMON.search(a))


def _original_id(letter: Letter) -> str | None:
    for kind, text in letter.reports:
        if kind == "message/rfc822-headers" and (found := _MESSAGE_ID.search(text)):
            return str(found[1])
    found = _MESSAGE_ID.search((letter.text or "")[:_MAX_TEXT])
    return found[1] if found else _first(letter.in_reply_to) or _first(reversed(letter.references))


def _address(value: str) -> str | None:
    found = EMAIL.search(value)
    return found[0].lower() if found else None


def _first(values: Iterable[str | None]) -> str | None:
    return next((v for v in values if v), None)


# ------------------------------------------------------------------------------------------ auto-replies


def _auto_header(letter: Letter) -> str:
    headers = dict(letter.headers)
    submitted = headers.get("auto-submitted", "no").split(";")[0].split("(")[0].strip().lower()
    if submitted not in ("no", "") and not submitted.startswith("auto-generated"):
        return "auto-submitted"
    if {"x-autoreply", "x-autorespond", "x-autoresponder", "x-vacation", "x-auto-reply"} & headers.keys():
        return "vacation header"
    if headers.get("precedence", "").strip().lower() == "auto_reply" or headers.get("x-apple-action") == "VACATION":
        return "vacation header"
    if (
        headers.get("x-auto-response-suppress", "").strip().lower() == "all"
        and "x-ms-exchange-inbox-rules-loop" in headers
    ):
        return "exchange rule"
    return "auto-generated" if submitted.startswith("auto-generated") and letter.in_reply_to else ""


def _auto_words(letter: Letter, text: str) -> str:
    subject = folded(letter.subject)
    if _AUTO_SUBJECT.match(subject):
        return "subject"
    low = folded(text[:4000])
    found = len(set(_AUTO_TEXT.findall(low))) + 2 * bool(_AUTO_SELF.search(low))
    return "words" if found >= 2 and not _has_quote(text) else ""


def _has_quote(text: str) -> bool:
    return "\n>" in text or bool(re.search(r"(?:a écrit|wrote) ?:", text))
