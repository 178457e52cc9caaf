"""Figures for Prometheus, taken from the ledger at the moment of asking: any process may answer for all.

No address, name or number is a label. Rises and falls follow the ledger, so counters survive restarts. What has not
happened yet stands there as 0: Prometheus sees no rise in a figure that was not there before, nor one that is missing.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from mailbot import __version__
from mailbot.app import App
from mailbot.jobs.health import health
from mailbot.ledger import counts, job_runs
from mailbot.ledger.job_runs import JobRun
from mailbot.ledger.store import reading
from mailbot.outbox.states import CHANGES

_OVER = ("sent", "rejected", "cancelled")
_KINDS = ("client", "owner")
_EVENTS = (
    "answered", "bounced", "cancelled", "clicked", "complained", "delayed", "delivered", "opened", "read", "rejected",
    "sent", "shadowed",
)  # fmt: skip
_LOOPS = ("clock", "watch")
_NEVER = datetime.fromtimestamp(0, UTC)


def exposition(app: App) -> tuple[bytes, str]:
    """All metrics as text, and its content type. Raises LedgerError."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(app))
    return generate_latest(registry), CONTENT_TYPE_LATEST


class _Figures(Collector):
    def __init__(self, app: App) -> None:
        self._app = app

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        now = self._app.now()
        with reading(self._app.engine) as conn:
            mails, oldest = counts.outgoing_mails(conn), counts.oldest_due(conn)
            letters, replies = counts.incoming_letters(conn), counts.events_named(conn, "reply.")
            seen, questions = counts.events_named(conn, "mail."), counts.open_questions(conn)
            bank, runs = counts.bank_through(conn), job_runs.everything(conn)
        yield _labelled(GaugeMetricFamily, "build_info", "The version that runs.", ["version"], {(__version__,): 1})
        over: dict[tuple[str, ...], float] = {
            (kind, outcome): mails.get((kind, outcome), 0) for kind in _KINDS for outcome in _OVER
        }
        yield _labelled(CounterMetricFamily, "mails_sent", "Mails by what became of them.", ["kind", "outcome"], over)
        yield _labelled(CounterMetricFamily, "mails_received", "Mails that came in.", ["class"], _keyed(letters))
        named = {name.removeprefix("reply."): number for name, number in replies.items()}
        yield _labelled(CounterMetricFamily, "replies", "What clients said.", ["intent"], _keyed(named))
        told = dict.fromkeys(_EVENTS, 0) | {name.removeprefix("mail."): number for name, number in seen.items()}
        yield _labelled(CounterMetricFamily, "mail_events", "What became known of mails.", ["event"], _keyed(told))
        yield _labelled(GaugeMetricFamily, "outbox_mails", "Mails of the outbox.", ["state"], _by_state(mails))
        yield _alone("outbox_oldest_seconds", "How long a mail has been due.", _seconds(oldest, now))
        yield from _jobs([*runs, *self._never(runs)])
        yield _labelled(
            GaugeMetricFamily, "bank_data_through_timestamp_seconds", "How far statements reach.", ["account"],
            {(_masked(account),): _midnight(day) for account, day in bank.items()},
        )  # fmt: skip
        yield _labelled(GaugeMetricFamily, "issues", "What needs a person.", ["severity"], _keyed(self._issues(now)))
        yield _alone("decisions_open", "Questions that no owner has answered.", questions)

    def _never(self, runs: Iterable[JobRun]) -> list[JobRun]:
        """The loops that every business needs and that never did well."""
        known = {run.name for run in runs}
        needed = [f"{loop}/{business.key}" for loop in _LOOPS for business in self._app.settings.businesses]
        return [JobRun(name, _NEVER, 0.0) for name in needed if name not in known]

    def _issues(self, now: datetime) -> Mapping[str, int]:
        """error: mail is not read or not sent in time; warning: a mail in doubt."""
        found = health(self._app.offices(), now).businesses
        return {
            "error": sum(not business.well for business in found),
            "warning": sum(business.in_doubt for business in found),
        }


def _labelled(
    family: type[CounterMetricFamily] | type[GaugeMetricFamily],
    name: str,
    said: str,
    labels: list[str],
    values: Mapping[tuple[str, ...], float],
) -> Metric:
    metric = family(f"mailbot_{name}", said, labels=labels)
    for key in sorted(values):
        metric.add_metric(list(key), values[key])
    return metric


def _alone(name: str, said: str, value: float) -> Metric:
    return GaugeMetricFamily(f"mailbot_{name}", said, value=value)


def _keyed(values: Mapping[str, float]) -> dict[tuple[str, ...], float]:
    return {(key,): value for key, value in values.items()}


def _by_state(mails: Mapping[tuple[str, str], int]) -> dict[tuple[str, ...], float]:
    """Every state, also those of no mail: an alert on a missing figure would never fire."""
    states = sorted({after for _, after in CHANGES.values()})
    return {(state,): sum(number for key, number in mails.items() if key[1] == state) for state in states}


def _jobs(runs: Iterable[JobRun]) -> Iterator[Metric]:
    """By job; where several businesses have one, that of the one that did well longest ago."""
    worst: dict[str, JobRun] = {}
    for run in runs:
        job = run.name.partition("/")[0]
        if job not in worst or run.at < worst[job].at:
            worst[job] = run
    success = {job: run.at.timestamp() for job, run in worst.items()}
    seconds = {job: run.seconds for job, run in worst.items()}
    yield _labelled(
        GaugeMetricFamily, "job_last_success_timestamp_seconds", "When it last did well.", ["job"], _keyed(success)
    )
    yield _labelled(GaugeMetricFamily, "job_duration_seconds", "How long that took.", ["job"], _keyed(seconds))


def _seconds(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since else 0.0


def _midnight(day: date) -> float:
    return datetime.combine(day, time(), UTC).timestamp()


def _masked(account: str) -> str:
    """Enough to tell accounts apart, and no account number."""
    bare = "".join(account.split())
    return f"…{bare[-4:]}" if len(bare) > 4 else bare
