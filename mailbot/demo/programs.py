"""How people's mail programs write: the line or block above a quote, quotes in text and HTML, and dates."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import escape

from babel.dates import format_datetime

_DAY = {
    ("gmail", "fr"): "EEE d MMM y 'à' HH:mm",
    ("gmail", "en"): "EEE, MMM d, y 'at' h:mm a",
    ("outlook", "fr"): "EEEE d MMMM y HH:mm",
    ("outlook", "en"): "EEEE, MMMM d, y h:mm a",
    ("outlook", "es"): "EEEE, d 'de' MMMM 'de' y H:mm",
    ("outlook", "nl"): "EEEE d MMMM y HH:mm",
    ("gmx", "de"): "EEEE, dd. MMMM y 'um' HH:mm",
    ("libero", "it"): "dd/MM/y HH:mm z",
    ("apple", "fr"): "d MMM y 'à' HH:mm",
    ("apple", "en"): "d MMM y, 'at' HH:mm",
    ("plain", "fr"): "dd/MM/y 'à' HH:mm",
    ("plain", "en"): "dd/MM/y HH:mm",
}
_WROTE = {
    ("gmail", "fr"): "Le {day}, {who} a écrit :",
    ("gmail", "en"): "On {day} {who} wrote:",
    ("apple", "fr"): "Le {day}, {who} a écrit :",
    ("apple", "en"): "On {day}, {who} wrote:",
    ("plain", "fr"): "Le {day}, {who} a écrit :",
    ("plain", "en"): "On {day}, {who} wrote:",
    ("libero", "it"): "Il {day} {who} ha scritto:",
}
_BLOCK = {
    "fr": ("De :", "Envoyé :", "À :", "Objet :"),
    "en": ("From:", "Sent:", "To:", "Subject:"),
    "es": ("De:", "Enviado:", "Para:", "Asunto:"),
    "nl": ("Van:", "Verzonden:", "Aan:", "Onderwerp:"),
}
_RULE = "________________________________"


@dataclass(frozen=True, slots=True)
class Original:
    """A mail as the person who answers or forwards it sees it; `to` is one line."""

    name: str
    address: str
    to: str
    subject: str
    date: datetime
    text: str

    @property
    def who(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


def parsed(raw: bytes) -> EmailMessage:
    """A mail with its headers decoded."""
    return message_from_bytes(raw, policy=default)


def original_of(raw: bytes, zone: tzinfo | None) -> Original:
    """The mail that lies before somebody whose clock shows `zone`."""
    message = parsed(raw)
    sender = message["From"].addresses[0]
    body = message.get_body(("plain",))
    return Original(
        name=sender.display_name,
        address=sender.addr_spec,
        to=", ".join(address.addr_spec for address in message["To"].addresses),
        subject=str(message["Subject"]),
        date=message["Date"].datetime.astimezone(zone),
        text=body.get_content().replace("\r\n", "\n").strip("\n") if body else "",
    )


def quoted_text(original: Original, style: str, language: str) -> str:
    """What the program puts below an answer."""
    if style == "outlook":
        return f"{_RULE}\n{header_block(original, language)}\n\n{original.text}"
    if style == "gmx":
        return "\n".join(f"{label} {value}" for label, value in _gmx_fields(original)) + f"\n\n{original.text}"
    if style == "libero":
        said = f"{_attribution(original, style, language)}\n\n\n{original.text}"
        return "\n".join(f"> {line}".rstrip() for line in said.split("\n"))
    marked = "\n".join(f"> {line}".rstrip() for line in original.text.split("\n"))
    separator = "\n\n" if style in ("gmail", "apple") else "\n"
    return f"{_attribution(original, style, language)}{separator}{marked}"


def quoted_html(original: Original, style: str, language: str) -> str:
    """The same in HTML."""
    if style == "outlook":
        return _outlook_quote(original, language)
    if style == "gmx":
        return _gmx_quote(original)
    header, body = escape(_attribution(original, style, language)), as_html(original.text)
    if style == "gmail":
        return (
            '<div class="gmail_quote gmail_quote_container">'
            f'<div dir="ltr" class="gmail_attr">{header}<br></div>'
            '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid '
            f'rgb(204,204,204);padding-left:1ex">{body}</blockquote></div>'
        )
    return f'<div><br><blockquote type="cite"><div>{header}</div><br><div>{body}</div></blockquote></div>'


def header_block(original: Original, language: str) -> str:
    """Outlook's four lines above a mail that is quoted or forwarded."""
    return "\n".join(f"{label} {value}" for label, value in _block_fields(original, language))


def gmail_forward(original: Original, language: str) -> str:
    """Gmail's lines above a forwarded mail; in French it translates only the first."""
    sender = {"fr": "De :", "en": "From:"}[language]
    return (
        "---------- Forwarded message ---------\n"
        f"{sender} {original.who}\nDate: {day_of(original, 'gmail', language)}\n"
        f"Subject: {original.subject}\nTo: <{original.to}>\n\n\n{original.text}"
    )


def as_html(text: str) -> str:
    """Lines of text as a mail program shows them in HTML."""
    return "<br>\n".join(escape(line, quote=False) for line in text.split("\n"))


def day_of(original: Original, style: str, language: str) -> str:
    """When a mail was written, as the program shows it."""
    locale = "en_US" if language == "en" else language
    written = format_datetime(original.date, _DAY[style, language], tzinfo=original.date.tzinfo, locale=locale)
    return written.replace("\u202f", " ")


def _attribution(original: Original, style: str, language: str) -> str:
    return _WROTE[style, language].format(day=day_of(original, style, language), who=original.who)


def _block_fields(original: Original, language: str) -> list[tuple[str, str]]:
    values = (original.who, day_of(original, "outlook", language), original.to, original.subject)
    return list(zip(_BLOCK[language], values, strict=True))


def _gmx_fields(original: Original) -> list[tuple[str, str]]:
    """GMX's webmail puts the day first, and the sender's name between quotation marks."""
    sender = f'"{original.name}" <{original.address}>'
    values = (day_of(original, "gmx", "de"), sender, original.to, original.subject)
    return list(zip(("Gesendet:", "Von:", "An:", "Betreff:"), values, strict=True))


def _gmx_quote(original: Original) -> str:
    fields = "<br>\n".join(f"<b>{label}</b>&nbsp;{escape(value)}" for label, value in _gmx_fields(original))
    return (
        '<div name="quote" style="margin:10px 5px 5px 10px;padding:10px 0 10px 10px;border-left:2px solid #C3D9E5">'
        f'<div style="margin:0 0 10px 0">{fields}</div>\n'
        f'<div name="quoted-content">{as_html(original.text)}</div></div>'
    )


def _outlook_quote(original: Original, language: str) -> str:
    fields = "<br>\n".join(f"<b>{label}</b> {escape(value)}" for label, value in _block_fields(original, language))
    return (
        '<hr style="display:inline-block;width:98%" tabindex="-1">\n'
        '<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" style="font-size:11pt" '
        f'color="#000000">{fields}</font><div>&nbsp;</div></div>\n<div>{as_html(original.text)}</div>'
    )
