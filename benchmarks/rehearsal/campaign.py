"""Which mistakes are made where and when, and what became of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from benchmarks.rehearsal.finance import work_cases
from benchmarks.rehearsal.mending import let_go, mend
from benchmarks.rehearsal.noted import Noted
from benchmarks.rehearsal.regressions.regression import End, Regression
from benchmarks.rehearsal.year import Year
from handoffs.stages import HANDOFFS, Handoff
from handoffs.takeover import Position
from hub.takeover.authority import history_of
from storage.sagas import Saga, sagas

ACTING = ("canary", "active", "legacy_retired")
SETTLES_FOR = timedelta(days=10)
"""So long the hub acts before something goes wrong."""
_COME_FROM: dict[Handoff, tuple[Handoff, ...]] = {
    "provisioning_to_dispatch": ("order_to_provisioning",),
    "dispatch_to_field": ("order_to_provisioning", "provisioning_to_dispatch"),
}
"""Hand-offs without which the hub has no work of another one: a mistake in what is legacy's is none of the hub's."""
GIVEN_UP_AFTER = timedelta(days=45)
MENDED_AFTER = timedelta(days=1)
CASES_ON = (5, 19)
"""Days of the month on which finance works what was found."""


@dataclass(slots=True)
class Made:
    """A mistake that was made.

    Attributes:
        caught_at: when the take-over was first stopped or given back for it; None where it never was.
        by: signals that were seen then.
        deed: what was done then.
        held_before: sagas that were held for a person before it was made; that they are again is not its doing.
        wrong: bills of the hub's works that went out meanwhile and are wrong.
        bound: bills of the hub's works that went out meanwhile: no more can be wrong.
        took_s: that the look took in which it was stopped.
    """

    regression: Regression
    market: str
    at: datetime
    stage: str
    end: End
    caught_at: datetime | None = None
    by: tuple[str, ...] = ()
    deed: str = ""
    took_s: float = 0.0
    held_before: frozenset[int] = frozenset()
    wrong: int = 0
    bound: int = 0
    ended: bool = False


@dataclass(slots=True)
class Campaign:
    """The mistakes of a year, by market, one after the other.

    Attributes:
        planned: those that are still to be made.
        made: those that were.
    """

    planned: dict[str, list[Regression]]
    made: list[Made] = field(default_factory=list)
    _read: int = 0
    _held: set[int] = field(default_factory=set)

    def before(self, year: Year, day: date) -> None:
        """Judge what yesterday brought, end what was caught, make what is next; finance works its cases."""
        if day.day in CASES_ON:
            for market in self.planned:
                work_cases(year, market)
        self._read_notes(year)
        held = _held_sagas(year, self.planned)
        for made in self.made:
            if not made.ended and made.caught_at is None:
                _seen_by_a_saga(made, held[made.market])
        self._held |= {each.id for those in held.values() for each in those}
        for market in self.planned:
            under_way = next((each for each in self.made if each.market == market and not each.ended), None)
            if under_way is not None:
                self._ended(year, under_way)
            else:
                let_go(year, market)  # whoever was stopped for nothing goes on
                if self.planned[market]:
                    self._begun(year, market)
        year.work_off()  # what people have let go on goes on at once, and not at the next visit

    def _begun(self, year: Year, market: str) -> None:
        regression = self.planned[market][0]
        needed = (regression.handoff, *_COME_FROM.get(regression.handoff, ()))
        positions = [_position(year, market, each) for each in needed]
        is_ready = all(each.stage in ACTING and not each.is_held for each in positions)
        since = max(each.since or year.opened_at for each in positions)
        if not is_ready or year.clock() - since < SETTLES_FOR:
            return
        self.planned[market].pop(0)
        end, before = regression.begin(year, market), frozenset(self._held)
        self.made.append(Made(regression, market, year.clock(), positions[0].stage, end, held_before=before))

    def _ended(self, year: Year, made: Made) -> None:
        caught = made.caught_at is not None and year.clock() - made.caught_at >= MENDED_AFTER
        if caught or year.clock() - made.at > GIVEN_UP_AFTER:
            made.end()
            made.ended = True
            mend(year, made.market)

    def _read_notes(self, year: Year) -> None:
        news, self._read = year.noted[self._read :], len(year.noted)
        for made in self.made:
            if not made.ended:
                _judged(made, [each for each in news if each.market == made.market])


def _judged(made: Made, news: Sequence[Noted]) -> None:
    for each in news:
        if each.kind == "sent":
            made.wrong += each.wrong_of_hub
            made.bound += each.of_hub
        if made.caught_at is None and each.kind == "moved" and each.signal == "guard":
            made.caught_at, made.deed, made.took_s = each.at, f"{each.handoff}: {each.said}", each.took_s
            tripped = [one for one in news if one.kind == "tripped" and one.at == each.at]
            made.by = tuple(sorted({one.signal for one in tripped}))


def _held_sagas(year: Year, markets: Iterable[str]) -> dict[str, list[Saga]]:
    with year.hub.database.reading() as connection:
        return {market: sagas(connection, states=("held",), market=market, most=1000) for market in markets}


def _only_waits(reason: str) -> bool:
    """Whether it waits for a guard, for a line that is stopped, or for its turn: that sees no mistake."""
    if any(each in reason for each in ("was to look again", "has not looked yet", "the line is stopped")):
        return True
    return " is queued" in reason and not any(f" is {each}" in reason for each in ("unknown", "refused", "parked"))


def _seen_by_a_saga(made: Made, held: Sequence[Saga]) -> None:
    """A line that cannot be proven is held for a person, and bills nobody: that catches a mistake as well."""
    news = [
        each
        for each in held
        if each.changed_at >= made.at
        and each.step != "discover"
        and each.id not in made.held_before
        and not _only_waits(each.reason)
    ]
    if news:
        first = min(news, key=lambda each: each.changed_at)
        made.caught_at, made.by, made.deed = (
            first.changed_at,
            ("saga",),
            f"held at {first.step}: {first.reason}"[:120],
        )


def shared_out(regressions: Sequence[Regression], markets: Sequence[str]) -> dict[str, list[Regression]]:
    """Mistakes by market, in turn."""
    return {market: list(regressions[place :: len(markets)]) for place, market in enumerate(markets)}


def _position(year: Year, market: str, handoff: Handoff) -> Position:
    with year.hub.database.reading() as connection:
        return history_of(connection, year.hub, market, handoff)[-1]


def stages_of(year: Year, markets: Iterable[str]) -> dict[str, list[str]]:
    """How each market stands at the end."""
    return {market: [_position(year, market, each).stage for each in HANDOFFS] for market in markets}
