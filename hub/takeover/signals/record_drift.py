"""Records of a market that say something else, all at once, than they used to: a field is empty, or always the same.

A mapping that changes its meaning is seen nowhere where every system is believed: what is told, provisioned and
billed agrees. What the records of a week hold is held against those of the weeks before.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select

from canonical_model.field_work import FieldCompletion, WorkOrder
from canonical_model.network import NetworkObservation
from canonical_model.orders import ProductOrder
from canonical_model.record import Record
from handoffs.rollback import Signal
from handoffs.stages import Handoff
from handoffs.statistics import Share, difference
from hub.takeover.signals.look import Look, signal
from storage.history import known
from storage.schema.canonical import CANONICAL_TABLES

_LATELY = timedelta(days=7)
_BEFORE = timedelta(days=63)
_FEWEST, _FEWEST_BEFORE = 20, 100
_FEWEST_SILENT, _SOME = 5, 500
"""Devices that show no profile any more; and as many of them are held against what they showed before."""
_GAP = Fraction(40, 100)
"""A campaign moves a tier by some points; a mapping that is changed moves it by all it has."""
_SURE = Decimal("99.9")

_WATCHED: tuple[tuple[type[Record], str, tuple[str, ...], Handoff], ...] = (
    (ProductOrder, "ordered_at", ("offering_id", "order_type"), "order_to_provisioning"),
    (WorkOrder, "created_at", ("work_type",), "provisioning_to_dispatch"),
    (FieldCompletion, "completed_at", ("installed_offering_id",), "field_to_billing"),
)
"""Records, when they happened, their fields of few words, and the hand-off that is led by them."""
_FILLED: dict[type[Record], tuple[str, ...]] = {ProductOrder: ("premise_id",), WorkOrder: ("expected_serial",)}
"""Fields of many words, of which it is watched whether they say anything."""


def find(look: Look) -> Iterator[Signal]:
    """Fields whose words have moved."""
    for entity, happened, fields, handoff in _WATCHED:
        found: dict[str, str] = {}
        filled = _FILLED.get(entity, ())
        lately, before = _words(look, entity, happened, (*fields, *filled))
        for place, name in enumerate((*fields, *filled)):
            now = Counter(_word(row[place], of_many=name in filled) for row in lately)
            then = Counter(_word(row[place], of_many=name in filled) for row in before)
            said = emptied(now, then) if name in filled else moved(now, then)
            if said:
                found[f"{entity.__name__}.{name}"] = f"{entity.__name__}.{name}: {said}"
        if handoff == "order_to_provisioning" and (said := _profiles(look)):
            found["NetworkObservation.profile"] = f"NetworkObservation.profile: {said}"
        yield from signal(look, "record_drift", handoff, found)


def _profiles(look: Look) -> str:
    """How many devices of the hub's services show no profile any more; each is held against what it showed itself."""
    up = [each for each in look.seen.values() if each.operational_state == "up"]
    silent = sorted(each.serial for each in up if each.profile is None)
    if len(silent) < _FEWEST_SILENT or len(silent) <= len(up) * _GAP:
        return ""
    table, some = CANONICAL_TABLES[NetworkObservation], silent[:_SOME]
    before = select(table.c.serial).where(
        table.c.serial.in_(some), table.c.market == look.market.id, table.c.profile.is_not(None)
    )
    emptied = len(look.connection.execute(before.distinct()).all())
    if emptied < _FEWEST_SILENT or 2 * emptied < len(some):
        return ""  # an element that never showed any
    return f"nothing is said of {len(silent)} of {len(up)} devices, and something was said of them before"


def moved(now: Counter[str], then: Counter[str]) -> str:
    """How the words of a field have moved; empty where they have not, or too few are there to say.

    Args:
        now: how often each word was said lately.
        then: likewise before.
    """
    of_now, of_then = now.total(), then.total()
    if of_now < _FEWEST or of_then < _FEWEST_BEFORE:
        return ""
    for word in sorted({*now, *then}):
        ours, theirs = Share(now[word], of_now), Share(then[word], of_then)
        gap = ours.ratio - theirs.ratio
        interval = difference(ours, theirs, _SURE)
        if abs(gap) > _GAP and not interval.low <= 0 <= interval.high:
            return f"{word or 'nothing'} is said by {ours.good} of {ours.of}, and was by {theirs.good} of {theirs.of}"
    return ""


def emptied(now: Counter[str], then: Counter[str]) -> str:
    """How much more often a field says nothing; the hub's own jobs name devices where those of legacy named none.

    Args:
        now: how often it said nothing, and something, lately.
        then: likewise before.
    """
    said = moved(now, then)
    return said if said and now[""] * then.total() > then[""] * now.total() else ""


def _word(value: object, *, of_many: bool) -> str:
    if of_many:
        return "" if value is None else "something"
    return "" if value is None else str(value)


def _words(
    look: Look, entity: type[Record], happened: str, names: tuple[str, ...]
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """The fields of records of the last week, and of those before."""
    table = CANONICAL_TABLES[entity]
    query = select(*(table.c[name] for name in names), table.c[happened]).where(
        known(table, None), table.c.market == look.market.id, table.c[happened] >= look.now - _BEFORE
    )
    rows = [tuple(row) for row in look.connection.execute(query)]
    border = look.now - _LATELY
    return [row for row in rows if row[-1] >= border], [row for row in rows if row[-1] < border]
