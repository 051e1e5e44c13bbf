"""The end of a pull: the stream as a whole is judged, and how the pull ended is written down with what was found."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from canonical_model.errors import SpliceError, UnsafeToContinue
from connectors.mapping import StreamMapping
from hub.pull_shares import PullShares
from hub.stream_pull import StreamOutcome
from hub.workplace import Hub
from rules.judgements import Judgement, judgement_of
from storage.pulls import Outcome, finish_pull
from storage.quality_results import add_judgements, forget_results, judged_keys
from storage.undecided import forget_undecided, go_back


def hold_feed(outcome: StreamOutcome, judged: Sequence[Judgement]) -> None:
    """Tell what the stream as a whole does not live up to; what was stored stays.

    Raises:
        UnsafeToContinue: a critical rule fails.
    """
    if critical := [one.observed for one in judged if one.verdict == "stopped"]:
        raise UnsafeToContinue(
            f"{outcome.system}.{outcome.stream}: {'; '.join(critical)}. What was read is stored; the stream counts as"
            " not read until this is mended or changed in its mapping, under feed"
        )
    outcome.warnings += [one.observed for one in judged if one.verdict == "told"]


def end_well(
    hub: Hub, outcome: StreamOutcome, shares: PullShares, pull_id: int, at: datetime, judged: Sequence[Judgement]
) -> None:
    """Write down that a pull came to its end, with what its rules found, in one transaction."""
    totals = {"source_total": outcome.source_total, "read": outcome.counts.read}
    with hub.database.writing() as connection:
        if finish_pull(connection, pull_id, at, "succeeded", control_totals=totals, as_of=outcome.as_of):
            unjudged = _unjudged(shares.mapping, judged_keys(connection, pull_id))
            add_judgements(connection, pull_id, [*shares.judged, *judged, *unjudged])
            forget_undecided(connection, outcome.system, outcome.stream)
            _forget(connection, hub, outcome, at)


def end_badly(
    hub: Hub,
    outcome: StreamOutcome,
    shares: PullShares,
    pull_id: int,
    at: datetime,
    judged: Sequence[Judgement],
    error: BaseException,
) -> None:
    """Write down why a pull did not come to its end, with what its rules found until then, in one transaction.

    Where the pull as a whole was found wanting, its stream goes back to where it began.

    Raises:
        RetryableError: the database is out of reach; the next pull of the stream ends this one.
    """
    # any other error may quote a payload
    told = str(error) if isinstance(error, SpliceError) else type(error).__name__
    ended_as: Outcome = "stopped" if isinstance(error, UnsafeToContinue) else "failed"
    with hub.database.writing() as connection:
        if finish_pull(connection, pull_id, at, ended_as, told):
            add_judgements(connection, pull_id, [*shares.judged, *judged])
            if shares.is_within:
                forget_undecided(connection, outcome.system, outcome.stream)
            elif shares.is_within is False:
                go_back(connection, outcome.system, outcome.stream, shares.since)


def _unjudged(mapping: StreamMapping, known: set[tuple[str, str]]) -> Iterator[Judgement]:
    """The expectations that had nothing to judge: that is told, and is no pass."""
    for entity, suite in mapping.quality.items():
        for one in suite.expectations:
            if (entity.__name__, one.name) not in known:
                observed = f"no {entity.__name__} came"
                found = {"evaluated": 0, "failed": 0, "observed": observed, "verdict": "not_judged"}
                yield judgement_of(entity.__name__, suite, one, **found)


def _forget(connection: Connection, hub: Hub, outcome: StreamOutcome, at: datetime) -> None:
    kept = timedelta(days=hub.operator.file.limits.quality_days)
    forget_results(connection, outcome.system, outcome.stream, at - kept)
