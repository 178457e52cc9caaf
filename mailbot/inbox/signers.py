"""Who signs a mail: names, functions, departments and numbers that people write below their letters."""

import re
from dataclasses import dataclass

from mailbot.inbox.folding import folded
from mailbot.inbox.numbers import INVOICE

_ANSWERS_WORDS = (
    "paye payee regle reglee fait ok oui non merci demain recu note entendu parfait bonjour bonsoir voir facture "
    "virement bien vu compris jamais refus litige contestee conteste accord "
    "vendredi lundi mardi mercredi jeudi samedi dimanche paid done sent yes no tomorrow today noted thanks received "
    "hello hi monday tuesday wednesday thursday friday stop never settled understood confirmed agreed approved "
    "bezahlt erledigt ja nein morgen danke erhalten montag dienstag mittwoch donnerstag freitag verstanden "
    "einverstanden pagado pagada hecho si manana gracias recibido lunes martes miercoles jueves viernes conforme "
    "pagato pagata fatto domani grazie ricevuto lunedi martedi mercoledi giovedi venerdi confermo "
    "betaald gedaan nee bedankt ontvangen maandag dinsdag woensdag donderdag vrijdag akkoord geregeld"
)
_ANSWERS = frozenset(_ANSWERS_WORDS.split())
FUNCTION = re.compile(
    r"\b(?:gerante?|directeur|directrice|comptab|responsable|president|presidente|fondat|associe|assistante?|service|"
    r"manager|director|accounts?|accountant|head of|officer|owner|founder|partner|assistant|controller|finance|ceo|cfo|"
    r"geschaftsfuhr|inhaber|buchhaltung|leiter|einkauf|meister|prokurist|kaufm|abteilung|"
    r"gerente|administraci|contab|propietari|jefe|departamento|"
    r"amministra|titolare|responsabile|ragionier|ufficio|direttore|"
    r"eigenaar|administratie|boekhoud|hoofd|zaakvoerder|afdeling|bedrijfsleider)|"
    r"\b(?:sarl|sas|sasu|eurl|gmbh|ltd|llc|llp|inc|plc|s\.?r\.?l|s\.?p\.?a|s\.?l|b\.?v|n\.?v|ag|kg|ug|oy|ab|aps|limited|"
    r"tel|tél|mob|fax|phone|siret|siren|tva|vat|ust|kvk|p\.? ?iva|cif|nif)\b"
)
_PHONE = re.compile(r"(?<![\w-])(?:\+?\d[\d .()/-]{7,}\d)")
_DAY = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-](?:20)?\d\d|20\d\d-\d\d-\d\d")
_TITLES_WORDS = (
    "mr mrs ms dr prof m mme mlle me dott dott.ssa geom rag ing avv arch sig sig.ra lic sr sra d i.a i.v i a v p.p ppa "
    "dipl.-ing fdo"
)
_TITLES = frozenset(_TITLES_WORDS.split())
_POSTSCRIPT = re.compile(r"^(?:p\.? ?s\.?|n\.? ?b\.?|post-?scriptum|pd|p\.d\.)\W")
_ADDED = re.compile(
    r"^\W{0,3}(?:edit|update|addendum|correction|rectificatif|rectification|ajout|erratum|nachtrag|korrektur|erganzung|"
    r"ergaenzung|posdata|correccion|anadido|aggiunta|rettifica|errata corrige|correctie|aanvulling|naschrift)\b ?\W"
)
_PERSON = re.compile(
    r"\b(?:i|we|our|you|your|je|j'|nous|notre|nos|on|vous|votre|ich|wir|unsere?|sie|ihre?n?|nosotros|nuestr[ao]s?|su|sus|"
    r"noi|nostr[aoei]|vostr[aoei]|ik|wij|ons|onze|jullie|uw)(?!\w)"
)
_SAID_WORDS = 3
_STATUS = re.compile(
    r"\ben (?:redressement|liquidation|sauvegarde|procedure)\b|"
    r"\bin (?:administration|liquidation|receivership|insolvenz|liquidazione|fallimento|vereffening)\b|"
    r"\bi\. ?[il]\.(?=\W|$)|\ben (?:concurso|liquidacion)\b|"
    r"\bin staat van faillissement"
)
"""That a firm is insolvent stands in its letterhead, as the law of most countries wants it."""
_OFFICE = re.compile(
    r"^(?:le |la |l'|the |die |der |das |il |el |de |het |your |votre |ihr |ihre |uw |votre )?(?:service|secretariat|"
    r"comptabilite|direction|equipe|team|buchhaltung|sekretariat|segreteria|amministrazione|ufficio|accounts|finance|"
    r"dpto|departamento|contabilidad|administratie|boekhouding|receptie|reception|rezeption|vertrieb|verwaltung)\b"
)
_OFFICE_WORDS = 5
_MAX_LINES = 6
_NAMEISH = re.compile(r"^[\w.'&*/(),:|+@ -]{1,60}$")
_NAME_WORD = re.compile(
    r"[^\W\d_][\w'’-]{0,24}\.?|(?:[^\W\d_]\.){1,3}|de|van|von|da|del|della|di|der|den|la|le|el|du|ter|ten"
)
_WORDS = re.compile(r"[\W_\d]+")


@dataclass(frozen=True, slots=True)
class Signer:
    """What the mail's From says of who signs it: words of name and address, and the name's initials."""

    named: bool
    tokens: frozenset[str]
    initials: frozenset[str]

    @classmethod
    def of(cls, name: str, address: str) -> "Signer":
        local, _, domain = address.partition("@")
        words = _WORDS.split(folded(f"{name} {local} {domain.rpartition('.')[0]}"))
        own = [word for word in _WORDS.split(folded(name)) if word]
        return cls(bool(own), frozenset(word for word in words if len(word) > 2), frozenset(word[0] for word in own))


def is_name_block(block: list[str], signer: Signer) -> bool:
    """Whether a paragraph is no more than name, firm, function and numbers of the one who signs."""
    if any(says_something(line) for line in block):
        return False
    if len(block) > _MAX_LINES or any(
        len(line) > 80 or (line.endswith(("?", ".", "!")) and len(line.split()) > 3) for line in block
    ):
        return False
    first, rest = block[0], block[1:]
    if not rest:
        return is_lone_name(first) or _is_office(first) or (len(first) <= 60 and is_signer(first, signer))
    if is_signer(first, signer) or (FUNCTION.search(folded(first)) and is_lone_name(block[-1])):
        return True
    return _looks_named(first) and all(
        is_contact(line) or FUNCTION.search(folded(line)) or is_signer(line, signer) for line in rest
    )


def says_something(line: str) -> bool:
    """Whether a line that may stand below a formula belongs to the text: a postscript, an invoice and its answer."""
    if _POSTSCRIPT.match(folded(line)):
        return True
    return len(line.split()) > 2 and bool(INVOICE.search(line)) and not FUNCTION.search(folded(line))


def is_of_signer(word: str, signer: Signer) -> bool:
    """Whether a folded word is one of the signer's names, initials or titles."""
    bare = word.strip(".,*()")
    return bare in signer.tokens or bare in _TITLES or (len(bare) == 1 and bare in signer.initials)


def is_sentence(text: str) -> bool:
    """Whether a line is said and not signed: "S.A. de C.V." and "Tel. | Fax." end with a full stop, too."""
    if text.endswith("?"):
        return True
    last = text.rstrip(".!").rpartition(" ")[2]
    return text.endswith((".", "!")) and len(text.split()) > 4 and len(last.replace(".", "")) > 3 and "|" not in text


def is_said(line: str) -> bool:
    """Whether a line below a signature mark says something: a sentence, an addition, a word of "we" or "you", or that
    a firm is insolvent."""
    low = folded(line)
    if says_something(line) or _ADDED.match(low) or is_sentence(line) or _STATUS.search(low):
        return True
    return len(line.split()) >= _SAID_WORDS and bool(_PERSON.search(low))


def _is_office(line: str) -> bool:
    """A department instead of a name: "Le service des finances", "Team Garage Lemmens"."""
    return len(line.split()) <= _OFFICE_WORDS and line[:1].isupper() and bool(_OFFICE.match(folded(line)))


def is_signer(line: str, signer: Signer) -> bool:
    """Whether a short line names the signer, the firm or part of them."""
    words = [word for word in _WORDS.split(folded(line)) if word]
    if not words or len(words) > 7 or not _NAMEISH.match(line) or not line[:1].isupper():
        return False
    if len(words) == 1 and len(words[0]) <= 3:
        return words[0][0] in signer.initials and (len(words[0]) == 1 or line.isupper())
    return any(
        len(word) > 2 and (word in signer.tokens or any(word in token for token in signer.tokens)) for word in words
    )


def is_lone_name(line: str) -> bool:
    """Whether a line is one to four capitalised words below everything else, which are no short answer."""
    words = line.split()
    return (
        1 <= len(words) <= 4
        and all(_NAME_WORD.fullmatch(word) for word in words)
        and (words[0][0].isupper() or folded(words[0]).strip(".") in _TITLES)
        and words[-1][0].isupper()
        and not (line.endswith(".") and len(words) == 1 and len(line) > 3)
        and not {folded(word).strip(".") for word in words} & _ANSWERS
    )


def _looks_named(line: str) -> bool:
    words = line.split()
    return (
        1 <= len(words) <= 6
        and sum(word[:1].isupper() for word in words) * 2 >= len(words)
        and not line.endswith((".", "!", "?", ",", ":"))
        and not any(char.isdigit() for char in line)
        and not {folded(word) for word in words} & _ANSWERS
    )


def is_contact(line: str) -> bool:
    """Whether a line is a telephone number, an address of mail or of a page, and no invoice number or day."""
    words = len(line.split())
    if words <= 12 and _PHONE.search(line) and not INVOICE.search(line) and not _DAY.search(line):
        return True
    return words <= 5 and ("@" in line or "www." in line.lower() or "http" in line.lower())
