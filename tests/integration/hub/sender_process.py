"""A process that sends approved remedies and drains them, and that may die at the moment a test chooses."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.discovery import open_sink
from handoffs.stages import Authority
from hub.cases.sending import note_outbox, send_approved
from hub.decision import Decision
from hub.effects.drain import drain
from hub.workplace import open_hub
from tests.fakes.doomed import DoomedSink, Fate, kill_this_process

POINTS = {"before_send": 1, "after_send": 2}


def send_and_drain(
    folder: Path, workspace: Path, environment: dict[str, str], when: str, ahead_h: Sequence[int]
) -> None:
    """Work once at each of the moments that lie so many hours ahead, and die at the one that is named."""
    fate = Fate(POINTS.get(when, 0), "sending", kill_this_process)

    def die(moment: str) -> None:
        if when == moment:
            kill_this_process()

    def says_hub(market: str, mandate: str, subject: str) -> Authority:
        return Authority("hub", False, "said by the test")

    def may_act(market: str, mandate: str, subject: str) -> Authority:
        die("in_the_transaction")
        return says_hub(market, mandate, subject)

    with open_hub(folder, workspace, environment) as hub:
        for ahead in ahead_h:

            def clock(ahead: int = ahead) -> datetime:
                return datetime.now(UTC) + timedelta(hours=ahead)

            send_approved(hub, Decision("finance-lead", clock()), may_act)
            die("journaled")
            drain(hub, clock, says_hub, open_sink=lambda settings: DoomedSink(open_sink(settings), fate))
            die("drained")
            note_outbox(hub, clock())
