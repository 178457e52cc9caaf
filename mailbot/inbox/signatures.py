"""Where the text ends and the signature begins: "-- ", "Sent from my …", a formula, a bare name, a disclaimer."""

import re

from mailbot.inbox.folding import folded
from mailbot.inbox.numbers import INVOICE

_MAX_LINE = 400
_LOOK_BACK = 25
_DELIMITER = re.compile(r"^(?:--|—|__|ᐧ|\*{3,}|[-_=~#+*]{5,})\s*$|^-- ")
_SENT_FROM = re.compile(
    r"^(?:sent (?:from|via|with) |envoye (?:depuis|de|a partir|avec|via) |telecharger outlook|"
    r"obtenir outlook|get outlook|get \[?outlook|von meinem |gesendet (?:von|mit) |"
    r"enviado (?:desde|de) |inviato da |verzonden vanaf |verstuurd vanaf |sendt fra |"
    r"diese nachricht wurde von |provenance ?:|"
    r"skickat fran )"
)
_DISCLAIMER = re.compile(
    r"^(?:\*+ ?)?(?:confidentiality notice|disclaimer|ce (?:message|courriel|mail|"
    r"courrier)(?: electronique)? (?:et|est|peut|contient|s'adresse)|this (?:e-?mail|message|"
    r"communication)(?: and| is| may| contains| \()|"
    r"l'information contenue|les informations contenues|avertissement|avis de confidentialite|"
    r"pensez a l'environnement|please consider the environment|"
    r"the information (?:contained|in this)|registered (?:in|office)|n'imprimez|save a tree|--- ?avast|"
    r"diese e-mail)"
)
_FORMULA = re.compile(
    r"^(?:(?:veuillez|je vous prie|nous vous prions|recevez|agreez)\b.{0,40}(?:agreer|recevoir|accepter|"
    r"salutations|expression|sentiments).{0,120}|cordialement / .{2,30}|br|bonnes? fetes.{0,40}|(?:tres |"
    r"bien )?(?:cordialement|sincerement|amicalement|respectueusement)|cdlt|cdt|bien cdlt|bien a (?:vous|"
    r"toi)|(?:tres )?bonne (?:journee|soiree|fin de journee|semaine|reception|continuation|apres-midi)|"
    r"bon(?:ne)? (?:week-?end|fin de semaine|weekend)|bonnes? (?:fetes|vacances)|(?:avec )?(?:mes |nos |"
    r"toutes mes )?(?:meilleures |sinceres |cordiales )?salutations|meilleures salutations|"
    r"(?:veuillez|je vous prie|nous vous prions|recevez)\b.{0,60}(?:agreer|recevoir|accepter|salutations|"
    r"expression|sentiments)|dans l'attente|en vous remerciant|"
    r"merci(?: (?:d'avance|beaucoup|bien|a vous|pour (?:votre )?(?:comprehension|retour|patience)|"
    r"par avance|de votre .{2,20}))?|salutations|a bientot|bises|bav|"
    r"(?:kind(?:est)?|best|warm(?:est)?|many|with (?:kind |best )?|kind )?\s?regards|rgds|best(?: wishes)?|"
    r"all (?:the )?best|(?:yours |very )(?:sincerely|faithfully|truly)|sincerely(?: yours)?|yours|"
    r"cheers|ta|thanks(?: (?:again|a lot|so much|very much|in advance|and .{2,30}|for .{2,40}))?|"
    r"thank you(?: (?:again|very much|so much|in advance|for .{2,40}))?|many thanks|thx|tks|"
    r"have a (?:good|nice|great) .{2,30}|speak soon|talk soon|respectfully|take care|"
    r"mit freundlichen gru.{1,6}|freundliche gru.{1,6}|viele gru.{1,6}|mfg|vg|lg|beste gru.{1,6}|un saludo|"
    r"saludos(?: cordiales)?|atentamente|cordiali saluti|distinti saluti|grazie|"
    r"met vriendelijke groet(?:en)?|vriendelijke groet(?:en)?|groet(?:en|jes)?|mvg)\b[\s,.!)*:;☀🙂😊-]*$"
)
_SOFT = re.compile(r"^(?:merci|thanks|thank you|thx|ta|cheers|yours|best)\b")
_ANSWERS = frozenset(
    [
        "paye",
        "payee",
        "regle",
        "reglee",
        "fait",
        "ok",
        "oui",
        "non",
        "merci",
        "demain",
        "recu",
        "note",
        "entendu",
        "parfait",
        "bonjour",
        "bonsoir",
        "vendredi",
        "lundi",
        "mardi",
        "mercredi",
        "jeudi",
        "samedi",
        "dimanche",
        "paid",
        "done",
        "sent",
        "yes",
        "no",
        "tomorrow",
        "today",
        "noted",
        "thanks",
        "received",
        "hello",
        "hi",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "stop",
        "voir",
        "facture",
        "virement",
        "bien",
        "vu",
        "compris",
        "jamais",
        "refus",
        "litige",
        "never",
        "settled",
        "understood",
        "confirmed",
    ]
)
_PHONE = re.compile(r"(?<![\w-])(?:\+?\d[\d .()/-]{7,}\d)")
_NAMEISH = re.compile(r"^[\w.'&*/(),:|+@ -]{1,60}$")


def split_signature(lines: list[str], name: str, address: str) -> tuple[list[str], list[str]]:
    """`lines` in two: what was written, and the signature with closing formula and disclaimers below it."""
    end = _first_delimiter(lines)
    body, signature = lines[:end], lines[end:]
    cut = _closing(body, name, address)
    return body[:cut], body[cut:] + signature


def _first_delimiter(lines: list[str]) -> int:
    in_code = written = False
    for at, line in enumerate(lines):
        bare = folded(line[:_MAX_LINE]).strip(" *")
        in_code ^= bare.startswith("```")
        above, written = written, written or bool(bare)
        if in_code or not bare or not above:
            continue
        if (
            _DELIMITER.match(line)
            or (_SENT_FROM.match(bare) and len(bare) < 160)
            or (_DISCLAIMER.match(bare) and len(lines) - at < _LOOK_BACK)
        ):
            return at
    return len(lines)


def _closing(lines: list[str], name: str, address: str) -> int:
    """The line at which a closing formula or a bare name begins; the number of lines where there is none."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    for at in range(max(1, end - 14), end):
        bare = folded(lines[at][:_MAX_LINE]).strip(" *_")
        if _FORMULA.match(bare) and _is_tail(lines[at + 1 : end]) and not (_SOFT.match(bare) and at + 1 == end):
            return _up_formulas(lines, at)
    return _bare_name(lines, end, name, address)


def _is_tail(below: list[str]) -> bool:
    """Below a formula stand only short lines: names, functions, addresses, telephone numbers."""
    texts = [line.strip() for line in below if line.strip()]
    return all(len(text) <= 90 and not text.endswith(("?", " ?")) for text in texts) and len(texts) <= 12


def _up_formulas(lines: list[str], at: int) -> int:
    while at > 1:
        above = at - 1
        while above and not lines[above].strip():
            above -= 1
        if not _FORMULA.match(folded(lines[above][:_MAX_LINE]).strip(" *_")) or above == 0:
            break
        at = above
    return at


def _bare_name(lines: list[str], end: int, name: str, address: str, paragraphs: int = 3) -> int:
    """The last paragraphs, where they are no more than the sender's name, firm and number."""
    tokens = {
        t
        for t in re.split(
            r"[\W_\d]+", folded(f"{name} {address.partition('@')[0]} {address.partition('@')[2].rpartition('.')[0]}")
        )
        if len(t) > 2
    }
    initials = {t[0] for t in re.split(r"[\W_\d]+", folded(name)) if t}
    start = end
    while start > 1 and lines[start - 1].strip():
        start -= 1
    if start <= 1 or lines[start - 1].strip():
        return end
    paragraph = [line.strip() for line in lines[start:end]]
    if len(paragraph) > 6 or any(
        len(line) > 60 or (line.endswith(("?", ".", "!")) and len(line.split()) > 3) for line in paragraph
    ):
        return end
    if (
        _is_lone_name(paragraph)
        or _is_signer(paragraph[0], tokens, initials)
        or (all(_is_contact(line) for line in paragraph[1:]) and len(paragraph) > 1 and _looks_named(paragraph[0]))
    ):
        return _above(lines, start)
    if all(_is_contact(line) for line in paragraph):
        above = _text_end(lines, start)
        return _bare_name(lines[:above], above, name, address, paragraphs - 1) if paragraphs and above > 1 else end
    return end


def _above(lines: list[str], start: int) -> int:
    at = _text_end(lines, start)
    bare = folded(lines[at - 1][:_MAX_LINE]).strip(" *_") if at > 1 else ""
    return _up_formulas(lines, at - 1) if at > 1 and _FORMULA.match(bare) else start


def _text_end(lines: list[str], end: int) -> int:
    while end and not lines[end - 1].strip():
        end -= 1
    return end


def _is_signer(line: str, tokens: set[str], initials: set[str]) -> bool:
    bare = folded(line)
    words = [w for w in re.split(r"[\W_\d]+", bare) if w]
    if not words or len(words) > 7 or not _NAMEISH.match(line):
        return False
    if len(words) == 1 and len(words[0]) <= 3:
        return words[0][0] in initials and (len(words[0]) == 1 or line.isupper())
    return (
        any(len(w) > 2 and (w in tokens or any(t.startswith(w) or w in t for t in tokens)) for w in words)
        and line[:1].isupper()
    )


def _is_lone_name(paragraph: list[str]) -> bool:
    """One line of one to three capitalised words below everything else, which is no short answer."""
    words = paragraph[0].replace("-", " ").split()
    return (
        len(paragraph) == 1
        and 1 <= len(words) <= 3
        and all(re.fullmatch(r"[^\W\d_]\w{0,20}\.?", word) and word[0].isupper() for word in words)
        and not (paragraph[0].endswith(".") and len(words) == 1 and len(paragraph[0]) > 3)
        and not {folded(word).strip(".") for word in words} & _ANSWERS
    )


def _looks_named(line: str) -> bool:
    words = line.split()
    return (
        1 <= len(words) <= 6
        and sum(w[:1].isupper() for w in words) * 2 >= len(words)
        and not line.endswith((".", "!", "?", ",", ":"))
    )


def _is_contact(line: str) -> bool:
    return (bool(_PHONE.search(line)) and not INVOICE.search(line)) or "@" in line or "www." in line.lower()
