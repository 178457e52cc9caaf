"""From facts to the bytes of a mail: templates, headers, parts. Pure: the same input gives the same bytes.

Whatever a client or a bank wrote is data here, never template text: it is stripped of control characters
before it reaches a template, escaped in HTML, and refused in a header.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email._header_value_parser import TokenList
from email.errors import HeaderParseError
from email.headerregistry import Address, BaseHeader, HeaderRegistry
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP, EmailPolicy, Policy
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import css_inline
from jinja2 import FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mailbot.errors import DeliveryError, SettingsError
from mailbot.model import JSON, Attachment, Rendered
from mailbot.outbox.letter import LetterContext, ListedInvoice, Penalty
from mailbot.outbox.wording import (
    answer_link,
    columns,
    day,
    mailto,
    money,
    no_break,
    order_for,
    paragraphs,
    unbroken,
    wrapped,
)

__all__ = ["Envelope", "LetterContext", "ListedInvoice", "Penalty", "Rendered", "Templates", "compose"]

_NAME = re.compile(r"([a-z][a-z0-9_]*)\.([a-z]{2})(?:\.txt)?\.j2")
Form = Literal["txt", "html"]
_SUBJECT = "Subject:"
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_KEEP = {"\u200c", "\u200d"}  # the joiners that names in some scripts and emoji need
_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True, minify_css=True)
# What may stand before the @ beside letters of all scripts, without quotes (RFC 6531 3.3, RFC 5322 3.2.3).
_BEYOND_ASCII = re.compile(r"(?!\.)(?!.*\.\.)[\w.!#$%&'*+/=?^`{|}~\u00a1-\U0010ffff-]{1,64}(?<!\.)")
# One header longer than this is no header of ours (RFC 5322 2.1.1 allows 998 characters a line).
_HEADER_LIMIT = 900
_WHOLE = ("message-id", "in-reply-to", "references", "list-unsubscribe", "list-unsubscribe-post",
          "disposition-notification-to")  # fmt: skip


class Templates:
    """The mails of one folder; `_...` are shared parts.

    A mail is `<mail>.<language>.j2`, its sentences written once, one paragraph a line, in the layout
    `"_letter." ~ form ~ ".j2"` (`form` is "txt" or "html"); or two files, `<mail>.<language>.txt.j2` and `.html.j2`.
    Every template is compiled here, so that a mistake is found at start and not when the mail is due.
    Raises SettingsError with all mistakes, each with file and line.
    """

    def __init__(self, folder: Path) -> None:
        self._languages = _languages(folder)
        self._folder = folder
        self._forms = {form: _environment(folder, form) for form in ("txt", "html")}
        problems = [f"{folder}: no template (*.j2) is here"] if not self._languages else []
        for file in sorted(folder.glob("*.j2")):
            try:
                self._forms["txt" if file.name.endswith(".txt.j2") else "html"].get_template(file.name)
            except TemplateError as error:
                problems.append(f"{file}:{getattr(error, 'lineno', 1)}: {error.message}")
        for name, languages in self._languages.items():
            problems += [
                f"{folder}: {name}.{language}.html.j2 is missing beside its text"
                for language in sorted(languages)
                if (folder / f"{name}.{language}.txt.j2").is_file()
                and not (folder / f"{name}.{language}.html.j2").is_file()
            ]
        if problems:
            raise SettingsError(problems)

    def names(self, language: str | None = None) -> frozenset[str]:
        """The mails that can be written; with a language, those that can be written in it."""
        return frozenset(
            name for name, languages in self._languages.items() if language is None or language in languages
        )

    def render(self, name: str, language: str, context: Mapping[str, JSON]) -> Rendered:
        """One mail. The text's first line is `Subject: ...`. Where a language is missing, English is written.

        Raises SettingsError where the template does not exist, uses a value that the mail does not have, or fails.
        """
        languages = self._languages.get(name, frozenset())
        written = language if language in languages else "en"
        values = {"language": written, **{key: _plain(value) for key, value in context.items()}}
        try:
            text, html = self._written(name, written, "txt", values), self._written(name, written, "html", values)
        except Exception as error:  # templates are the user's: what they compute may fail in any way
            why = f"{type(error).__name__}: {error}" if not isinstance(error, TemplateError) else error.message
            raise SettingsError([f"template {name}.{written}: {why or type(error).__name__}"]) from error
        subject, body = _split_subject(name, text)
        html = unbroken(no_break(html) if written == "fr" else html)
        # A parser moves template tags out of tables, so styles can only be inlined into the finished page.
        return Rendered(subject, body, _INLINER.inline(html.replace("\u202f", "\u00a0")) + "\n")

    def _written(self, name: str, language: str, form: Form, values: Mapping[str, JSON]) -> str:
        own = f"{name}.{language}.{form}.j2"
        file = own if (self._folder / own).is_file() else f"{name}.{language}.j2"
        return self._forms[form].get_template(file).render({**values, "form": form})


def _languages(folder: Path) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for file in folder.glob("*.j2"):
        if match := _NAME.fullmatch(file.name):
            found.setdefault(match[1], set()).add(match[2])
    return {name: frozenset(languages) for name, languages in sorted(found.items())}


def _environment(folder: Path, form: Form) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=form == "html",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals = {
        "columns": columns,
        "mailto": mailto,
        "order_for": order_for,
        "answer_link": answer_link,
    }
    environment.filters.update(money=money, day=day, paragraphs=paragraphs)
    return environment


def _plain(value: JSON) -> JSON:
    """The same value with every text on one line, without controls or marks that reverse reading."""
    if isinstance(value, str):
        return _one_line(value)
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [_plain(inner) for inner in value]
    return value


def _one_line(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character if character in _KEEP or unicodedata.category(character) not in _UNPRINTABLE else " "
        for character in text
    )


def _ordinary_spaces(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def _split_subject(name: str, text: str) -> tuple[str, str]:
    first, _, rest = text.partition("\n")
    if not first.startswith(_SUBJECT):
        raise SettingsError([f"template {name}: its first line must be `{_SUBJECT} ...`"])
    body = re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", rest)).strip("\n") + "\n"
    return " ".join(first.removeprefix(_SUBJECT).split()), _ordinary_spaces(wrapped(body))


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who writes to whom, and what makes this mail this one. Message-ID and date never change once chosen."""

    sender: str
    recipient: str
    message_id: str
    date: datetime
    sender_name: str = ""
    recipient_name: str = ""
    reply_to: str = ""
    references: tuple[str, ...] = ()
    """Message-IDs of the thread, oldest first."""
    auto_submitted: Literal["auto-generated", "auto-replied", ""] = "auto-generated"
    """RFC 3834: keeps other robots from answering."""
    seed: str = ""
    """What the MIME boundaries are made from; the Message-ID if empty."""
    extra: tuple[tuple[str, str], ...] = ()


class _AsItStands(BaseHeader):
    """A header of words that must stay whole, one a line. The library writes long ones as encoded words: encoded
    message ids cut the thread, and of an encoded List-Unsubscribe no mail program makes a button (RFC 2047 5 allows
    encoded words in neither)."""

    max_count = 1

    @classmethod
    def parse(cls, string: str, kwds: dict[str, Any]) -> None:
        kwds["decoded"] = string
        kwds["parse_tree"] = TokenList()

    def fold(self, *, policy: "Policy[Any]") -> str:
        return f"{self.name}: " + f"{policy.linesep} ".join(self.split()) + policy.linesep


def _policy() -> "EmailPolicy[EmailMessage]":
    registry = HeaderRegistry()
    for name in _WHOLE:
        registry.map_to_type(name, _AsItStands)
    return SMTP.clone(header_factory=registry)


_POLICY = _policy()


def compose(
    rendered: Rendered,
    envelope: Envelope,
    attachments: Sequence[Attachment] = (),
    pictures: Mapping[str, Attachment] | None = None,
) -> bytes:
    """The mail as bytes with CRLF, text before HTML, attachments last; ASCII only, but for a recipient who is not: such
    a mail has UTF-8 in its headers and needs a server with SMTPUTF8 (RFC 6532).

    `pictures` are those that the HTML shows as `cid:…`, by Content-ID: they travel beside it (RFC 2387), so that
    nothing is loaded from anywhere.

    Raises DeliveryError (not temporary) where an address or a header cannot be written safely: such a mail
    must be shown to the owner like one that a server refused.
    """
    message = EmailMessage(policy=_POLICY if _local(envelope.recipient).isascii() else _POLICY.clone(utf8=True))
    for name, value in _headers(rendered, envelope):
        message[name] = value
    message.set_content(rendered.text, charset="utf-8", cte="quoted-printable")
    message.add_alternative(rendered.html, subtype="html", charset="utf-8", cte="quoted-printable")
    for cid, picture in (pictures or {}).items():
        html = message.get_body(("html",))
        maintype, _, subtype = picture.type.partition("/")
        if html is not None:
            html.add_related(
                picture.content, maintype, subtype, cid=f"<{_safe('Content-ID', cid)}>", disposition="inline",
                filename=_safe("file name", picture.name),
            )  # fmt: skip
    for attachment in attachments:
        maintype, _, subtype = attachment.type.partition("/")
        message.add_attachment(
            attachment.content,
            maintype=maintype,
            subtype=subtype or "octet-stream",
            filename=_safe("file name", attachment.name),
        )
    _set_boundaries(message, envelope.seed or envelope.message_id)
    return message.as_bytes()


def _headers(rendered: Rendered, envelope: Envelope) -> list[tuple[str, str | Address | datetime]]:
    headers: list[tuple[str, str | Address | datetime]] = [
        ("From", _address(envelope.sender, envelope.sender_name)),
        ("To", _address(envelope.recipient, envelope.recipient_name)),
        ("Subject", _safe("Subject", rendered.subject)),
        ("Date", envelope.date),
        ("Message-ID", _safe("Message-ID", envelope.message_id)),
    ]
    if envelope.reply_to:
        headers.append(("Reply-To", _address(envelope.reply_to, envelope.sender_name)))
    if envelope.references:
        headers.append(("In-Reply-To", _safe("In-Reply-To", envelope.references[-1])))
        # The first and the latest are what readers thread by; a header has its limits.
        kept = envelope.references[:1] + envelope.references[1:][-9:]
        headers.append(("References", " ".join(_safe("References", id_) for id_ in kept)))
    if envelope.auto_submitted:
        headers.append(("Auto-Submitted", envelope.auto_submitted))
        # These two values only: All, DR, NDR or RN would suppress bounces and receipts too (MS-OXCMAIL 2.2.3.2.14).
        headers.append(("X-Auto-Response-Suppress", "OOF, AutoReply"))
    return headers + [(_safe("name", name), _safe(name, value)) for name, value in envelope.extra]


def _safe(header: str, value: str) -> str:
    if len(value) > _HEADER_LIMIT or any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in value):
        cause = "address" if header == "address" else "content"
        raise DeliveryError(f"{header} holds a line break or is too long for a mail", temporary=False, cause=cause)
    return value


def _address(address: str, name: str) -> Address:
    """An address for a header; its domain in ASCII (IDNA). Raises DeliveryError where it cannot be one."""
    local, _, domain = _safe("address", address).rpartition("@")
    try:
        host = domain.encode("idna").decode()
        if not local.isascii() and _BEYOND_ASCII.fullmatch(local) and local.isprintable() and host:
            return Address(_safe("name", name), username=local, domain=host)
        return Address(_safe("name", name), addr_spec=f"{local.encode('ascii').decode()}@{host}")
    except (ValueError, IndexError, HeaderParseError) as error:
        why = f"{address!r} is not an address that mail can be sent to"
        raise DeliveryError(why, temporary=False, cause="address") from error


def _local(address: str) -> str:
    return address.rpartition("@")[0]


def _set_boundaries(message: MIMEPart, seed: str) -> None:
    digest = sha256(seed.encode()).hexdigest()[:24]
    parts = (part for part in message.walk() if part.is_multipart())
    for number, part in enumerate(parts):
        part.set_boundary(f"=_{digest}_{number}")
