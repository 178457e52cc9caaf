"""The header lines that mail programs write above a quoted or forwarded mail, in their users' languages.

"De : … Envoyé : … À : … Objet : …" is the same block as "From: … Sent: … To: … Subject: …"; each label is
known by its role. Words are folded (lower case, no accents).
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from mailbot.inbox.folding import folded
from mailbot.inbox.masks import EMAIL

_MAX_LINE = 1000
_MAX_LINES = 14
_MAX_LABEL = 64
_ROLES = {
    "from": (
        "from|de|von|da|van|fra|od|odesilatel|от|від кого|від|expeditorul|de la|salje|felado|kimden|gonderen|"
        "nadawca|lahettaja|fran|送信元|差出人|发件人|expediteur|sender|от кого|odosielatel|remitente|mittente|"
        "afzender|από|apo|saatja|siuntejas|nuo|no|från|de la part de|dari|tu|od koho|pošiljatelj|posiljatelj"
    ),
    "to": (
        "to|pour|a|an|para|aan|til|komu|till|prima|za|cimzett|do|adresat|destinatarul|catre|kime|alici|кому|"
        "vastaanottaja|送信先|宛先|收件人|destinataire|destinataires|destinatario|per|pro|προς|adressaat|kam|kepada|"
        "do koga|per a|al|empfanger|geadresseerde|ontvanger"
    ),
    "cc": (
        "cc|kopie|copie|copie a|kopi|kopia|kopie (cc)|masolat|dw|bilgi|копия|копія|kopio|copia|kopija|在副本|抄送|"
        "cc a|copia a|kopia do|udw|κοιν|κοινοποιηση|kopie an|bilgi (cc)|копия на|cc (copie)|ck|masolatot kap"
    ),
    "subject": (
        "subject|objet|betreff|asunto|assunto|oggetto|onderwerp|predmet|emne|temat|subiect|subiectul|konu|"
        "тема|amne|aihe|件名|targy|主题|主旨|sujet|θεμα|teema|titel|tittel|subjek|tema|zadeva|assumpte|naslov"
    ),
    "date": (
        "date|datum|sent|gesendet|envoye|fecha|data|inviato|verzonden|enviado|enviado el|enviada|enviado em|"
        "enviada em|dato|sendt|tarih|gonderilme tarihi|gonderildi|дата|отправлено|відправлено|надіслано|"
        "trimis|wyslano|odeslano|odoslane|poslano|elkuldve|lahetetty|skickat|日付|paivamaara|envoye le|"
        "datum odeslani|送信日時|发送时间|kuldve|datum slanja|data wyslania|wysłano|wyslane|σταλθηκε|ημερομηνια|"
        "saadetud|gesendet am|verzonden op|inviato il|sendt den|skickat den|received|recu le|empfangen|"
        "trimis la|data/ora|poslano dne|enviat|gonderme tarihi|gonderilen|gonderim tarihi|nosutits|issiusta|"
        "datums"
    ),
    "reply-to": ("reply-to|repondre a|risposta|antwort an|responder a|antwoord aan"),
    "other": (
        "importance|message-id|newsgroups|in-reply-to|organisation|organization|bcc|cci|priority|"
        "pieces jointes|piece jointe|attachments|attachment|attached|priorite|mailing list|importancia|"
        "importanza|wichtigkeit|urgentie|prioritat|prioriteit|bijlagen|bijlage|anlagen|anlage|anhang|"
        "datos adjuntos|adjuntos|adjunto|allegati|allegato|bilagor|vedlegg|vedhæftede filer|zalaczniki|"
        "załączniki|prilohy|liitteet|anexos|вложения|sensitivity|categories|return-path|delivered-to|"
        "x-mailer|user-agent|list-unsubscribe|sender|content-type|mime-version|references|confidentialite|"
        "drapeau|suivi|envelope-to|reply-to address"
    ),
}
_ROLE_OF = {folded(label): role for role, labels in _ROLES.items() for label in labels.split("|")}
_LABELS = "|".join(re.escape(label) for label in sorted(_ROLE_OF, key=len, reverse=True))
_LINE = re.compile(rf"^[\s>*|_]{{0,12}}({_LABELS})[\s*_]{{0,6}}[:：][\s*_]{{0,6}}")
_GLUED = re.compile(rf"(?<=\S)(?=(?:{_LABELS}) ?[:：] )")


_LABELLED = re.compile(r"^[^\W\d_][^\d:：@]{1,24}[:：](?!//)(.*)$")
_MOMENT = re.compile(r"(?=.*\d{1,2}[:.]\d\d)(?=.*(?:20\d\d|\d{1,2}[/.-]\d{1,2}[/.-]\d\d))")
_MIN_UNKNOWN = 4
_MAX_UNKNOWN = 6


@dataclass(frozen=True, slots=True)
class HeaderBlock:
    """Header lines from `start` to before `end`; `fields` by role, as written."""

    start: int
    end: int
    fields: dict[str, str]

    def addresses(self, role: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(a.lower() for a in EMAIL.findall(_without_mailto(self.fields.get(role, "")))))


def role_of(line: str) -> tuple[str, int] | None:
    """The role of the label that `line` begins with, and where its value begins."""
    if ":" not in line[:_MAX_LABEL] and "：" not in line[:_MAX_LABEL]:
        return None
    found = _LINE.match(folded(line[:_MAX_LABEL]))
    return (_ROLE_OF[found[1]], found.end()) if found else None


def header_block(lines: list[str], at: int) -> HeaderBlock | None:
    """The block of header lines that begins at `at`: a sender and two more roles within a few lines."""
    if role_of(lines[at]) is None:
        return None
    fields: dict[str, str] = {}
    end, role = at, ""
    for position in range(at, min(at + _MAX_LINES, len(lines))):
        line = lines[position][:_MAX_LINE]
        labelled = role_of(line)
        if labelled and labelled[0] not in fields:
            role, value = labelled
            fields[role] = line[value:].strip(" *\t")
        elif labelled and role_of(lines[at]) != labelled:
            pass
        elif not line.strip(" >\t"):
            if ("from" in fields and len(fields) >= 3) or len(fields) >= 4:
                break
            continue
        elif role in ("to", "cc", "from", "reply-to") and _goes_on(fields[role], line):
            fields[role] += " " + line.strip(" >\t")
        elif (
            role == "subject" and position == end and (line.startswith((" ", "\t")) or _is_label_next(lines, position))
        ):
            fields[role] += " " + line.strip()
        else:
            break
        end = position + 1
    known = fields.keys() - {"other", "reply-to"}
    return (
        HeaderBlock(at, end, fields)
        if len(known) >= 3 and ("from" in known or ("date" in known and "to" in known))
        else None
    )


def unknown_block(lines: list[str], at: int) -> HeaderBlock | None:
    """A block in a language without a table: "label: value" four times, first an address, then a day with a time.

    Mail programs keep the order of sender, day, recipients and subject in every language.
    """
    pairs: list[str] = []
    for line in lines[at : at + _MAX_LINES]:
        found = _LABELLED.match(line[:_MAX_LINE].strip(" >*\t"))
        if not found:
            break
        pairs.append(found[1].strip(" *\t"))
    if not _MIN_UNKNOWN <= len(pairs) <= _MAX_UNKNOWN or "@" not in pairs[0] or not _MOMENT.search(pairs[1]):
        return None
    fields = {"from": pairs[0], "date": pairs[1], "to": pairs[2], "subject": pairs[-1]}
    return HeaderBlock(at, at + len(pairs), fields)


def _goes_on(value: str, line: str) -> bool:
    """Whether a line is the rest of a list of addresses: the value is not finished, or the line begins with one."""
    if value.endswith((",", ";", "<")) or not value:
        return True
    return "@" in line and (line[:1] in " \t<" or "@" in line.strip(" >\t\"'(<").split(" ", 1)[0])


def _is_label_next(lines: list[str], position: int) -> bool:
    """Whether a label stands below a line, which therefore goes on with the value above it."""
    return position + 1 < len(lines) and role_of(lines[position + 1]) is not None


def unglued(line: str) -> list[str]:
    """One line that holds several headers without line breaks (Yahoo), as one line for each."""
    low = folded(line[:_MAX_LINE])
    cuts = [
        0,
        *(
            m.start()
            for m in _GLUED.finditer(low)
            if low[m.start() - 1] in ">m " or (low[m.start() - 1].isalnum() and line[m.start()].isupper())
        ),
        len(line),
    ]
    return [line[a:b] for a, b in pairwise(cuts) if a < b]


def _without_mailto(text: str) -> str:
    return re.sub(r"<mailto:[^<>\s]{1,200}>", " ", text)
