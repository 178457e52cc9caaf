"""When an owner takes an order back in the same breath: "laisse tomber", "non, attends", "never mind", "not yet".

All functions read folded text (`words.fold`). What was taken back is not carried out; the owner is told so.
"""

import re

_SIGHS = (
    r"(?:(?:non|no|nope|nan|euh|heu|ah|oh|eh|bon|ben|bah|mais|en fait|finalement|tout compte fait|reflexion faite|"
    r"apres reflexion|actually|well|hmm+|wait|oups|oops|zut|pardon|sorry|desolee?|on second thoughts?|et puis|and|so)"
    r"[\s,.!…-]+)*"
)
_DROPPED = (
    r"laisse[rzs]?(?:[ -](?:tomber|ca|cela|le|la|les|moi))*(?: tomber| tranquille)?|oublie[rzs]?(?:[ -](?:ca|cela|"
    r"le|la))?|"
    r"laisse[rz]? (?:ca|cela)(?: comme ca)?|(?:on )?(?:laisse|oublie) tomber|ne fais rien|ne faites rien|fais rien|"
    r"(?:on )?(?:ne )?(?:fait|touche|bouge) rien|(?:on )?(?:ne )?(?:le |la )?fait pas|(?:ne )?(?:le |"
    r"la )?fais pas(?: ca)?|"
    r"attends?|attendez|attendons|on attend|patiente[rz]?|minute|une minute|un instant|deux minutes|"
    r"pas (?:encore|maintenant|tout de suite|aujourd'hui|pour l'instant|pour le moment|cette fois|la peine|besoin|"
    r"necessaire|la bonne|le bon)|plus (?:la peine|besoin)|(?:c'est )?inutile|c'est (?:plus|pas) la peine|"
    r"finalement (?:non|pas)|en fait (?:non|pas)|peut-etre pas|ou pas|sauf que non|"
    r"j'ai rien dit|je n'ai rien dit|j'annule|je retire(?: ce que j'ai dit)?|on verra(?: plus tard| demain)?|"
    r"c'est (?:pas|n'est pas) (?:sur|certain)|ce n'est pas (?:sur|certain)|pas (?:sur|sure|certain|certaine)|"
    r"(?:non )?je (?:rigole|plaisante|blague)|"
    r"leave (?:it|that|this|them)(?: (?:alone|be|as is|as it is))?|never ?mind|forget (?:it|that|this|about it)|"
    r"scratch (?:that|it)|strike (?:that|it)|drop (?:it|that)|cancel (?:that|it)|undo that|ignore (?:that|this|it)|"
    r"hold on|hang on|hold it|wait|wait a (?:minute|second|sec|moment|bit)|not (?:yet|now|today|sure|needed|"
    r"necessary)|"
    r"no wait|don'?t|do not|don'?t (?:do|bother|worry)(?: (?:that|it|about it))?|better not|rather not|maybe not|"
    r"or not|"
    r"not that one|(?:i'm |just )(?:kidding|joking)|"
    r"no longer (?:needed|necessary)|i take (?:it|that) back"
)
_WRONG = (
    r"mauvaise? (?:facture|client|ligne|numero)|je me suis trompee?|wrong (?:one|invoice|client|number)|"
    r"my (?:mistake|bad)"
)
"""Below an order; in its line it may be the reason of it ("cancel FA-1 wrong client")."""
_LONE = r"(?:ah|oh|euh|heu|eh|mais|bon|ben|en fait|actually|finalement|well)[\s,]+(?:non|no|nope|nan)"
_FOR_NOW = (
    r"(?:[\s,]+(?:pour (?:l'instant|le moment|l'heure|une fois)|for now|at the moment|right now|"
    r"du tout|finalement|en fait|actually|hein|quand meme|plutot|then|alors|please|svp|stp|merci|thanks))*"
)
_LINE = re.compile(
    rf"^\W*{_SIGHS}(?:{_DROPPED}|{_WRONG}|{_LONE}){_FOR_NOW}\s*(?:$|[,;:.!…)-].*$|(?:c'est|je|j'|il|elle|i|it|we|"
    rf"on) .*$)"
)
_END = re.compile(
    rf"[\s,;:.…!(-]\s*{_SIGHS}(?:{_DROPPED}|{_LONE}|non|nope|(?<=[,;.…!-] )(?:no|stop|annule|"
    rf"cancel)){_FOR_NOW}[\s.!…)]*$"
)
_MIDDLE = re.compile(
    r"[\s,;:.…!(-]\s*(?:never ?mind|scratch (?:that|it)|forget (?:it|that)|hold on|hang on|laisse[rz]? (?:tomber|"
    r"ca\b)|"
    r"oublie[rz]? ca|finalement (?:non|pas)|(?:non|euh)[\s,]+(?:non|laisse|attends|finalement|en fait|"
    r"pas (?:encore|lui|elle|la|le|celle|celui))|euh non|ah non|oups|oops|no[\s,]+(?:wait|leave|don't|not)|"
    r"actually (?:no|don't|leave)|attends(?! (?:le|la|jusqu|que|\d)))(?![\w'])"
)
"""Words of which whatever follows explains them: "remind Dupont, never mind I'll call him"."""
_BARE = re.compile(r"^\W*(?:attends?|attendez|hold on|hang on|wait)\W*$")
"""An order by itself (a pause of what the mail is about), and a second thought beside another one."""


def retracts(low: str) -> bool:
    """A whole line that takes back what stands above it: "non laisse", "pas encore", "scratch that, he paid"."""
    return bool(_LINE.match(low))


def retracts_at_end(low: str) -> bool:
    """An order that is taken back in its own line: "payé FA-1, non attends", "remind Dupont, never mind"."""
    return bool(_END.search(low) or _MIDDLE.search(low))


def only_waits(low: str) -> bool:
    """ "attends", "hold on": of one invoice an order, beside others the wish to do none of them."""
    return bool(_BARE.match(low))
