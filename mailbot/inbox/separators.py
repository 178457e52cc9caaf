"""Lines that divide a mail from what it quotes or passes on, in many languages.

"-----Original Message-----", "Begin forwarded message:", "--- Please reply above this line ---".
"""

import re

from mailbot.inbox.folding import folded

_ORIGINAL = {
    "en": "original message|original appointment|original email|reply message|original mail",
    "fr": "message d'origine|message original|mail original|courriel original|message initial|reponse|mail d'origine",
    "de": "ursprungliche nachricht|original-nachricht|originalnachricht|original message|ursprungliche e-mail",
    "es": "mensaje original|correo original|mensaje de origen",
    "it": "messaggio originale|messaggio originario|mail originale|messaggio di origine",
    "nl": "oorspronkelijk bericht|oorspronkelijke bericht|origineel bericht|oorspronkelijke e-mail",
    "pt, ca": "mensagem original|mensagem de origem|missatge original|missatge d'origen",
    "nordic": "ursprungligt meddelande|originalmeddelande|oprindelig meddelelse|opprinnelig melding|"
    "den oprindelige meddelelse|alkuperainen viesti",
    "slavic": "oryginalna wiadomosc|wiadomość oryginalna|puvodni zprava|originalni zprava|povodna sprava|"
    "исходное сообщение|оригинал|originalna poruka|izvirno sporocilo|вихідне повідомлення",
    "other": "eredeti uzenet|mesaj original|orijinal mesaj|özgün ileti|αρχικο μηνυμα|"
    "原始邮件|原始郵件|元のメッセージ|원본 메시지",
}
_FORWARDED = {
    "en": "forwarded message|forwarded by|forwarded mail|forwarded email|begin forwarded message|"
    "forwarded message from|end of forwarded message|end forwarded message",
    "fr": "message transfere|message reexpedie|mail transfere|courriel transfere|debut du message transfere|"
    "debut du message reexpedie|message transfere de|transfere par|fin du message transfere",
    "de": "weitergeleitete nachricht|weitergeleitete e-mail|anfang der weitergeleiteten nachricht|"
    "anfang der weitergeleiteten e-mail|weitergeleitet von",
    "es": "mensaje reenviado|correo reenviado|inicio del mensaje reenviado|reenviado por",
    "it": "messaggio inoltrato|inizio messaggio inoltrato|inizio del messaggio inoltrato|mail inoltrata|inoltrato da",
    "nl": "doorgestuurd bericht|begin doorgestuurd bericht|doorgestuurde mail|doorgestuurd door",
    "pt, ca, ro": "mensagem encaminhada|mensagem reencaminhada|inicio da mensagem encaminhada|"
    "inicio da mensagem reencaminhada|missatge reenviat|mesaj redirectionat|incepe mesajul redirectionat|"
    "inicia el missatge reenviat|mesaj transmis",
    "nordic": "videresendt meddelelse|videresendt besked|start pa videresendt besked|videresendt melding|"
    "vidarebefordrat mejl|vidarebefordrat meddelande|vidarebefordrat brev|valitetty viesti|valitetty viesti alkaa|"
    "edelleenlahetetty viesti|valitetyn viestin alku",
    "slavic": "tresc przekazanej wiadomosci|wiadomosc przekazana|przekazana wiadomosc|poczatek przekazanej wiadomosci|"
    "poczatek przekazywanej wiadomosci|preposlana zprava|zacatek preposilane zpravy|preposlana sprava|"
    "zaciatok preposlanej spravy|proslijeđena poruka|započni proslijeđenu poruku|пересылаемое сообщение|"
    "переадресованное сообщение|начало переадресованного сообщения|переслане повідомлення|"
    "початок листа, що пересилається|пересланное сообщение|перенаправлене повідомлення",
    "other": "tovabbitott uzenet|tovabbitott level kezdete|iletilmis mesaj|ileti başlangıcı|iletilen ileti|"
    "yonlendirilmis ileti|"
    "προωθημενο μηνυμα|转发的邮件|轉寄郵件|転送メッセージ|メッセージを転送",
}
_REPLY_ABOVE = (
    "reply above|above this line|write above|respond above|de cette ligne|repondre au-dessus|repondez au-dessus|"
    "ecrire au-dessus|ecrivez au-dessus|votre reponse au-dessus|reponse au-dessus|oberhalb dieser|uber dieser linie|"
    "uber dieser zeile|encima de esta|arriba de esta|por encima de|sopra questa|al di sopra di|boven deze|"
    "acima desta|ovanfor|over denne linje|powyzej tej"
)
_MESSAGE_OF = re.compile(r"^message du \d{1,2}[/.]\d{1,2}[/.]\d{2,4}")
_RULED = re.compile(r"^[-_=*]{2,} ?(.{3,80}?) ?(?:[-_=*]{2,}|:?$)")
_FROM_OR_BY = re.compile(r"^(.{6,40}?)(?: (?:from|by|de|von|da|van|par|por) .{2,80})?$")


def _phrases(table: dict[str, str]) -> frozenset[str]:
    return frozenset(folded(phrase) for phrases in table.values() for phrase in phrases.split("|"))


_ORIGINALS, _FORWARDS = _phrases(_ORIGINAL), _phrases(_FORWARDED)
_ABOVE = tuple(folded(phrase) for phrase in _REPLY_ABOVE.split("|"))


def separator(low: str) -> str:
    """What the folded line `low` begins: "original", "forwarded", "above" (a line to write above) or an empty string.

    "-----Message d'origine-----" and "Message du 16/10/26 08:02" (La Poste) begin an original; phrases of Apple's
    programs stand without dashes and end with a colon.
    """
    if not low or len(low) > 200:
        return ""
    if low[0] in "-_=*#":
        if any(phrase in low for phrase in _ABOVE):
            return "above"
        ruled = _RULED.match(low)
        return _kind(ruled[1].strip(" :-_=*")) if ruled else ""
    if low[-1] in ":：":
        phrase = low[:-1].strip(" :")
        return "forwarded" if phrase in _FORWARDS else ""
    if _MESSAGE_OF.match(low):
        return "original"
    return "above" if low.endswith("-") and any(phrase in low for phrase in _ABOVE) else ""


def _kind(phrase: str) -> str:
    if phrase in _ORIGINALS:
        return "original"
    bare = _FROM_OR_BY.match(phrase)
    return "forwarded" if phrase in _FORWARDS or (bare and bare[1] in _FORWARDS) else ""
