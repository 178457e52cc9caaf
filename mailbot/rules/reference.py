"""The page of the rules language, made from the tables of keys, signals, events and codes. For a bookkeeper.

`EXAMPLE` and `TIMELINES` stand on the page as they are; the tests check the one and run the other.
"""

from collections.abc import Iterable, Sequence

from mailbot.rules.codes import CODES, WARNINGS, every_code
from mailbot.rules.keys import GUARDS, PROFILE, QUIET, REACTION, STEP, TOP, Key
from mailbot.rules.read_conditions import example
from mailbot.rules.signals import HAPPENINGS, SIGNALS, SOURCES, Signal
from mailbot.rules.simulate import MANY_CLIENTS, MANY_FORMAL, RUSH_DAYS

EXAMPLE = """\
version: 1
language: en
guards:
  send_days: mon-fri
  send_hours: 09:00-17:30
  holidays: FR
  min_gap: 2 business days
  hold_if:
    - bank.sync_age > 3 business days
    - client.do_not_contact
profiles:
  - id: key_account
    label: Key account
    if:
      - client.category is key_account
    tone: warm
    shift: 5 days
  - id: standard
    label: Everybody else
    tone: neutral
steps:
  - id: reminder_1
    label: First reminder
    when: due + 3 days
    mail: reminder_1
    attach: [invoice]
  - id: formal_notice
    label: Formal notice
    when: due + 30 days
    after: reminder_1 + 15 days
    if:
      - invoice.amount_due >= 150 EUR
    mail: formal_notice
    approve: owner
reactions:
  - id: promise
    label: Promise to pay
    signal: reply.promise
    pause: until promise.date + 2 business days
    max_pause: 45 days
  - id: dispute
    label: Dispute
    signal: reply.dispute
    scope: invoice
    pause: until owner decides
    alert: owner
"""

TIMELINES = """\
suite: My rules
rules: ../mine.yaml
client: {client.category: standard}
invoice: {id: F-041, amount: 1200, issued: 2026-03-02, due: 2026-04-01}
cases:
  - name: No answer, the whole ladder
    until: 2026-06-05
    expect:
      - 2026-04-07 send reminder_1            # the 4th is a Saturday, the 6th Easter Monday
      - 2026-05-04 send formal_notice approve # the 1st of May is a holiday
  - name: A promise silences until its day
    events:
      - 2026-04-08 reply.promise date=2026-05-15
    until: 2026-05-19                         # two business days later the money must be there
    expect:
      - 2026-04-07 send reminder_1
    never: [formal_notice]
    today: 2026-05-04
    decision: wait
    because: promise
"""

_OPENING = """\
# The rules

The rules are one text file. It says when a reminder leaves, to whom, in which tone, and what an answer changes. It
reads from top to bottom like a policy letter: first the limits that nothing crosses, then the kinds of clients, then
the ladder of reminders, then what answers change.

After every change: `mailbot rules check`. It finds all mistakes in one run, each with its line, and says what would be
right. A file with a mistake is never used. `mailbot rules help CODE` explains a code.

A small policy, whole. Those that come with mailbot are longer and say why for each line; `mailbot rules init` writes
one.

```yaml
{example}```

## What a decision is

Each client is looked at once a day, and again whenever something happens. The answer is one of these: send a mail, ask
you to act, wait until a day, hold until something is mended, or nothing. It always comes with a reason, with every
test that was made, and with the next day on which it can change: `mailbot explain INVOICE` shows it.

1. What is open: invoices less payments and credit notes. The floor `min_amount` ends it here.
2. The profile: the first one that fits, unless you gave the client one yourself.
3. The limits that hold: `hold_if`, a client you do not want written to, a credit that nobody has explained yet.
4. The reactions. All that fit apply: the longest pause wins, then the firmest tone; alerts add up.
5. The ladder of each invoice: the strongest step whose day has come. What was missed is not sent later, and the
   ladder is never climbed down.
6. One mail to a client lists all its overdue invoices; each keeps its own level. An answer mail goes before a step.
7. The limits that delay: days, holidays, quiet periods, `min_gap`, `max_mails`. Nothing in the file gets past them;
   your order to send at once waives `min_gap` alone.
8. Your yes, where a step asks for it, or where the client owes more than `max_amount`.

In doubt no mail is sent. What the facts do not say is *unknown*: a step or profile then does not fit, and a limit in
`hold_if` holds.

## How things are written

| What | Like this |
| --- | --- |
| Time | `3 days`, `3 business days` (Monday to Friday without public holidays) |
| Date | `due`, `due - 5 days`, `issued + 30 days`, `reminder_1 + 8 days`, `promise.date + 2 business days` |
| Amount | `500 EUR`, `1 500,50 EUR`, `1500.50 EUR` |
| Share | `10 %` |
| Counter | `6 per 30 days` |
| Days of the week | `mon-fri`, or `mon, tue, thu` |
| Hours | `09:00-17:30`, in the business's time zone |
| Condition | `client.category is key_account`, `is not`, `in standard, good_payer`, `client.invoices_paid >= 5`, \
`client.do_not_contact`, `not client.has_contact` |

Conditions in a list must all hold. `any:` asks for one of them, `all:` for all, `not:` for the opposite of one
condition:

```yaml
if:
  - any:
      - client.category is bad_payer
      - client.broken_promises >= 2
  - not:
      - client.last_answer is dispute
```

Every value is text and means what is written: `no`, `on`, `012` and `18:30` are not turned into anything else. There
are no anchors, tags, includes or variables.

## What else should be known

- **Hours.** A mail leaves within `send_hours` of an open day, never outside. One that is decided too late in the day
  leaves on the next open day, if the rules still say so then.
- **Holidays.** `FR` keeps the French ones; `FR-57` adds those of Alsace-Moselle. A country or region that is not known
  is a mistake.
- **Floor and ceiling.** Both look at what the client owes in all. Invoices in another currency cannot be compared: the
  floor then lets pass, and the ceiling asks you.
- **Several currencies** are never added up. A mail lists the invoices of one currency, a total of several is unknown,
  and a promise for invoices in two currencies is kept when what is owed in each has come.
- **Money without an invoice**, entered by you for a client, pays the oldest invoices first.
- **Answers.** Any answer of a client that no reaction speaks of waits for you.
- **Opens, clicks, read receipts** prove nothing. They may change the tone and tell you; the checker refuses more.
- **Formal steps** (a formal notice, handing over) never leave without your yes. A formal notice is always written in
  the firmest tone of the list, whatever the profile: its text is formal.
- **Skipping.** `skip` for an invoice leaves out that one step; milder ones before it still go, and what waits for it
  (`after`) counts from your order. For a whole client it means the invoices of that day, not those to come. An order to
  send the step takes it back.
- **One client.** A tone or a profile that you set for one client comes before the file. Each business has a file of
  its own.
- **Shadow.** A step or reaction with `mode: shadow` is worked out and noted, and nothing is sent.
- Nothing is counted or scheduled behind your back: pauses, levels and counters follow from what happened. A change of
  the file applies to everybody at once.
- **Version.** `version: 1` is the only one so far; another number is a mistake. Should there be a version 2, files of
  version 1 stay valid, and a command will rewrite them with their comments.

## When the file changes

A running bot looks at the file every twenty seconds and takes up a change without a restart. Each version that was ever
in force is kept, so that an old decision is explained by the rules of its day.

- **A mistake in it**: the last good version stays in force, also after a restart. You get one mail with the first
  mistakes, the digest repeats it, and another mail comes when the file is good again.
- **A change that would write to many**: if within {days} days more than {clients} clients would be written to who
  otherwise would not, or more than {formal} more formal notices would be put to you, the bot asks you first and goes on
  with the version in force until you say yes. After a no it goes on with it until the file changes again.
  `mailbot rules simulate --diff FILE` shows all this before you save. A business in shadow mode is not asked: it sends
  nothing.

## Tests

A file of timelines (`tests/*.test.yaml` beside the rules) says what must leave for a client, and when.
`mailbot rules test` lives each one through, day by day:

```yaml
{timelines}```

`expect` is the complete list: a mail too many fails as one too few. The tone, `approve` and invoice numbers behind a
step are looked at where you write them. `never` names what must not come; `today` with `decision` (send, act, wait,
hold, nothing) and `because` looks at one day; `using` names the profile. `from` and `until` are the first and last
day; `bank` is `daily`, `none` or the day of the last statement; `approve` is `given`, `refused` or `waiting`.
`client` takes `client.category`, `client.language`, `client.do_not_contact`, `client.has_contact`,
`client.invoices_paid`, `client.late_rate`, `client.broken_promises`, `client.disputes` and `contacts`; several
invoices stand under `invoices`.

A line of `events` is a day (and a time), an event, and its values: `2026-04-08 reply.promise date=2026-04-15`,
`2026-04-09 bank.payment amount=700 invoice=F-041`, `2026-04-10 owner.paused until=2026-04-30`. The same lines go
behind `mailbot rules simulate --event`. `--accept` writes what came out into the file, `--fuzz 500` tries the rules
on made-up books: no mail on a closed day or out of hours, none after payment, none below the gap, no climbing down,
no formal notice without a yes.
"""


def page() -> str:
    """docs/reference/rules.md, in English."""
    limits = {"days": RUSH_DAYS, "clients": MANY_CLIENTS, "formal": MANY_FORMAL}
    parts = [
        _OPENING.format(example=EXAMPLE, timelines=TIMELINES, **limits),
        "## The keys\n",
        _keys("The file", TOP),
        _keys("`guards`: limits", GUARDS),
        _keys("One of `quiet_periods`", QUIET),
        _keys("One of `profiles`", PROFILE),
        _keys("One of `steps`", STEP),
        _keys("One of `reactions`", REACTION),
        _signals(),
        _events(),
        _codes(),
    ]
    return "\n".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def _keys(title: str, keys: Sequence[Key]) -> str:
    rows = [
        (f"`{key.name}`", f"`{key.example}`" if key.example else "", key.english + _needed(key) + _choices(key))
        for key in keys
    ]
    return f"### {title}\n\n{_table(('Key', 'For example', 'Meaning'), rows)}"


def _needed(key: Key) -> str:
    return " (needed)" if key.needed else ""


def _choices(key: Key) -> str:
    return f": {', '.join(f'`{word}`' for word in key.words)}" if len(key.words) > 1 and ";" not in key.english else ""


def _signals() -> str:
    where = {"client": "everywhere", "invoice": "steps, reactions", "event": "reactions"}
    rows = [
        (f"`{example(s)}`", s.english + _words(s), s.unit("en"), where[s.level], _unknown(s), SOURCES[s.source][0])
        for s in SIGNALS.values()
    ]
    head = ("Condition, for example", "What it asks", "Unit", "Where", "Unknown", "Comes from")
    return (
        "## Signals\n\nWhat a condition can ask for. `mailbot rules signals --client NAME` shows today's values.\n\n"
        + _table(head, rows)
    )


def _words(signal: Signal) -> str:
    return f": {', '.join(f'`{word}`' for word in signal.words)}" if signal.words else ""


def _unknown(signal: Signal) -> str:
    return signal.unknown[0] or "never"


def _events() -> str:
    rows = [
        (
            f"`{h.name}`",
            h.english,
            f"`{h.date[0]}`" if h.date is not None else "",
            "until you decide" if h.lasting else "until the invoice is paid",
        )
        for h in HAPPENINGS.values()
    ]
    return (
        "## Events\n\nWhat a reaction can name as its `signal`. The checker warns of an event without a reaction: say "
        "`ignore:` with the reason where nothing is to be done.\n\n"
        + _table(("Event", "What happened", "Date it brings along", "Counts"), rows)
    )


def _codes() -> str:
    rows = [(f"`{code}`", "warning" if code in WARNINGS else "mistake", CODES[code].english) for code in every_code()]
    return "## What the checker says\n\n" + _table(("Code", "", "Why"), rows)
