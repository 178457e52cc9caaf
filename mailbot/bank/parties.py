"""Who a bank line is from, as far as its label tells: clients by account or name, and who is no client."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mailbot.bank.labels import Spoken
from mailbot.bank.references import fold
from mailbot.model import OpenItem

_WORD = re.compile(r"[A-Z0-9]+")
_LEGAL_FORM_NAMES = """
SARL SAS SASU SA EURL SCI SNC SCOP EI EIRL SELARL LTD LIMITED LLC LLP PLC INC CORP CO GMBH AG UG KG OHG BV
NV SRL SL SPA STE SOCIETE ETS ETABLISSEMENTS
"""
_LEGAL_FORMS = frozenset(_LEGAL_FORM_NAMES.split())
_SMALL_WORDS = frozenset(["ET", "AND", "THE", "LE", "LA", "LES", "DE", "DU", "DES", "D", "L", "UND", "EN"])
_TITLES = frozenset(["M", "MR", "MME", "MLLE", "MM", "OU", "MONSIEUR", "MADAME"])
_SPELLINGS = {"SAINT": "ST", "SAINTE": "STE"}
_BANK_VOCABULARY = """
VIREMENT VIREMENTS SEPA RECU INST INSTANTANE MOTIF FACTURE FACTURES INVOICE PAYMENT PAIEMENT REGLEMENT
NUMERO REFERENCE NOTPROVIDED ACOMPTE SOLDE COMPTE BANQUE BANK TRANSFER FROM EMIS VOTRE NOTRE CLIENT
"""
_BANK_WORDS = frozenset(_BANK_VOCABULARY.split())
_MOTIVE_VOCABULARY = """
VIREMENT VIR PAIEMENT PAYMENT REGLEMENT REGLT RGLT FACTURE FACTURES FACT FAC FC INVOICE INVOICES INV RECHNUNG
FACTUUR NUMERO NUM NO N REF REFERENCE MERCI PRESTATION PRESTATIONS COMPTE CLIENT VOTRE VOS NOTRE ACOMPTE SOLDE
PARTIEL PART VERSEMENT ECHEANCE ABONNEMENT MENSUALITE SUR POUR MOTIF TEILZAHLUNG PARTIAL 1ER 2EME
JANVIER FEVRIER MARS AVRIL MAI JUIN JUILLET AOUT SEPTEMBRE OCTOBRE NOVEMBRE DECEMBRE
"""
_MOTIVE_WORDS = frozenset(_MOTIVE_VOCABULARY.split())
_BATCH = re.compile(
    r"\b(?:REM(?:ISE)?S? (?:DE )?(?:CB|CARTES?|TPE)|VRST|VERSEMENT ESPECES|FACTURETTES?"
    r"|TELECOLLECTE|REJET|REJ|IMPAYES?|INTERETS?|COTIS(?:ATION)?S?|FRAIS|COMMISSIONS?|AGIOS|ANNULATION"
    r"|RETOUR VIR\w*|REFUND|REMB(?:OURSEMENT)?|VIR(?:EMENT)? INTERNE|STRIPE|SUMUP|PAYPAL|ZETTLE|MOLLIE|ADYEN"
    r"|GOCARDLESS|REVERSAL|CHARGEBACK|INTEREST)\b"
)
_CHEQUES = re.compile(r"\b(?:REM(?:ISE)?S? (?:DE )?(?:CHEQUES?|CHQS?)|CHEQUE DEPOSIT|SCHECKEINREICHUNG)\b")
_PUBLIC = re.compile(r"\b(?:DGFIP|D G F I P|URSSAF|SIE|TRESOR PUBLIC|FINANCES PUBLIQUES|CPAM|HMRC)\b")
_FACTOR = re.compile(r"\b(?:FACTOR|FACTORING|AFFACTURAGE|FACTOFRANCE|EUROFACTOR|LEASING|CREDIT BAIL)\b")
_NO_INVOICE = re.compile(
    r"\b(?:LOYERS?|CAUTION|PRET|DEBLOCAGE|SALAIRES?|DON|AVOIR|INDEMNITES?|SINISTRE|REGUL\w*|TROP PERCU|DIVIDENDES?"
    r"|RENT|LOAN|SALARY|WAGES|DIVIDENDS?|OVERPAYMENT|CREDIT NOTE|MIETE|KAUTION|DARLEHEN|GEHALT|LOHN|ERSTATTUNG"
    r"|RUE?CKERSTATTUNG|HUUR|BORG|LENING|SALARIS|TERUGBETALING|AFFITTO|CAUZIONE|PRESTITO|STIPENDIO|RIMBORSO"
    r"|ALQUILER|FIANZA|PRESTAMO|NOMINA|REEMBOLSO)\b"
)
_RETURN = re.compile(
    r"\b(?:REJETS?|REJ|REJETEE?S?|IMPAYES?|RETOURS?|RETOURNEE?S?|ANNULATIONS?|ANNUL|ANNULEE?S?(?! ET REMPLACE)"
    r"|CONTRE ?PASS\w*|EXTOURNES?|RAPPEL (?:DE )?(?:FONDS|VIR\w*)|SANS PROVISION|RESTITUTION"
    r"|RETURN(?:ED)?|REVERSAL|REVERSED|REJECTED|RECALL(?:ED)?|CHARGEBACK|UNPAID(?! INVOICES?\b)|DISHONOU?RED|BOUNCED"
    r"|R TRANSACTION|RUE?CKLASTSCHRIFT(?:EN)?|RUE?CKUE?BERWEISUNG(?:EN)?|RUE?CKBUCHUNG|RUE?CKGABE|RETOURE|STORNO"
    r"|STORNIERUNG|STORNIERT|STORNERING|GESTORNEERD|TERUGBOEKING|TERUGGEBOEKT|INSOLUTO|DEVOLUCION(?:ES)?|DEVUELT[OA]"
    r"|IMPAGAD[OA])\b"
)
_UNFINISHED = re.compile(r"(?:&|\b(?:ET|AND|DE|DU|DES|LA|LE|LES|D|UND|EN))\W*$")
"""The end of a cut name after which more must follow."""
_NO_CUSTOMER_TYPES = frozenset({"INT", "DIV", "FEE", "SRVCHG", "ATM"})
_RARE = 3
_FEW = 40
SHORTEST_CUT = 6
"""Letters of a cut name that still point at somebody."""


@dataclass(frozen=True, slots=True)
class Named:
    """The clients that a label points at, by how surely it does."""

    sure: frozenset[str]
    """By account, or by the payer's name being the client's to the letter; more than one where two share either, or
    where account and name are of two.
    """
    fits: frozenset[str]
    """By a payer's name that the bank cut, and that theirs begins with."""
    mentioned: frozenset[str]
    """All words of their name stand in what the payer wrote."""
    full: frozenset[str]
    """All words of their name stand somewhere, though others may stand between or behind."""
    part: frozenset[str]
    """A rare word of their name stands somewhere."""
    called: frozenset[str] = frozenset()
    """By the payer's name being theirs to the letter, of one word only: it says who pays, and is no proof of it."""
    evidence: tuple[tuple[str, str], ...] = ()
    """(client, "IBAN" or "name"), of the sure and the full ones."""
    payer: tuple[str, ...] = ()
    """The words of the payer's name that the line still has."""

    @property
    def payers(self) -> frozenset[str]:
        """Whose name the payer's may be."""
        return self.sure or self.fits

    def speaks_of(self, client: str) -> bool:
        """Whether anything in the label points to that client."""
        return client in self.sure or client in self.fits or client in self.full or client in self.part

    @property
    def everyone(self) -> str:
        """The clients that are named, for a sentence."""
        return ", ".join(sorted(self.payers or self.full or self.part))


class PartyIndex:
    """Names, aliases and IBANs of the clients, found by their letters and by their rarest word, so that a line costs
    the same with 10 000.
    """

    def __init__(self, items: Iterable[OpenItem]) -> None:
        names: dict[str, set[str]] = defaultdict(set)
        aliases: set[str] = set()
        self._ibans: dict[str, set[str]] = defaultdict(set)
        for item in items:
            names[item.client].update((item.client, *item.client_aliases))
            aliases.update(item.client_aliases)
            for iban in item.payer_ibans:
                self._ibans[bare_iban(iban)].add(item.client)
        self._letters: dict[str, set[str]] = defaultdict(set)
        self._single: dict[str, set[str]] = defaultdict(set)
        clients_of_word: dict[str, set[str]] = defaultdict(set)
        worded: set[tuple[str, tuple[str, ...]]] = set()
        for client, all_of in names.items():
            for name in all_of:
                words = name_words(name)
                if len(words) > 1 or (words and name in aliases):
                    self._letters["".join(words)].add(client)
                elif words:
                    self._single["".join(words)].add(client)
                if sum(map(len, words)) >= 4:
                    worded.add((client, words))
                for word in words:
                    clients_of_word[word].add(client)
        self._printed = _by_letters((client, name) for client, all_of in names.items() for name in all_of)
        self._sorted = sorted(self._printed)
        seen = Counter({word: len(clients) for word, clients in clients_of_word.items()})
        self._by_rarest: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
        for client, words in sorted(worded):
            self._by_rarest[min(words, key=lambda word: (seen[word], word))].append((client, words))
        self._rare = {word: told for word, told in clients_of_word.items() if _is_rare(word, seen[word])}

    def named_in(self, spoken: Spoken, iban: str = "") -> Named:
        """The clients that a label points at; `iban` is the payer's account where the statement has a field for it."""
        chunks = _WORD.findall(spoken.whole)
        heard = frozenset(map(_spelled, chunks))
        by_account = {
            client for token in (bare_iban(iban), *_joined(chunks)) if token for client in self._ibans.get(token, ())
        }
        exact: set[str] = set()
        called: set[str] = set()
        fits: set[str] = set()
        for payer in spoken.payers:
            if spoken.cut:
                fits |= self._beginning(payer)
            if not (spoken.cut and _UNFINISHED.search(payer)):
                exact |= _exactly(payer, self._letters, runs_on=spoken.runs_on)
                called |= _exactly(payer, self._single, runs_on=spoken.runs_on)
        if fits - exact:
            fits, exact = fits | exact, set()
        sure = (by_account & exact) or (by_account | exact)
        full = self._all_words_in(heard)
        mentioned = self._all_words_in(frozenset(map(_spelled, _WORD.findall(spoken.motive))))
        evidence = dict.fromkeys((*exact, *(mentioned if sure else full)), "name") | dict.fromkeys(by_account, "IBAN")
        return Named(
            sure=frozenset(sure),
            fits=frozenset() if sure else frozenset(fits),
            mentioned=frozenset(mentioned),
            full=frozenset(full | exact | by_account),
            part=frozenset(client for word in heard & self._rare.keys() for client in self._rare[word]),
            called=frozenset(called),
            evidence=tuple(sorted(evidence.items())),
            payer=max((name_words(payer) for payer in spoken.payers), key=len, default=()),
        )

    def _all_words_in(self, heard: frozenset[str]) -> set[str]:
        return {
            client
            for word in heard & self._by_rarest.keys()
            for client, words in self._by_rarest[word]
            if heard.issuperset(words)
        }

    def _beginning(self, payer: str) -> set[str]:
        """The clients whose name begins so as it is printed, with its legal form; none where that fits too many."""
        letters = squeezed(payer)
        found: set[str] = set()
        if len(letters) < SHORTEST_CUT:
            return found
        at = bisect_left(self._sorted, letters)
        for known in self._sorted[at : at + _FEW]:
            if known.startswith(letters):
                found |= self._printed[known]
        return found


def _exactly(payer: str, known: Mapping[str, set[str]], *, runs_on: bool) -> set[str]:
    """The clients of that name; where it runs on, of the longest beginning that only words of a motive follow."""
    words = name_words(payer)
    found = known.get("".join(words), set())
    if found or not runs_on:
        return set(found)
    for end in range(len(words) - 1, 0, -1):
        found = known.get("".join(words[:end]), set())
        if found:
            return set(found) if _is_motive(words[end : end + 2]) else set()
    return set()


def _by_letters(named: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for client, name in named:
        found[squeezed(name)].add(client)
    return found


def squeezed(name: str) -> str:
    """A name as it is printed, letters and digits only."""
    return "".join(map(_spelled, _WORD.findall(fold(name))))


def name_words(name: str) -> tuple[str, ...]:
    """The words by which a name is compared: folded, without legal forms, articles and titles, ST for SAINT."""
    words = tuple(map(_spelled, _WORD.findall(fold(name))))
    without = tuple(word for word in words if word not in _LEGAL_FORMS and word not in _SMALL_WORDS)
    bare = tuple(word for word in without if word not in _TITLES)
    return bare if len(bare) > 1 or len(bare) == len(without) else without


def without_motive(text: str) -> str:
    """A payer's name without the motive that runs on behind it: "LUC MARTIN FACTURE 12" is LUC MARTIN."""
    found = list(_WORD.finditer(text))
    for at, word in enumerate(found[1:], start=1):
        if _is_motive([each.group() for each in found[at : at + 2]]):
            return text[: word.start()].strip(" -/,.:;")
    return text


def is_batch(label: str, kind: str) -> bool:
    """Made by many payers or no customer: card batches, payouts, returns, interest, fees. Cheques are not meant."""
    return kind in _NO_CUSTOMER_TYPES or _BATCH.search(_spaced(label)) is not None


def is_cheques(label: str) -> bool:
    """A deposit of cheques: clients' money, but the label does not say whose."""
    return _CHEQUES.search(_spaced(label)) is not None


def is_public(label: str) -> bool:
    """The tax office or social security: mostly refunds, but public bodies are customers too."""
    return _PUBLIC.search(_spaced(label)) is not None


def is_factor(label: str) -> bool:
    """A factor or leasing company: it pays for many."""
    return _FACTOR.search(_spaced(label)) is not None


def is_no_invoice(label: str) -> bool:
    """The payer calls it something that invoices are not: rent, a loan, wages, an indemnity."""
    return _NO_INVOICE.search(_spaced(label)) is not None


def is_return(label: str) -> bool:
    """The bank says that money goes back: a rejected debit, a returned transfer, a bounced cheque."""
    return _RETURN.search(_spaced(label)) is not None


def has_iban(label: str, ibans: Collection[str]) -> bool:
    """Whether a label holds one of these IBANs, in whatever groups it is written."""
    known = {bare_iban(iban) for iban in ibans}
    return bool(known) and any(token in known for token in joined_ibans(label))


def bare_iban(iban: str) -> str:
    """An IBAN as it is compared: upper case, letters and digits only."""
    return "".join(_WORD.findall(fold(iban)))


def joined_ibans(label: str) -> Iterator[str]:
    """What could be an IBAN in a label, in whatever groups it is written; not checked."""
    return (token for token in _joined(_WORD.findall(fold(label))) if 15 <= len(token) <= 34)


def _joined(chunks: Sequence[str]) -> Iterator[str]:
    for start, first in enumerate(chunks):
        if len(first) >= 4 and first[:2].isalpha() and first[2:4].isdigit():
            for end in range(start + 1, min(start + 10, len(chunks)) + 1):
                yield "".join(chunks[start:end])


def _is_rare(word: str, clients: int) -> bool:
    return len(word) >= 4 and clients <= _RARE and not word.isdigit() and word not in _BANK_WORDS


def _is_motive(words: Sequence[str]) -> bool:
    """Words of a motive, a number, or letters before a number (FA 2026)."""
    first = words[0]
    return first in _MOTIVE_WORDS or any(char.isdigit() for char in first) or words[-1].isdigit()


def _spelled(word: str) -> str:
    return _SPELLINGS.get(word, word)


def _spaced(label: str) -> str:
    return " ".join(_WORD.findall(fold(label)))
