"""Which of the six languages a text is in, by its small words."""

import re
from functools import cache

from mailbot.inbox.folding import folded
from mailbot.inbox.lexicon import LANGUAGES, lexicon

_MAX_TEXT = 4000
_FEW = 3
_TOKEN = re.compile(r"[a-z]+'?")
_OTHERS = {
    "de": (
        "der die das und ist nicht ich wir sie ihr ihre rechnung mit fur auf den dem ein eine haben sind "
        "wird werden bitte danke hallo guten tag zu von im bei auch noch wurde bereits uns gruße nach zum "
        "zur"
    ),
    "es": (
        "el la los las un una de del y es no que nosotros su sus para con por factura hola buenos dias "
        "gracias saludos hemos pago transferencia ya se lo en al esta este como pero estimado muy usted le"
    ),
    "it": (
        "il lo la gli le un una di del della e non che noi per con fattura buongiorno grazie saluti "
        "abbiamo pagamento bonifico gia si in al alla questo questa come ma gentile vostra vostro sono ho "
        "nel"
    ),
    "nl": (
        "de het een en is niet ik wij u uw onze factuur met voor op van in te dat die heb hebben zijn "
        "wordt graag bedankt hallo geachte betaling betaald nog aan bij deze naar ook maar we jullie hoi"
    ),
}


@cache
def _words(language: str) -> frozenset[str]:
    return lexicon(language).words if language in LANGUAGES else frozenset(_OTHERS[language].split())


def detect(text: str, default: str | None = None) -> str | None:
    """fr, en, de, es, it or nl; `default` where too little of the text is known."""
    scores = _scores(text)
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] >= 2 or (scores[best] and default is None) else default


def certainly(text: str, language: str) -> bool:
    """Whether nothing speaks against `language`: no foreign one has as many words, and three words hold one of it."""
    scores = _scores(text)
    own = scores.pop(language, 0)
    foreign = max(score for other, score in scores.items() if other not in LANGUAGES)
    return (foreign < own or not foreign) and (own > 0 or len(_TOKEN.findall(folded(text[:_MAX_TEXT]))) < _FEW)


def _scores(text: str) -> dict[str, int]:
    tokens = _TOKEN.findall(folded(text[:_MAX_TEXT]))
    return {language: sum(token in _words(language) for token in tokens) for language in (*LANGUAGES, *_OTHERS)}
