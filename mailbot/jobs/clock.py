"""The clock: looks at the ledger and does what is due. It stores no schedule, so a missed tick costs nothing."""

from datetime import datetime
from functools import partial

from mailbot.errors import MailboxError
from mailbot.jobs import confirming, refusals
from mailbot.jobs.answering import YES
from mailbot.jobs.chaining import seal_events
from mailbot.jobs.deciding import cancelled, decide_due
from mailbot.jobs.digesting import plan_digest
from mailbot.jobs.feeding import feed
from mailbot.jobs.filing import hand_on_copies
from mailbot.jobs.handing import hand_over_dossiers
from mailbot.jobs.matching import keep_true
from mailbot.jobs.noticing import prepare_notices
from mailbot.jobs.office import Office
from mailbot.jobs.responding import answer_fresh
from mailbot.jobs.retaining import retire_weekly
from mailbot.jobs.sending import Evidence, reconcile, record_sent
from mailbot.jobs.warning import warn
from mailbot.ledger import clients, decisions, letters, outgoing, outgoing_lists, questions
from mailbot.ledger.store import reading, writing


def tick(office: Office, evidence: Evidence | None, now: datetime, *, doubts: bool = True) -> None:
    """One look: unread letters, changed rules, bank files, clients whose day has come, digest, mails due or in doubt.

    `doubts`: whether mails in doubt may be settled; not after the machine's clock jumped, which ends no grace.

    Everything that is found is handed on as a hint; losing the hint loses nothing, the next look finds it again.
    Raises the first error (a Sent folder that could not be searched, a client that could not be decided); the rest
    was done by then.
    """
    with reading(office.engine) as conn:
        unread = letters.unread(conn, office.key)
    for letter in unread:
        office.enqueue("read", office.key, letter)
    if unread:
        return  # what the letters say may change every decision; the next look decides
    failed = None
    planning = (take_note_of_rules, expire, refusals.settle, feed, keep_true, decide_due, answer_fresh,
                prepare_notices, hand_over_dossiers, seal_events, retire_weekly, warn, plan_digest)  # fmt: skip
    for step in (*planning, hand_on_due, hand_on_copies, partial(_settle, evidence=evidence, doubts=doubts)):
        try:
            step(office, now)
        except Exception as error:  # noqa: BLE001  a fault of ours too must not keep back the digest, which shows it
            failed = failed or error
    if failed is not None:
        raise failed


def follow_up(office: Office, now: datetime) -> None:
    """After a letter was read: answers to the owner leave at once, and its client is decided anew.

    Not while other letters wait: what they say may change every decision.
    """
    with reading(office.engine) as conn:
        waiting = letters.unread(conn, office.key)
    if not waiting:
        decide_due(office, now)
        answer_fresh(office, now)
    hand_on_due(office, now)


def take_note_of_rules(office: Office, now: datetime) -> None:
    """Every version of the rules that was in force is kept; a new one makes every client's day come."""
    with writing(office.engine) as conn:
        new = decisions.keep_rules(conn, office.key, office.rules.hash, office.rules_text, now)
        if new or decisions.newest_hash(conn, office.key) not in (None, office.rules.hash):
            for client in clients.everyone(conn, office.key):
                clients.set_next_look(conn, office.key, client.id, office.day(now))


def expire(office: Office, now: datetime) -> None:
    """A mail that could not leave in its time dies; its clients are decided anew, with today's facts."""
    with writing(office.engine) as conn:
        confirming.expire_old(conn, office, now)
        for row in outgoing_lists.expired(conn, office.key, now):
            over = outgoing.cancel(conn, office.key, row.id, now, "expired")
            if over and row.client is not None:
                cancelled(conn, office, row, now, "expired")
                clients.set_next_look(conn, office.key, row.client, office.day(now))


def hand_on_due(office: Office, now: datetime) -> int:
    """Where mails of this business are due, a hint for each line on which they can leave; how many."""
    with reading(office.engine) as conn:
        due = outgoing.due(conn, office.key, now, office.business.smtp.connections)
    for line, _ in enumerate(due, 1):
        office.enqueue("drain", office.key, line)
    return len(due)


def _as_the_owner_says(office: Office, row: outgoing.Outgoing, now: datetime, *, left: bool) -> None:
    if left:
        record_sent(office, row, now, None, "", "owner")
        return
    with writing(office.engine) as conn:
        again = outgoing.resend(conn, office.key, row.id, now)
    if again:
        office.enqueue("drain", office.key, 1)


def _settle(office: Office, now: datetime, *, evidence: Evidence | None, doubts: bool) -> None:
    if doubts:
        settle_doubt(office, evidence, now)


def settle_doubt(office: Office, evidence: Evidence | None, now: datetime) -> None:
    """Mails whose answer was lost, once lease and grace are over, or once the owner said what became of them."""
    with reading(office.engine) as conn:
        doubtful = outgoing_lists.doubtful(conn, office.key, now, office.limits.grace_seconds)
        held = [row for row in outgoing_lists.in_doubt(conn, office.key) if row.held]
        asked = {row.id: questions.by_dedupe_key(conn, office.key, f"in_doubt/{row.id}") for row in held}
    for row in held:
        question = asked[row.id]
        if question is not None and question.state == "answered":
            _as_the_owner_says(office, row, now, left=question.choice in YES)
    failed: MailboxError | None = None
    for row in doubtful:
        try:
            reconcile(office, row, evidence, now)
        except MailboxError as error:
            failed = error
    if failed is not None:
        raise failed
