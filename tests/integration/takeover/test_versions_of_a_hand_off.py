"""What sets the clock of a hand-off: what decides it in its market, and nothing that another market is about."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from handoffs.commands import COMMANDS
from handoffs.stages import HANDOFFS, Handoff
from hub.operator_folder.load import load_operator
from hub.takeover.measuring.versions import TOLD, Versions, versions_of
from tests.fakes.lumen_valley import FOLDER

MARKETS = ("riverbend", "mesa", "northshore")
Known = dict[tuple[str, Handoff], Versions]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "operator"))


def known(folder: Path) -> Known:
    operator = load_operator(folder)
    return {(market, handoff): versions_of(operator, market, handoff) for market in MARKETS for handoff in HANDOFFS}


def changed(folder: Path, change: Callable[[Path], None]) -> set[tuple[str, str]]:
    """Markets and hand-offs whose clock a change of the folder sets anew, the latter by their first letters."""
    before = known(folder)
    change(folder)
    after = known(folder)
    return {
        (market, "".join(word[0] for word in handoff.split("_")))
        for market, handoff in before
        if before[market, handoff].fingerprint != after[market, handoff].fingerprint
    }


def replaced(file: str, pattern: str, by: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        new, times = re.subn(pattern, by, text, count=1, flags=re.DOTALL)
        assert times == 1, f"{pattern} is not in {file}"
        (folder / file).write_text(new, encoding="utf-8")

    return change


def added(file: str, text: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / file).parent.mkdir(exist_ok=True)
        with (folder / file).open("a", encoding="utf-8") as opened:
            opened.write(text)

    return change


def everywhere(*handoffs: str, markets: tuple[str, ...] = MARKETS) -> set[tuple[str, str]]:
    return {(market, handoff) for market in markets for handoff in handoffs}


OTP, PTD, DTF, FTB = "otp", "ptd", "dtf", "ftb"
FIBER_500 = r"(id: fiber-500\n.*?prices:\n)"
IN_MESA = r"\1      - {amount: 71.00, valid_from: 2020-01-01, market: mesa}\n"
IN_RIVERBEND = IN_MESA.replace("mesa", "riverbend")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (replaced("catalogue.yaml", FIBER_500, IN_MESA), set()),
        (
            replaced("catalogue.yaml", FIBER_500, IN_RIVERBEND),
            everywhere(OTP, FTB, markets=("riverbend",)),
        ),
        (replaced("catalogue.yaml", "amount: 69.99", "amount: 68.99"), everywhere(OTP, FTB, markets=("riverbend",))),
        (replaced("catalogue.yaml", "mesa: 131.50", "mesa: 140.00"), set()),
        (
            replaced("catalogue.yaml", "northshore: 30.00", "northshore: 31.00"),
            everywhere(OTP, FTB, markets=("northshore",)),
        ),
        (replaced("catalogue.yaml", "back_bill_months: 6", "back_bill_months: 5"), everywhere(OTP, FTB)),
        (added("mappings/newbill-payments.yaml", "# other\n"), everywhere(FTB, markets=("mesa",))),
        (added("mappings/billing-charge-lines.yaml", "# other\n"), everywhere(FTB)),
        (added("mappings/crm-orders.yaml", "# other\n"), everywhere(OTP, PTD, DTF, FTB)),
        (
            replaced("commands/fsm-create-work-order.yaml", "type: work_type", "type: UPPER(work_type)"),
            everywhere(PTD, DTF),
        ),
        (
            added("gates/own.yaml", "override: GT-05\nmarkets: [mesa]\nparameters: {most_metres: 800}\n"),
            everywhere(OTP, DTF, FTB, markets=("mesa",)),
        ),
        (
            added("rules/own.yaml", "override: RL-A02\nmarkets: [mesa]\nparameters: {grace_days: 3}\n"),
            everywhere(FTB, markets=("mesa",)),
        ),
    ],
    ids=[
        "another market's price",
        "its own price",
        "a price of its technology",
        "what a truck costs",
        "a credit of another market",
        "how far bills go back",
        "a mapping of another market's system",
        "a mapping of bills",
        "a mapping of orders",
        "how a job is made",
        "a gate of another market",
        "a rule of another market",
    ],
)
def test_a_change_sets_the_clocks_of_what_it_decides(
    folder: Path, change: Callable[[Path], None], expected: set[tuple[str, str]]
) -> None:
    assert changed(folder, change) == expected


def loosened(folder: Path) -> None:
    added(
        "handoffs.yaml",
        "everywhere:\n  gates: {order_to_provisioning: {shadow: {days: {at_least: 20}}}}\n"
        "  rollback: {stale_feed: {above: 40}}\n",
    )(folder)


def test_what_a_gate_asks_for_sets_no_clock_and_is_known_to_have_changed(folder: Path) -> None:
    before = known(folder)
    assert changed(folder, loosened) == set()
    after = known(folder)
    asked = {handoff for market, handoff in before if before[market, handoff].policy != after[market, handoff].policy}
    assert asked == set(HANDOFFS), "rules about harm are of all of them"


def test_every_command_leads_some_hand_off_or_only_tells_staff() -> None:
    """A new command has to be named, or its change would set no clock."""
    assert set().union(*TOLD.values()) == COMMANDS.keys() - {"notify_staff"}
