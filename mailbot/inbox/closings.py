"""How letters begin and end, in many languages: greetings, formulas, lines that telephones add, disclaimers.

A line is a closing formula when every word of it belongs to the vocabulary of closings in its language and one of
them is a word that closes ("Grazie e buona giornata", "Thanks & regards"): such a line carries no information.
A paragraph is a disclaimer when it speaks of confidentiality and of recipients, errors or deletion.
All words are folded (`folding.folded`): lower case, no accents.
"""

import re

from mailbot.inbox.folding import folded

_CLOSE = {
    "fr": (
        "cordialement amicalement sincerement respectueusement salutations cdlt cdt bien bises bav bav. amities "
        "journee soiree reception continuation semaine week-end weekend fetes vacances apres-midi bientot merci "
        "remerciements courage excuses"
    ),
    "en": (
        "regards rgds sincerely faithfully truly cheers best wishes thanks thank thx tks ta yours respectfully soon "
        "care br kr weekend day evening week bye holidays christmas apologies"
    ),
    "de": (
        "grußen gruße gruß grusse grussen gruss mfg vg lg hochachtungsvoll dank danke servus tag wochenende "
        "gruessen gruesse ihr ihre tschuss woche abend pfiat feiertage weihnachten"
    ),
    "es": (
        "saludo saludos atentamente cordialmente gracias abrazo atte dia tarde semana atentos respetuosamente fiestas"
    ),
    "it": (
        "saluti cordialmente distintamente grazie giornata serata presto ossequi lavoro weekend settimana saluto "
        "cordialita feste"
    ),
    "nl": (
        "groet groeten groetjes hoogachtend mvg gr dank bedankt dag weekend avond grt week feesten feestdagen "
        "jaarwisseling"
    ),
    "pt": ("cumprimentos atenciosamente obrigado obrigada abraco abracos cordialmente att saudacoes"),
    "nordic": ("halsningar halsning hilsen hilsner mvh vh vanligen tack takk tak terveisin terveisia kiitos"),
    "slavic": (
        "pozdrawiam pozdrowieniami powazaniem pozdravem dekuji dziekuje pozdravom dakujem pozdrav уважением спасибо "
        "повагою дякую"
    ),
    "other": ("sinceramente ευχαριστω χαιρετισμους saygılarımla tesekkurler udvozlettel koszonom stima multumesc"),
}
_WITH = {
    "fr": (
        "a tres tout toute tous toutes la le les mes nos meilleures sinceres cordiales distinguees respectueuses "
        "avec bonne bon bonnes belle excellente fin de debut du vous toi et en d l d'avance avance par beaucoup "
        "infiniment bien encore pour votre vos ton ta comprehension retour retours patience reponse aide confiance "
        "attention compréhension bonjour suite prompt diligence excellent au equipe l'equipe plus"
    ),
    "en": (
        "kind kindest best warm warmest many with very all the you your yours and & again a lot so much in advance "
        "for help patience understanding have nice good great lovely one speak talk see to take prompt time "
        "cooperation support reply response assistance attention rest of million bunch ton our apologies merry "
        "happy new year"
    ),
    "de": (
        "mit freundlichen freundlichem freundliche freundlicher viele vielen besten beste bestem bester herzliche "
        "herzlichen herzlichem schone schonen einen noch liebe lieben und aus von nach fur ihre ihr verstandnis "
        "hilfe im voraus ein schones guten geduld ihnen euch dir sonnige frohe antwort ruckmeldung bemuhungen "
        "wunsche ich wunschen wir"
    ),
    "es": (
        "un una cordial cordiales atento muy por de antemano muchas mil y que tenga buen buena buenas feliz su "
        "comprension ayuda atencion paciencia respuesta le les reciba reciban nuestros mis mas con el la"
    ),
    "it": (
        "cordiali distinti migliori i miei nostri piu con tanti e buona buono buon un caro cari vi ti molte mille "
        "di cuore a per la vostra sua tua comprensione disponibilita pazienza attenzione anticipatamente in "
        "anticipo risposta collaborazione porgo porgiamo le tutti augurandovi fine"
    ),
    "nl": (
        "met vriendelijke vriendelijk hartelijke hartelijk beste vele veel fijne prettige goede nog en alvast bij "
        "voorbaat u je jullie voor uw de moeite begrip hulp geduld reactie een wel heel erg"
    ),
    "pt": ("com os melhores muito e um uma bom dia boa tarde desde ja pela atencao"),
    "nordic": ("med vennlig venlig vanliga basta beste bedste pa forhand ystavallisin parhain"),
    "slavic": ("z s serdecznie wyrazami za predem с"),
    "other": ("με εκτιμηση cu tisztelettel"),
}
_CLOSERS = {key: frozenset(folded(words).split()) for key, words in _CLOSE.items()}
_SHARED = frozenset({"et", "and", "und", "y", "e", "en", "&", "regards", "best", "ciao"})
_VOCABULARY = {key: _CLOSERS[key] | frozenset(folded(_WITH[key]).split()) for key in _CLOSE}
_THANKS_WORDS = (
    "merci remerciements thanks thank thx tks ta dank danke gracias grazie bedankt obrigado obrigada tack takk tak "
    "kiitos dziekuje dekuji спасибо"
)
_THANKS = frozenset(_THANKS_WORDS.split())
_WORD = re.compile(r"[^\W\d_](?:[\w'-]*\w)?\.?|\S")
_QUIET = frozenset(",.!;:-/&+*()…_☀🙂😊👍🏻'\"")
_POLITE = re.compile(
    r"^(?:(?:nous )?vous (?:souhaitant|remerciant)|veuillez|je vous prie|nous vous prions|recevez|agreez|"
    r"dans l'attente|en vous (?:remerciant|souhaitant)|je vous (?:souhaite|adresse)|restant a votre|sans autre|"
    r"looking forward|i look forward|we look forward|quedo al?|quedamos al?|reciba|sin otro|a la espera|"
    r"ringraziand|nel ringraziar|con l'occasione|cogliamo l'occasione|in attesa di|resto in attesa|restiamo in attesa|"
    r"porgo|porgiamo|for and on behalf of)"
)
_FAREWELL = re.compile(
    r"^(?:a (?:tres )?bientot|a plus|see you|bis (?:bald|dann|demnachst)|hasta (?:pronto|luego)|a presto|ci vediamo|"
    r"tot (?:snel|dan|ziens|gauw))\b"
)
_MAX_FAREWELL = 6
_POLITE_END = re.compile(
    r"agreer|recevoir|accepter|salutations|expression|sentiments|disposition|"
    r"confiance|comprehension|forward|saludo|espera|pendiente|riscontro|saluti|on behalf|considerazione"
)
_MAX_WORDS = 14
_MAX_POLITE = 220
_MAX_PIECES = 4

_SENT = re.compile(
    r"^[\W_]*(?:(?:diese|le|ce|este|this|dit|questo) (?:nachricht|message|mensaje|e-?mail|mail|bericht|messaggio) "
    r"(?:a ete |ha sido |was |is |e stato )?)?"
    r"(?:mobil |mobile )?(?:sent|envoye|gesendet|enviado|inviato|verzonden|verstuurd|sendt|skickat|lahetetty|wysłano|"
    r"wysłane|odeslano|odoslane|отправлено|надіслано|trimis|elkuldve|posted) (?:\w+ ){0,2}?"
    r"(?:from|via|with|using|depuis|de|d'un|a partir|avec|mit|von|vom|uber|desde|con|da|dal|met|vanaf|fra|fran|z|ze|с|"
    r"do|prin)\b|"
    r"^[\W_]*(?:diese (?:nachricht|e-?mail) wurde )?(?:von|vom|mit) .{4,60} (?:gesendet|geschickt|verschickt)\b"
)
_GET = re.compile(
    r"^[\W_]*(?:get|obtenir|obtenez|obtenga|obter|obtener|ottieni|telecharger|telechargez|descargar|descarga|scarica|"
    r"download|holen sie sich|hol dir|skaffa|hent|hanki|outlook|yahoo)\b|^provenance ?:"
)
_APP = re.compile(
    r"\b(?:outlook|proton ?mail|yahoo mail|yahoo|aol|bluemail|blue mail|spark|superhuman|mailbird|missive|mailspring|"
    r"thunderbird|zoho mail|canary mail|airmail|k-9 mail|fairemail|edison|mailbox|windows mail|courrier pour windows|"
    r"(?:e-?mail|mail|correo|posta|courrier)(?:-app)? (?:for|pour|fur|para|per|voor) windows|mail app|gmx|web\.de)\b"
)
_DEVICE = re.compile(
    r"\b(?:iphone|ipad|ios|android|galaxy|samsung|huawei|xiaomi|redmi|nokia|blackberry|pixel|oneplus|smartphone|"
    r"handy|mobiltelefon|mobilgerat|mobile device|telephone portable|tablet|tablette|appareil|proton|gmail|freenet|"
    r"free mobile|sfr mail|mail orange|orange mail|ma messagerie|laposte|la poste|libero mail|virgilio mail|tiscali|"
    r"kpn mail|ziggo|windows phone|"
    r"movil|cellulare|dispositivo|mobiele telefoon|telefoon)\b"
)
_MINE = re.compile(
    r"^(?:sent from my|envoye de mon|envoye depuis mon|enviado desde mi|inviato dal mio|verzonden vanaf mijn|"
    r"verstuurd vanaf mijn|von meinem|enviado do meu|skickat fran min|sendt fra min|sendt fra mit)\b"
    r"(?!.{0,40}\b(?:bank|"
    r"account|compte|konto|cuenta|conto|rekening|banque))"
)
_MAX_SENDING = 160
_PROMOTION = re.compile(r"^(?:---? ?avast|virus-?free|garanti sans virus|sans virus|l'absence de virus|ᐧ)")

_SECRET = re.compile(
    r"\bconfiden[tc]i|\bvertraulich|\bvertrouwelijk|\briservat|\breservad|\bprivileg|\blegally protected|"
    r"\bproprietary|\bstrictement personnel|\bstrettamente|\bpersoonlijk|\buitsluitend|"
    r"\bausschließlich|\bausschliesslich|"
    r"\bintended (?:only |solely |exclusively )?for|\bfortrolig|\bkonfidentiell|\bpoufn|\bduvern|\bluottamuksellin"
)
_RECIPIENT = re.compile(
    r"\brecipients?\b|\baddressee|\bdestinat|\bdestine|\badressat|\bempfanger|\bgeadresseerde|\bontvanger|"
    r"\bperson it is addressed|\bperson to whom|\bin error\b|\bpar erreur\b|\birrtumlich|\bper errore\b|\bpor error\b|"
    r"\babusievelijk|\bunauthori[sz]ed|\bdisclos|\bmodtager|\bmottagare|\bodbiorc|\b2016/679|\bdisclosure\b"
)
_MESSAGE = re.compile(
    r"\be-?mails?\b|\bmessages?\b|\bcourriels?\b|\bmensaje|\bmessaggi|\be-?mailbericht|\bbericht|\bnachricht|"
    r"\bcorreo|\bcommunication|\bmensagem|\bmeddela|\bmeddelelse|\bwiadomo|\btransmission"
)
_NOTICE = re.compile(
    r"^[\W_]*(?:p )?(?:confidentiality notice|confidentiality:|disclaimer|avis de confidentialite|"
    r"avertissement\b.{0,12}:|"
    r"think before|please consider the environment|pensez a l'environnement|pensez a la planete|save a tree|"
    r"n'imprimez|avant d'imprimer|before printing|denken sie an die umwelt|bitte prufen sie,? ob|"
    r"antes de imprimir|prima di stampare|rispetta l'ambiente|denk aan het milieu|"
    r"registered (?:in (?:england|scotland|ireland)|office)|registered company|"
    r"company (?:registration )?(?:no|number)|sitz der gesellschaft|"
    r"handelsregister\W|amtsgericht .{0,30}\bhr|geschaftsfuhrer(?:in)?:|kvk\W{0,3}(?:nr|nummer|\d)|"
    r"aviso legal|avviso legale|nota di riservatezza|"
    r"this (?:e-?mail|message) (?:and any|is confidential)|"
    r"(?:ce|cet) (?:message|courriel|e-?mail) (?:est|a ete) (?:envoye|genere) automatiquement|"
    r"(?:this is an automat|this (?:message|e-?mail) (?:was|is|has been) (?:sent |generated )?automatically)|"
    r"(?:please )?do not reply to this|merci de ne pas repondre a ce|diese (?:e-?mail|nachricht) wurde automatisch|"
    r"bitte antworten sie nicht auf|(?:este|esta) (?:mensaje|correo) (?:es|se ha) (?:automatico|generado|enviado auto)|"
    r"no responda a este|non rispondere a quest|questo messaggio e stato (?:generato|inviato) auto|"
    r"dit (?:is een automatisch|bericht is automatisch)|"
    r"(?:this|the) (?:e-?mail|message) has been scanned)"
)
_MAX_PARAGRAPH = 1500


_GREETED_WORDS = (
    "et und and y e en de la le a tous toutes all both team there madame monsieur mesdames messieurs frau herr "
    "sig.ra signora mevrouw heer damen herren relatie klant cliente ditta equipe again everyone zusammen allen mme "
    "m mr dr"
)
_GREETED = frozenset(_GREETED_WORDS.split())
_MAX_GREETED = 6
_GREETING = re.compile(
    r"^(?:bonjour|bonsoir|salut|madame|monsieur|chere?s?|hello|hi|hey|dear|good (?:morning|afternoon|evening)|hallo|"
    r"guten (?:tag|morgen|abend)|sehr geehrte[rn]?|liebe[rs]?|moin|gruezi|servus|hola|buenos dias|buenas(?: tardes)?|"
    r"estimad[oa]s?|buongiorno|buonasera|gentile|spett\.?le|egregi[oa]?|salve|ciao|beste|geachte|goede(?:morgen|middag|"
    r"navond|ndag)|goedendag|dag)\b"
)


def is_greeting(line: str) -> bool:
    """Whether a line (not folded) only greets: "Bonjour Madame,", "Sehr geehrte Damen und Herren,"."""
    text = line.strip(" *_,.:!")
    found = _GREETING.match(folded(text[:_MAX_POLITE]))
    if not found:
        return False
    rest = text[found.end() :].replace(",", " ").split()
    return len(rest) <= _MAX_GREETED and all(word[0].isupper() or folded(word) in _GREETED for word in rest)


def is_formula(low: str) -> bool:
    """Whether the folded line `low` is a closing formula and nothing else."""
    if len(low) > _MAX_POLITE or not low:
        return False
    if _POLITE.match(low) and _POLITE_END.search(low):
        return True
    if _FAREWELL.match(low) and len(low.split()) <= _MAX_FAREWELL and not any(char.isdigit() for char in low):
        return True
    pieces = [piece.strip() for piece in low.split(",") if piece.strip(" .!")]
    if 1 < len(pieces) <= _MAX_PIECES:
        return all(is_formula(piece) for piece in pieces) or _is_formula_of_words(low)
    return _is_formula_of_words(low)


def _is_formula_of_words(low: str) -> bool:
    words = [word.strip(".,'") for word in _WORD.findall(low) if word not in _QUIET]
    if not words or len(words) > _MAX_WORDS or low.endswith("?"):
        return False
    return any(
        not _CLOSERS[key].isdisjoint(words) and all(word in known or word in _SHARED or not word for word in words)
        for key, known in _VOCABULARY.items()
    ) or ("/" in low and _is_bilingual(words))


def _is_bilingual(words: list[str]) -> bool:
    """Two formulas beside each other: "Mit freundlichen Grüßen / Best regards"."""
    for at in range(1, len(words)):
        if all(
            any(not _CLOSERS[k].isdisjoint(part) and _VOCABULARY[k].issuperset(part) for k in _CLOSE)
            for part in (words[:at], words[at:])
        ):
            return True
    return False


def is_thanks(low: str) -> bool:
    """Whether the formula begins with thanks, which may be all that somebody has to say."""
    first = _WORD.match(low)
    return bool(first) and first[0].strip(".,") in _THANKS if first else False


def is_device_line(low: str) -> bool:
    """Whether a program or telephone wrote the line: "Sent from my iPhone", "Télécharger Outlook pour iOS"."""
    if len(low) > _MAX_SENDING:
        return False
    if _PROMOTION.match(low) or _MINE.match(low):
        return True
    sent = _SENT.match(low) and (_DEVICE.search(low) or _APP.search(low))
    return bool(sent or (_GET.match(low) and _APP.search(low)))


def is_notice(low: str) -> bool:
    """Whether a folded line begins a notice of a mail system, a register or a printer's conscience."""
    return bool(_NOTICE.match(low))


def is_disclaimer(low: str) -> bool:
    """Whether a folded paragraph is one that a mail system or a lawyer appended."""
    head = low[:_MAX_PARAGRAPH]
    return bool(_NOTICE.match(head)) or all(word.search(head) for word in (_SECRET, _RECIPIENT, _MESSAGE))
