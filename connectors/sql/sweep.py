"""Sweeps over the keys of a table: they find rows that left without a mark, which no cursor shows."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.paged_pull import key_of
from connectors.ports import Page, ResumePoint, StreamRead
from connectors.sql.database import Session
from connectors.sql.plan import Plan
from connectors.sql.pull import Pull

SWEEP_PAGE = 10_000
"""Keys in a page of a sweep."""

_SWEPT = "swept"
"""In a resume point: when every key was last told, by the bound of cursors that the hub gave."""


def swept_pages(session: Session, read: StreamRead, plan: Plan, resume: ResumePoint | None) -> Iterator[Page]:
    """The pages of a pull, and behind them a sweep if one is due; the first pull has seen every key.

    A pull without a cursor sees every key each time. A sweep that breaks begins anew with the next pull. The hours
    are those of the hub's clock, which the bound of cursors tells; without it nothing is swept.
    """
    pages, now = Pull(session, read, plan).pages(resume), read.hub_clock
    if read.cursor_field is None or plan.sweep_hours is None or now is None:
        yield from pages
        return
    last_sweep = (resume or {}).get(_SWEPT)
    is_due = last_sweep is not None and now - datetime.fromisoformat(last_sweep) >= timedelta(hours=plan.sweep_hours)
    for page in pages:
        swept = now.isoformat() if last_sweep is None and page.last else last_sweep
        after = page.resume if swept is None else page.resume | {_SWEPT: swept}
        yield replace(page, resume=after, last=page.last and not is_due)
    if is_due:
        yield from _sweep(session, read, plan, after, now)


def _sweep(session: Session, read: StreamRead, plan: Plan, end: ResumePoint, now: datetime) -> Iterator[Page]:
    """All keys of rows that do not count as deleted, without the rows."""
    keys = replace(read, fields=read.key, cursor_field=None, page_size=SWEEP_PAGE)
    only_keys = replace(
        plan,
        columns=tuple(dict.fromkeys(read.key)),
        lists=(),
        has_total=False,
        rows_per_statement=max(plan.rows_per_statement, SWEEP_PAGE + 1),
    )
    for page in Pull(session, keys, only_keys).pages(None):
        yield Page(
            records=[],
            resume=end | {_SWEPT: now.isoformat()} if page.last else end,
            last=page.last,
            held=[key_of(record, read) for record in page.records],
            swept=page.last,
        )
