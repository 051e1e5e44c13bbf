"""Deliver the report of a judgement to everyone who is to have it, once; a retry sends only what did not go out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError
from connectors.discovery import open_sink as open_sink_of_kind
from connectors.ports import Receipt
from hub.delivery.drop import drop
from hub.delivery.judgement import judgement_of
from hub.delivery.message import report_message
from hub.effects.sinks import OpenSink
from hub.reconcile import MarketOutcome
from hub.sync import settings_of
from hub.workplace import Hub
from storage.report_deliveries import Delivery, DeliveryState, begin_delivery, end_delivery, standing_delivery

Send = Callable[[], Receipt]
"""Sends to one place; gives back what the other side said."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of the report at one place.

    Attributes:
        is_new: it was sent now, or tried to; otherwise that was done before.
        reason: why it was not sent, or may not have been.
    """

    target: str
    state: DeliveryState
    is_new: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Asked:
    """The report of a run, what it says, and whether it is wanted whatever went out before a moment."""

    run_id: int
    judgement: str
    anyway: bool
    at: datetime | None

    def is_wanted(self, known: Delivery | None) -> bool:
        return self.anyway and (self.at is None or known is None or known.changed_at < self.at)


@dataclass(frozen=True, slots=True)
class _Way:
    target: str
    send: Send
    repeats: bool


def deliver(
    hub: Hub,
    outcome: MarketOutcome,
    clock: Callable[[], datetime],
    *,
    anyway: bool = False,
    asked_at: datetime | None = None,
    open_sink: OpenSink = open_sink_of_kind,
) -> tuple[Delivered, ...]:
    """Send the report of a run wherever ``operator.yaml`` says.

    That it is being sent is on the disk before the first octet goes out. What may have arrived is not sent again by
    itself: the message would come twice. Neither is what another run sent that says the same of the same moment.

    Args:
        hub: the operator's hub.
        outcome: of the run, with its files.
        clock: tells the moment.
        anyway: send also what was sent, or may have been.
        asked_at: when somebody wanted it anyway, so that a retry does not send again what went out since.
        open_sink: opens the mail server.

    Returns:
        What became of it, place by place; nothing where the run's findings do not stand, or nobody is to have it.

    Raises:
        RetryableError: some places could not be reached now; the others have it. Try again, and only those get it.
    """
    ways = list(_ways(hub, outcome, open_sink))
    asked = _Asked(outcome.run_id, judgement_of(outcome.report) if ways else "", anyway, asked_at)
    found = [_delivered(hub, asked, way, clock) for way in ways]
    again = [one for one, is_later in found if is_later]
    if again:
        told = "; ".join(f"{one.target}: {one.reason}" for one in again)
        raise RetryableError(f"the report of run {outcome.run_id} was not delivered everywhere: {told}")
    return tuple(one for one, _ in found)


def is_awaited(hub: Hub, outcome: MarketOutcome) -> bool:
    """Whether the report of a run is to go anywhere."""
    return any(True for _ in _ways(hub, outcome, open_sink_of_kind))


def _delivered(hub: Hub, asked: _Asked, way: _Way, clock: Callable[[], datetime]) -> tuple[Delivered, bool]:
    """What became of it at one place, and whether to try again later."""
    report = asked.run_id, way.target
    with hub.database.journaling() as connection:
        anyway = asked.is_wanted(standing_delivery(connection, *report, asked.judgement))
        delivery = begin_delivery(
            connection, *report, clock(), repeats=way.repeats, anyway=anyway, judgement=asked.judgement
        )
        known = standing_delivery(connection, *report, asked.judgement)
    if delivery is None or known is None:
        state: DeliveryState = known.state if known else "unknown"
        return Delivered(way.target, state, is_new=False, reason=known.reason if known else ""), False
    state, reason, reference, is_later = _sent(way.send)
    with hub.database.journaling() as connection:
        end_delivery(connection, delivery, state, clock(), reason, reference)
    return Delivered(way.target, state, is_new=True, reason=reason), is_later


def _sent(send: Send) -> tuple[DeliveryState, str, str, bool]:
    try:
        receipt = send()
    except OutcomeUnknown as error:
        return "unknown", str(error), "", False
    except ConfigurationError as error:
        return "unsent", str(error), "", False
    except RetryableError as error:
        return "unsent", str(error), "", True
    except OSError as error:
        return "unsent", f"a file of the report cannot be read: {error}", "", True
    return ("unsent", receipt.said, "", False) if receipt.is_refusal else ("sent", "", receipt.said, False)


def _ways(hub: Hub, outcome: MarketOutcome, open_sink: OpenSink) -> Iterator[_Way]:
    block = hub.operator.file.reports.deliver
    if not outcome.stands or (block.markets and outcome.report.market_id not in block.markets):
        return
    if block.folder is not None:
        folder = hub.workspace / block.folder
        yield _Way(f"folder {block.folder}", _dropping(outcome.files.all, folder), repeats=True)
    if block.email is not None:
        for to in block.email.to:
            yield _Way(f"email {to}", _mailing(hub, outcome, to, open_sink), repeats=False)


def _dropping(files: Sequence[Path], folder: Path) -> Send:
    def send() -> Receipt:
        drop(files, folder)
        return Receipt(is_refusal=False)

    return send


def _mailing(hub: Hub, outcome: MarketOutcome, to: str, open_sink: OpenSink) -> Send:
    block = hub.operator.file.reports.deliver.email
    if block is None:
        raise ValueError("nobody is to have the report by mail")

    def send() -> Receipt:
        write = report_message(outcome.report, outcome.files, outcome.run_id, block, to)
        sink = open_sink(settings_of(hub, block.system))
        try:
            return sink.send(write)
        finally:
            sink.close()

    return send
