"""One pass of shadow over one hand-off of a market: what is looked at, stated, compared and written down."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from canonical_model.orders import ProductOrder
from handoffs.comparison import ComparisonClass
from handoffs.shadow.comparing import Compared, compare_rows
from handoffs.shadow.explanation import Explanation
from handoffs.shadow.rows import ShadowRow
from handoffs.stages import Handoff
from hub.readiness.market_view import MarketView, market_view
from hub.readiness.order_records import OrderRecords
from hub.takeover.shadow.histories import order_of, work_of
from hub.takeover.shadow.looked_at import works_to_look_at
from hub.takeover.shadow.plan_side import is_dead
from hub.takeover.shadow.rows_made import KINDS, PLANNED, Known, due, known_of, rows_of
from hub.takeover.shadow.standing_bills import StandingBills
from hub.takeover.shadow.tables import MarketTables
from hub.workplace import Hub
from rules.compiled_comparison import CompiledComparison
from storage.current_records import CurrentRecords, records_among
from storage.shadow_comparisons import NewComparison, StoredComparison, comparisons_of, keep_comparisons
from storage.shadow_explanations import explanations_of
from storage.shadow_intents import (
    IntentState,
    ShadowPass,
    StoredIntent,
    keep_intents,
    last_pass,
    note_pass,
    set_state,
    stored_intents,
)

TOGETHER = 1_000
"""Orders that are held in memory at once, and written in one transaction."""

OVERLAP = timedelta(hours=1)
"""A page that was being written at the last pass may have become visible since; to look twice changes nothing."""


@dataclass(slots=True)
class HandoffOutcome:
    """What a pass made of one hand-off.

    Attributes:
        looked_at: orders of which something may be otherwise than before.
        stated: those of which the hub states an intent.
        compared: by class, comparisons that are new or say something else than before.
        unchanged: comparisons that came out as before.
        waiting: works with which nothing can be compared yet.
    """

    looked_at: int = 0
    stated: int = 0
    compared: dict[ComparisonClass, int] = field(default_factory=dict)
    unchanged: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class _Looked:
    """One work that was looked at; ``compared`` is None while it waits."""

    row: ShadowRow
    stored: StoredIntent | None
    is_restated: bool
    compared: Compared | None = None
    is_news: bool = False
    state: IntentState = "waiting"


@dataclass(frozen=True, slots=True)
class HandoffPass:
    """One hand-off of one market during one pass.

    Attributes:
        bills: that are known; None where none are, or where they are not compared.
        versions: fingerprint of what intents and comparisons stand on.
    """

    hub: Hub
    tables: MarketTables
    comparison: CompiledComparison
    handoff: Handoff
    bills: StandingBills | None
    versions: str
    now: datetime

    def passed(self) -> HandoffOutcome:
        """Look at everything that may be otherwise.

        Raises:
            RetryableError: the database is out of reach; what was written stays, and the next pass goes on.
        """
        outcome, market = HandoffOutcome(), self._market
        bills_of = "" if self.bills is None else self.bills.version
        with self.hub.database.reading() as connection:
            before = last_pass(connection, market, self.handoff)
            explanations = explanations_of(connection, market, self.handoff, self.now)
            works = works_to_look_at(
                connection,
                market,
                self.handoff,
                None if before is None else replace(before, read_until=before.read_until - OVERLAP),
                self.comparison.pack.patience_days,
                bills_of,
                self.now,
            )
        for some in _in_turns(sorted(works)):
            self._look_at(some, explanations, outcome)
        done = ShadowPass(self.now, self.now, self.versions, bills_of)
        with self.hub.database.writing() as connection:
            note_pass(connection, market, self.handoff, done)
            outcome.waiting = len(stored_intents(connection, market, self.handoff, states=["waiting"]))
        return outcome

    @property
    def _market(self) -> str:
        return self.tables.market.id

    def _look_at(self, works: Sequence[str], explanations: list[Explanation], outcome: HandoffOutcome) -> None:
        numbers, market = [order_of(work) for work in works], self._market
        with self.hub.database.reading() as connection:
            orders = [
                each
                for each in records_among(connection, ProductOrder, market, "order_number", numbers)
                if each.order_type in KINDS[self.handoff]
            ]
            known = self._known(connection, orders)
            stored = {each.work: each for each in stored_intents(connection, market, self.handoff, works=works)}
            last = {each.work: each for each in comparisons_of(connection, market, self.handoff, works=works)}
        looked = self._judged(self._rows(known), stored, last, explanations)
        self._write(looked, _dead(known, stored) if self.handoff in PLANNED else [])
        outcome.looked_at += len(orders)
        outcome.stated += len(looked)
        for each in looked:
            if each.is_news and each.compared is not None:
                outcome.compared[each.compared.kind] = outcome.compared.get(each.compared.kind, 0) + 1
            outcome.unchanged += each.compared is not None and not each.is_news

    def _judged(
        self,
        rows: Sequence[ShadowRow],
        stored: Mapping[str, StoredIntent],
        last: Mapping[str, StoredComparison],
        explanations: Sequence[Explanation],
    ) -> list[_Looked]:
        stated = [self._as_stated(row, stored.get(row.work)) for row in rows]
        both = {row.work: due(row, self.comparison, self.handoff, self.now) for row in stated}
        ready = [row for row in both.values() if row is not None]
        compared = {each.work: each for each in compare_rows(self.comparison, ready, explanations)}
        found = []
        for row in stated:
            whole, result = both[row.work], compared.get(row.work)
            before = stored.get(row.work)
            restated = _is_other(row, before, self.versions)
            if whole is None or result is None:
                found.append(_Looked(row, before, restated))
                continue
            state: IntentState = "compared" if row.observed is not None else "lapsed"
            news = _is_news(whole, result, last.get(row.work))
            found.append(_Looked(whole, before, restated, result, news, state))
        return found

    def _write(self, looked: Sequence[_Looked], dead: Sequence[int]) -> None:
        """Write intents before comparisons: of two passes at once, the second one waits for the first there."""
        market, handoff = self._market, self.handoff
        said = [(each.row.work, each.row.at, each.row.intent) for each in looked if each.is_restated]
        news = [each for each in looked if each.is_news]
        moved = [each for each in looked if each.is_restated or each.is_news or not _is_in(each.stored, each.state)]
        if not (moved or dead):
            return
        with self.hub.database.writing() as connection:
            keep_intents(connection, market, handoff, said, self.versions, self.now)
            works = [each.row.work for each in moved]
            ids = {each.work: each.id for each in stored_intents(connection, market, handoff, works=works)}
            by_state: defaultdict[IntentState, list[int]] = defaultdict(list)
            for each in moved:
                by_state[each.state].append(ids[each.row.work])
            by_state["lapsed"] += dead
            for state, of_state in by_state.items():
                set_state(connection, of_state, state)
            new = [
                NewComparison(ids[each.row.work], each.row, each.compared)
                for each in news
                if each.compared is not None
            ]
            keep_comparisons(connection, market, handoff, new, self.versions, self.now)

    def _known(self, connection: Connection, orders: Sequence[ProductOrder]) -> Known:
        def view_of(known: Mapping[str, OrderRecords]) -> MarketView:
            premises = [each.premise for each in known.values() if each.premise is not None]
            expected = {number: each.expected_serial for number, each in known.items() if each.expected_serial}
            return market_view(connection, self.hub, self.tables.market, premises, list(known), expected)

        records = CurrentRecords(connection, self._market)
        return known_of(records, self.tables, orders, (self.handoff,), view_of, self.now)

    def _rows(self, known: Known) -> list[ShadowRow]:
        bills = self.bills
        if bills is None:
            return rows_of(self.handoff, known, self.tables, lambda _: {}, None, self.now)
        return rows_of(self.handoff, known, self.tables, bills.of, bills.until, self.now)

    def _as_stated(self, row: ShadowRow, stored: StoredIntent | None) -> ShadowRow:
        """The row with the intent as it was stated before legacy acted, where it was whole then.

        What billing would be told follows from what is known of the job and of the bills, and is stated anew.
        """
        if stored is None or self.handoff not in PLANNED:
            return row
        is_whole = stored.fields.get("reasons") is None and stored.fields.get("missing") is None
        stands = stored.state != "waiting" or stored.versions == self.versions
        return replace(row, intent=stored.fields, at=stored.counts_from) if is_whole and stands else row


def _is_in(stored: StoredIntent | None, state: IntentState) -> bool:
    return stored is not None and stored.state == state


def _dead(known: Known, stored: Mapping[str, StoredIntent]) -> list[int]:
    """Intents about orders of which nothing will come any more."""
    dead = (work_of(number) for number, history in known.histories.items() if is_dead(history))
    intents = (stored[work] for work in dead if work in stored)
    return [each.id for each in intents if each.state == "waiting"]


def _is_other(row: ShadowRow, stored: StoredIntent | None, versions: str) -> bool:
    """Whether an intent is to be written down: it is new, or says something else."""
    if stored is None or _told(row.intent) != _told(stored.fields):
        return True
    return stored.state == "waiting" and stored.versions != versions


def _is_news(row: ShadowRow, compared: Compared, last: StoredComparison | None) -> bool:
    """Whether a comparison says something else than the last one of its work."""
    if last is None or last.kind != compared.kind or last.differences != compared.differences:
        return True
    return _told(last.observed) != _told(row.observed)


def _told(values: Mapping[str, object] | None) -> dict[str, object]:
    return {name: value for name, value in (values or {}).items() if value is not None}


def _in_turns(works: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(works), TOGETHER):
        yield works[start : start + TOGETHER]
