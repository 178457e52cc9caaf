"""When the bot acts by itself: only where every clause of a reply is accounted for."""

from datetime import date

import pytest

from mailbot.inbox.intents import understand
from mailbot.inbox.languages import certainly
from mailbot.inbox.lexicon import LANGUAGES
from mailbot.inbox.mime import best_text
from mailbot.model import Intent

DAY = date(2026, 11, 18)
LETS_RUN = {Intent.PROMISE, Intent.PAID, Intent.ACKNOWLEDGED, Intent.UNRELATED}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Merci, la moitié des plats était froide."),
        ("fr", "Bien noté, mais les chaises grincent toujours."),
        ("fr", "Ok, et le carrelage du fond ?"),
        ("fr", "Bien reçu, le compte n'y est pas."),
        ("fr", "Parfait, vous vous moquez du monde."),
        ("fr", "Nous vous réglerons le 30 novembre les 8 pièces réellement livrées."),
        ("fr", "J'ai payé ce que je devais, pas davantage."),
        ("fr", "J'ai payé la bonne facture, celle-ci n'est pas la mienne."),
        ("fr", "Virement fait vendredi, déduction faite des pénalités."),
        ("fr", "D'accord. Mon conseil vous répondra."),
        ("fr", "Merci, c'est gentil, mais je suis à la rue."),
        ("fr", "Je vous paie vendredi si la machine redémarre."),
        ("fr", "Merci pour rien."),
        ("fr", "Je vous règle peut-être vendredi."),
        ("en", "Payment on Friday is out of the question."),
        ("en", "Your invoice was sent back on 12 November."),
        ("en", "Your reminder has been sent to our lawyers on 12 November."),
        ("en", "It should have been paid on 12 November."),
        ("en", "The payment was going to be made on Friday."),
        ("en", "I'll pay on the 31st of November."),
        ("fr", "Cette facture aurait dû être payée le 12 novembre."),
        ("fr", "Le paiement devait partir vendredi."),
        ("fr", "Je vous règle le 30 février."),
        ("de", "Die Zahlung sollte am Freitag rausgehen."),
        ("de", "Das sollte am 12.11. bezahlt worden sein."),
        ("nl", "Wij zouden vrijdag betalen."),
        ("es", "El pago se iba a hacer el viernes."),
        ("it", "La fattura sarebbe stata pagata il 12 novembre."),
        ("en", "Thanks, half the plates came out cold."),
        ("en", "Noted, but the chairs still squeak."),
        ("en", "Thanks, my brief will be in touch."),
        ("en", "Will pay Friday what was actually delivered."),
        ("en", "Paid on Friday less the 15% for lateness."),
        ("en", "We will pay lines 1 to 4 on Friday."),
        ("en", "We will pay on Friday, well 600 of it, the rest is hot air."),
        ("en", "Understood. We shall see what the judge says."),
        ("en", "Payment goes out Friday, dream on."),
        ("en", "Thanks for nothing."),
        ("en", "Noted. The job isn't finished."),
        ("en", "We might pay on Friday."),
    ],
)
def test_a_clause_that_nobody_accounts_for_is_asked_about(language: str, text: str) -> None:
    found = understand(text, language, DAY)

    assert not (found.sure and found.intent in LETS_RUN), found


@pytest.mark.parametrize(
    ("language", "text", "intent"),
    [
        ("fr", "Bien noté, merci.", Intent.ACKNOWLEDGED),
        ("fr", "Bien reçu, je transmets à la comptabilité. Cordialement", Intent.ACKNOWLEDGED),
        ("fr", "Bonjour, je vous fais le virement vendredi, désolé pour le retard.", Intent.PROMISE),
        (
            "fr",
            "Bonjour Claire, excusez-nous, c'est un oubli de notre part. Le virement partira demain.",
            Intent.PROMISE,
        ),
        ("fr", "On vous règle fin de semaine, je rentre de vacances.", Intent.PROMISE),
        ("fr", "Facture réglée ce matin par virement.", Intent.PAID),
        ("en", "Noted, thanks.", Intent.ACKNOWLEDGED),
        ("en", "Thank you, will pass it on to our accounts team.", Intent.ACKNOWLEDGED),
        ("en", "Hi Claire, apologies for the delay, we will pay on Friday.", Intent.PROMISE),
        ("en", "Sorry, I was off sick last week. I'll transfer it tomorrow.", Intent.PROMISE),
        ("en", "Paid this morning by bank transfer, sorry it took so long.", Intent.PAID),
    ],
)
def test_plain_replies_with_courtesy_and_excuses_are_acted_on(language: str, text: str, intent: Intent) -> None:
    found = understand(text, language, DAY)

    assert (found.intent, found.sure) == (intent, True)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Voir plus bas, merci de régler."),
        ("fr", "Merci d'y jeter un œil et de payer."),
        ("en", "See below, please settle. Thanks"),
        ("en", "Thanks, one for you."),
        ("de", "Siehe unten, bitte überweisen. Danke"),
        ("es", "Ver más abajo, por favor tramitarlo. Gracias"),
        ("it", "Vedi sotto, per cortesia pagare. Grazie"),
        ("nl", "Zie hieronder, graag betalen. Bedankt."),
    ],
)
def test_a_note_that_asks_a_colleague_to_act_is_no_thanks_to_us(language: str, text: str) -> None:
    found = understand(text, language, DAY)

    assert not found.sure, found


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "À ma connaissance, elle a été réglée le 6."),
        ("fr", "Il me semble que le virement est parti lundi."),
        ("fr", "On m'a dit que le virement était parti le 6."),
        ("fr", "Nous avons payé votre livreur le 6 novembre."),
        ("fr", "J'ai fait opposition au chèque du 6."),
        ("en", "My understanding was that head office settled this on the 6th."),
        ("en", "I was told it had been paid on 6 November."),
        ("en", "My bookkeeper says she paid it on the 6th."),
        ("en", "We paid your competitor on the 6th."),
        ("en", "We'd rather pay on Friday."),
        ("en", "We had planned to pay on Monday."),
        ("en", "Thanks. We shall see."),
        ("de", "Meines Wissens wurde am 6. bezahlt."),
        ("de", "Laut meiner Frau wurde am 6. überwiesen."),
        ("de", "Die Lastschrift vom 6. wurde zurückgebucht."),
        ("es", "Que yo sepa se pagó el día 6."),
        ("es", "Según mi socio está pagada desde el 6."),
        ("it", "Secondo mia moglie è stata pagata il 6."),
        ("it", "Mi hanno detto che il bonifico è partito il 6."),
        ("nl", "Volgens mijn vrouw is het op de 6e betaald."),
        ("nl", "Voor zover ik weet is dit op de 6e overgemaakt."),
        ("fr", "Un jour, on vous paiera."),
        ("fr", "Facture déjà payée deux fois."),
        ("en", "Already paid, and twice at that."),
        ("de", "Schon zweimal bezahlt."),
        ("es", "Pagada ya dos veces."),
        ("it", "Pagata due volte."),
        ("nl", "Al twee keer betaald."),
        ("nl", "Bedankt. Zie mijn brief van vorige week."),
        ("fr", "Merci, cf mon courrier recommandé."),
        ("de", "Danke. Siehe mein Schreiben von letzter Woche."),
        ("en", "You will be paid sooner or later."),
        ("de", "Irgendwann zahlen wir."),
        ("nl", "Ooit krijgt u uw geld."),
        ("en", "Received and rejected."),
        ("it", "Fattura ricevuta ma respinta."),
    ],
)
def test_what_somebody_believes_was_told_or_paid_to_another_is_asked_about(language: str, text: str) -> None:
    found = understand(text, language, DAY)

    assert not (found.sure and found.intent in LETS_RUN), found


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Vous aurez notre réponse vendredi."),
        ("fr", "Les papiers sont partis lundi."),
        ("fr", "On fait la réception des travaux vendredi."),
        ("en", "You'll have the photos on Friday."),
        ("en", "We sent the unit back on Monday."),
        ("en", "I'll put you through to my colleague on Friday."),
        ("de", "Am Montag ging das Schreiben raus."),
        ("de", "Die Unterlagen sind am Montag raus."),
        ("es", "El lunes salió la carta."),
        ("it", "Lunedì è partita la lettera."),
        ("nl", "Maandag is de brief vertrokken."),
    ],
)
def test_what_is_sent_or_done_instead_of_money_is_no_payment(language: str, text: str) -> None:
    found = understand(text, language, DAY)

    assert not (found.sure and found.intent in LETS_RUN), found
    assert (found.promise_date, found.paid_date) == (None, None)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Je vous règle lundi.", date(2026, 11, 23)),
        ("On vous règle vendredi.", date(2026, 11, 20)),
        ("Je vous règle par virement vendredi.", date(2026, 11, 20)),
        ("Ok, je fais le virement le 25, je ne fais qu'une série de paiements par mois.", date(2026, 11, 25)),
    ],
)
def test_the_present_tense_of_paying_is_a_promise(text: str, day: date) -> None:
    found = understand(text, "fr", DAY)

    assert (found.intent, found.promise_date, found.paid_date) == (Intent.PROMISE, day, None)


@pytest.mark.parametrize(
    ("language", "text", "intent", "day"),
    [
        ("fr", "Nous avons effectué le virement le 10.", Intent.PAID, date(2026, 11, 10)),
        ("fr", "On a fait le virement lundi.", Intent.PAID, date(2026, 11, 16)),
        ("fr", "J'ai fait un virement hier.", Intent.PAID, date(2026, 11, 17)),
        ("fr", "Je règle mardi.", Intent.PROMISE, date(2026, 11, 24)),
        ("fr", "Ça sera payé le 30.", Intent.PROMISE, date(2026, 11, 30)),
        ("en", "It got paid on Friday.", Intent.PAID, date(2026, 11, 13)),
        ("en", "It gets paid on Friday.", Intent.PROMISE, date(2026, 11, 20)),
        ("en", "I'll have it paid by Friday.", Intent.PROMISE, date(2026, 11, 20)),
        ("en", "We have it down to be paid on Friday.", Intent.PROMISE, date(2026, 11, 20)),
    ],
)
def test_what_was_paid_and_what_will_be_are_told_apart(language: str, text: str, intent: Intent, day: date) -> None:
    found = understand(text, language, DAY)

    assert (found.intent, found.paid_date or found.promise_date) == (intent, day)


def test_a_promise_of_the_list_has_no_day_where_next_friday_may_be_either() -> None:
    found = understand("Hi, yes it's on the list, should go next Friday.", "en", DAY)

    assert (found.intent, found.promise_date) == (Intent.PROMISE, None)


@pytest.mark.parametrize(
    "text", ["Ok, obrigado", "Dziękuję, zapłacimy w piątek", "Tack, vi betalar på fredag", "Betalt i går, beklager"]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_another_language_are_not_acted_on(text: str, language: str) -> None:
    assert not understand(text, language, DAY).sure


def test_a_language_is_doubted_where_another_has_as_many_words() -> None:
    assert certainly("Je vous règle demain.", "fr")
    assert certainly("Payé.", "fr")
    assert not certainly("Ok bedankt, met vriendelijke groet", "en")


def test_advertising_that_speaks_of_an_invoice_is_asked_about() -> None:
    found = understand("Free trial! Boost your sales. Pay this invoice for our services.", "en", DAY, answers=False)

    assert not found.sure


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Réglée".encode() + b" \xe9", "Réglée é"),
        ("rÃ©glÃ©e Ã\u00a0 lâ€™instant".encode(), "réglée à l’instant"),
        (
            "le cœur du marché à 12 € «\u00a0réglé\u00a0» Âge".encode(),
            "le cœur du marché à 12 € «\u00a0réglé\u00a0» Âge",
        ),
        ("É à ç ê û».".encode("windows-1252"), "É à ç ê û»."),
        ("un\u200bdeux\u202etrois".encode() + "€".encode()[:2], "un\u200bdeux\u202etroisâ‚"),
    ],
)
def test_letters_read_in_the_wrong_charset_are_put_right_one_by_one(data: bytes, text: str) -> None:
    assert best_text(data, "utf-8") == text
