"""What orders begin with, in French and English: the closed table of verbs, tried from its top."""

import re

from mailbot.owner.languages import LANGUAGE_WORDS
from mailbot.owner.legal import VERB as LEGAL
from mailbot.owner.legal import WORDS as LEGAL_WORDS

VERBS: tuple[tuple[str, str], ...] = (
    ("write_off", r"abandonne[rsz]?|passe[rz]? en pertes?|write[ -]?off|write it off|irrecouvrable|give up(?: on)?"),
    (
        "cancel",
        (
            r"annule[rz]? (?:la )?facture|avoir(?: (?:sur|pour|total sur))?|cancel(?: (?:the )?invoice)?|credited|"
            r"credit(?: note)?(?: (?:for|on))?|credite[rz]?"
        ),
    ),
    ("notice", r"(?:envoie |prepare |send (?:a |the )?)?(?:la |une )?(?:mise en demeure|formal notice|notice)"),
    ("dossier", r"dossier|file|evidence(?: file)?"),
    (LEGAL, LEGAL_WORDS),
    ("live", r"(?:passe[rz]? )?en direct|(?:go )?live"),
    (
        "policy",
        (
            r"(?:sois |soyez |be )?(?:plus doucement|plus doux|plus gentil(?:le)?|plus ferme(?:ment)?|gentler|softer|"
            r"firmer|tougher|more gently|more firmly)|traite[rz]?|treat"
        ),
    ),
    ("policy", LANGUAGE_WORDS),
    ("undo", r"annule[rz]? l(?:'|e |a )(?:envoi|mail|relance|dernier ordre|derniere|ordre)(?: (?:a|de|pour|du))?"),
    (
        "resolve",
        (
            r"litiges? (?:est |sont )?(?:clos|regle|resolu|termine|leve|tranche|solde|retire)e?s?|"
            r"(?:fin|levee) d(?:u|e) litige|plus de litige|no (?:more|longer (?:a|in)) dispute|"
            r"disputes? (?:is |are )?(?:over|resolved|closed|settled|withdrawn|lifted|dropped)|clos|cloture[rz]?|"
            r"resolue?|regle[rz]? le litige|resolved?(?: dispute)?|close(?: (?:the )?dispute)?|(?:leve[rz]?|"
            r"lift) (?:le |the )?(?:litige|dispute)"
        ),
    ),
    (
        "pause",
        (
            r"(?:mets?|mettez|mettre|put) en pause|(?:surtout )?(?:pas|plus) de relances?(?: (?:pour|a|chez|de))?|"
            r"n'envoie[sz]? (?:pas|plus) (?:de |la |les )?relances?(?: (?:pour|a|de))?|"
            r"pause[rz]?|suspends?|suspendre|suspendez|(?:bloque[rz]?|gele[rz]?|freeze)(?: les relances(?: (?:pour|"
            r"de|a|chez))?)?|"
            r"no (?:more )?(?:reminders?|chasing|mails?|e-?mails?|letters?|messages?)(?: (?:for|to))?|"
            r"(?:ne )?(?:surtout )?(?:pas|plus) relancer?|"
            r"(?:surtout )?ne (?:surtout )?(?:pas |plus )?relance[rsz]?(?: surtout)?"
            r"(?: plus| pas)?|"
            r"(?:arrete[rz]?|cesse[rz]?) (?:de relancer|les relances(?: (?:pour|de|a))?)|"
            r"stop (?:reminders|reminding|chasing)(?: (?:for|to))?|hold(?: off)?|attends|attendez|"
            r"(?:don'?t|do not|never) (?:remind|chase|write to)"
        ),
    ),
    ("resume", r"reprends?|reprendre|reprenez|relance[rz]? a nouveau|resume|unpause|restart|continue[rz]?"),
    ("promise", r"promesses?(?: de)?|promise[sd]?(?: (?:by|from))?|promet|a promis"),
    ("dispute", r"litige|conteste[re]?|disputed?|disputes"),
    ("match", r"rapproche[rz]?|match(?:es)?|affecte[rz]?|impute[rz]?|allocate"),
    (
        "paid",
        (
            r"payee?s?|reglee?s?|soldee?|encaissee?s?|paid|received|"
            r"settled|recue?|mark paid"
        ),
    ),
    ("skip", r"saute[rz]?|skip|passe[rz]? (?:cette )?(?:etape|relance)"),
    ("preview", r"avant|apercu|preview|montre[rz]?(?:-moi)?|show(?: me)?|previsualise[rz]?"),
    ("reply", r"reponds?|repondre|repondez|reply(?: to)?|answer|ecris"),
    ("send", r"envoie[sr]?|envoye[rz]|envoi|relance[rz]?|send(?: now)?|remind|chase"),
    ("correct", r"corrige[rz]?|correct|rectifie[rz]?|fix|change[rz]?|modifie[rz]?"),
    ("contact", r"contact|adresse|e-?mail"),
    ("why", r"pourquoi|why|explique[rz]?(?:-moi)?|explain"),
    (
        "status",
        (
            r"etat(?: des lieux)?|liste[rz]?|ou en (?:est|sont)(?:-on)?|ou en sommes-nous|statut|status|list|"
            r"where (?:is|are)|combien (?:me )?doit|how much does|situation|solde (?:de|du)"
        ),
    ),
    ("digest", r"digest|silence|resume quotidien|(?:daily )?summary"),
    ("undo", r"annule[rz]?|undo|defais|revert"),
    ("stop", r"stop|arrete[rz]?(?: tout)?|arret|halt|stop all|stop everything|coupe tout"),
    ("help", r"aide|help|\?|aide-moi|commandes|commands"),
)
PATTERNS = tuple((verb, re.compile(rf"^(?P<verb>{words})(?![\w'])[\s:,]*")) for verb, words in VERBS)


def begins_with_verb(low: str) -> str | None:
    """The verb with which folded words begin."""
    found = verb_at(low)
    return found[0] if found else None


def verb_at(low: str) -> tuple[str, int] | None:
    """The verb with which folded words begin, and where what follows it begins."""
    return next(((verb, found.end()) for verb, pattern in PATTERNS if (found := pattern.match(low))), None)
