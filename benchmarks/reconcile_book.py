"""The book of an invented firm: clients with confusable names, and what they owe. Pure; every draw comes from a Random.

Also the words that the whole world of `reconcile_world` is made of: an open item, a line of a statement, and its truth.
Amounts are integer cents.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

CURRENCY = "EUR"
PRICES = (
    4900,
    9000,
    12000,
    15000,
    18000,
    24000,
    30000,
    36000,
    45000,
    60000,
    90000,
    120000,
    180000,
)  # what a subscription firm sells

NUMBERS = ("FA-{year}-{n:04d}", "FA-{year}-{n:04d}", "FAC{year}{n:05d}", "INV-{n:05d}", "{year}-{n:04d}")
TRADES = (  # noqa: SIM905  a list of words reads better as a text
    "Boulangerie Garage Menuiserie Clinique Pharmacie Hôtel Brasserie Imprimerie Transports Maçonnerie Librairie "
    "Fromagerie Cabinet Atelier Domaine Plomberie Électricité Traiteur Couverture Institut Autoécole Fleurs"
).split()
SURNAMES = (  # noqa: SIM905
    "Martin Lambert Laurent Lefèvre Lefebvre Leroy Roux Rousseau Moreau Morel Girard Giraud Bonnet Bonneau Dupont "
    "Dupond Fontaine Chevalier Chevallier Gauthier Gautier Perrin Perret Carlier Kerbrat Tissier Belvédère Müller "
    "Vermeulen Janssens Kowalski Olsen Weber Rossi Bianchi Peeters Schäfer Hernandez Castel Castelnau Saint-Roch"
).split()
ENDINGS = ("", "", "", "", "& Fils", "Frères", "Nord", "Sud", "Holding", "Associés", "Distribution", "International")
FORMS = ("SARL", "SAS", "EURL", "SA", "GMBH", "BV", "SRL")
TOWNS = "Brest Nantes Lille Reims Dijon Pau Metz Caen Tours Albi Sète Vannes Gand Liège Trèves Fribourg".split()  # noqa: SIM905
HOLDINGS = ("Participations", "Gestion", "Invest", "Services", "Conseil")
FIRST_NAMES = "Jean Marie Pierre Sophie Luc Anne Paul Claire Hugo Inès Karim Léa Marc Nadia Omar Zoé".split()  # noqa: SIM905
MANY = 1_000  # more clients than that, and a town is needed to tell them apart
FACTORS = ("BNP PARIBAS FACTOR", "EUROFACTOR", "CREDIT MUTUEL FACTORING", "FACTOFRANCE", "LA BANQUE POSTALE LEASING")


@dataclass(frozen=True, slots=True)
class Client:
    """Who owes, the names the book knows, the name and account that stand in the bank's labels, and who pays for it."""

    name: str
    aliases: tuple[str, ...]
    pays_as: str
    iban: str
    proxy: str
    proxy_iban: str


@dataclass(frozen=True, slots=True)
class Item:
    """One row of open.csv. A credit note's cents are positive: what the firm owes the client."""

    number: str
    kind: str  # invoice | credit_note
    client: str
    aliases: tuple[str, ...]
    ibans: tuple[str, ...]
    issued: date
    due: date
    cents: int
    reference: str
    discount_percent: int | None = None
    discount_until: date | None = None
    currency: str = CURRENCY


@dataclass(frozen=True, slots=True)
class Line:
    """What a perfect reader gives for one STMTTRN: the printed day, signed cents, and the texts that the bank left."""

    fitid: str
    day: date
    cents: int
    currency: str
    name: str
    memo: str
    refnum: str
    type: str

    @property
    def text(self) -> str:
        """Everything that the bank printed about the line."""
        return " ".join(part for part in (self.name, self.memo, self.refnum) if part)


@dataclass(frozen=True, slots=True)
class Truth:
    """What a line pays. `why` is empty, or the reason for which booking it without a question would be harmful."""

    kind: str
    allocations: tuple[tuple[str, int], ...]
    left: int  # cents that belong to no open item
    why: str
    reverses: int | None = None  # place of the reversed payment among the lines of the same file

    @property
    def must_ask(self) -> bool:
        return bool(self.why)


def capitals(text: str) -> str:
    """The text as banks print it: capital letters without accents."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).upper()


def squeeze(text: str) -> str:
    """Only the letters and digits, in capitals: what remains however a label is cut into fields."""
    return "".join(letter for letter in capitals(text) if letter.isalnum())


def rf_reference(number: str) -> str:
    """The ISO 11649 creditor reference of an invoice number; FA-2026-0042 gives RF83FA20260042."""
    payload = squeeze(number)[-21:]
    digits = "".join(str(int(letter, 36)) for letter in payload + "RF00")
    return f"RF{98 - int(digits) % 97:02d}{payload}"


def french_iban(rng: Random) -> str:
    """An invented IBAN with right check digits (of bank 99999, which does not exist)."""
    account = f"9999900001{rng.randrange(10**11):011d}{rng.randrange(97):02d}"
    return f"FR{98 - int(account + '152700') % 97:02d}{account}"


def make_clients(rng: Random, count: int) -> tuple[Client, ...]:
    """Clients whose names share trades, surnames and beginnings; about one in seven pays under a name of its own."""
    names: dict[str, None] = {}
    while len(names) < count:
        name = f"{rng.choice(TRADES)} {rng.choice(SURNAMES)} {rng.choice(ENDINGS)}".strip()
        if names and rng.random() < 0.12:
            name = f"{rng.choice(list(names))} {rng.choice(ENDINGS[4:])}"
        if count > MANY:
            name = f"{name} {rng.choice(TOWNS)}"
        names.setdefault(name)
    taken: set[str] = set()
    return tuple(_client(rng, name, taken) for name in names)


def _unshared(rng: Random, taken: set[str], first: Sequence[str], second: Sequence[str]) -> str:
    """Two words that no other client's payer bears, a second surname added where the pairs run out."""
    words = f"{rng.choice(first)} {rng.choice(second)}"
    while words in taken:
        words = f"{words} {rng.choice(SURNAMES)}"
    taken.add(words)
    return words


def _client(rng: Random, name: str, taken: set[str]) -> Client:
    aliases: tuple[str, ...] = ()
    pays_as = name
    draw = rng.random()
    if draw < 0.14:
        pays_as = _unshared(rng, taken, SURNAMES, HOLDINGS)
    elif draw < 0.26:
        aliases = (capitals(f"{_unshared(rng, taken, SURNAMES, name.split()[:1])} {rng.choice(FORMS)}"),)
        pays_as = aliases[0]
    elif draw < 0.38:
        pays_as = f"{rng.choice(FORMS)} {name}" if rng.random() < 0.5 else f"{name} {rng.choice(FORMS)}"
    proxy = rng.choice(FACTORS) if rng.random() < 0.2 else _unshared(rng, taken, FIRST_NAMES, SURNAMES)
    return Client(name, aliases, pays_as, french_iban(rng), proxy, french_iban(rng))


@dataclass
class Numbering:
    """Gives invoice numbers in the firm's one style, in order; the first one is somewhere in the year."""

    style: str
    next: int

    def take(self, issued: date) -> str:
        number = self.style.format(year=issued.year, n=self.next)
        self.next += 1
        return number


def make_items(
    rng: Random, clients: Sequence[Client], numbering: Numbering, count: int, opened: date, price_list: float
) -> list[Item]:
    """`count` open items issued in the 90 days before `opened`; 2 in 100 are credit notes, 8 allow a discount."""
    issues = sorted(opened - timedelta(days=rng.randint(1, 90)) for _ in range(count))
    return [_item(rng, rng.choice(clients), numbering, issued, opened, price_list) for issued in issues]


def _item(rng: Random, client: Client, numbering: Numbering, issued: date, opened: date, price_list: float) -> Item:
    number = numbering.take(issued)
    cents = rng.choice(PRICES) if rng.random() < price_list else rng.randint(3_000, 600_000)
    credit = rng.random() < 0.02
    discounted = not credit and rng.random() < 0.08
    return Item(
        number=number,
        kind="credit_note" if credit else "invoice",
        client=client.name,
        aliases=client.aliases,
        ibans=(),
        issued=issued,
        due=issued + timedelta(days=30),
        cents=max(1_000, cents // 5) if credit else cents,
        reference=rf_reference(number),
        discount_percent=rng.choice((2, 3)) if discounted else None,
        discount_until=opened + timedelta(days=rng.randint(8, 25)) if discounted else None,
    )
