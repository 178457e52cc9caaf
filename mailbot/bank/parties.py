"""Who a bank line is from, as far as its label tells: clients by name or IBAN, and who is no client."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from mailbot.bank.references import fold
from mailbot.model import OpenItem

_WORD = re.compile(r"[A-Z0-9]+")
_LEGAL_FORM_NAMES = """
SARL SAS SASU SA EURL SCI SNC SCOP EI EIRL SELARL LTD LIMITED LLC LLP PLC INC CORP CO GMBH AG UG KG OHG BV
NV SRL SL SPA STE SOCIETE ETS ETABLISSEMENTS GROUPE GROUP CIE ET AND THE LE LA LES DE DU DES D L M MR MME
MLLE
"""
_LEGAL_FORMS = frozenset(_LEGAL_FORM_NAMES.split())
_BANK_VOCABULARY = """
VIREMENT VIREMENTS SEPA RECU INST INSTANTANE MOTIF FACTURE FACTURES INVOICE PAYMENT PAIEMENT REGLEMENT
NUMERO REFERENCE NOTPROVIDED ACOMPTE SOLDE COMPTE BANQUE BANK TRANSFER FROM EMIS VOTRE NOTRE CLIENT
"""
_BANK_WORDS = frozenset(_BANK_VOCABULARY.split())
_BATCH = re.compile(
    r"\b(?:REM(?:ISE)?S? (?:DE )?(?:CHEQUES?|CHQS?|CB|CARTES?|TPE)|VRST|VERSEMENT ESPECES|FACTURETTES?"
    r"|TELECOLLECTE|REJET|REJ|IMPAYES?|INTERETS?|COTIS(?:ATION)?S?|FRAIS|COMMISSIONS?|AGIOS|ANNULATION"
    r"|RETOUR VIR\w*|REFUND|REMB(?:OURSEMENT)?|VIR(?:EMENT)? INTERNE|STRIPE|SUMUP|PAYPAL|ZETTLE|MOLLIE|ADYEN"
    r"|GOCARDLESS|REVERSAL|CHARGEBACK|INTEREST)\b"
)
_PUBLIC = re.compile(r"\b(?:DGFIP|D G F I P|URSSAF|SIE|TRESOR PUBLIC|FINANCES PUBLIQUES|CPAM|HMRC)\b")
_NO_CUSTOMER_TYPES = frozenset({"INT", "DIV", "FEE", "SRVCHG", "ATM"})
_RARE = 3


@dataclass(frozen=True, slots=True)
class Named:
    """The clients that a label names: `full` by IBAN or all words of a name, `part` by a rare word of it."""

    full: frozenset[str]
    part: frozenset[str]
    evidence: tuple[tuple[str, str], ...] = ()

    def speaks_of(self, client: str) -> bool:
        """Whether anything in the label points to that client."""
        return client in self.full or client in self.part

    def contradicts(self, client: str) -> bool:
        """Another client is named, and this one not at all."""
        return bool(self.full or self.part) and not self.speaks_of(client)

    @property
    def everyone(self) -> str:
        """The clients that are named, for a sentence."""
        return ", ".join(sorted(self.full | self.part))


class PartyIndex:
    """Names, aliases and IBANs of the clients, found by their rarest word, so that a line costs the same
    with 10 000.
    """

    def __init__(self, items: Iterable[OpenItem]) -> None:
        names: dict[str, set[str]] = defaultdict(set)
        self._ibans: dict[str, set[str]] = defaultdict(set)
        for item in items:
            names[item.client].update((item.client, *item.client_aliases))
            for iban in item.payer_ibans:
                self._ibans[_bare(iban)].add(item.client)
        worded = sorted(
            {(client, words) for client, all_of in names.items() for name in all_of if (words := _words(name))}
        )
        clients_of_word: dict[str, set[str]] = defaultdict(set)
        for client, words in worded:
            for word in words:
                clients_of_word[word].add(client)
        seen = Counter({word: len(clients) for word, clients in clients_of_word.items()})
        self._by_rarest: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
        for client, words in worded:
            self._by_rarest[min(words, key=lambda word: (seen[word], word))].append((client, words))
        self._rare = {word: told for word, told in clients_of_word.items() if _is_rare(word, seen[word])}
        self._rare_words = sorted(self._rare)

    def named_in(self, label: str, cut: str = "") -> Named:
        """The clients that a label names; `cut` is a text of it whose last word the bank may have cut off."""
        chunks = _WORD.findall(fold(label))
        spoken = frozenset(chunks)
        full: dict[str, str] = {}
        for word in sorted(spoken & self._by_rarest.keys()):
            for client, words in self._by_rarest[word]:
                if spoken.issuperset(words):
                    full.setdefault(client, "name")
        for token in _joined(chunks):
            for client in self._ibans.get(token, ()):
                full[client] = "IBAN"
        part = {client for word in spoken & self._rare.keys() for client in self._rare[word]}
        return Named(frozenset(full), frozenset(part | self._begun(cut)), tuple(sorted(full.items())))

    def _begun(self, cut: str) -> set[str]:
        """The clients whose rare word begins as `cut` ends; none where that fits too many."""
        word = cut and (_WORD.findall(fold(cut)) or [""])[-1]
        if len(word) < 4:
            return set()
        at = bisect_left(self._rare_words, word)
        begun = [known for known in self._rare_words[at : at + _RARE + 1] if known.startswith(word)]
        clients = {client for known in begun for client in self._rare[known]}
        return clients if len(clients) <= _RARE else set()


def is_batch(label: str, kind: str) -> bool:
    """Made by many payers or no customer: cheque and card batches, payouts, returns, interest, fees."""
    return kind in _NO_CUSTOMER_TYPES or _BATCH.search(_spaced(label)) is not None


def is_public(label: str) -> bool:
    """The tax office or social security: mostly refunds, but public bodies are customers too."""
    return _PUBLIC.search(_spaced(label)) is not None


def has_iban(label: str, ibans: Collection[str]) -> bool:
    """Whether a label holds one of these IBANs, in whatever groups it is written."""
    known = {_bare(iban) for iban in ibans}
    return bool(known) and any(token in known for token in _joined(_WORD.findall(fold(label))))


def _joined(chunks: Sequence[str]) -> Iterable[str]:
    for start, first in enumerate(chunks):
        if len(first) >= 4 and first[:2].isalpha() and first[2:4].isdigit():
            for end in range(start + 1, min(start + 10, len(chunks)) + 1):
                yield "".join(chunks[start:end])


def _is_rare(word: str, clients: int) -> bool:
    return len(word) >= 4 and clients <= _RARE and not word.isdigit() and word not in _BANK_WORDS


def _words(name: str) -> tuple[str, ...]:
    words = tuple(word for word in _WORD.findall(fold(name)) if word not in _LEGAL_FORMS)
    return words if sum(map(len, words)) >= 4 else ()


def _spaced(label: str) -> str:
    return " ".join(_WORD.findall(fold(label)))


def _bare(iban: str) -> str:
    return "".join(_WORD.findall(fold(iban)))
