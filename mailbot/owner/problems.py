"""What was wrong with a file, in the owner's language: readers speak English and give a stable code."""

from collections.abc import Mapping

_FRENCH: Mapping[str, str] = {
    "bad_xml": "Le fichier XML est endommagé : demandez-le de nouveau.",
    "bank_error": "La banque a renvoyé une erreur à la place du relevé : téléchargez-le de nouveau.",
    "broken_camt": "Le fichier CAMT est endommagé ou incomplet : téléchargez-le de nouveau à la banque.",
    "broken_csv": "Le tableau est endommagé : téléchargez-le de nouveau à la banque.",
    "broken_ofx": "Le fichier OFX est endommagé : téléchargez-le de nouveau à la banque.",
    "charset": "Certaines lettres du fichier sont illisibles : vérifiez les noms.",
    "corrected": "La banque a elle-même remplacé ou supprimé cette opération.",
    "corrects": "Une opération en remplace une autre : à vérifier.",
    "damaged": "Le PDF est endommagé ou incomplet : envoyez-le de nouveau.",
    "date_order": "Les jours et les mois se lisent de deux façons : vérifiez les dates.",
    "deletes": "La banque supprime une de ses opérations : à vérifier.",
    "died": "Le fichier a fait échouer la lecture ; il est endommagé ou malveillant.",
    "document_type": "Le XML contient une déclaration dont une facture n'a pas besoin : il n'est pas lu.",
    "empty": "Le fichier est vide : envoyez-le de nouveau.",
    "encrypted": "Le PDF est protégé par un mot de passe : envoyez-le sans protection.",
    "entities": "Le fichier déclare des entités XML, dont une banque n'a pas besoin : il n'est pas lu.",
    "future": "Une opération porte une date future : vérifiez le fichier.",
    "label_differs": "Le libellé d'une opération est ambigu : vérifiez le nom.",
    "line_amount": "Le montant d'une opération n'est pas certain.",
    "line_cut": "Le fichier s'arrête au milieu d'une opération : téléchargez-le de nouveau.",
    "line_date": "La date d'une opération n'est pas lisible.",
    "mojibake": "La banque a mal écrit des accents : vérifiez le libellé.",
    "no_account": "Le relevé ne dit pas de quel compte il vient.",
    "no_currency": "Le relevé ne dit pas sa devise.",
    "no_statement": "Le fichier ne contient aucun relevé de compte.",
    "no_text": "Le PDF est une image sans texte.",
    "not_an_invoice": "Le document ne ressemble pas à une facture.",
    "balance_row": "Une ligne intitulée « solde » ou « total » peut être un solde ou un paiement : elle n'est pas lue.",
    "not_executed": "La banque n'a pas exécuté une opération ; elle n'est pas comptée.",
    "not_ofx": "Le fichier n'est pas un relevé OFX, ou son début manque.",
    "pending": "Une opération n'est pas encore comptabilisée par la banque.",
    "readers_differ": "Une opération se lit de deux façons.",
    "replaced": "La banque a remplacé une opération déjà rapprochée : défaites le rapprochement, saisissez-la.",
    "sum_differs": "Les opérations n'expliquent pas le solde de clôture : une opération manque peut-être.",
    "too_big": "Le fichier est trop gros ou trop compliqué pour être lu.",
    "too_many_accounts": "Le fichier contient trop de comptes.",
    "too_many_lines": "Le fichier contient trop d'opérations : téléchargez des périodes plus courtes.",
    "too_much_memory": "Le fichier est trop lourd à lire.",
    "too_slow": "La lecture du fichier a pris trop de temps.",
    "truncated": "Le fichier s'arrête avant sa fin : téléchargez-le de nouveau à la banque.",
    "unknown_columns": "Les colonnes du tableau sont inconnues : choisissez « OFX » au téléchargement.",
    "unknown_format": "Ce fichier n'est pas un relevé : téléchargez-le en OFX, CAMT.053, MT940 ou CSV.",
    "unsupported_format": "Ce format n'est pas lu : envoyez le PDF, ou pour un relevé un fichier OFX.",
}


def problem_words(code: str, message: str, language: str) -> str:
    """One sentence that says what is wrong and what to do; an unknown code keeps the reader's own."""
    return _FRENCH.get(code, message) if language == "fr" else message


_OF_DOCUMENTS: Mapping[str, str] = {
    "unknown_format": "Ce fichier n'est ni un PDF ni un XML : envoyez la facture en PDF.",
    "entities": "Le fichier déclare des entités XML, dont une facture n'a pas besoin : il n'est pas lu.",
    "truncated": "Le fichier s'arrête avant sa fin : envoyez-le de nouveau.",
    "unsupported_format": "Ce format n'est pas lu : envoyez la facture en PDF.",
}


def document_words(code: str, message: str, language: str) -> str:
    """The same of an invoice's file, where a bank's would be told otherwise."""
    return _OF_DOCUMENTS[code] if language == "fr" and code in _OF_DOCUMENTS else problem_words(code, message, language)
