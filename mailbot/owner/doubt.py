"""When a line that has the words of an order is none: asked, hedged, bound to a condition, an example, taken back.

All functions read folded text (`words.fold`). What is not certain is not carried out: the owner is asked instead.
The patterns are the closed classes of the language (conjunctions, modal adverbs, negated verbs of doing), not topics.
"""

import re

_CONDITION = re.compile(
    r"(?:^|[\s,])(?:si|s'il|s'ils|sauf|sinon|quand|lorsque|lorsqu'\w+|des que|des qu'\w+|a moins|tant que|"
    r"une fois que|apres que|jusqu'a ce|en cas|a condition|sous reserve|avant de|avant que|if|unless|when|whenever|"
    r"once|as soon as|as long as|provided|in case|except|otherwise|until (?:we|they|he|she|it|i)|"
    r"after (?:we|they|he|she|i))\b"
)
"""What only holds in some case is for a person: it would be carried out at once."""
_HEDGE = re.compile(
    r"\b(?:peut-etre|peut etre|je (?:crois|pense|suppose|ne sais pas|sais pas|n'ai pas|doute)|il me semble|"
    r"me semble|pas (?:sur|sure|certain|certaine|encore|tout de suite)|sans doute|probablement|normalement|"
    r"apparemment|parait|soi-disant|eventuellement|theoriquement|en theorie|en principe|(?:a|reste a) (?:verifier|"
    r"confirmer|voir|valider)|faut voir|on verra|j'hesite|devrait|devraient|aurait|auraient|serait|pourrait|"
    r"maybe|perhaps|probably|possibly|presumably|supposedly|allegedly|apparently|i (?:think|believe|guess|suppose|"
    r"assume|doubt|am not sure|m not sure)|i'm not sure|not (?:sure|certain|yet|now)|seems|looks like|might|may be|"
    r"should (?:be|have)|would (?:be|have)|could be|to be (?:checked|confirmed|verified)|tbc|to check|"
    r"don'?t know|not know)\b"
)
"""Said without being sure of it."""
_LATER = re.compile(
    r"\b(?:plus tard|bientot|la semaine prochaine|le mois prochain|prochainement|demain|apres-demain|later|soon|"
    r"next (?:week|month|time)|tomorrow|d'abord|attends|attendez|wait|hold on|first|pas maintenant|une autre fois)\b"
)
"""Not now: what an agreement would let happen would happen at once."""
_GENERIC = (
    r"(?:ca|cela|ceci|ce (?:qui|que|mail|message|courriel)|cet (?:ordre|e-?mail)|ces (?:ordres|lignes)|le(?:s)? "
    r"(?:mail|message|ordres?|lignes?)|mon (?:mail|message|ordre)|mes (?:ordres|messages?|lignes)|tout(?: ca)?|rien|"
    r"la suite|ci-dessous|ci-dessus|this|that|it|these|those|the (?:above|below|following|rest|orders?|lines?|mail|"
    r"message)|my (?:last )?(?:mail|message|orders?)|anything|everything|what|above|below|all of)"
)
_NOT_TO_BE_DONE = re.compile(
    r"\b(?:ne |n')(?:surtout )?(?:pas |rien |plus )?(?:encore |surtout )?(?:en )?(?:exec\w*|appliqu\w*|trait\w*|"
    r"fai(?:re|s|tes)\b|lanc\w*|ten(?:ir|ez|ons) (?:pas )?compte|tiens (?:pas )?compte|pren\w* (?:pas )?en compte|"
    r"agi\w*|touche\w*)|\bpas (?:a )?(?:executer|appliquer|faire|traiter)\b|\ba ne pas \w+er\b|"
    r"\b(?:do not|don'?t|never|not to|without|no need to)\s+(?:yet |actually )?(?:run|execut\w*|do(?:ing)?|act\w*|"
    r"apply\w*|process\w*|carry\w*|perform\w*|follow)\b|"
    r"\bnot (?:to )?be (?:run|executed|carried|processed|applied)\b"
)
""" "Ne pas exécuter", "n'exécute rien", "ne tiens pas compte", "do not run this", "not to be executed"."""
_TO_BE_IGNORED = re.compile(
    rf"\b(?:ignore[rzs]?|disregard|oublie[rzs]?|forget)\s*{_GENERIC}\b|"
    r"\b(?:laisse[rz]? tomber|laisse[rz]? (?:ca|cela)|never ?mind|scratch that|strike that|forget about it)\b"
)
_EXAMPLE = re.compile(
    r"^\W*(?:voici |here is |here's )?(?:par |un |an? |des )?(?:exemples?|examples?|for example|for instance|e\.g\.|"
    r"p\.? ?ex\.?|ex\.? ?:|essai|brouillon|draft|modele|sample|test)(?!\w)(?! \w+ \w+ \w+ \w+)|"
    r"\b(?:ceci est|ceci|c'est|ce n'est qu'|this is|it's|just|only|juste|simple(?:ment)?) (?:just |only |qu')?"
    r"(?:un |une |a |an )?(?:test|essai|exemple|example|brouillon|draft|question|idee|idea|hypothese)\b|"
    r"\b(?:pas|not) (?:un|des|an?|de|any) (?:vrais? |real )?(?:ordres?|orders?)\b|\bnot (?:real )?orders\b|"
    r"^\W*(?:pour (?:info|information|memoire)|a titre (?:d'information|indicatif|d'exemple)|fyi|"
    r"for (?:your )?(?:info|information))\W*:?\W*$"
)
_NOT_YET = re.compile(
    r"\ben attente de (?:ma |mon |la |l')?(?:validation|accord|confirmation)\b|"
    r"\bavant (?:mon|ma) (?:feu vert|accord|validation)\b|\bpending my\b|\buntil i (?:say|confirm)\b"
)
_TAKEN_BACK = re.compile(
    r"^\W*(?:(?:euh|heu|oups|oops|finalement|en fait|tout compte fait|apres reflexion|actually|on second thoughts?|"
    r"wait|attends|pardon|sorry|non|no)\W+)+(?:non|no|rien|nothing|(?:ne )?fais rien|attends|wait|finalement|"
    r"en fait|actually|pardon|sorry)\W*$|^\W*(?:rien|nothing|(?:ne )?fais rien|do nothing|attends|wait|oups|oops)\W*$"
)
""" "Finalement non", "no, wait", "fais rien"."""
_CORRECTS = re.compile(
    r"^\W*(?:(?:non|no|nope|oups|oops|euh|heu|ah|zut|mince|ouh la|hem)\W+)*"
    r"(?:pardon|sorry|desole|wait|attends|attendez|erreur|mistake|je me suis trompe|my mistake|my bad|i meant|"
    r"je voulais|"
    r"correction|oups|oops|plutot|rather|rectification|en fait|actually|finalement|non finalement|tout compte fait)\b"
    r"(?! (?:pour|for|du|de|des|about)\b)"
)
""" "Non pardon, c'était …", "en fait non laisse": what stands above is not what was meant."""
_NOT_MEANT = re.compile(
    r"\b(?:je (?:plaisante|blague|rigole)|just kidding|i'm (?:kidding|joking))\b|"
    r"^\W*(?:a|reste a|to be|still to be) (?:confirmer|verifier|valider|voir|confirmed|verified|checked|validated)\b|"
    r"\b(?:m'|nous )(?:ecrit|a ecrit|repond|a repondu|envoie|a envoye)\W*$|"
    r"^\W*(?:ci-dessous|voici|below is|here is) (?:le|un|son|leur|the|a|his|her|their) (?:mail|message|courriel|"
    r"reponse|e-mail|reply|answer) (?:de|d'|from)\b"
)
"""A joke, what waits for somebody's word, or another's words that follow without a colon."""
_HOW = re.compile(
    r"(?:\?|vite|asap|demain|apres-demain|plus tard|bientot|later|soon|tomorrow|"
    r"(?:tres |very |plus |more )?\w{3,}(?:ment|ly)|"
    r"(?:quand|when|des que|as soon as) (?:tu|vous|you|possible)(?: (?:peux|pouvez|can))?|"
    r"(?:quelque chose|un mot|something) (?:de |d')?(?:gentil|poli|ferme|sympa|nice|polite|kind|firm))[\s.!]*"
)
_IS = (
    r"^(?:(?:est|is|was|c'est|c'etait|a ete|has been|deja|already|now|maintenant|bien|enfin|finally|completement|"
    r"totalement|totally|completely|purement) )*"
)
_OVER = re.compile(
    rf"{_IS}(?:(?:clos|clotur|regl|resolu|termin|lev|retir)(?:e|es|ee|ees|s)?|over|resolved|closed|settled|withdrawn|"
    r"lifted|dropped|ended)(?![\w'-])"
    r"(?:[\s,]+(?:maintenant|enfin|now|today|aujourd'hui|hier|yesterday|ce matin|cette semaine|a l'amiable|"
    r"amicably|svp|merci|depuis (?:hier|lundi|mardi|mercredi|jeudi|vendredi)))*[\s.!]*"
)
_UNFOUNDED = re.compile(
    rf"{_IS}(?:tranch|annul|abandonn|fini|invent|infond|non fond|pas fond|mal fond|injustifi|non justifi|"
    rf"pas justifi|imagin|rejet|refus|contest)(?:e|es|ee|ees)?"
    r"(?: (?:de toutes? pieces?|par .{1,60}|by .{1,60}|selon moi|a mon avis))*[\s.!]*|"
    rf"{_IS}(?:bidon|sans (?:fondement|objet|raison|motif)|abusi(?:f|ve)|faux|fausse|ficti(?:f|ve)|imaginaire|"
    rf"inexistante?|mensonger|de mauvaise foi|"
    r"du vent|n'importe quoi|irrecevable|baseless|unfounded|groundless|made[- ]up|invented|bogus|fake|unjustified|"
    r"frivolous|nonsense|"
    r"accord trouve|on s'est mis d'accord|trouve un accord|agreement found|not (?:founded|justified|real|valid|"
    r"serious)|without (?:merit|reason|ground)|in bad faith|rejected|denied)[\s.!]*"
)
""" "Inventé", "non fondé", "bogus": what the owner thinks of a dispute, and no reason of the client's."""
_WANTED = re.compile(
    r"(?:a ete |est )?(?:demandee?s?|en attente|en cours|a (?:faire|venir|recevoir|etablir)|promis|requested|asked|"
    r"pending|to (?:come|do|follow))\b"
)
_INTRODUCES = re.compile(r"[:：]\s*$")
_BENIGN = re.compile(
    r"^\W*(?:(?:voici|voila|donc|alors|bonjour|merci|svp|stp|please|pls|here|are|is|mes|mon|ma|les|le|la|the|my|"
    r"our|nos|"
    r"reponses?|ordres?|orders?|answers?|decisions?|choix|instructions?|consignes?|a|de|du|des|pour|for|to|do|faire|"
    r"faites|fais|peux-tu|pouvez-vous|tu|vous|peux|pouvez|can|could|you|suivant(?:e|s|es)?|following|digest|jour|"
    r"aujourd'hui|today|todo|et|and|aussi|also|ci-dessous|below|ok|avec|with|questions?|points?|liste|list|"
    r"ce|matin|this|morning|hello|hi|puis|then|then|next|ensuite|so|en|in|executer|execute|run|il|faut|je|veux|"
    r"voudrais|want|like|i|d'abord|first|enfin|finally|s'il|te|plait|actions?|mises|jour|"
    r"updates?)\b[\s,.!'-]*)+[:：]\s*$"
)
_REPORTED = re.compile(
    r"\b(?:dit|ecrit|demande|repond|propose|veut|pretend|affirme|assure|says?|said|writes?|wrote|asks?|asked|wants?|"
    r"replied|claims?|claimed|selon|d'apres|according)\b"
)


def conditional(low: str) -> bool:
    """ "si …", "quand …", "unless …": it holds in some case only."""
    return bool(_CONDITION.search(low))


def hedged(low: str) -> bool:
    """ "je crois", "maybe", "à vérifier": the owner is not sure of it."""
    return bool(_HEDGE.search(low))


def delayed(low: str) -> bool:
    """ "demain", "later": an agreement that is to hold at another time."""
    return bool(_LATER.search(low))


def uncertain(low: str) -> bool:
    """Asked, bound to a condition, or said without being sure."""
    return "?" in low or conditional(low) or hedged(low)


def only_wanted(low: str) -> bool:
    """ "(avoir) demandé", "(credit) pending": somebody wants it, and it was not given."""
    return bool(_WANTED.match(low))


def half_closed(low: str) -> bool:
    """ "(clos FA-1) par erreur", "à moitié", "pas encore": the dispute is not over."""
    return bool(re.search(r"\b(?:par erreur|by mistake|a moitie|half|en partie|partly|pas|not|faux|wrong)\b", low))


def over(low: str) -> bool:
    """ "(litige FA-1) réglé", "levé ce matin", "is settled": there is no dispute any more."""
    return bool(_OVER.fullmatch(low))


def no_reason(low: str) -> bool:
    """ "(litige FA-1) inventé", "non fondé", "réglé mais …": words that are no reason of a dispute, or doubt it."""
    return bool(_OVER.match(low) or _UNFOUNDED.fullmatch(low))


def says_how(low: str) -> bool:
    """ "(réponds Dupont) demain", "politely": when or how to write, and no words for the client."""
    return bool(_HOW.fullmatch(low))


def holds_all(low: str) -> bool:
    """A line that says that what stands around it is not to be carried out, or is another's word.

    "Ne pas exécuter :", "this is just a test", "Exemple :", "finalement non", "Dupont m'écrit :".
    """
    if any(
        pattern.search(low)
        for pattern in (_NOT_TO_BE_DONE, _TO_BE_IGNORED, _EXAMPLE, _NOT_YET, _TAKEN_BACK, _CORRECTS, _NOT_MEANT)
    ):
        return True
    return bool(_INTRODUCES.search(low)) and (bool(_REPORTED.search(low)) or not introduces(low))


def introduces(low: str) -> bool:
    """ "Mes réponses :", "here are my orders:": what follows is the owner's own."""
    return bool(_BENIGN.match(low))


def reported(low: str) -> bool:
    """What somebody else is said to say or want."""
    return bool(_REPORTED.search(low))
